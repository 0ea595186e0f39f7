"""What is written is read back the same: every TXT dialect, every format, every encoding."""

from __future__ import annotations

import codecs
import tempfile
from decimal import Decimal
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box

from zoning.errors import UsageError
from zoning.layers.model import Source
from zoning.layers.read import read_layer
from zoning.layers.txt import Plot, parse_txt
from zoning.layers.txt_dialects import DIALECTS, write_dialect
from zoning.layers.txt_reading import txt_to_reading

SOURCE = Source("a.txt", "a", "")
PREFIX = 40_000_000
texts = st.text(st.sampled_from("甲乙丙地块AB01-/（）() "), min_size=1, max_size=8).map(
    str.strip).filter(bool)


@st.composite
def polygons(draw: st.DrawFn) -> Polygon:
    """Slanted quadrilaterals with up to two holes, on the millimetre, zone 40 with prefix."""
    east = PREFIX + draw(st.integers(400_000_000, 600_000_000)) / 1000
    north = draw(st.integers(2_000_000_000, 5_000_000_000)) / 1000
    width, height = (draw(st.integers(40_000, 900_000)) / 1000 for _ in range(2))
    lean = draw(st.integers(-10_000, 10_000)) / 1000
    shell = [(east, north), (east + width, north), (east + width + lean, north + height),
             (east + lean, north + height)]
    holes = []
    for i in range(draw(st.integers(0, 2))):
        at = east + max(lean, 0) + (width - abs(lean)) * (0.1 + 0.4 * i)
        wide = (width - abs(lean)) * 0.3
        holes.append([(round(x, 3), round(y, 3)) for x, y in
                      box(at, north + height * 0.2, at + wide, north + height * 0.7)
                      .exterior.coords])
    return Polygon([(round(x, 3), round(y, 3)) for x, y in shell], holes)


@st.composite
def plots(draw: st.DrawFn) -> Plot:
    polygon = draw(polygons())
    return Plot(draw(texts), draw(texts), draw(texts), draw(texts), draw(texts),
                Decimal(round(polygon.area)).scaleb(-4), polygon=polygon)


KEPT = {
    "approval": ("number", "name", "use", "class_code", "sheet", "declared_ha"),
    "supply": ("number", "name", "use", "class_code", "sheet", "declared_ha"),
    "linkage": ("name", "class_code", "declared_ha"),
    "one_map": ("name",),
    "enforcement": ("name",),
    "balance": ("name",),
}
"""What each layout has a place for."""


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@given(st.lists(plots(), min_size=1, max_size=3, unique_by=lambda plot: plot.name),
       st.sampled_from(["gbk", "utf-8", "utf-8-sig", "utf-16", "gb18030"]),
       st.sampled_from(["", "\n", "\r", "\r\n"]))
@settings(max_examples=40)
def test_a_dialect_reads_back(
    dialect: str, given_plots: list[Plot], encoding: str, line_end: str
) -> None:
    data = write_dialect(given_plots, dialect, zone=40, encoding=encoding)
    if line_end:
        text = data.decode(encoding)
        text = line_end.join(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        data = text.encode(encoding)
    parsed = parse_txt(data)
    assert len(parsed.plots) == len(given_plots)
    assert not any(problem.severity == "error" for problem in parsed.problems)
    reading = txt_to_reading(parsed, source=SOURCE)
    shapes = reading.features.geometry
    if dialect == "enforcement":
        assert reading.crs.to_epsg() == 4490
        shapes = shapes.to_crs(4528)
    else:
        assert reading.crs.to_epsg() == 4528
    for shape, ours, theirs in zip(shapes, parsed.plots, given_plots, strict=True):
        assert shape.normalize().equals_exact(theirs.polygon.normalize(), 0.0021) or (
            shapely.hausdorff_distance(shape, theirs.polygon) < 0.0021)
        assert len(getattr(shape, "interiors", ())) == len(theirs.polygon.interiors)
        for name in KEPT[dialect]:
            assert getattr(ours, name) == getattr(theirs, name)


def test_dialects_have_their_marks() -> None:
    plot = Plot("7", "甲", "用", "0101", "J50", Decimal("1.0000"),
                polygon=box(PREFIX + 500_000, 3_575_600, PREFIX + 500_100, 3_575_700))
    linkage = write_dialect([plot], "linkage", zone=40).decode("gbk").split("\r\n")
    assert ",1.0000,,甲,,,,0101,@" in linkage
    assert "J2,3575700.0000,40500100.0000,100.0000,1," in linkage
    balance = write_dialect([plot], "balance", zone=40)
    assert b"\n" not in balance
    assert "J1,1,40500000,3575700" in balance.decode("gbk").split("\r")
    enforcement = write_dialect([plot], "enforcement", zone=40).decode("gbk")
    assert enforcement.startswith("5,甲,面,用,@")
    with pytest.raises(UsageError):
        write_dialect([plot], "klingon", zone=40)


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_mark_alone_is_no_file(mark: bytes) -> None:
    with pytest.raises(Exception, match="txt_no_plots"):
        parse_txt(mark)


# Formats

@st.composite
def layers(draw: st.DrawFn, degrees: bool = False) -> gpd.GeoDataFrame:
    shapes: list[Polygon | MultiPolygon] = []
    for _ in range(draw(st.integers(1, 5))):
        shape = draw(polygons())
        if draw(st.booleans()):
            shapes.append(MultiPolygon([shape, translate(shape, 5_000)]))
        else:
            shapes.append(shape)
    count = len(shapes)
    frame = gpd.GeoDataFrame({
        "BSM": [f"{i:018d}" for i in range(count)],
        "DLMC": draw(st.lists(texts, min_size=count, max_size=count)),
        "TBMJ": draw(st.lists(st.integers(0, 10**9).map(lambda n: n / 100), min_size=count,
                              max_size=count)),
    }, geometry=shapes, crs="EPSG:4528")
    return frame.to_crs(4490) if degrees else frame


WRITERS = {
    "gpkg": ({}, 0.0), "fgb": ({"driver": "FlatGeobuf", "SPATIAL_INDEX": "NO"}, 0.0),
    "gdb": ({"driver": "OpenFileGDB", "promote_to_multi": True}, 2e-4),
    "shp": ({"encoding": "gbk"}, 0.0), "geojson": ({"COORDINATE_PRECISION": 12}, 1e-9),
    "parquet": ({}, 0.0), "gml": ({"driver": "GML"}, 1e-6),
    "kml": ({"driver": "KML"}, 1e-9), "tab": ({"driver": "MapInfo File"}, 0.02),
}
"""How each format is written, and how exactly it keeps coordinates."""


@pytest.mark.parametrize("suffix", sorted(WRITERS))
@given(st.data())
@settings(max_examples=12)
def test_a_format_reads_back(suffix: str, data: st.DataObject) -> None:
    """Shapes to the precision of the format, attributes, and order."""
    options, precision = WRITERS[suffix]
    frame = data.draw(layers(degrees=suffix in ("geojson", "kml", "gml")))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{suffix}"
        if suffix == "parquet":
            frame.to_parquet(path)
        else:
            frame.to_file(path, **options)
        reading = read_layer(path, crs=4490 if suffix == "kml" else None)
    read = reading.features
    assert reading.crs.to_epsg() == frame.crs.to_epsg() or suffix in ("kml", "tab")
    assert list(read["BSM"]) == list(frame["BSM"])
    assert list(read["DLMC"]) == list(frame["DLMC"])
    assert np.allclose(pd.to_numeric(read["TBMJ"]), frame["TBMJ"])
    for ours, theirs in zip(read.geometry, frame.geometry, strict=True):
        pair = [MultiPolygon(shapely.get_parts(shape).tolist()) for shape in (ours, theirs)]
        assert shapely.hausdorff_distance(*pair) <= precision
        assert abs(pair[0].area - pair[1].area) <= precision * (pair[1].length + 1) + 1e-9


@given(st.lists(polygons(), min_size=1, max_size=4, unique_by=lambda shape: shape.bounds[0]))
@settings(max_examples=15)
def test_a_drawing_reads_back_outlines(shapes: list[Polygon]) -> None:
    rings = [Polygon(ring) for shape in shapes for ring in (shape.exterior,)]
    frame = gpd.GeoDataFrame({"Layer": ["红线"] * len(rings)}, geometry=rings, crs=4528)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.dxf"
        frame.set_geometry(frame.geometry.exterior).to_file(path, driver="DXF")
        read = read_layer(path, crs=4528).features
    assert len(read) == len(rings)
    for ours, theirs in zip(read.geometry, rings, strict=True):
        assert shapely.hausdorff_distance(ours, theirs) < 1e-6


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@given(st.lists(plots(), min_size=1, max_size=3, unique_by=lambda plot: plot.number))
@settings(max_examples=25)
def test_a_sheet_of_points_reads_back(suffix: str, given_plots: list[Plot]) -> None:
    rows: list[list[object]] = [["界址点成果表"], ["坐标系：2000国家大地坐标系  带号：40"],
                                ["地块编号", "点号", "圈号", "X(m)", "Y(m)"]]
    for plot in given_plots:
        for number, ring in enumerate((plot.polygon.exterior, *plot.polygon.interiors), start=1):
            rows += [[plot.number, f"J{i}", number, round(y, 3), round(x, 3)]
                     for i, (x, y) in enumerate(ring.coords, start=1)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{suffix}"
        if suffix == "csv":
            path.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="gbk")
        else:
            book = openpyxl.Workbook()
            for row in rows:
                book.active.append(row)
            book.save(path)
        reading = read_layer(path)
    assert reading.crs == CRS.from_epsg(4528)
    assert list(reading.features["feature_id"]) == [plot.number for plot in given_plots]
    for ours, theirs in zip(reading.features.geometry, given_plots, strict=True):
        assert ours.normalize().equals_exact(theirs.polygon.normalize(), 0.0006)
