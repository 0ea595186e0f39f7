"""READ: any vector file to a `Reading`, and nothing guessed without a word.

Shapefile, file geodatabase, GeoPackage, GeoJSON, GeoParquet, FlatGeobuf, KML, GML, MapInfo, DXF,
boundary TXT, csv and xlsx, each also inside a zip archive or a folder; and a PostGIS table by its
URL. Source files are never changed, and nothing is written beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from zoning.codes.roles import role as role_of
from zoning.errors import CrsError, LayerError, Message, Problem, Severity
from zoning.layers.crs import Floats, settle_crs
from zoning.layers.database import database_url, read_database
from zoning.layers.drawing import list_drawing_layers, read_drawing
from zoning.layers.geoparquet import read_geoparquet
from zoning.layers.model import Reading, Source
from zoning.layers.offline import go_offline
from zoning.layers.ogr import list_ogr_layers, read_ogr
from zoning.layers.shapefile import read_shapefile
from zoning.layers.sheets import Sheet, read_sheets, sheet_plots, sheet_table
from zoning.layers.sources import Dataset, digest, opened
from zoning.layers.table import Geometries, Table, to_frame
from zoning.layers.txt import parse_txt
from zoning.layers.txt_reading import txt_to_reading


@dataclass(frozen=True)
class _Entry:
    """A layer that can be read: its name, its dataset, and whether it has geometry."""

    name: str
    dataset: Dataset
    has_geometry: bool = True
    sheet: Sheet | None = None


def read_layer(
    path: Path | str,
    *,
    layer: str | None = None,
    crs: str | int | CRS | None = None,
    encoding: str | None = None,
    role: str | None = None,
) -> Reading:
    """Read one layer of a file, folder or archive.

    Of several layers the one named `layer` is read; without a name the one whose name is official
    for `role`; without either there must be only one. `crs` (EPSG code or WKT) outranks what the
    file declares; coordinates are never transformed. `encoding` outranks every declaration of the
    text encoding.

    Raises
    ------
    LayerError
        The file is absent, of a format that cannot be read, a table without geometry, or has
        several layers to choose from.
    CrsError
        The coordinate system is unknown, contradicts the coordinates, or is Xian80 or Beijing54; or
        the file is a KML and `crs` is not given: phone maps write shifted coordinates into it.

    """
    url = database_url(path)
    if url is not None:
        table, source = read_database(url, layer=layer, want=_official_names(role))
        return _reading(table, source, crs=crs)
    path = Path(path)
    go_offline()
    try:
        return _read_file(path, layer=layer, crs=crs, encoding=encoding, role=role)
    except MemoryError as error:
        raise LayerError("layers.too_large", file=path.name) from error


def _read_file(
    path: Path, *, layer: str | None, crs: str | int | CRS | None, encoding: str | None,
    role: str | None,
) -> Reading:
    with opened(path) as datasets:
        entry = _chosen(_entries(datasets, encoding), layer=layer, role=role, file=path.name)
        source = Source(path.name, entry.name, digest(path, entry.dataset))
        if entry.dataset.kind == "txt":
            txt = parse_txt(entry.dataset.path.read_bytes(), encoding=encoding, file=path.name)
            return txt_to_reading(txt, source=source, crs=crs)
        if entry.sheet is not None and entry.sheet.kind == "points":
            plots = sheet_plots(entry.sheet, file=path.name)
            return txt_to_reading(plots, source=source, crs=crs)
        table = _read(entry, encoding)
    if _is_kml(entry, path):
        if crs is None:
            raise CrsError("layers.kml_datum", file=path.name)
        return _reading(replace(table, crs=None), source, crs=crs, notes=_kml_note(path))
    return _reading(table, source, crs=crs)


def _reading(
    table: Table, source: Source, *, crs: str | int | CRS | None, notes: tuple[Problem, ...] = ()
) -> Reading:
    frame, problems = to_frame(table)
    centres = _centres(frame.geometry.to_numpy())
    system, told = settle_crs(table.crs, crs, centres, file=source.name)
    empty = () if len(frame) else (
        Problem("READ008", Message("layers.empty_layer", {"layer": source.layer}),
                Severity.WARNING, 0),)
    problems = (*table.problems, *problems, *told, *empty, *notes)
    return Reading(frame.set_crs(system), system, table.encoding, source, problems)


def list_layers(path: Path | str) -> tuple[str, ...]:
    """The names of the layers with geometry in a file, folder or archive.

    Raises `LayerError` as `read_layer` does.
    """
    path = Path(path)
    go_offline()
    with opened(path) as datasets:
        return tuple(entry.name for entry in _entries(datasets) if entry.has_geometry)


def _entries(datasets: Sequence[Dataset], encoding: str | None = None) -> tuple[_Entry, ...]:
    found: list[_Entry] = []
    refused: list[LayerError] = []
    for dataset in datasets:
        try:
            found += _entries_of(dataset, encoding)
        except LayerError as error:  # one bad file of an archive costs that file
            refused.append(error)
    if not found and refused:
        raise refused[0]
    return tuple(found)


def _entries_of(dataset: Dataset, encoding: str | None) -> list[_Entry]:
    if dataset.kind in ("ogr", "geodatabase"):
        return [_Entry(name, dataset, kind is not None)
                for name, kind in list_ogr_layers(dataset.path)]
    if dataset.kind == "drawing":
        return [_Entry(name, dataset) for name in list_drawing_layers(dataset.path)]
    if dataset.kind == "sheet":
        return [_Entry(sheet.name, dataset, sheet.kind in ("points", "shapes"), sheet)
                for sheet in read_sheets(dataset.path, encoding=encoding)]
    return [_Entry(dataset.path.stem, dataset, _has_geometry(dataset))]


def _has_geometry(dataset: Dataset) -> bool:
    """False only for a Parquet table without geo metadata."""
    if dataset.kind != "geoparquet":
        return True
    try:
        return b"geo" in (pq.read_schema(dataset.path).metadata or {})
    except (OSError, ValueError):
        return True


def _chosen(
    entries: Sequence[_Entry], *, layer: str | None, role: str | None, file: str
) -> _Entry:
    if layer is not None:
        named = [entry for entry in entries if entry.name.casefold() == layer.casefold()]
        if len(named) != 1:
            raise LayerError("layers.no_such_layer", file=file, layer=layer, have=_names(entries))
        return _with_geometry(named[0], file)
    spatial = [entry for entry in entries if entry.has_geometry]
    if len(spatial) == 1:
        return spatial[0]
    if not spatial:
        return _with_geometry(entries[0], file) if entries else _nothing(file)
    official = _official(spatial, role)
    if len(official) != 1:
        raise LayerError("layers.several_layers", file=file, have=_names(spatial))
    return official[0]


def _official(entries: Sequence[_Entry], role: str | None) -> list[_Entry]:
    """The layers whose name is official for the role; else those that hold an official name."""
    names = _official_names(role)
    for name in names:
        exact = [entry for entry in entries if entry.name.casefold() == name]
        if exact:
            return exact
    return [entry for entry in entries if any(name in entry.name.casefold() for name in names)]


def _official_names(role: str | None) -> tuple[str, ...]:
    return tuple(name.casefold() for name in role_of(role).layers) if role else ()


def _with_geometry(entry: _Entry, file: str) -> _Entry:
    if not entry.has_geometry:
        if entry.sheet is not None and entry.sheet.kind == "quota":
            raise LayerError("layers.quota_table", file=file)
        is_parquet = entry.dataset.kind == "geoparquet"
        raise LayerError("layers.no_geo_metadata" if is_parquet else "layers.table_only", file=file)
    return entry


def _nothing(file: str) -> _Entry:
    raise LayerError("layers.nothing_inside", file=file)


def _names(entries: Sequence[_Entry]) -> tuple[str, ...]:
    return tuple(entry.name for entry in entries)


def _read(entry: _Entry, encoding: str | None) -> Table:
    dataset = entry.dataset
    if dataset.kind == "shapefile":
        return read_shapefile(dataset.path, encoding=encoding)
    if dataset.kind == "geoparquet":
        return read_geoparquet(dataset.path)
    if dataset.kind == "drawing":
        return read_drawing(dataset.path, entry.name)
    if entry.sheet is not None:
        return sheet_table(entry.sheet)
    return read_ogr(dataset.path, entry.name)


def _centres(geometry: Geometries) -> Floats:
    """The centre of each feature's box; NaN for none."""
    with np.errstate(invalid="ignore", over="ignore"):
        boxes = shapely.bounds(geometry).reshape(-1, 4)
        centres: Floats = (boxes[:, :2] + boxes[:, 2:]) / 2
    return centres


def _is_kml(entry: _Entry, path: Path) -> bool:
    return bool({path.suffix.casefold(), entry.dataset.path.suffix.casefold()} & {".kml", ".kmz"})


def _kml_note(path: Path) -> tuple[Problem, ...]:
    return (Problem("CRS004", Message("layers.kml_offset", {"file": path.name}),
                    Severity.WARNING),)


__all__ = ["Reading", "list_layers", "read_layer"]
