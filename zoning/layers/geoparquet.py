"""GeoParquet: WKB and native encodings, with the metadata that makes a Parquet file a layer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from zoning.errors import LayerError
from zoning.layers.table import Table, declared_crs, from_wkb, listening, unreadable_file

_MOST_ROWS, _MOST_BYTES = 50_000_000, 40 * 1024**3
_WHOLE = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype()}


def read_geoparquet(path: Path) -> Table:
    """A GeoParquet file. Without a crs entry the system is CRS84; a null one is no system.

    Raises `LayerError` for a Parquet file without geo metadata, or one that cannot be read.
    """
    with listening() as heard:
        try:
            _require_modest(path)
            table = pq.read_table(path)
            geo = geo_metadata(table, path.name)
            geometry, problems = geometry_of(table, geo)
            aside = {*geo["columns"], *_covering(geo)}
            kept = table.select([name for name in table.column_names if name not in aside])
            frame = kept.replace_schema_metadata(None).to_pandas(types_mapper=_WHOLE.get)
            crs = crs_of(geo)
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError,
                AttributeError) as error:
            raise unreadable_file(path, error) from error
    columns = tuple((str(name), frame[name].to_numpy() if frame[name].dtype == object
                     else frame[name].array) for name in frame.columns)
    return Table(columns, geometry, crs, None, (*problems, *heard.problems()))


def _require_modest(path: Path) -> None:
    """Raise `LayerError` where the file says that it holds more than a county can be."""
    told = pq.read_metadata(path)
    grown = sum(told.row_group(i).total_byte_size for i in range(told.num_row_groups))
    if told.num_rows > _MOST_ROWS or grown > _MOST_BYTES:
        raise LayerError("layers.too_large", file=path.name)


def geo_metadata(table: pa.Table, file: str) -> Mapping[str, Any]:
    """What a table says of its geometry. Raises `LayerError` where it says nothing."""
    raw = (table.schema.metadata or {}).get(b"geo")
    if raw is None:
        raise LayerError("layers.no_geo_metadata", file=file)
    found: Mapping[str, Any] = json.loads(raw)
    return found


def geometry_of(table: pa.Table, geo: Mapping[str, Any]) -> Any:
    """The geometries of a table, None for one that cannot be formed, and problems that name it."""
    name = geo["primary_column"]
    if str(geo["columns"][name].get("encoding", "WKB")).upper() == "WKB":
        return from_wkb(table.column(name).to_pylist())
    only = table.select([name]).replace_schema_metadata(
        {b"geo": json.dumps({**geo, "columns": {name: {**geo["columns"][name], "crs": None}}})}
    )
    buffer = BytesIO()
    pq.write_table(only, buffer)
    buffer.seek(0)
    return np.asarray(gpd.read_parquet(buffer).geometry.values, dtype=object), ()


def _covering(geo: Mapping[str, Any]) -> set[str]:
    """The columns that only repeat the bounding boxes."""
    covering = geo["columns"][geo["primary_column"]].get("covering", {})
    return {str(path[0]) for box in covering.values() for path in box.values() if path}


def crs_of(geo: Mapping[str, Any]) -> CRS | None:
    """The declared system: CRS84 where nothing is said, None where there is none."""
    column = geo["columns"][geo["primary_column"]]
    if "crs" not in column:
        return CRS.from_epsg(4326)
    return declared_crs(column["crs"])


__all__ = ["crs_of", "geo_metadata", "geometry_of", "read_geoparquet"]
