"""Layers through GDAL: in bulk with pyogrio, record by record with fiona where bulk fails."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataSourceError, FeatureError

from zoning.errors import Message, Problem, Severity
from zoning.layers.encodings import decoder
from zoning.layers.table import (
    Geometries,
    Table,
    declared_crs,
    from_wkb,
    is_object,
    listening,
    unreadable,
    unreadable_file,
)

_EXACT_FLOAT = 2**53
_CURVES = ("CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE",
           "CURVE", "SURFACE")
_MOST_GAPS = 100_000


def list_ogr_layers(path: Path) -> tuple[tuple[str, str | None], ...]:
    """The layers of a dataset as (name, geometry type); None for a table without geometry.

    Raises `LayerError` where GDAL cannot open the file.
    """
    with listening():
        try:
            found = pyogrio.list_layers(path)
        except (DataSourceError, UnicodeDecodeError) as error:
            raise unreadable_file(path, error) from error
    return tuple((str(name), None if kind is None else str(kind)) for name, kind in found)


def read_ogr(path: Path, layer: str | None) -> Table:
    """One layer of a dataset. Raises `LayerError` where nothing of it can be read."""
    with listening() as heard:
        try:
            table = _read_somehow(path, layer)
        except (DataSourceError, FeatureError, ValueError, UnboundLocalError) as error:
            raise unreadable_file(path, error) from error
    problems = (*table.problems, *heard.problems(), *_curve_problem(path, layer))
    return Table(table.columns, table.geometry, table.crs, table.encoding, problems)


def _read_somehow(path: Path, layer: str | None) -> Table:
    try:
        return _read_in_bulk(path, layer)
    except UnicodeDecodeError:
        return _read_badly_encoded(path, layer)
    except FeatureError:
        return _read_by_record(path, layer)


def read_raw(path: Path, layer: str | None, *, encoding: str | None = None) -> Table:
    """One layer in bulk, text decoded strictly with `encoding`.

    Raises UnicodeDecodeError for text in another encoding, `FeatureError` for a record that GDAL
    cannot read.
    """
    meta, _, wkb, values = pyogrio.raw.read(
        path, layer=layer, encoding=encoding, force_2d=True, datetime_as_string=True
    )
    names = [str(name) for name in meta["fields"]]
    columns = [
        (name, _exact(path, layer, name, kind, column))
        for name, kind, column in zip(names, meta["ogr_types"], values, strict=True)
    ]
    geometry, problems = from_wkb(wkb) if wkb is not None else (_nothing(values), ())
    return Table(tuple(columns), geometry, declared_crs(meta["crs"]), None, problems)


def _read_in_bulk(path: Path, layer: str | None) -> Table:
    return read_raw(path, layer)


def _read_badly_encoded(path: Path, layer: str | None) -> Table:
    """A layer that should be UTF-8 and is not: bad bytes become U+FFFD, and are counted."""
    table = read_raw(path, layer, encoding="ISO-8859-1")
    decode, failed = decoder("utf-8")
    columns = tuple((decode(name), redecoded(values, decode)) for name, values in table.columns)
    problems = (*table.problems, *undecodable(failed, "utf-8"))
    return Table(columns, table.geometry, table.crs, "utf-8", problems)


def redecoded(values: Any, decode: Any) -> Any:
    """A text column with every value put through `decode`; any other column as it is."""
    if not is_object(values) or "".join(filter(_is_text, values)).isascii():
        return values
    decoded = np.empty(len(values), dtype=object)
    decoded[:] = [decode(value) if isinstance(value, str) else value for value in values]
    return decoded


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def undecodable(failed: list[str], encoding: str) -> tuple[Problem, ...]:
    """The problem that counts text values which the encoding cannot hold, with examples."""
    if not failed:
        return ()
    params = {"count": len(failed), "encoding": encoding, "examples": tuple(failed[:3])}
    message = Message("layers.undecodable", params)
    return (Problem("ENC002", message, Severity.WARNING, len(failed)),)


def _read_by_record(path: Path, layer: str | None) -> Table:
    """Read record by record, so that one bad record costs one record.

    A record that cannot be read is a row without attributes and geometry, named in the problem.
    """
    import fiona

    records: list[Any] = []
    bad: list[int] = []
    try:
        with fiona.open(path, layer=layer) as source:
            names, definition = list(source.schema["properties"]), source.crs_wkt
            expected, fid = len(source), 0
            while len(records) < expected and fid < expected + _MOST_GAPS:
                try:
                    record = source[fid]
                    if record is not None:
                        records.append(record)
                except (IndexError, KeyError):
                    pass
                except Exception:  # what GDAL says of one record costs that record
                    records.append(None)
                    bad.append(len(records))
                fid += 1
    except Exception as error:  # what GDAL says through fiona has no class in common
        raise unreadable_file(path, error) from error
    columns = tuple((name, _values(records, name)) for name in names)
    geometry, unformed = _shapes(records)
    problems = unreadable(sorted({*bad, *unformed}))
    return Table(columns, geometry, declared_crs(definition), None, problems)


def _shapes(records: list[Any]) -> tuple[Geometries, list[int]]:
    shapes: list[Any] = []
    unformed = []
    for position, record in enumerate(records, start=1):
        try:
            given = record.geometry if record is not None else None
            shapes.append(shapely.geometry.shape(given) if given is not None else None)
        except (shapely.errors.GEOSException, ValueError, TypeError, AttributeError):
            shapes.append(None)
            unformed.append(position)
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return geometry, unformed


def _values(records: list[Any], name: str) -> Any:
    values = [None if record is None else record.properties.get(name) for record in records]
    if all(value is None or isinstance(value, (int, float)) for value in values):
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _exact(path: Path, layer: str | None, name: str, kind: str, values: Any) -> Any:
    """An integer column with nulls arrives as float; read it again where that loses digits."""
    if kind != "OFTInteger64" or values.dtype.kind != "f":
        return values
    if not (np.abs(values[np.isfinite(values)]) > _EXACT_FLOAT).any():
        return values
    _, table = pyogrio.raw.read_arrow(path, layer=layer, columns=[name], read_geometry=False)
    column = np.empty(len(values), dtype=object)
    column[:] = [None if v is None else str(v) for v in table.column(name).to_pylist()]
    return column


def _nothing(values: Any) -> Geometries:
    return np.full(len(values[0]) if len(values) else 0, None, dtype=object)


def _curve_problem(path: Path, layer: str | None) -> tuple[Problem, ...]:
    """GDAL turns arcs into short straight edges, which changes areas: say so (GeoPackage)."""
    if path.suffix.casefold() != ".gpkg":
        return ()
    query = "SELECT geometry_type_name FROM gpkg_geometry_columns WHERE table_name = ?"
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            row = database.execute(query, (layer,)).fetchone()
    except sqlite3.Error:
        return ()
    if row is None or str(row[0]).upper() not in _CURVES:
        return ()
    message = Message("layers.curves_straightened", {"kind": str(row[0])})
    return (Problem("READ006", message, Severity.WARNING),)


__all__ = ["list_ogr_layers", "read_ogr", "read_raw", "redecoded", "undecodable"]
