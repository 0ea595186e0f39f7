"""Polygons as flat arrays: what the kernel reads, and what the measure store keeps.

A feature is a run of parts, a part a run of rings, a ring a run of vertices that ends where it
began. Shells run counter-clockwise and holes clockwise, whatever the file said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


class Flat(NamedTuple):
    """The polygons of a layer. Row `i` of everything that counts features is the same feature.

    `xy` are the vertices; vertex `k` and `k + 1` of one ring are an edge. `rings`, `parts` and
    `features` are offsets: of rings into `xy`, of parts into `rings`, of features into `parts`.
    `boxes` are (west, south, east, north), `areas` in the unit of `xy` squared. ``layout[i]`` says
    where to look for the edges of feature `i`: first ring and the one after the last; and for a
    large feature, whose edges are also listed by cells of its box, the first of these cells, how
    many stand side by side, and how many rows of them. Cell `c` lists the edges
    ``cell_edges[cell_starts[c]:cell_starts[c + 1]]``. `room` is one number: the most vertices a
    feature has.
    """

    xy: Floats
    rings: Indices
    parts: Indices
    features: Indices
    boxes: Floats
    areas: Floats
    layout: Indices
    cell_starts: Indices
    cell_edges: Indices
    room: Indices


def flatten(shapes: Any) -> Flat:
    """Polygons and multipolygons as flat arrays, without one object per ring.

    None and empty become features of no parts and no area. Coordinates must be finite and rings
    simple: check first. Raises ValueError for anything but polygons.
    """
    drawn = np.asarray(shapes, dtype=object)
    if not drawn.size or shapely.is_empty(drawn).all() or shapely.is_missing(drawn).all():
        return _empty(len(drawn))
    kind, xy, offsets = shapely.to_ragged_array(drawn, include_z=False)
    if kind not in (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON):
        raise ValueError(f"polygons expected, found {kind.name}")
    rings, parts, *rest = (np.asarray(each, dtype=np.int64) for each in offsets)
    features = rest[0] if rest else np.arange(len(parts), dtype=np.int64)
    return oriented(np.array(xy, dtype=np.float64), rings, parts, features)


def oriented(xy: Floats, rings: Indices, parts: Indices, features: Indices) -> Flat:
    """Flat arrays from ragged ones; turns rings in place that run the wrong way."""
    from zoning.measure.cells import celled
    from zoning.measure.rings import extents, orient

    orient(xy, rings, parts)
    boxes, areas = extents(xy, rings, parts, features)
    runs = parts[features]
    room = np.diff(rings[runs]).max(initial=0)
    return Flat(xy, rings, parts, features, boxes, areas, *celled(xy, rings, runs, boxes),
                np.array([room]))


def together(flat: Flat) -> Flat:
    """All features as one, which counts land twice where they overlap each other."""
    if not len(flat.xy):
        return _empty(1)
    return oriented(flat.xy, flat.rings, flat.parts, flat.features[[0, -1]])


def chosen(flat: Flat, rows: Sequence[int] | Indices) -> Flat:
    """Some features, in the order asked."""
    return flatten(shapes_of(flat, rows))


def shapes_of(flat: Flat, rows: Sequence[int] | Indices | None = None) -> Geometries:
    """Features as shapely polygons, for drawing; all of them without `rows`."""
    if rows is not None:
        return np.concatenate([np.zeros(0, dtype=object), *(_shape(flat, row) for row in rows)])
    if not len(flat.xy):
        return np.full(len(flat.areas), shapely.Polygon(), dtype=object)
    singles = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, flat.xy, (flat.rings, flat.parts))
    counts = np.diff(flat.features)
    if (counts == 1).all():
        return np.asarray(singles, dtype=object)
    made = np.full(len(counts), shapely.Polygon(), dtype=object)
    made[counts == 1] = singles[flat.features[:-1][counts == 1]]
    several = np.flatnonzero(counts > 1)
    owner = np.repeat(np.arange(len(counts)), counts)
    mine = np.isin(owner, several)
    if several.size:
        order = np.searchsorted(several, owner[mine])
        made[several] = shapely.multipolygons(singles[mine], indices=order)
    return made


def _shape(flat: Flat, row: int) -> Geometries:
    first, last = flat.features[row], flat.features[row + 1]
    parts = flat.parts[first:last + 1]
    if first == last:
        return np.array([shapely.Polygon()], dtype=object)
    rings = flat.rings[parts[0]:parts[-1] + 1]
    xy = flat.xy[rings[0]:rings[-1]]
    shape = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON, xy,
        (rings - rings[0], parts - parts[0], np.array([0, last - first])))
    return np.asarray(shape if last - first > 1 else shapely.get_parts(shape), dtype=object)


def _empty(features: int) -> Flat:
    zeros = np.zeros(features + 1, dtype=np.int64)
    one = np.zeros(1, dtype=np.int64)
    return Flat(np.zeros((0, 2)), one, one, zeros, np.full((features, 4), np.nan),
                np.zeros(features), np.zeros((features, 5), dtype=np.int64), one,
                np.zeros(0, dtype=np.int64), one)


__all__ = ["Flat", "Floats", "Geometries", "Indices", "chosen", "flatten", "oriented", "shapes_of",
           "together"]
