"""READ: any vector file to a `Reading`, and nothing guessed without a word.

Shapefile, file geodatabase, GeoPackage, GeoJSON, GeoParquet, FlatGeobuf, KML, GML, DXF and boundary
TXT, each also inside a zip archive or a folder. Source files are never changed, and nothing is
written beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from zoning.codes.roles import role as role_of
from zoning.errors import LayerError, Message, Problem, Severity
from zoning.layers.crs import Floats, settle_crs
from zoning.layers.geoparquet import read_geoparquet
from zoning.layers.model import Reading, Source
from zoning.layers.offline import go_offline
from zoning.layers.ogr import list_ogr_layers, read_ogr
from zoning.layers.shapefile import read_shapefile
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
        The coordinate system is unknown, contradicts the coordinates, or is Xian80 or Beijing54.

    """
    path = Path(path)
    go_offline()
    with opened(path) as datasets:
        entry = _chosen(_entries(datasets), layer=layer, role=role, file=path.name)
        source = Source(path.name, entry.name, digest(path, entry.dataset))
        if entry.dataset.kind == "txt":
            txt = parse_txt(entry.dataset.path.read_bytes(), encoding=encoding, file=path.name)
            return txt_to_reading(txt, source=source, crs=crs)
        table = _read(entry, encoding)
    frame, problems = to_frame(table)
    system, told = settle_crs(table.crs, crs, _centres(frame.geometry.to_numpy()), file=path.name)
    problems = (*table.problems, *problems, *told, *_layer_notes(entry, path, len(frame)))
    return Reading(frame.set_crs(system), system, table.encoding, source, problems)


def list_layers(path: Path | str) -> tuple[str, ...]:
    """The names of the layers with geometry in a file, folder or archive.

    Raises `LayerError` as `read_layer` does.
    """
    path = Path(path)
    with opened(path) as datasets:
        return tuple(entry.name for entry in _entries(datasets) if entry.has_geometry)


def _entries(datasets: Sequence[Dataset]) -> tuple[_Entry, ...]:
    found: list[_Entry] = []
    for dataset in datasets:
        if dataset.kind in ("ogr", "geodatabase"):
            found += [_Entry(name, dataset, kind is not None)
                      for name, kind in list_ogr_layers(dataset.path)]
        else:
            found.append(_Entry(dataset.path.stem, dataset, _has_geometry(dataset)))
    return tuple(found)


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
    names = [name.casefold() for name in role_of(role).layers] if role else []
    for name in names:
        exact = [entry for entry in entries if entry.name.casefold() == name]
        if exact:
            return exact
    return [entry for entry in entries if any(name in entry.name.casefold() for name in names)]


def _with_geometry(entry: _Entry, file: str) -> _Entry:
    if not entry.has_geometry:
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
    return read_ogr(dataset.path, entry.name)


def _centres(geometry: Geometries) -> Floats:
    """The centre of each feature's box; NaN for none."""
    with np.errstate(invalid="ignore", over="ignore"):
        boxes = shapely.bounds(geometry).reshape(-1, 4)
        centres: Floats = (boxes[:, :2] + boxes[:, 2:]) / 2
    return centres


def _layer_notes(entry: _Entry, path: Path, rows: int) -> tuple[Problem, ...]:
    notes = []
    if not rows:
        notes.append(Problem("READ008", Message("layers.empty_layer", {"layer": entry.name}),
                             Severity.WARNING, 0))
    if {path.suffix.casefold(), entry.dataset.path.suffix.casefold()} & {".kml", ".kmz"}:
        notes.append(Problem("CRS004", Message("layers.kml_offset", {"file": path.name}),
                             Severity.WARNING))
    return tuple(notes)


__all__ = ["Reading", "list_layers", "read_layer"]
