"""Repairs of shapes: each a function from a layer to the changes it would make.

A change keeps the shape before and the shapes after, so that it can be shown, logged and taken
back. Nothing here decides: a person previews and applies. Coordinates stay in the layer's system.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS

from zoning.errors import UsageError
from zoning.layers.faults import Subject, measurable
from zoning.layers.shape_checks import SPIKE_DEG, sliver
from zoning.layers.table import Geometries

_MOST_ROUNDS = 20


@dataclass(frozen=True)
class Layer:
    """What a repair looks at: ids and shapes in the order of the file, and their system."""

    ids: Sequence[str]
    geometry: Geometries
    crs: CRS


@dataclass(frozen=True, eq=False)
class Change:
    """One feature before and after: no shape after is a feature removed, several are its parts.

    `joined` are shapes whose land it got, `less` those whose land was taken off it; what was drawn
    is held to them (`zoning.measure.redrawn`) before anyone sees it.
    """

    row: int
    before: shapely.Geometry | None
    after: tuple[shapely.Geometry, ...]
    joined: tuple[shapely.Geometry, ...] = ()
    less: tuple[shapely.Geometry, ...] = ()


def make_valid(layer: Layer) -> Iterator[Change]:
    """Invalid polygons as GEOS mends them; what is left without area is not touched."""
    rows = measurable(layer.geometry)
    rows[rows] = ~shapely.is_valid(layer.geometry[rows])
    for row in np.flatnonzero(rows):
        mended = shapely.make_valid(layer.geometry[row], method="structure", keep_collapsed=False)
        land = _land(mended)
        if land is not None:
            yield Change(int(row), layer.geometry[row], (land,))


def drop_duplicates(layer: Layer) -> Iterator[Change]:
    """Copies of an earlier shape are removed."""
    seen: set[bytes] = set()
    valid = np.flatnonzero(_valid(layer))
    for row, shape in zip(valid, shapely.to_wkb(shapely.normalize(layer.geometry[valid])),
                          strict=True):
        if shape in seen:
            yield Change(int(row), layer.geometry[row], ())
        seen.add(shape)


def remove_spikes(layer: Layer) -> Iterator[Change]:
    """Corners of less than 1° are taken out, until there are none."""
    sharpest = Subject(layer.ids, layer.geometry, layer.crs).sharpest
    for row in np.flatnonzero(sharpest < SPIKE_DEG):
        blunt = _land(_without_needles(layer.geometry[row]))
        if blunt is not None:
            yield Change(int(row), layer.geometry[row], (blunt,))


def cut_overlaps(layer: Layer) -> Iterator[Change]:
    """Land that two features share stays with the earlier one."""
    rows = np.flatnonzero(_valid(layer))
    shapes = layer.geometry[rows]
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right])) > 0
    for later in np.unique(right[shared]):
        before = shapes[left[shared & (right == later)]]
        rest = _land(shapely.difference(shapes[later], shapely.union_all(before)))
        row = int(rows[later])
        yield Change(row, layer.geometry[row], () if rest is None else (rest,), less=tuple(before))


def merge_slivers(layer: Layer) -> Iterator[Change]:
    """Each sliver goes to the neighbour with which it shares the longest border."""
    found = sliver(Subject(layer.ids, layer.geometry, layer.crs))
    if found is None:
        return
    sound = _valid(layer)
    keep = np.flatnonzero(sound & ~found.rows)
    tree = shapely.STRtree(layer.geometry[keep])
    grown: dict[int, shapely.Geometry] = {}
    joined: dict[int, list[shapely.Geometry]] = {}
    gone: list[int] = []
    for row in np.flatnonzero(found.rows):
        near = keep[tree.query(layer.geometry[row], predicate="intersects")]
        border = [shapely.length(shapely.intersection(layer.geometry[row].boundary,
                                                      layer.geometry[other].boundary))
                  for other in near]
        if border and max(border) > 0:
            other = int(near[int(np.argmax(border))])
            grown[other] = shapely.union(grown.get(other, layer.geometry[other]),
                                         layer.geometry[row])
            joined.setdefault(other, []).append(layer.geometry[row])
            gone.append(int(row))
    yield from (Change(row, layer.geometry[row], ()) for row in gone)
    yield from (Change(row, layer.geometry[row], (shape,), joined=tuple(joined[row]))
                for row, shape in grown.items())


def split_parts(layer: Layer) -> Iterator[Change]:
    """Features of several parts become one feature for each part."""
    several = _valid(layer) & (shapely.get_num_geometries(layer.geometry) > 1)
    for row in np.flatnonzero(several):
        yield Change(int(row), layer.geometry[row], tuple(shapely.get_parts(layer.geometry[row])))


def orient(layer: Layer) -> Iterator[Change]:
    """Borders clockwise, holes the other way: the order of the survey and of shapefiles."""
    rows = np.flatnonzero(_valid(layer))
    turned = shapely.orient_polygons(layer.geometry[rows], exterior_cw=True)
    odd = shapely.to_wkb(turned) != shapely.to_wkb(layer.geometry[rows])
    for row, shape in zip(rows[odd], turned[odd], strict=True):
        yield Change(int(row), layer.geometry[row], (shape,))


Repair = Callable[[Layer], Iterator[Change]]

REPAIRS: Mapping[str, Repair] = {
    "make_valid": make_valid, "drop_duplicates": drop_duplicates, "remove_spikes": remove_spikes,
    "cut_overlaps": cut_overlaps, "merge_slivers": merge_slivers, "split_parts": split_parts,
    "orient": orient,
}
"""The repairs by name, in the order in which they are applied."""

OFFERED: Mapping[str, str] = {
    "GEO003": "make_valid", "GEO006": "drop_duplicates", "GEO010": "remove_spikes",
    "TOP001": "cut_overlaps", "GEO007": "merge_slivers", "GEO008": "split_parts",
    "GEO009": "orient",
}
"""Which repair a problem is offered, by its code."""

REPAIR_TITLES = {
    "make_valid": "layers.repair_make_valid", "drop_duplicates": "layers.repair_drop_duplicates",
    "remove_spikes": "layers.repair_remove_spikes", "cut_overlaps": "layers.repair_cut_overlaps",
    "merge_slivers": "layers.repair_merge_slivers", "split_parts": "layers.repair_split_parts",
    "orient": "layers.repair_orient",
}


def changes_of(repair: str, layer: Layer) -> tuple[Change, ...]:
    """What a repair would change. Raises `UsageError` for one that is not known."""
    if repair not in REPAIRS:
        raise UsageError("layers.no_such_repair", found=repair, have=tuple(REPAIRS))
    return tuple(REPAIRS[repair](layer))


def _valid(layer: Layer) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    rows: np.ndarray[tuple[int], np.dtype[np.bool_]] = measurable(layer.geometry)
    rows[rows] = shapely.is_valid(layer.geometry[rows])
    return rows


def _land(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """The polygons of a shape as one; None where there is no area."""
    if shape is None:
        return None
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"
             and part.area > 0]
    if not parts:
        nested = [part for part in shapely.get_parts(shape) if part.geom_type == "MultiPolygon"]
        parts = [part for each in nested for part in each.geoms if part.area > 0]
    return None if not parts else parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _without_needles(shape: shapely.Geometry) -> shapely.Geometry | None:
    parts = []
    for part in shapely.get_parts(shape):
        shell, *holes = [_blunt(ring.coords) for ring in (part.exterior, *part.interiors)]
        if shell:
            parts.append(shapely.Polygon(shell, [hole for hole in holes if hole]))
    found = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts) if parts else None
    return found if found is None or found.is_valid else shapely.make_valid(found)


def _blunt(ring: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """A closed ring without corners of less than 1°."""
    at = np.array(ring, dtype=float)[:-1, :2]
    for _ in range(_MOST_ROUNDS):
        at = at[(at != np.roll(at, 1, axis=0)).any(axis=1)]
        if len(at) < 3:
            return []
        back, forth = np.roll(at, 1, axis=0) - at, np.roll(at, -1, axis=0) - at
        cross = back[:, 0] * forth[:, 1] - back[:, 1] * forth[:, 0]
        angle = np.degrees(np.abs(np.arctan2(cross, (back * forth).sum(axis=1))))
        if angle.min() >= SPIKE_DEG:
            break
        at = np.delete(at, int(angle.argmin()), axis=0)
    points = [(float(x), float(y)) for x, y in at]
    return [*points, points[0]]


__all__ = ["OFFERED", "REPAIRS", "REPAIR_TITLES", "Change", "Layer", "Repair", "changes_of"]
