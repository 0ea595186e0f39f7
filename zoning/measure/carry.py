"""Stored polygons into the statutory plane as arrays: `plane.to_plane` without the objects."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from pyproj import CRS, Transformer

from zoning.measure.compiled import compiled
from zoning.measure.flat import Flat, Floats, Indices, oriented
from zoning.measure.plane import HALF_ROUND_M, MAX_EDGES, STATUTORY_PLANE, edge_step
from zoning.measure.ragged import Ragged
from zoning.measure.wkb import ragged_of_wkb


def flat_of_parquet(file: Path) -> Flat | None:
    """The polygons of a GeoParquet file in the statutory plane, in the order of its rows.

    None where the file holds anything that needs a closer look: shapes that are no polygons,
    borders across the cut of the plane, coordinates that cannot be carried over. `to_plane` tells.
    """
    geo = json.loads((pq.read_schema(file).metadata or {}).get(b"geo", b"{}"))
    name = geo.get("primary_column", "")
    column = geo.get("columns", {}).get(name, {})
    if column.get("encoding") != "WKB" or not column.get("crs"):
        return None
    read = ragged_of_wkb(pq.read_table(file, columns=[name]).column(0))
    carried = None if read is None else to_plane_arrays(read, CRS.from_user_input(column["crs"]))
    return None if carried is None else oriented(*carried)


def to_plane_arrays(drawn: Ragged, crs: CRS) -> Ragged | None:
    """As `plane.to_plane`, to the last bits; None where that would refuse."""
    step = edge_step(crs)
    counts = _steps(drawn.xy, drawn.rings, step)
    if not np.isfinite(drawn.xy).all() or counts.sum() > MAX_EDGES:
        return None
    rings = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    split = np.empty((rings[-1], 2))
    _split(drawn.xy, drawn.rings, step, rings, split)
    change = Transformer.from_crs(crs, STATUTORY_PLANE, always_xy=True)
    xy = np.column_stack(change.transform(split[:, 0], split[:, 1]))
    if not np.isfinite(xy).all() or (len(xy) and np.ptp(xy[:, 0]) > HALF_ROUND_M):
        return None
    return Ragged(xy, rings, drawn.parts, drawn.features)


@compiled
def _parts_of(xy: Floats, k: int, step: float) -> float:
    """Into how many equal parts the edge from vertex `k` is split."""
    dx, dy = xy[k + 1, 0] - xy[k, 0], xy[k + 1, 1] - xy[k, 1]
    return float(max(np.ceil(np.sqrt(dx * dx + dy * dy) / step), 1.0))


@compiled
def _steps(xy: Floats, rings: Indices, step: float) -> Floats:
    """Vertices of every ring when its edges are split."""
    counts = np.zeros(len(rings) - 1)
    for ring in range(len(rings) - 1):
        counts[ring] = 1.0
        for k in range(rings[ring], rings[ring + 1] - 1):
            counts[ring] += _parts_of(xy, k, step)
    return counts


@compiled
def _split(xy: Floats, rings: Indices, step: float, into: Indices, split: Floats) -> None:
    for ring in range(len(rings) - 1):
        at = into[ring]
        for k in range(rings[ring], rings[ring + 1] - 1):
            parts = int(_parts_of(xy, k, step))
            dx, dy = xy[k + 1, 0] - xy[k, 0], xy[k + 1, 1] - xy[k, 1]
            length = np.sqrt(dx * dx + dy * dy)
            for part in range(parts):
                share = part * (length / parts) / length if part else 0.0
                split[at, 0], split[at, 1] = xy[k, 0] + share * dx, xy[k, 1] + share * dy
                at += 1
        split[at] = xy[rings[ring + 1] - 1]


__all__ = ["flat_of_parquet", "to_plane_arrays"]
