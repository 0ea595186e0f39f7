"""The measure store: a layer's flat arrays on disk, read by mapping the files into memory.

Beside ``layers/<name>.parquet`` lies the folder ``layers/<name>.plane`` with one ``.npy`` file per
array and ``key.json``, which says what the arrays were made from. The folder is a copy that can be
made again at any time: one that is stale, torn or of another format is replaced, never repaired.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from zoning.measure.flat import Flat
from zoning.measure.plane import MAX_EDGE_M, STATUTORY_PLANE

FORMAT = 4
"""Raise when an array changes its meaning: older folders are then made again."""

_KEY = "key.json"


def store_folder(parquet: Path) -> Path:
    """Where the arrays of a layer file lie."""
    return parquet.with_suffix(".plane")


def store_key(parquet: Path, sha256: str) -> dict[str, object]:
    """What arrays depend on: the source, the file they are read from, the plane, the format."""
    state = parquet.stat()
    return {"format": FORMAT, "sha256": sha256, "bytes": state.st_size,
            "changed_ns": state.st_mtime_ns, "plane": STATUTORY_PLANE, "edge_m": MAX_EDGE_M}


def load_flat(folder: Path, key: Mapping[str, object]) -> Flat | None:
    """The arrays of a folder, mapped; None where there are none of this key."""
    try:
        if json.loads((folder / _KEY).read_text(encoding="utf-8")) != dict(key):
            return None
        arrays = [_mapped(folder / f"{name}.npy") for name in Flat._fields]
    except (OSError, ValueError):
        return None
    return Flat(*arrays)


def save_flat(folder: Path, key: Mapping[str, object], flat: Flat) -> None:
    """Write arrays so that a reader finds all of them or none.

    They are written beside and the folder is then renamed. Where two programs write at once, the
    last one stays; both wrote the same. A folder that cannot be written is left out: the arrays in
    memory answer as well.
    """
    draft = folder.with_name(f".{folder.name}.{uuid4().hex}")
    try:
        draft.mkdir()
        for name, array in flat._asdict().items():
            np.save(draft / f"{name}.npy", array)
        (draft / _KEY).write_text(json.dumps(dict(key)), encoding="utf-8")
        _replace(folder, draft)
    except OSError:
        pass
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def drop_store(parquet: Path) -> None:
    """Remove the arrays of a layer file that is gone."""
    shutil.rmtree(store_folder(parquet), ignore_errors=True)


def _replace(folder: Path, draft: Path) -> None:
    if folder.exists():
        old = folder.with_name(f".{folder.name}.{uuid4().hex}")
        folder.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    draft.rename(folder)


def _mapped(file: Path) -> npt.NDArray[Any]:
    """An array whose pages are read when they are used; changes stay in memory."""
    if file.stat().st_size <= 128:
        return np.asarray(np.load(file))
    return np.asarray(np.load(file, mmap_mode="c"))


__all__ = ["drop_store", "load_flat", "save_flat", "store_folder", "store_key"]
