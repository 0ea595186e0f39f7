"""Drawings, sheets of coordinates, and tables of a database."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import openpyxl
import psycopg
import pytest
from nasty import EAST, NORTH, square, two_parts
from running import zoning
from shapely.geometry import LineString, Point

from zoning.errors import ZoningError
from zoning.layers.read import list_layers, read_layer
from zoning.messages import LANGUAGES, say


def refused(path: Path | str, **options: object) -> str:
    with pytest.raises(ZoningError) as caught:
        read_layer(path, **options)
    assert all(say(caught.value, language) for language in LANGUAGES)
    return caught.value.message.key


def codes(reading: object) -> set[str]:
    return {problem.code for problem in reading.problems}


# Drawings

def dxf(path: Path, *entities: str, blocks: str = "") -> Path:
    """A small ASCII drawing in GBK."""
    head = "0\nSECTION\n2\nHEADER\n9\n$DWGCODEPAGE\n3\nANSI_936\n0\nENDSEC\n"
    made = (f"{head}0\nSECTION\n2\nBLOCKS\n{blocks}0\nENDSEC\n0\nSECTION\n2\nENTITIES\n"
            f"{''.join(entities)}0\nENDSEC\n0\nEOF\n")
    path.write_bytes(made.encode("gbk"))
    return path


def polyline(layer: str, *points: tuple[float, float], closed: bool) -> str:
    at = "".join(f"10\n{x}\n20\n{y}\n" for x, y in points)
    return f"0\nLWPOLYLINE\n8\n{layer}\n90\n{len(points)}\n70\n{int(closed)}\n{at}"


def corners(shape: object) -> list[tuple[float, float]]:
    return list(shape.exterior.coords)[:-1]


def words(layer: str, text: str, x: float, y: float) -> str:
    return f"0\nTEXT\n8\n{layer}\n10\n{x}\n20\n{y}\n40\n2.5\n1\n{text}\n"


def test_a_closed_polyline_is_a_plot_named_by_the_text_inside(tmp_path: Path) -> None:
    path = dxf(tmp_path / "a.dxf", polyline("红线", *corners(square()), closed=True),
               words("红线", "地块1", EAST + 50, NORTH + 50))
    assert refused(path) == "layers.no_crs"
    reading = read_layer(path, crs=4528)
    assert reading.source.layer == "红线"
    assert list(reading.features["name"]) == ["地块1"]
    assert reading.features.geometry.iloc[0].equals(square())


def test_open_polylines_are_closed_or_joined_and_told(tmp_path: Path) -> None:
    nearly = [*corners(square()), (EAST + 99.98, NORTH)]
    path = dxf(tmp_path / "a.dxf", polyline("a", *nearly, closed=False))
    reading = read_layer(path, crs=4528)
    assert abs(reading.features.geometry.iloc[0].area - 10_000) < 2
    assert "DXF001" in codes(reading)
    half = corners(square())
    path = dxf(tmp_path / "b.dxf", polyline("a", *half[:3], closed=False),
               polyline("a", half[2], half[3], half[0], closed=False),
               polyline("a", (EAST + 300, NORTH), (EAST + 400, NORTH), closed=False))
    reading = read_layer(path, crs=4528)
    assert [shape.area for shape in reading.features.geometry] == [10_000]
    assert {"DXF002", "DXF003"} <= codes(reading)


def test_layers_of_a_drawing_are_asked_about(tmp_path: Path) -> None:
    path = dxf(tmp_path / "a.dxf", polyline("红线", *corners(square()), closed=True),
               polyline("房屋", *corners(square(20)), closed=True),
               polyline("标注", (EAST, NORTH), (EAST + 9, NORTH), closed=False))
    assert set(list_layers(path)) == {"红线", "房屋"}
    assert refused(path, crs=4528) == "layers.several_layers"
    assert len(read_layer(path, layer="红线", crs=4528).features) == 1


def test_blocks_are_taken_where_they_are_inserted(tmp_path: Path) -> None:
    block = ("0\nBLOCK\n8\n0\n2\nB\n70\n0\n10\n0\n20\n0\n3\nB\n"
             + polyline("0", (0, 0), (10, 0), (10, 10), (0, 10), closed=True) + "0\nENDBLK\n8\n0\n")
    path = dxf(tmp_path / "a.dxf", f"0\nINSERT\n8\n地块\n2\nB\n10\n{EAST}\n20\n{NORTH}\n",
               blocks=block)
    assert read_layer(path, crs=4528).features.geometry.iloc[0].equals(square(10))


def test_nested_outlines_are_told(tmp_path: Path) -> None:
    inner = square(10, east=EAST + 5, north=NORTH + 5)
    path = dxf(tmp_path / "a.dxf", polyline("a", *corners(square()), closed=True),
               polyline("a", *corners(inner), closed=True))
    assert "DXF004" in codes(read_layer(path, crs=4528))


def test_a_circle_is_told_to_be_made_of_short_edges(tmp_path: Path) -> None:
    path = dxf(tmp_path / "a.dxf", f"0\nCIRCLE\n8\na\n10\n{EAST}\n20\n{NORTH}\n40\n10\n")
    assert "READ006" in codes(read_layer(path, crs=4528))


def test_a_drawing_of_lines_alone_has_no_plot(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[LineString([(EAST, NORTH), (EAST + 1, NORTH)]),
                                       Point(EAST, NORTH)], crs=4528)
    frame.to_file(tmp_path / "a.dxf", driver="DXF")
    assert set(read_layer(tmp_path / "a.dxf", crs=4528).features.geom_type) == {
        "LineString", "Point"}
    (tmp_path / "b.dxf").write_bytes(b"AutoCAD Binary DXF\r\n\x1a\x00")
    assert refused(tmp_path / "b.dxf") == "layers.refused_binary_dxf"


# Sheets

ROWS = [("J1", NORTH, EAST), ("J2", NORTH + 100, EAST), ("J3", NORTH + 100, EAST + 100),
        ("J4", NORTH, EAST + 100), ("J1", NORTH, EAST)]


def csv(path: Path, heading: str, *, mark: str = ",", before: str = "", encoding: str = "gbk",
        swap: bool = False) -> Path:
    rows = [mark.join([point, *(map(str, (y, x) if swap else (x, y)))]) for point, x, y in ROWS]
    path.write_text("\n".join([*([before] if before else []), heading, *rows]), encoding=encoding)
    return path


@pytest.mark.parametrize("heading", [
    "点号,X(m),Y(m)", "界址点号,纵坐标,横坐标", "拐点编号,北坐标,东坐标",
    "点名,x坐标（米）,y坐标（米）", "point,Northing,Easting"])
@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig", "utf-16"])
def test_headings_of_coordinates(tmp_path: Path, heading: str, encoding: str) -> None:
    reading = read_layer(csv(tmp_path / "a.csv", heading, encoding=encoding))
    assert reading.features.geometry.iloc[0].equals(square())
    assert reading.crs.to_epsg() == 4528
    assert "CRS003" in codes(reading)


def test_a_datum_of_old_in_a_heading_is_refused(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "点号,X,Y", before="界址点成果表(1980西安坐标系)")
    assert refused(path) == "layers.old_datum"


@pytest.mark.parametrize("mark", ["\t", ";", "|"])
def test_delimiters(tmp_path: Path, mark: str) -> None:
    path = csv(tmp_path / "a.csv", mark.join(["点号", "X", "Y"]), mark=mark)
    assert read_layer(path).features.geometry.iloc[0].equals(square())


def test_east_before_north_is_seen_from_the_numbers(tmp_path: Path) -> None:
    reading = read_layer(csv(tmp_path / "a.csv", "点号,X,Y", swap=True))
    assert reading.features.geometry.iloc[0].equals(square())
    assert "TXT010" in codes(reading)


def test_a_stated_zone_that_disagrees_is_asked_about(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "点号,X,Y", before="坐标系:2000国家大地坐标系 带号:39")
    assert refused(path) == "layers.zone_conflict"
    assert read_layer(path, crs=4528).crs.to_epsg() == 4528


def test_a_workbook_with_merged_headings_and_several_plots(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["界址点坐标成果表"])
    sheet.append(["地块编号", "点号", "坐标(2000国家大地坐标系)", None, "边长(m)"])
    sheet.append([None, None, "X(m)", "Y(m)", None])
    sheet.merge_cells("C2:D2")
    for plot, shift in (("甲", 0), ("乙", 300)):
        for i, (point, x, y) in enumerate(ROWS):
            sheet.append([plot if i == 0 else None, point, x + shift, y, 100.0])
    book.create_sheet("说明").append(["无"])
    book.save(tmp_path / "a.xlsx")
    reading = read_layer(tmp_path / "a.xlsx")
    assert list(reading.features["feature_id"]) == ["甲", "乙"]
    assert [shape.area for shape in reading.features.geometry] == [10_000, 10_000]


def test_wkt_in_a_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id;name;WKT\n1;甲;POLYGON((120 32,120.1 32,120.1 32.1,120 32))\n'
                    '2;乙;POLYGON((oops\n', encoding="gbk")
    reading = read_layer(path, crs=4490)
    assert list(reading.features["name"]) == ["甲", "乙"]
    assert reading.features.geometry.notna().tolist() == [True, False]
    assert "READ002" in codes(reading)


def test_a_table_of_quota_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "指标.csv"
    path.write_text("日期,类型,耕地数量（公顷）,水田规模（公顷）,粮食产能（公斤）\n2024-1-1,调入,1,1,5\n",
                    encoding="gbk")
    assert refused(path) == "layers.quota_table"
    path.write_text("a,b\n1,2\n")
    assert refused(path) == "layers.table_only"


# A database

@pytest.fixture(scope="session")
def postgis(postgres: str) -> str:
    """The URL of a database with PostGIS and two layers."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        try:
            connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        except psycopg.Error:
            if os.environ.get("CI"):
                pytest.fail("PostGIS is not installed (Debian: postgresql-15-postgis-3)")
            pytest.skip("PostGIS is not installed")
        connection.execute('CREATE SCHEMA "县库"')
        connection.execute('CREATE TABLE "县库"."DLTB" (gid int PRIMARY KEY, "DLBM" text, '
                           '"TBMJ" numeric(18, 2), "LXDH" text, geom geometry(MultiPolygon, 4528))')
        connection.execute("CREATE TABLE plain (a text, g geometry)")
        for i, shape in enumerate([square(), two_parts()]):
            connection.execute(
                'INSERT INTO "县库"."DLTB" VALUES (%s, %s, %s, %s, '
                "ST_Multi(ST_GeomFromText(%s, 4528)))",
                [i, "0101", "10000.05", "13800000000", shape.wkt])
        connection.execute("INSERT INTO plain VALUES ('x', ST_GeomFromText(%s, 4528)), "
                           "('y', ST_GeomFromText(%s, 4549))", [square().wkt, square().wkt])
    return postgres


def test_a_table_of_a_database_is_read(postgis: str) -> None:
    reading = read_layer(f"{postgis}?table=县库.DLTB", role="parcel")
    assert reading.crs.to_epsg() == 4528
    assert [shape.area for shape in reading.features.geometry] == [10_000, 200]
    assert list(reading.features["TBMJ"]) == ["10000.05", "10000.05"]
    assert reading.source.name.startswith("postgresql://127.0.0.1/")
    assert "zoning@" not in reading.source.name
    assert reading.source.layer == "县库.DLTB"
    again = read_layer(Path(f"{postgis}"), layer="DLTB")
    assert again.source.sha256 == reading.source.sha256
    assert read_layer(postgis, role="parcel").source.layer == "县库.DLTB"


def test_what_a_database_cannot_give_is_said(postgis: str) -> None:
    assert refused(postgis) == "layers.several_layers"
    assert refused(f"{postgis}?table=none") == "layers.no_such_layer"
    assert refused(f"{postgis}?table=plain") == "layers.database_mixed"
    assert refused("postgresql://nobody:secret@127.0.0.1:1/x?table=a") == "layers.database"
    with pytest.raises(ZoningError) as caught:
        read_layer("postgresql://nobody:secret@127.0.0.1:1/x?table=a")
    assert "secret" not in say(caught.value, "en")
    assert refused("postgresql://[bad/x") == "layers.database"


def test_a_database_is_imported_and_only_read(postgis: str, tmp_path: Path) -> None:
    root = tmp_path / "ws"
    zoning("init", root)
    answer = zoning("import", f"{postgis}?table=县库.DLTB", "--role", "parcel", "--map", "gid=BSM",
                    "--workspace", root, "--json")
    assert answer["layer"]["features"] == 2
    assert answer["layer"]["dropped"] == ["LXDH"]
    assert "zoning@" not in (root / "zoning.toml").read_text(encoding="utf-8")
