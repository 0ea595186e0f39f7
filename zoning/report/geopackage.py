"""Layers as one GeoPackage with their metadata and styles; the same layers give the same bytes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import geopandas
import pyogrio

TICK = "1980-01-01T00:00:00.000Z"
"""The moment of every entry: the day of a layer stands in its metadata."""


@dataclass(frozen=True, eq=False)
class PackedLayer:
    """A table of the package: features with attributes, where they come from, how they look.

    `metadata` is written as the layer's own (source, sha256, edition, date, licence, abstract);
    `style` is QML.
    """

    table: str
    title: str
    features: geopandas.GeoDataFrame
    metadata: Mapping[str, str]
    style: str = ""


def write_package(layers: Sequence[PackedLayer], path: Path) -> None:
    """Write a new GeoPackage with all layers; nothing must be at the path.

    Attribute columns, order and coordinates are kept exactly; shapes are MultiPolygons.
    """
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": TICK})
    try:
        for layer in layers:
            pyogrio.write_dataframe(
                layer.features, path, layer=layer.table, driver="GPKG", append=path.exists(),
                promote_to_multi=True, geometry_type="MultiPolygon", encoding="UTF-8",
                layer_metadata={key.upper(): value for key, value in layer.metadata.items()},
                IDENTIFIER=layer.title, DESCRIPTION=layer.metadata.get("abstract", ""),
                FID="fid", GEOMETRY_NAME="geom", VERSION="1.3")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    _write_styles(layers, path)


def read_metadata(path: Path, table: str) -> dict[str, str]:
    """The metadata of a layer of a package, as it was written."""
    found = pyogrio.read_info(path, layer=table).get("layer_metadata") or {}
    return {key.lower(): value for key, value in found.items()}


def _write_styles(layers: Sequence[PackedLayer], path: Path) -> None:
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT, "
            "f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), "
            "f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, "
            "useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), "
            "update_time DATETIME)")
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
            "last_change, srs_id) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            (TICK,))
        for layer in layers:
            if layer.style:
                base.execute(
                    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                    "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, "
                    "owner, update_time) VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '', ?)",
                    (layer.table, layer.title[:30], layer.style,
                     json.dumps(dict(layer.metadata), ensure_ascii=False), TICK))


__all__ = ["PackedLayer", "read_metadata", "write_package"]
