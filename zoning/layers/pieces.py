"""READ, piece by piece: a layer that need not fit into memory.

A GeoParquet file is read in batches of its row groups, and of each batch only the shapes and the
column that names them. Every other format is read whole, as one batch. What is kept, and under
which id, is what `normalise` keeps of the whole layer for a role without columns of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from zoning.codes.roles import role as role_of
from zoning.layers.checks import fault_codes
from zoning.layers.columns import pick_columns
from zoning.layers.crs import settle_crs
from zoning.layers.geoparquet import crs_of, geo_metadata, geometry_of
from zoning.layers.model import GEOMETRY, REASON
from zoning.layers.normalise import normalise
from zoning.layers.read import read_layer
from zoning.layers.table import Geometries, flattened, unreadable_file
from zoning.layers.values import convert, plain

ROLE = "site"
"""The role whose columns say which one holds the ids."""

BATCH_BYTES = 32 * 1024**2
"""About how much of a file is decoded at once."""

SAMPLES = 32
"""Features, and row groups, whose coordinates are compared with the declared system."""

_GEOPARQUET = (".parquet", ".geoparquet")
_ID, _AREA = "feature_id", "area_dm2"


@dataclass(frozen=True)
class Piece:
    """Some row groups of a file: positions, and the number of the first row."""

    groups: tuple[int, ...]
    first_row: int


@dataclass(frozen=True)
class Layer:
    """A layer to be read in pieces. `crs` is WKT, so that it travels.

    `stored` says that the file is of the layer store: checked already, with unique ids and areas.
    `id_column` and `id_alias` name the column of the ids; None where features have no ids.
    """

    path: Path
    crs: str
    pieces: tuple[Piece, ...]
    stored: bool
    id_column: str | None
    id_alias: str | None
    whole: bool = False

    @property
    def has_own_ids(self) -> bool:
        """Whether ids may repeat, so that they have to be compared."""
        return not self.stored and self.id_column is not None


@dataclass(frozen=True, eq=False)
class Batch:
    """Features that can be measured: shapes in the layer's system, and ids, None where missing.

    `rows` are the positions in the file, from 0. `area_dm2` are the areas of the layer store.
    `first_row`, `all_ids` and `codes` are of the whole batch: faulty features take ids as well, and
    have the code of their fault.
    """

    rows: NDArray[np.int64]
    ids: NDArray[np.object_]
    shapes: Geometries
    area_dm2: NDArray[np.int64] | None
    first_row: int
    all_ids: NDArray[np.object_]
    codes: NDArray[np.object_]


def open_layer(
    path: Path, *, crs: str | None = None, stored: bool = False, piece_bytes: int = BATCH_BYTES
) -> Layer:
    """What a file holds, without reading it. Raises LayerError and CrsError as `read_layer`.

    `crs` outranks the system that the file declares.
    A piece is a row group, or several that come to about `piece_bytes`.
    """
    if path.suffix.lower() not in _GEOPARQUET or not path.is_file():
        reading = read_layer(path, crs=crs, role=ROLE)
        return Layer(path, reading.crs.to_wkt(), (Piece((), 0),), False, None, None, whole=True)
    try:
        with pq.ParquetFile(path) as file:
            return _opened(path, file, crs, stored, piece_bytes)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise unreadable_file(path, error) from error


def batches(layer: Layer, piece: Piece, *, size: int = BATCH_BYTES) -> Iterator[Batch]:
    """The features of one piece, some at a time. Raises LayerError for a file cut short."""
    if layer.whole:
        yield _whole(layer)
        return
    first = piece.first_row
    try:
        with pq.ParquetFile(layer.path, buffer_size=1 << 20, pre_buffer=False) as file:
            geo = geo_metadata(file.schema_arrow.empty_table(), layer.path.name)
            for table in _tables(file, layer, geo["primary_column"], piece, size):
                yield _batch(layer, table, geo, first)
                first += len(table)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise unreadable_file(layer.path, error) from error


def _opened(
    path: Path, file: pq.ParquetFile, given: str | None, stored: bool, piece_bytes: int
) -> Layer:
    geo = geo_metadata(file.schema_arrow.empty_table(), path.name)
    names = [name for name in file.schema_arrow.names if name not in geo["columns"]]
    pick = pick_columns(names, role_of(ROLE)).get(_ID)
    crs, _ = settle_crs(crs_of(geo), given, _centres(file, geo), file=path.name)
    return Layer(path, crs.to_wkt(), _pieces(file.metadata, piece_bytes), stored,
                 pick.source if pick else None, pick.alias if pick else None)


def _centres(file: pq.ParquetFile, geo: Mapping[str, Any]) -> NDArray[np.float64]:
    """Where features lie: the centres of some of them, from row groups all over the file."""
    groups = range(0, file.num_row_groups, max(1, file.num_row_groups // SAMPLES))
    heads = [next(file.iter_batches(SAMPLES, row_groups=[group], columns=[geo["primary_column"]]))
             for group in groups if file.metadata.row_group(group).num_rows]
    shapes = [geometry_of(_like(head, file), geo)[0] for head in heads]
    with np.errstate(invalid="ignore"):
        boxes = shapely.bounds(np.concatenate([np.zeros(0, dtype=object), *shapes])).reshape(-1, 4)
        centres: NDArray[np.float64] = (boxes[:, :2] + boxes[:, 2:]) / 2
    return centres


def _pieces(told: pq.FileMetaData, piece_bytes: int) -> tuple[Piece, ...]:
    """Every row group; small ones together until they make a batch."""
    found: list[Piece] = []
    groups: list[int] = []
    first, rows, size = 0, 0, 0
    for number in range(told.num_row_groups):
        group = told.row_group(number)
        groups.append(number)
        rows, size = rows + group.num_rows, size + group.total_byte_size
        if size >= piece_bytes or number == told.num_row_groups - 1:
            found.append(Piece(tuple(groups), first))
            first, groups, rows, size = first + rows, [], 0, 0
    return tuple(found)


def _tables(
    file: pq.ParquetFile, layer: Layer, geometry: str, piece: Piece, size: int
) -> Iterator[pa.Table]:
    wanted = [geometry, *([layer.id_column] if layer.id_column else []),
              *([_AREA] if layer.stored else [])]
    told = [file.metadata.row_group(number) for number in piece.groups]
    held = sum(group.total_byte_size for group in told)
    rows = sum(group.num_rows for group in told)
    each = max(1, min(rows, int(size * rows / max(held, 1))))
    for batch in file.iter_batches(each, row_groups=list(piece.groups), columns=wanted):
        yield _like(batch, file)


def _like(batch: pa.RecordBatch, file: pq.ParquetFile) -> pa.Table:
    """A batch with the metadata of its file."""
    return pa.Table.from_batches([batch]).replace_schema_metadata(file.schema_arrow.metadata)


def _batch(layer: Layer, table: pa.Table, geo: Mapping[str, Any], first: int) -> Batch:
    found, _ = geometry_of(table, geo)
    shapes, _ = flattened(found)
    codes = (np.full(len(shapes), None, dtype=object) if layer.stored
             else fault_codes(shapes, CRS.from_wkt(layer.crs)))
    kept = pd.isna(codes)
    area = table.column(_AREA).to_numpy() if layer.stored else None
    ids = _ids(layer, table)
    return Batch(first + np.flatnonzero(kept), ids[kept], shapes[kept],
                 None if area is None else area.astype(np.int64), first, ids, codes)


def _ids(layer: Layer, table: pa.Table) -> NDArray[np.object_]:
    if layer.id_column is None or layer.id_alias is None:
        return np.full(len(table), None, dtype=object)
    frame = table.select([layer.id_column]).replace_schema_metadata(None).to_pandas(
        types_mapper={pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype()}.get)
    field = next(each for each in role_of(ROLE).fields if each.column == _ID)
    values = convert(plain(frame[layer.id_column]), field, alias=layer.id_alias).values
    return np.array([*values, None], dtype=object)[:-1]


def _whole(layer: Layer) -> Batch:
    found = normalise(read_layer(layer.path, crs=CRS.from_wkt(layer.crs), role=ROLE), ROLE)
    kept, apart = found.features, found.quarantined
    ids = np.concatenate([kept[_ID].to_numpy(dtype=object), apart[_ID].to_numpy(dtype=object)])
    codes = np.concatenate([np.full(len(kept), None), apart[REASON].to_numpy(dtype=object)])
    return Batch(np.arange(len(kept)), ids[:len(kept)], kept[GEOMETRY].to_numpy(), None, 0, ids,
                 codes)


__all__ = ["Batch", "Layer", "Piece", "batches", "open_layer"]
