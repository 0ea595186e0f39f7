"""A layer between the format and the reading: columns, geometries, and what the reader noticed."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjError

from zoning.errors import LayerError, Message, Problem, Severity
from zoning.layers.model import GEOMETRY

_SILENT = ("Measured (M) geometry", "Several features with id", "Non closed ring detected")
_NAMED = 5

Geometries = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns in file order as (name, values), a geometry or None per row, and the declared CRS."""

    columns: tuple[tuple[str, Any], ...]
    geometry: Geometries
    crs: CRS | None
    encoding: str | None = None
    problems: tuple[Problem, ...] = ()


@dataclass
class Heard:
    """The sentences that libraries said while a block ran, without repetition."""

    sentences: list[str] = field(default_factory=list)

    def problems(self) -> tuple[Problem, ...]:
        """One note per sentence; those that mean nothing for the data are left out."""
        kept = [said for said in dict.fromkeys(self.sentences) if not said.startswith(_SILENT)]
        return tuple(
            Problem("READ004", Message("layers.driver_said", {"detail": said[:300]}),
                    Severity.WARNING)
            for said in kept[:_NAMED]
        )


@contextmanager
def listening() -> Iterator[Heard]:
    """Keep library warnings from escaping; what was said is in the record when the block ends."""
    heard = Heard()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield heard
        finally:
            heard.sentences += [str(warning.message) for warning in caught]


def to_frame(table: Table) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """A frame without CRS of 2D geometries, duplicate column names numbered: ``X``, ``X_2``."""
    names = unique_names([name for name, _ in table.columns], taken=(GEOMETRY,))
    data: dict[str, Any] = {
        name: _column(values) for name, (_, values) in zip(names, table.columns, strict=True)
    }
    flat, problems = flattened(table.geometry)
    frame = gpd.GeoDataFrame({**data, GEOMETRY: flat}, geometry=GEOMETRY)
    renamed = [new for new, (old, _) in zip(names, table.columns, strict=True) if new != old]
    if renamed:
        message = Message("layers.duplicate_columns", {"columns": tuple(renamed)})
        problems = (*problems, Problem("READ003", message, Severity.NOTE, len(renamed)))
    return frame, problems


def flattened(geometry: Geometries) -> tuple[Geometries, tuple[Problem, ...]]:
    """The geometries without heights, measures and empty pieces, and a note where heights were."""
    geometry = without_empty_pieces(geometry)
    with_z = int(np.count_nonzero(shapely.has_z(geometry) | shapely.has_m(geometry)))
    if not with_z:
        return geometry, ()
    message = Message("layers.heights_dropped", {"count": with_z})
    return shapely.force_2d(geometry), (Problem("READ005", message, Severity.NOTE, with_z),)


def without_empty_pieces(geometry: Geometries) -> Geometries:
    """Polygons without empty parts and empty holes: GEOS is brought down by some of them."""
    suspects = np.flatnonzero((shapely.get_type_id(geometry) == shapely.GeometryType.MULTIPOLYGON)
                              | (shapely.get_num_interior_rings(geometry) > 0))
    parts, row = shapely.get_parts(geometry[suspects], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    full = shapely.get_num_coordinates(rings) > 0
    solid = np.bincount(part[full], minlength=len(parts)) > 0
    hollow = np.zeros(len(suspects), dtype=bool)
    hollow[row[~solid]] = hollow[row[part[~full]]] = True
    if not hollow.any():
        return geometry
    made = geometry.copy()
    for at in np.flatnonzero(hollow):
        made[suspects[at]] = _solid(geometry[suspects[at]])
    return made


def _solid(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [shapely.Polygon(part.exterior, [hole for hole in part.interiors if not hole.is_empty])
             for part in shapely.get_parts(shape) if not part.is_empty]
    return parts[0] if shape.geom_type == "Polygon" else shapely.MultiPolygon(parts)


def from_wkb(values: Sequence[bytes | None] | Geometries) -> tuple[Geometries, tuple[Problem, ...]]:
    """Geometries from WKB; one that cannot be formed becomes None and its record is named."""
    wkb = np.asarray(values, dtype=object)
    with np.errstate(invalid="ignore"):
        geometry = shapely.from_wkb(wkb, on_invalid="ignore")
    given = np.array([value is not None for value in wkb], dtype=bool)
    return geometry, unreadable(np.flatnonzero(shapely.is_missing(geometry) & given) + 1)


def unreadable(records: Sequence[int] | NDArray[np.int64]) -> tuple[Problem, ...]:
    """The problem that names records (from 1) whose geometry could not be read."""
    if not len(records):
        return ()
    where = tuple(f"row-{record}" for record in records[:_NAMED])
    message = Message("layers.record_unreadable", {"count": len(records), "where": where})
    return (Problem("READ002", message, Severity.ERROR, len(records), where),)


def unique_names(names: Sequence[str], *, taken: Sequence[str] = ()) -> list[str]:
    """The names, a repeated one numbered ``_2``, ``_3`` …; `taken` names are repeated already."""
    seen = set(taken)
    found = []
    for name in names:
        candidate, n = name, 1
        while candidate in seen:
            n += 1
            candidate = f"{name}_{n}"
        seen.add(candidate)
        found.append(candidate)
    return found


def declared_crs(definition: Mapping[str, Any] | str | None) -> CRS | None:
    """The declared system; None where there is none or nobody can read the definition."""
    if not definition:
        return None
    identity = definition.get("id") if isinstance(definition, Mapping) else None
    tries: list[Any] = [definition]
    if isinstance(identity, Mapping):
        tries.append(f"{identity.get('authority')}:{identity.get('code')}")
    for attempt in tries:
        try:
            found = CRS.from_user_input(attempt)
        except ProjError:
            continue
        return None if found.is_engineering else found
    return None


def is_object(values: Any) -> bool:
    """Whether a column holds Python objects, as text does before it is a pandas column."""
    return bool(getattr(values, "dtype", None) == np.dtype(object))


def unreadable_file(path: Path, error: Exception) -> LayerError:
    """The error that a library cannot read a file, with what the library said."""
    detail = str(error).replace(f"{path.parent}/", "")[:300]
    return LayerError("layers.unreadable", file=path.name, detail=detail)


def _column(values: Any) -> Any:
    """Values as a pandas column: text as text, lists and mappings as JSON text."""
    if not is_object(values):
        return values
    if set(map(type, values)) <= {str, type(None)}:
        return pd.array(values, dtype="str")
    return pd.array([_text(value) for value in values], dtype="str")


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return None if pd.isna(value) else str(value)


__all__ = [
    "Geometries", "Heard", "Table", "declared_crs", "flattened", "from_wkb", "is_object",
    "listening", "to_frame", "unique_names", "unreadable", "unreadable_file",
    "without_empty_pieces",
]
