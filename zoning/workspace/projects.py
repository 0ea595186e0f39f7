"""Map projects of a workspace: its layers as a GeoPackage, and a QGIS project that draws them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas
import pandas as pd
from pyproj import CRS

from zoning.layers.crs import epsg_of
from zoning.messages import Language, text
from zoning.report.drawing import class_numbers, line_style, palette
from zoning.report.geopackage import PackedLayer, write_package
from zoning.report.layout import words
from zoning.report.names import appear, inside
from zoning.report.qgis import ClassStyle, ProjectLayer, project_archive, style_xml
from zoning.report.tables.words import named
from zoning.workspace.config import LayerRecord
from zoning.workspace.data import read_features
from zoning.workspace.folder import Workspace

PACKAGE, PROJECT = "all-layers.gpkg", "map.qgz"
PARCEL = "parcel"
ABOVE = ("pbf", "eco_redline", "ugb", "offset", "demolition", "new_site", "idle_land")
"""Roles above the parcels, the lowest first, as the app draws them; others come before these."""
HIDDEN = frozenset({"offset", "demolition", "new_site"})


def write_geopackage(workspace: Workspace, out: Path, *, language: Language = "zh") -> Path:
    """Write the current edition of every layer into ``all-layers.gpkg`` of a folder."""
    return _write_package(_layers(workspace, language), out)


def write_map_project(
    workspace: Workspace, out: Path, *, language: Language = "zh"
) -> tuple[Path, Path]:
    """Write ``all-layers.gpkg`` and ``map.qgz``, a QGIS project over it, into a folder."""
    layers = _layers(workspace, language)
    package = _write_package(layers, out)
    title = workspace.config.name or workspace.config.place
    archive = project_archive([look for look, _ in layers], title=title, package=PACKAGE)
    return package, appear(inside(out, PROJECT), archive)


def _write_package(
    layers: list[tuple[ProjectLayer, geopandas.GeoDataFrame]], out: Path
) -> Path:
    packed = [PackedLayer(look.table, look.title, features, look.metadata, style_xml(look))
              for look, features in layers]
    with tempfile.TemporaryDirectory(prefix="zoning-gpkg-") as folder:
        draft = Path(folder) / PACKAGE
        write_package(packed, draft)
        return appear(inside(out, PACKAGE), draft.read_bytes())


def _layers(
    workspace: Workspace, language: Language
) -> list[tuple[ProjectLayer, geopandas.GeoDataFrame]]:
    return [_layer(workspace, role, language) for role in layers_in_order(workspace)]


def layers_in_order(workspace: Workspace) -> list[str]:
    """The roles of a workspace from the lowest to the highest on a map."""
    have = workspace.config.roles()
    others = sorted(role for role in have if role not in (PARCEL, *ABOVE))
    return [role for role in (PARCEL, *others, *ABOVE) if role in have]


def _layer(
    workspace: Workspace, role: str, language: Language
) -> tuple[ProjectLayer, geopandas.GeoDataFrame]:
    record, features = workspace.config.require(role), read_features(workspace, role)
    crs = CRS.from_user_input(features.crs)
    code = epsg_of(crs)
    own = tuple(each for each in workspace.config.roles() if each != PARCEL)
    west, south, east, north = (float(each) for each in features.total_bounds)
    look = ProjectLayer(
        role, words(named("role", role), language), crs.to_wkt(), f"EPSG:{code}" if code else "",
        (west, south, east, north), None if role == PARCEL else line_style(role, own),
        _classes(workspace, features, language) if role == PARCEL else (),
        is_shown=role not in HIDDEN, metadata=layer_metadata(workspace, record, language))
    return look, _plain(features)


def layer_metadata(
    workspace: Workspace, record: LayerRecord, language: Language = "zh"
) -> dict[str, str]:
    """Where a layer comes from: source file, its SHA-256, edition, day of import, licence."""
    licence = record.licence or text(
        "papers.licence.synthetic" if workspace.config.synthetic else "papers.licence.unknown",
        language)
    told = {"source": record.source, "source_layer": record.source_layer or "",
            "sha256": record.sha256, "edition": record.edition,
            "date": record.imported.isoformat(), "licence": licence}
    return {**told, "abstract": text("papers.abstract", language, **told)}


def _classes(
    workspace: Workspace, features: geopandas.GeoDataFrame, language: Language
) -> tuple[ClassStyle, ...]:
    """The classes that occur, in the order of the code list, then what no class is known of."""
    colours, numbers = palette(workspace.classes), class_numbers(workspace.classes)
    there = set(features["class_code"].dropna())
    known = tuple(
        ClassStyle(code, f"{code} {each.zh if language == 'zh' else each.en}",
                   colours[numbers[code]])
        for code, each in workspace.classes.classes.items() if code in there
    )
    return (*known, ClassStyle("", text("report.no_class", language), colours[0]))


def _plain(features: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Columns of mixed values as text: a GeoPackage column has one type."""
    mixed = {name: features[name].astype("str").where(features[name].notna(), None)
             for name in features.columns if name != features.geometry.name
             and features[name].dtype == object
             and pd.api.types.infer_dtype(features[name], skipna=True) not in {"string", "empty"}}
    return features.assign(**mixed) if mixed else features


__all__ = ["layer_metadata", "layers_in_order", "write_geopackage", "write_map_project"]
