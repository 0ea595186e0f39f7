"""PostGIS tables by URL: ``postgresql://user@host/name?table=schema.table``.

The connection only reads. The digest is that of the rows, in the order of the primary key, or of
the rows as text where there is none.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import numpy as np
import psycopg
from psycopg import sql

from zoning.errors import CrsError, LayerError, Message, Problem, Severity
from zoning.layers.model import Source
from zoning.layers.table import Table, declared_crs, from_wkb

_URL = re.compile(r"postgres(?:ql)?:/+")
_SETTINGS = "-c default_transaction_read_only=on -c statement_timeout=600000"
_TIMEOUT_S = 10
_LAYERS = """
    SELECT f_table_schema, f_table_name, f_geometry_column, srid, type
    FROM geometry_columns WHERE f_table_schema <> 'topology' ORDER BY 1, 2, 3
"""
_KEY = """
    SELECT a.attname FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
    WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY a.attnum
"""
_COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


def database_url(path: Path | str) -> str | None:
    """The URL where `path` is one, None for a file; a `Path` has lost one of its slashes."""
    text = str(path)
    return _URL.sub("postgresql://", text, count=1) if _URL.match(text) else None


def read_database(url: str, *, layer: str | None, want: tuple[str, ...]) -> tuple[Table, Source]:
    """A table with geometry, as a layer, and what it came from (no user, no password).

    The table is the one that `layer` or the URL names, else the only one, else the only one whose
    name is among `want`. Raises `LayerError` where there is no such table, several to choose from,
    or no connection; `CrsError` where one table mixes systems.
    """
    plain, named, shown = _parted(url)
    try:
        with psycopg.connect(plain, connect_timeout=_TIMEOUT_S, options=_SETTINGS) as connection:
            found = _chosen(connection.execute(_LAYERS).fetchall(), layer or named, want, shown)
            return _read(connection, found, shown)
    except (psycopg.Error, UnicodeError) as error:
        detail = str(error).strip().splitlines()[0][:200] if str(error).strip() else "-"
        raise LayerError("layers.database", file=shown, detail=detail) from error


def _parted(url: str) -> tuple[str, str | None, str]:
    """The URL for the driver, the table it names, and what may be shown of it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or "localhost"
        queries = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError as error:
        raise LayerError("layers.database", file="postgresql", detail=str(error)) from error
    table = next((value for name, value in queries if name == "table"), None)
    rest = urlencode([(name, value) for name, value in queries if name != "table"])
    plain = urlunsplit((parts.scheme, parts.netloc, parts.path, rest, ""))
    return plain, table or parts.fragment or None, f"postgresql://{host}{parts.path}"


def _chosen(rows: list[Any], named: str | None, want: tuple[str, ...], shown: str) -> Any:
    names = tuple(f"{row[0]}.{row[1]}" for row in rows)
    if named is not None:
        asked = named.casefold()
        fit = [row for row in rows
               if asked in (f"{row[0]}.{row[1]}".casefold(), str(row[1]).casefold())]
        if not fit:
            raise LayerError("layers.no_such_layer", file=shown, layer=named, have=names or ("-",))
        return fit[0]
    if len(rows) == 1:
        return rows[0]
    fit = [row for row in rows if str(row[1]).casefold() in want]
    if not rows:
        raise LayerError("layers.nothing_inside", file=shown)
    if len(fit) != 1:
        raise LayerError("layers.several_layers", file=shown, have=names)
    return fit[0]


def _read(
    connection: psycopg.Connection[Any], found: Any, shown: str
) -> tuple[Table, Source]:
    schema, name, geom, srid, kind = found
    table = sql.Identifier(schema, name)
    quoted = table.as_string(connection)
    names = [row[0] for row in connection.execute(_COLUMNS, [quoted]).fetchall()]
    names = [each for each in names if each != geom]
    key = [row[0] for row in connection.execute(_KEY, [quoted]).fetchall()]
    order = sql.SQL(", ").join(map(sql.Identifier, key)) if key else sql.SQL("t::text")
    chosen = sql.SQL("SELECT ST_AsBinary(ST_CurveToLine({g})), ST_SRID({g}){names} "
                     "FROM {table} AS t ORDER BY {order}").format(
        g=sql.Identifier(geom), table=table, order=order,
        names=sql.SQL("").join(sql.SQL(", {}").format(sql.Identifier(each)) for each in names))
    rows = connection.execute(chosen).fetchall()
    geometry, problems = from_wkb([row[0] for row in rows])
    codes = {row[1] for row in rows if row[1] is not None} or {srid}
    if len(codes) > 1:
        raise CrsError("layers.database_mixed", file=shown, found=tuple(sorted(codes)))
    columns = tuple((each, _values(rows, at)) for at, each in enumerate(names, start=2))
    source = Source(shown, f"{schema}.{name}", _digest(names, rows))
    crs = declared_crs(_definition(connection, codes.pop()))
    return Table(columns, geometry, crs, None, (*problems, *_curves(kind))), source


def _values(rows: list[Any], at: int) -> Any:
    values = [row[at] for row in rows]
    if values and all(isinstance(value, (int, float)) and not isinstance(value, bool)
                      for value in values) and all(abs(value) < 2**53 for value in values):
        return np.array(values)
    column = np.empty(len(values), dtype=object)
    column[:] = [bytes(value) if isinstance(value, memoryview) else value for value in values]
    return column


def _definition(connection: psycopg.Connection[Any], srid: int) -> str | None:
    row = connection.execute("SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys "
                             "WHERE srid = %s", [srid]).fetchone()
    if row is None:
        return None
    return f"EPSG:{row[1]}" if row[0] == "EPSG" else str(row[2])


def _digest(names: list[str], rows: list[Any]) -> str:
    found = hashlib.sha256(repr(names).encode())
    for row in rows:
        found.update(repr(row).encode())
    return found.hexdigest()


def _curves(kind: str) -> tuple[Problem, ...]:
    if not any(word in str(kind).upper() for word in ("CURVE", "SURFACE")):
        return ()
    message = Message("layers.curves_straightened", {"kind": str(kind)})
    return (Problem("READ006", message, Severity.WARNING),)


__all__ = ["database_url", "read_database"]
