"""The layer store: normalised layers as GeoParquet, with what they were made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from zoning.errors import LayerError
from zoning.layers.model import GEOMETRY

_META = b"zoning"
_GEO = b"geo"


def write_store(path: Path | str, features: gpd.GeoDataFrame, meta: Mapping[str, Any]) -> None:
    """Write a layer and its metadata (JSON values) as GeoParquet; whole or not at all.

    The file is written beside its place and then renamed, so a reader never sees a part of it. The
    same layer and metadata give the same bytes.
    """
    path = Path(path)
    table = _table(features, meta)
    beside = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
    try:
        pq.write_table(table, beside, compression="zstd")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read_store(path: Path | str) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """A stored layer and its metadata. Raises `LayerError` for a file that is not of this store."""
    path = Path(path)
    try:
        table = pq.read_table(path)
    except FileNotFoundError as error:
        raise LayerError("layers.not_found", file=str(path)) from error
    except (pa.ArrowException, OSError) as error:
        raise LayerError("layers.unreadable", file=path.name, detail=str(error)[:300]) from error
    found = table.schema.metadata or {}
    if _META not in found or _GEO not in found:
        raise LayerError("layers.not_a_store", file=path.name)
    crs = json.loads(found[_GEO])["columns"][GEOMETRY]["crs"]
    frame = table.drop_columns([GEOMETRY]).to_pandas()
    with np.errstate(invalid="ignore"):  # a quarantined shape may hold NaN
        geometry = shapely.from_wkb(np.array(table.column(GEOMETRY).to_pylist(), dtype=object))
    features = gpd.GeoDataFrame({**frame, GEOMETRY: geometry}, geometry=GEOMETRY,
                                crs=CRS.from_json_dict(crs) if crs else None)
    return features, json.loads(found[_META])


def _table(features: gpd.GeoDataFrame, meta: Mapping[str, Any]) -> pa.Table:
    geometry = features.geometry.to_numpy()
    plain = pa.Table.from_pandas(features.drop(columns=GEOMETRY), preserve_index=False)
    table = plain.append_column(GEOMETRY, pa.array(shapely.to_wkb(geometry), type=pa.binary()))
    column = {
        "encoding": "WKB", "geometry_types": _types(geometry),
        "crs": features.crs.to_json_dict() if features.crs else None,
    }
    geo = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    own = json.dumps(dict(meta), ensure_ascii=False, sort_keys=True)
    told = {**(table.schema.metadata or {}), _GEO: json.dumps(geo), _META: own}
    return table.replace_schema_metadata(told)


def _types(geometry: Any) -> list[str]:
    return sorted({shape.geom_type for shape in geometry if shape is not None})


__all__ = ["read_store", "write_store"]
