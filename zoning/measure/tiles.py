"""An overlay by tile: a bounded number of parcels at a time, and of the lines what meets them.

Every feature of the first layer lies in one tile, whole; the features of the second that meet the
boxes of a tile are read with it, whole. A pair is computed from the two features alone and a
feature is shared out by itself, so no number depends on where tiles begin or who computes them.
Tiles are stretches of the layer's order (key, row), so that their results, one after the other,
are in that order as well. See docs/scale.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from zoning.measure.area import Areas
from zoning.measure.flat import Flat, Floats, Indices
from zoning.measure.hilbert import ORDER
from zoning.measure.overlay import TOLERANCE_M2, Pairs, pairs_of
from zoning.measure.ragged import flat_of, joined, taken
from zoning.measure.runs import BLOCK, Place, RunLayer
from zoning.measure.table import divided

VERTICES = 2_000_000
"""About as many vertices of the first layer in a tile: 45,000 survey parcels."""

COARSE = 2 * (ORDER - 14)
"""Bits of a key below a cell of 2.4 km, the steps in which a tile is filled."""

_END = Place(1 << 62, 0)


@dataclass(frozen=True)
class Tile:
    """A stretch of a layer's order, from `low` up to `high`."""

    number: int
    low: Place
    high: Place


@dataclass(frozen=True, eq=False)
class Loaded:
    """Some features of a layer in memory; `rows` are their positions in the source."""

    flat: Flat
    rows: Indices
    ids: npt.NDArray[np.object_]
    area_dm2: Areas


def cut(layer: RunLayer, most: int = VERTICES) -> tuple[Tile, ...]:
    """The tiles of a layer, each of about `most` vertices, or of one feature that has more."""
    cells, sizes = _cells(layer)
    places, filled = [Place(-1, 0)], 0
    for cell, size in zip(cells.tolist(), sizes.tolist(), strict=True):
        if filled and filled + size > most:
            places.append(Place(cell << COARSE, 0))
            filled = 0
        if size > most:
            places += _within(layer, cell, most)
        filled += size
    stops = [*places[1:], _END]
    return tuple(Tile(number, low, high)
                 for number, (low, high) in enumerate(zip(places, stops, strict=True)))


def divide(a: RunLayer, b: RunLayer, tile: Tile) -> tuple[pa.Table, pa.Table]:
    """The overlay of one tile: its pairs, and its features of `a`, in the order of the layer.

    Raises MeasureError where the overlay of a feature does not conserve its area.
    """
    left = load_tile(a, tile)
    right = load_meeting(b, left.flat.boxes)
    found = pairs_of(left.flat, right.flat)
    twice = np.flatnonzero(np.isin(right.rows, doubled_rows(b)))
    overlaps = Pairs(twice, twice, np.zeros(len(twice)), np.zeros(1, dtype=np.int64))
    land = divided(left.flat, left.area_dm2, right.flat, found, overlaps)
    pairs = pa.table({
        "a_row": left.rows[land.left], "b_row": right.rows[land.right],
        "a_id": pa.array(left.ids[land.left], pa.string()),
        "b_id": pa.array(right.ids[land.right], pa.string()), "shared_dm2": land.shared_dm2,
    })
    features = pa.table({
        "a_row": left.rows, "a_id": pa.array(left.ids, pa.string()), "area_dm2": left.area_dm2,
        "inside_dm2": land.inside_dm2, "outside_dm2": left.area_dm2 - land.inside_dm2,
        "overlap_dm2": land.overlap_dm2,
    })
    return pairs, features


def overlapping(layer: RunLayer, tile: Tile) -> Indices:
    """Rows of features that share more than 0.005 m² with one of a tile, as a whole layer's are.

    A pair is looked at in the order of its rows, as `overlaps_of` does.
    """
    from zoning.measure import index, kernel

    own = load_tile(layer, tile)
    held = load_meeting(layer, own.flat.boxes)
    mine = np.isin(held.rows, own.rows)
    left, right = index.meeting(index.grid_over(held.flat.boxes), held.flat.boxes)
    once = (left < right) & (mine[left] | mine[right])
    left, right = left[once], right[once]
    shared = kernel.pair_areas(held.flat, left, held.flat, right) > TOLERANCE_M2
    return np.unique(held.rows[np.concatenate([left[shared], right[shared]])])


def doubled_file(layer: RunLayer) -> Path:
    """Where the rows of all features lie that overlap another one of their layer."""
    return layer.folder / "doubled.npy"


def doubled_rows(layer: RunLayer) -> Indices:
    """Rows of the features that overlap another one of their layer, sorted."""
    return np.asarray(np.load(doubled_file(layer), mmap_mode="r"))


def load_tile(layer: RunLayer, tile: Tile) -> Loaded:
    """The features of a tile, in the order of the layer."""
    keys = layer.keys
    meets = (keys[:, 1] >= tile.low.key) & (keys[:, 0] <= tile.high.key)
    picked = [(run, layer.runs[run].between(tile.low, tile.high))
              for run in np.flatnonzero(meets).tolist()]
    return _loaded(layer, picked, in_order_of="keys")


def load_meeting(layer: RunLayer, boxes: Floats) -> Loaded:
    """The features whose box shares more than a border with one of some boxes, in order of row."""
    from zoning.measure.index import grid_over, meeting

    if not len(boxes):
        return _loaded(layer, [], in_order_of="rows")
    frame = np.concatenate([np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)])
    grid, blocks, picked = grid_over(boxes), layer.blocks, []
    near = (blocks.boxes[:, :2] < frame[2:]).all(axis=1) & (
        blocks.boxes[:, 2:] > frame[:2]).all(axis=1)
    for run in np.unique(blocks.run[near]).tolist():
        held = layer.runs[run].array("boxes")
        starts = blocks.start[near & (blocks.run == run)]
        rows = (starts[:, None] + np.arange(BLOCK)).ravel()
        rows = rows[rows < len(held)]
        asked, _ = meeting(grid, np.ascontiguousarray(held[rows]))
        picked.append((run, rows[np.unique(asked)]))
    return _loaded(layer, picked, in_order_of="rows")


def _loaded(
    layer: RunLayer, picked: list[tuple[int, Indices]], *, in_order_of: str
) -> Loaded:
    """Features of some runs, by row, or by key and row."""
    none = np.zeros(0, dtype=np.int64)
    runs = [(layer.runs[run], rows) for run, rows in picked if len(rows)]
    rows, area, keys = (np.concatenate([none, *(run.array(name)[own] for run, own in runs)])
                        for name in ("rows", "area_dm2", "keys"))
    order = np.lexsort((rows, keys) if in_order_of == "keys" else (rows,))
    ragged = joined([run.shapes(own) for run, own in runs])
    if not (np.diff(order) == 1).all():
        ragged = taken(ragged, order)
    ids = np.concatenate([np.zeros(0, dtype=object), *(run.ids(own) for run, own in runs)])
    return Loaded(flat_of(ragged, layer.room), rows[order], _named(layer, ids[order], rows[order]),
                  area[order])


def _named(
    layer: RunLayer, ids: npt.NDArray[np.object_], rows: Indices
) -> npt.NDArray[np.object_]:
    """Ids with a name for those without one, and with those that had to be changed."""
    for at in np.flatnonzero(pd.isna(ids)).tolist():
        ids[at] = f"row-{rows[at] + 1}"
    if layer.renamed:
        for at, row in enumerate(rows.tolist()):
            ids[at] = layer.renamed.get(row, ids[at])
    return ids


def _cells(layer: RunLayer) -> tuple[Indices, Indices]:
    """Cells of 2.4 km that hold something, in order, and how many vertices each holds."""
    cells, sizes = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    for run in layer.runs:
        cells = np.concatenate([cells, run.array("keys") >> COARSE])
        sizes = np.concatenate([sizes, run.array("vertices")])
        cells, which = np.unique(cells, return_inverse=True)
        sizes = np.bincount(which.ravel(), sizes, minlength=len(cells)).astype(np.int64)
    return cells, sizes


def _within(layer: RunLayer, cell: int, most: int) -> list[Place]:
    """Where a cell that holds too much is cut; what is left at its end is less than `most`."""
    held = []
    low, high = Place(cell << COARSE, 0), Place((cell + 1) << COARSE, 0)
    for number in np.flatnonzero((layer.keys[:, 1] >= low.key) & (layer.keys[:, 0] < high.key)):
        run = layer.runs[int(number)]
        own = run.between(low, high)
        held.append(np.column_stack([run.array(name)[own]
                                     for name in ("keys", "rows", "vertices")]))
    found = np.concatenate(held)
    found = found[np.lexsort((found[:, 1], found[:, 0]))]
    places, filled = [], 0
    for key, row, size in found.tolist():
        if filled and filled + size > most:
            places.append(Place(key, row))
            filled = 0
        filled += size
    return places


__all__ = ["VERTICES", "Loaded", "Tile", "cut", "divide", "doubled_file", "doubled_rows",
           "load_meeting", "load_tile", "overlapping"]
