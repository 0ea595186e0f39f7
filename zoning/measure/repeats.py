"""Ids that repeat in a layer larger than memory: found by hash, named by the usual rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from zoning.layers.normalise import unique_ids
from zoning.measure.runs import NAMES, Run

Hashes = npt.NDArray[np.uint64]

AT_ONCE = 4_000_000
"""Ids that are compared at once."""


def renamed(folder: Path) -> dict[int, str]:
    """New ids of the features whose id repeats, by row: those that `unique_ids` gives.

    Only ids that repeat, or that look like one made unique (``X#2``), are held in memory.
    """
    runs = [Run(held) for held in sorted((folder / NAMES).glob("[0-9]*"))]
    again = _repeated(runs)
    if not len(again):
        return {}
    rows, raw = [], []
    for run in runs:
        ids, hashes = run.ids(np.arange(len(run.array("rows")))), run.array("hashes")
        marked = np.array(["#" in (name or "") for name in ids], dtype=bool)
        kept = np.flatnonzero(np.isin(hashes, again) | marked)
        rows += run.array("rows")[kept].tolist()
        raw += ids[kept].tolist()
    order = np.argsort(rows, kind="stable").tolist()
    rows, raw = [rows[at] for at in order], [raw[at] for at in order]
    own = unique_ids(raw, records=[row + 1 for row in rows])
    return {row: name for row, name, old in zip(rows, own, raw, strict=True)
            if name != (f"row-{row + 1}" if old is None else old)}


def _repeated(runs: Sequence[Run]) -> Hashes:
    """The numbers that stand for more than one feature, a range of numbers at a time."""
    count = sum(len(run.array("hashes")) for run in runs)
    shares = np.uint64(count // AT_ONCE + 1)
    found = []
    for share in range(int(shares)):
        mine = [hashes[hashes % shares == share]
                for hashes in (run.array("hashes") for run in runs)]
        numbers, times = np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *mine]),
                                   return_counts=True)
        found.append(numbers[times > 1])
    return np.concatenate(found)


__all__ = ["renamed"]
