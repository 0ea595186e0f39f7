"""Layers as GeoPackage and QGIS project: what was written is read, drawn as the app draws it."""

from __future__ import annotations

import io
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely.geometry import MultiPolygon
from test_layers_round_trip import layers
from web_county import HOSTILE, hostile_county

from zoning.codes.reader import land_classes
from zoning.layers.read import read_layer
from zoning.report.drawing import STYLES, class_numbers, line_style, palette
from zoning.report.geopackage import PackedLayer, read_metadata, write_package
from zoning.report.qgis import ClassStyle, ProjectLayer, project_archive, project_xml, style_xml
from zoning.workspace import read_features
from zoning.workspace.projects import write_geopackage, write_map_project

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
META = {"source": "三线.gdb", "sha256": "ab" * 32, "edition": "2019", "date": "2024-06-30",
        "licence": "未说明", "abstract": "来源"}


def look(role: str = "pbf", title: str = "永久基本农田", **more: object) -> ProjectLayer:
    crs = CRS.from_epsg(4528)
    return ProjectLayer(role, title, crs.to_wkt(), "EPSG:4528", (0.0, 0.0, 1.0, 1.0),
                        **{"style": STYLES.get(role), "metadata": META, **more})


@settings(max_examples=12)
@given(layers(), layers())
def test_a_package_reads_back(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> None:
    """Shapes exactly, attributes, order, system and metadata, each layer by itself."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "all-layers.gpkg"
        write_package([PackedLayer("a", "甲", first, META, style_xml(look())),
                       PackedLayer("b", "乙", second, META)], path)
        for table, frame in (("a", first), ("b", second)):
            reading = read_layer(path, layer=table)
            read = reading.features
            assert reading.crs.to_epsg() == 4528
            assert list(read["DLMC"]) == list(frame["DLMC"])
            assert list(read["BSM"]) == list(frame["BSM"])
            assert np.allclose(pd.to_numeric(read["TBMJ"]), frame["TBMJ"])
            for ours, theirs in zip(read.geometry, frame.geometry, strict=True):
                whole = MultiPolygon(shapely.get_parts(theirs).tolist())
                assert shapely.equals_exact(MultiPolygon(shapely.get_parts(ours).tolist()), whole)
            assert META.items() <= read_metadata(path, table).items()


def test_the_same_layers_give_the_same_bytes(tmp_path: Path) -> None:
    workspace = hostile_county(tmp_path)
    for form in ("one", "two"):
        write_map_project(workspace, tmp_path / form)
    for name in ("all-layers.gpkg", "map.qgz"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert sorted(each.name for each in (tmp_path / "one").iterdir()) == [
        "all-layers.gpkg", "map.qgz"]


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    workspace = hostile_county(tmp_path)
    package = write_geopackage(workspace, tmp_path / "out")
    read = pyogrio.read_dataframe(package, layer="parcel")
    assert list(read["feature_id"]) == list(HOSTILE)
    stored = read_features(workspace, "parcel")
    assert list(read["area_dm2"]) == list(stored["area_dm2"])
    _, archive = write_map_project(workspace, tmp_path / "out")
    root = ET.fromstring(zipfile.ZipFile(archive).read("project.qgs"))
    assert root.get("projectname") == HOSTILE[0]
    assert not [each for each in root.iter() if each.tag in {"script", "img"}]


@given(WORDS, WORDS, WORDS)
def test_any_words_make_a_sound_project(title: str, name: str, told: str) -> None:
    layer = look(title=name, metadata={**META, "abstract": told, "licence": told})
    xml = project_xml([layer], title=title, package="all-layers.gpkg")
    root = ET.fromstring(xml)
    assert root.find("projectlayers/maplayer/datasource").text == "./all-layers.gpkg|layername=pbf"
    assert project_archive([layer], title=title, package="all-layers.gpkg") == project_archive(
        [layer], title=title, package="all-layers.gpkg")


def test_styles_are_the_apps(tmp_path: Path) -> None:
    """Class colours are those of the palette; lines have the outline, dash and hatching."""
    classes = land_classes()
    colours, numbers = palette(classes), class_numbers(classes)
    drawn = look("parcel", style=None, classes=tuple(
        ClassStyle(code, code, colours[numbers[code]]) for code in classes.classes))
    root = ET.fromstring(project_xml([drawn, look("eco_redline", "红线"), look("ugb", "边界")],
                                     title="t", package="all-layers.gpkg"))
    by_id = {each.find("id").text: each for each in root.iter("maplayer")}
    parcel = by_id["zoning_layer_parcel"].find("renderer-v2")
    codes = [each.get("value") for each in parcel.iter("category")]
    fills = [each.find("layer/Option/Option[@name='color']").get("value")
             for each in parcel.find("symbols")]
    assert codes == list(classes.classes)
    assert [tuple(map(int, fill.split(",")[:3])) for fill in fills] == [
        tuple(int(colours[numbers[code]][i:i + 2], 16) for i in (1, 3, 5)) for code in codes]
    redline = by_id["zoning_layer_eco_redline"].find("renderer-v2")
    told = {each.get("name"): each.get("value") for each in redline.iter("Option")
            if each.get("name")}
    assert told["outline_color"] == "208,32,42,255"
    assert told["outline_style"] == "dash"
    assert told["angle"] == "135"
    order = [each.get("name") for each in root.iter("layer-tree-layer")]
    assert order == ["边界", "红线", "永久基本农田"]


def test_a_package_carries_its_styles_and_says_where_it_comes_from(tmp_path: Path) -> None:
    workspace = hostile_county(tmp_path)
    package = write_geopackage(workspace, tmp_path / "out")
    with closing(sqlite3.connect(package)) as base:
        (row,) = base.execute("SELECT f_table_name, styleQML, useAsDefault FROM layer_styles")
    assert (row[0], row[2]) == ("parcel", 1)
    assert ET.fromstring(row[1]).find("renderer-v2").get("type") == "categorizedSymbol"
    record = workspace.config.require("parcel")
    told = read_metadata(package, "parcel")
    assert (told["sha256"], told["edition"], told["source"]) == (
        record.sha256, record.edition, "hostile.gpkg")
    assert told["licence"]
    assert pyogrio.list_layers(package)[:, 0].tolist() == ["parcel", "layer_styles"]


def test_roles_of_a_workspaces_own_have_a_style_each() -> None:
    own = ("water", "heritage", "noise")
    assert len({line_style(role, own) for role in own}) == 3


@pytest.mark.parametrize("language", ["zh", "en"])
def test_layers_are_named_in_the_language_asked_for(tmp_path: Path, language: str) -> None:
    workspace = hostile_county(tmp_path)
    _, archive = write_map_project(workspace, tmp_path / "out", language=language)
    with zipfile.ZipFile(io.BytesIO(archive.read_bytes())) as held:
        root = ET.fromstring(held.read("project.qgs"))
    names = [each.text for each in root.iter("layername")]
    assert names == ["地类图斑" if language == "zh" else "Land-survey patches"]
