"""From cells to polygons that share their borders vertex by vertex."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from zoning.demo.cells import Cells, Integers, Tag, position
from zoning.demo.grid import Rings, rings
from zoning.demo.warp import Warp, place

Polygons = NDArray[np.object_]
_CORNERS = 11


def add_spots(rng: np.random.Generator, cells: Cells) -> tuple[Cells, Rings, Integers]:
    """Ponds and graves within strips: more cells, their rings in the plan, the strip of each.

    A strip holds at most one, well clear of its sides.
    """
    width = cells.boxes[:, 2] - cells.boxes[:, 0]
    depth = cells.boxes[:, 3] - cells.boxes[:, 1]
    roomy = (cells.tags == Tag.FIELD) & (width >= 30_000) & (depth >= 80_000)
    owners = np.flatnonzero(roomy & (rng.random(len(width)) < 0.045))
    is_pond = rng.random(len(owners)) < 0.6
    narrow = np.minimum(width, 0.9 * depth)[owners]
    reach = np.where(is_pond, 0.33 * narrow, 8_500)
    points = _blobs(rng, cells.boxes[owners], reach)
    starts = np.arange(len(owners) + 1) * (_CORNERS + 1)
    codes = np.where(is_pond, position("1104"), position("09"))
    more = Cells(
        cells.boxes[owners], codes, np.full(len(owners), int(Tag.SPOT)),
        cells.blocks[owners], cells.groups[owners],
    )
    together = Cells(*(np.concatenate(pair) for pair in zip(cells, more, strict=True)))
    return together, Rings(points.reshape(-1, 2), starts), owners


def _blobs(rng: np.random.Generator, boxes: Integers, reach: Integers) -> Integers:
    """Closed rounded rings inside boxes, of about that radius, counter-clockwise."""
    count = len(boxes)
    angle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    angle = angle + rng.uniform(-0.15, 0.15, (count, _CORNERS))
    radius = reach[:, None] * rng.uniform(0.75, 1.0, (count, _CORNERS))
    stretch = rng.uniform(0.9, 1.7, (count, 1))
    middle_u = (boxes[:, 0] + boxes[:, 2]) / 2
    middle_v = boxes[:, 1] + (boxes[:, 3] - boxes[:, 1]) * rng.uniform(0.4, 0.6, count)
    u = middle_u[:, None] + radius * np.cos(angle)
    v = middle_v[:, None] + radius * np.sin(angle) * np.minimum(stretch, 1.0 / 0.9)
    open_rings = np.rint(np.stack((u, v), axis=2)).astype(np.int64)
    return np.concatenate((open_rings, open_rings[:, :1]), axis=1)


def polygons(
    cells: Cells, spots: Rings, owners: Integers, warp: Warp, *, fine: NDArray[np.bool_]
) -> Polygons:
    """The cells as polygons on the ground, EPSG:4528; the spots are holes of their strips."""
    plain = len(cells.codes) - len(owners)
    shells = rings(cells.boxes[:plain], fine=fine[:plain])
    points = np.concatenate((shells.points, spots.points, spots.points[::-1]))
    lengths = np.concatenate((
        np.diff(shells.starts), np.diff(spots.starts), np.diff(spots.starts)[::-1]
    ))
    owner = np.concatenate((np.arange(len(cells.codes)), owners[::-1]))
    ground = _placed_once(points, warp)
    return _assemble(ground, lengths, owner)


def _placed_once(points: Integers, warp: Warp) -> NDArray[np.float64]:
    """Ground coordinates in metres; each place of the plan is mapped one single time."""
    keys = (points[:, 0] + (1 << 29)) * (1 << 30) + points[:, 1] + (1 << 29)
    unique, inverse = np.unique(keys, return_inverse=True)
    plan = np.column_stack((unique // (1 << 30) - (1 << 29), unique % (1 << 30) - (1 << 29)))
    found: NDArray[np.float64] = (place(plan, warp) / 1000.0)[inverse]
    return found


def _assemble(
    points: NDArray[np.float64], lengths: Integers, owner: Integers
) -> Polygons:
    """Polygons from rings; a later ring of the same owner is a hole."""
    starts = np.cumsum(lengths) - lengths
    order = np.argsort(owner, kind="stable")
    lengths = lengths[order]
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    taken = np.repeat(starts[order] - offsets[:-1], lengths) + np.arange(offsets[-1])
    ring_counts = np.bincount(owner)
    polygon_offsets = np.concatenate(([0], np.cumsum(ring_counts)))
    built: Polygons = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, points[taken], (offsets, polygon_offsets)
    )
    return built


def merge_groups(shapes: Polygons, groups: Integers) -> tuple[Polygons, Integers]:
    """Unite polygons of equal group into one each; returns them and the first member of each.

    A group that does not hang together stays in as many polygons as it has pieces.
    """
    united: list[shapely.Geometry] = []
    first: list[int] = []
    order = np.argsort(groups, kind="stable")
    cuts = np.flatnonzero(np.diff(groups[order])) + 1
    for members in np.split(order, cuts) if len(order) else []:
        pieces = shapely.get_parts(shapely.coverage_union_all(shapes[members]))
        united.extend(pieces)
        first.extend([int(members[0])] * len(pieces))
    return np.array(united, dtype=object), np.array(first, dtype=np.int64)
