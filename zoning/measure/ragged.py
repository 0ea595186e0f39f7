"""Polygons as offsets into vertices, cut out and put together without one object per ring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from zoning.measure.flat import Flat, Floats, Indices, oriented


class Ragged(NamedTuple):
    """Features of a layer: offsets of features into parts, parts into rings, rings into `xy`."""

    xy: Floats
    rings: Indices
    parts: Indices
    features: Indices


def ragged_of(shapes: Any) -> Ragged:
    """Polygons and multipolygons, none of them empty. Raises ValueError for anything else."""
    if not len(shapes):
        return Ragged(np.zeros((0, 2)), *(np.zeros(1, dtype=np.int64),) * 3)
    kind, xy, offsets = shapely.to_ragged_array(np.asarray(shapes, dtype=object), include_z=False)
    if kind not in (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON):
        raise ValueError(f"polygons expected, found {kind.name}")
    rings, parts, *rest = (np.asarray(each, dtype=np.int64) for each in offsets)
    features = rest[0] if rest else np.arange(len(parts), dtype=np.int64)
    return Ragged(np.asarray(xy, dtype=np.float64), rings, parts, features)


def taken(ragged: Ragged, rows: Indices) -> Ragged:
    """Some features, in the order asked, copied."""
    parts, features = _runs(ragged.features, rows)
    rings, own_parts = _runs(ragged.parts, parts)
    vertices, own_rings = _runs(ragged.rings, rings)
    return Ragged(ragged.xy[vertices], own_rings, own_parts, features)


def joined(several: Sequence[Ragged]) -> Ragged:
    """The features of all, one after the other."""
    if len(several) == 1:
        return several[0]
    if not several:
        return ragged_of([])
    return Ragged(np.concatenate([each.xy for each in several]),
                  _offsets([each.rings for each in several]),
                  _offsets([each.parts for each in several]),
                  _offsets([each.features for each in several]))


def vertices(ragged: Ragged) -> Indices:
    """How many vertices each feature has."""
    counts: Indices = np.diff(ragged.rings[ragged.parts[ragged.features]])
    return counts


def flat_of(ragged: Ragged, room: int) -> Flat:
    """The arrays of the kernel.

    With the `room` of the whole layer a piece of it answers to the last bit as the whole does.
    """
    flat = oriented(ragged.xy, ragged.rings, ragged.parts, ragged.features)
    return flat._replace(room=np.array([room], dtype=np.int64))


def _runs(offsets: Indices, rows: Indices) -> tuple[Indices, Indices]:
    """The entries of some runs, one after the other, and their offsets."""
    starts = offsets[rows]
    sizes = offsets[rows + 1] - starts
    ends = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(sizes, out=ends[1:])
    return np.arange(ends[-1]) + np.repeat(starts - ends[:-1], sizes), ends


def _offsets(several: Sequence[npt.NDArray[np.int64]]) -> Indices:
    first = np.concatenate([[0], np.cumsum([each[-1] for each in several])[:-1]])
    return np.concatenate([[0], *(each[1:] + start
                                  for each, start in zip(several, first, strict=True))])


__all__ = ["Ragged", "flat_of", "joined", "ragged_of", "taken", "vertices"]
