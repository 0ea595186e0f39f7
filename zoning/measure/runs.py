"""A layer on disk as runs in spatial order: what is larger than memory is read by tile from here.

A run is one batch of the source in the statutory plane, sorted along the Hilbert curve. Runs are
made independently of each other; the index over them is small. Every feature has its row in the
source, and the order (key, row) is that of the layer: it does not depend on batches.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from zoning.layers.pieces import BATCH_BYTES, Layer, batches
from zoning.measure.area import rounded_dm2
from zoning.measure.flat import Floats, Indices
from zoning.measure.hilbert import hilbert_keys
from zoning.measure.plane import to_plane
from zoning.measure.ragged import Ragged, ragged_of, taken, vertices

BLOCK = 256
"""Features of a run whose common box the index holds."""

_COORDINATES = ("xy", "rings", "parts", "features")
NAMES = "names"
"""The folder of the ids of all features, where ids may repeat."""

_INDEX = "index.npz"
_RENAMED = "renamed.json"


class Place(NamedTuple):
    """A position in the order of a layer: every feature from it on, or up to it."""

    key: int
    row: int


class Faulty(NamedTuple):
    """A feature that cannot be measured: its row, its id, and the code of its fault."""

    row: int
    feature_id: str
    code: str


class Blocks(NamedTuple):
    """Boxes of `BLOCK` features each: which run they are of, and where they begin in it."""

    boxes: Floats
    run: Indices
    start: Indices


@dataclass(frozen=True)
class Run:
    """One folder of arrays, each read when it is asked for."""

    folder: Path

    def array(self, name: str) -> npt.NDArray[Any]:
        """One array: ``keys``, ``rows``, ``boxes``, ``area_dm2``, ``vertices``."""
        return np.asarray(np.load(self.folder / f"{name}.npy", mmap_mode="r"))

    def ids(self, rows: Indices) -> npt.NDArray[np.object_]:
        """Ids of some features, None where the source has none."""
        ends, letters = self.array("id_ends"), self.array("id_bytes").tobytes()
        told = [letters[first:last] for first, last in
                zip(ends[rows].tolist(), ends[rows + 1].tolist(), strict=True)]
        return np.array([*(None if each == b"\xff" else each.decode() for each in told), None],
                        dtype=object)[:-1]

    def shapes(self, rows: Indices) -> Ragged:
        """Some features, read from the disk and nothing else."""
        held = Ragged(*(np.asarray(np.load(self.folder / f"{name}.npy", mmap_mode="r"))
                        for name in _COORDINATES))
        return taken(held, rows)

    def between(self, low: Place, high: Place) -> Indices:
        """Positions of the features from one place up to another."""
        keys, rows = self.array("keys"), self.array("rows")
        return np.arange(_position(keys, rows, low), _position(keys, rows, high))


@dataclass(frozen=True)
class RunLayer:
    """A layer as runs. `folder` holds them, the index, and the ids that had to be changed."""

    folder: Path

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The runs, in the order of the source."""
        return tuple(Run(self.folder / str(name)) for name in self._index["names"])

    @property
    def features(self) -> int:
        """How many features can be measured."""
        return int(self._index["features"][0])

    @property
    def room(self) -> int:
        """The most vertices that a feature has."""
        return int(self._index["room"][0])

    @cached_property
    def keys(self) -> Indices:
        """First and last key of every run."""
        return np.asarray(self._index["keys"])

    @cached_property
    def blocks(self) -> Blocks:
        """The boxes to look through for what lies in a tile."""
        return Blocks(*(self._index[name] for name in Blocks._fields))

    @cached_property
    def renamed(self) -> dict[int, str]:
        """Ids that repeat, or that were missing and are taken, by row."""
        told = json.loads((self.folder / _RENAMED).read_text(encoding="utf-8"))
        return {int(row): name for row, name in told.items()}

    @cached_property
    def _index(self) -> dict[str, npt.NDArray[Any]]:
        with np.load(self.folder / _INDEX) as held:
            return dict(held)


@lru_cache(maxsize=8)
def run_layer(folder: Path) -> RunLayer:
    """The layer of a folder, its index read once."""
    return RunLayer(folder)


def make_runs(
    layer: Layer, number: int, folder: Path, batch_bytes: int = BATCH_BYTES
) -> tuple[list[str], list[Faulty]]:
    """Carry one piece of a layer into the plane and write its runs; their names, and the faulty.

    A run is there wholly or not at all, and made again it is the same: whoever did not finish has
    done no harm. Raises LayerError and CrsError for a file that cannot be read or carried over.
    """
    crs, piece = CRS.from_wkt(layer.crs), layer.pieces[number]
    names: list[str] = []
    faulty: list[Faulty] = []
    for part, batch in enumerate(batches(layer, piece, size=batch_bytes)):
        name = f"{number:06d}-{part:06d}"
        for at in np.flatnonzero(~pd.isna(batch.codes)).tolist():
            row = batch.first_row + at
            faulty.append(Faulty(row, batch.all_ids[at] or f"row-{row + 1}", batch.codes[at]))
        if layer.has_own_ids:
            _write(folder / NAMES / name, _named(batch.first_row, batch.all_ids))
        if not len(batch.rows):
            continue
        plane = to_plane(batch.shapes, crs)
        area_dm2 = rounded_dm2(shapely.area(plane)) if batch.area_dm2 is None else batch.area_dm2
        boxes = shapely.bounds(plane).reshape(-1, 4)
        keys = hilbert_keys(boxes)
        order = np.lexsort((batch.rows, keys))
        ragged = taken(ragged_of(plane), order)
        names.append(name)
        _write(folder / name, {
            **ragged._asdict(), "keys": keys[order], "rows": batch.rows[order],
            "boxes": boxes[order], "area_dm2": area_dm2[order], "vertices": vertices(ragged),
            **_letters(batch.ids[order]),
        })
    return names, faulty


def finish(folder: Path, names: Sequence[str], renamed: dict[int, str]) -> RunLayer:
    """Write the index over the runs of a layer."""
    boxes, run, start, keys, features, room = [], [], [], [], 0, 0
    for number, name in enumerate(sorted(names)):
        held = Run(folder / name)
        own, own_keys = held.array("boxes"), held.array("keys")
        first = np.arange(0, len(own), BLOCK)
        boxes.append(np.hstack([np.fmin.reduceat(own[:, :2], first),
                                np.fmax.reduceat(own[:, 2:], first)]))
        run.append(np.full(len(first), number))
        start.append(first)
        keys.append([own_keys[0], own_keys[-1]])
        features, room = features + len(own), max(room, int(held.array("vertices").max()))
    none = np.zeros(0, dtype=np.int64)
    (folder / _RENAMED).write_text(json.dumps(renamed), encoding="utf-8")
    np.savez(folder / _INDEX, names=np.array(sorted(names), dtype=np.str_),
             boxes=np.concatenate([np.zeros((0, 4)), *boxes]), run=np.concatenate([none, *run]),
             start=np.concatenate([none, *start]), features=[features], room=[room],
             keys=np.array(keys, dtype=np.int64).reshape(-1, 2))
    return RunLayer(folder)


def _named(first_row: int, ids: npt.NDArray[np.object_]) -> dict[str, npt.NDArray[Any]]:
    """The ids of a batch with a hash of each; a missing one counts as the row's own name."""
    own = [f"row-{row}" if name is None else name
           for row, name in enumerate(ids.tolist(), start=first_row + 1)]
    hashes = pd.util.hash_array(np.array([*own, None], dtype=object)[:-1], categorize=False)
    rows = np.arange(first_row, first_row + len(own))
    return {"rows": rows, "hashes": np.asarray(hashes), **_letters(ids)}


def _letters(ids: npt.NDArray[np.object_]) -> dict[str, npt.NDArray[Any]]:
    """Texts as bytes and offsets; a missing one is a byte that no text has."""
    told = [b"\xff" if name is None else str(name).encode() for name in ids.tolist()]
    ends = np.concatenate([[0], np.cumsum([len(each) for each in told])]).astype(np.int64)
    return {"id_bytes": np.frombuffer(b"".join(told), dtype=np.uint8), "id_ends": ends}


def _write(folder: Path, arrays: dict[str, npt.NDArray[Any]]) -> None:
    """A folder with one file for each array, there wholly or not at all."""
    if folder.exists():
        return
    draft = folder.with_name(f".{folder.name}.{uuid4().hex}")
    try:
        draft.mkdir(parents=True)
        for name, array in arrays.items():
            np.save(draft / f"{name}.npy", array)
        draft.rename(folder)
    except OSError:
        if not folder.exists():  # another worker was faster and wrote the same
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _position(keys: Indices, rows: Indices, place: Place) -> int:
    first, last = np.searchsorted(keys, place.key), np.searchsorted(keys, place.key, "right")
    return int(first + np.searchsorted(rows[first:last], place.row))


__all__ = ["NAMES", "Blocks", "Faulty", "Place", "Run", "RunLayer", "finish", "make_runs",
           "run_layer"]
