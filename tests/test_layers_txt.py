"""Boundary TXT: the real files, every layout in use, and the law read(write(x)) == x."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from zoning.errors import CrsError, LayerError, Problem
from zoning.layers.model import Source
from zoning.layers.read import read_layer
from zoning.layers.txt import Plot, TxtFile, parse_txt
from zoning.layers.txt_reading import txt_to_reading
from zoning.layers.txt_write import write_txt

HEADER = """[属性描述]
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=40
精度=0.001
转换参数=,,,,,,
[地块坐标]
"""
SQUARE = [("3575700.000", "40613000.000"), ("3575700.000", "40613100.000"),
          ("3575600.000", "40613100.000"), ("3575600.000", "40613000.000")]


def ring(points: list[tuple[str, str]], *, number: str = "1", first: int = 1) -> str:
    rows = [f"J{first + i},{number},{n},{e}" for i, (n, e) in enumerate(points)]
    return "\n".join([*rows, f"J{first},{number},{points[0][0]},{points[0][1]}"]) + "\n"


def moved(points: list[tuple[str, str]], north: float, east: float, scale: float = 1):
    n0, e0 = float(points[3][0]), float(points[3][1])
    return [(f"{n0 + north + (float(n) - n0) * scale:.3f}",
             f"{e0 + east + (float(e) - e0) * scale:.3f}") for n, e in points]


PLOT = "5,1.0000,1,地块1,面,J50,工业用地,0601,@\n"
GOOD = HEADER + PLOT + ring(SQUARE)


def codes(problems: tuple[Problem, ...]) -> set[str]:
    return {problem.code for problem in problems}


def reading_of(text: str, **options: object):
    return txt_to_reading(parse_txt(text.encode("gb18030")), source=Source("a.txt", "a", ""),
                          **options)


def only(text: str) -> tuple[Plot, TxtFile]:
    parsed = parse_txt(text.encode("gb18030"))
    assert len(parsed.plots) == 1
    return parsed.plots[0], parsed


FILES = ("44120000105.txt", "44120000120.txt", "44120000319.txt", "44120000326.txt",
         "44120000669_44120001725_44120002171.txt", "44120000957.txt")


@pytest.mark.parametrize("name", FILES)
def test_real_file_has_the_declared_area(realdata: Path, name: str) -> None:
    reading = read_layer(realdata / "cn_txt" / name)
    row = reading.features.iloc[0]
    assert reading.crs.to_epsg() == 4526
    assert reading.problems == ()
    assert abs(row.geometry.area - float(row["declared_ha"]) * 10_000) <= 0.5
    assert row["feature_id"] == "FID_0"


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
def test_real_file_reads_the_same_in_every_encoding(
    realdata: Path, tmp_path: Path, encoding: str, line_end: str
) -> None:
    source = realdata / "cn_txt" / FILES[0]
    text = source.read_text(encoding="utf-8").replace("\n", line_end)
    copy = tmp_path / "copy.txt"
    copy.write_bytes(text.encode(encoding))
    ours, theirs = read_layer(copy), read_layer(source)
    assert ours.features.geometry.iloc[0].equals_exact(theirs.features.geometry.iloc[0])
    assert ours.features.drop(columns="geometry").equals(theirs.features.drop(columns="geometry"))


def test_standard_line_gives_all_fields() -> None:
    plot, parsed = only(GOOD)
    assert (plot.number, plot.name, plot.sheet, plot.use, plot.class_code) == (
        "1", "地块1", "J50", "工业用地", "0601")
    assert plot.declared_ha == Decimal("1.0000")
    assert plot.polygon.equals(box(40613000, 3575600, 40613100, 3575700))
    assert parsed.problems == ()


PLOT_LINES = {
    "seven fields": ("5,1.0,1,地块1,面,,,@", "1", "地块1", ""),
    "mostly empty": ("5,1.0,1,地块1,面,,,,@", "1", "地块1", ""),
    "slash and brackets": ("5,1.0,1,彭埠单元B/R-14(一),面,,,,@", "1", "彭埠单元B/R-14(一)", ""),
    "comma in the name": ("5,1.0,1,一号,东,面,J50,工业,0601,@", "1", "一号,东", "0601"),
    "plot named 面": ("5,1.0,1,面,面,J50,面,0601,@", "1", "面", "0601"),
    "farmland offset": (
        "5,1.0,F131,图斑1,2022,1,面,J50,占补平衡,,水浇地,3,@", "F131", "图斑1", "水浇地"),
    "thirteen fields": ("5,1.0,2,地块2,面,TFH,YT,0101,TB,DL,5,6,备注,@", "2", "地块2", "0101"),
    "linkage": (",1.0,,建新地块1,,,,水浇地,@", "", "建新地块1", "水浇地"),
    "one map": ("1,地块1,面,,@", "1", "地块1", ""),
    "enforcement": ("5,地块1,面,公共基础设施,@", "", "地块1", ""),
    "full-width commas": ("5，1.0，1，地块1，面，，，，@", "1", "地块1", ""),
    "with unit": ("5,1.0公顷,,地块1,面,,,,@", "", "地块1", ""),
    "unit m2": ("5,10000平方米,1,地块1,面,,,,@", "1", "地块1", ""),
}


@pytest.mark.parametrize("case", PLOT_LINES)
def test_plot_line_layouts(case: str) -> None:
    line, number, name, class_code = PLOT_LINES[case]
    plot, _ = only(HEADER + line + "\n" + ring(SQUARE))
    assert (plot.number, plot.name, plot.class_code) == (number, name, class_code)
    if "1.0" in line or "平方米" in line:
        assert plot.declared_ha == 1
    assert plot.polygon.area == 10_000


POINT_LINES = {
    "three columns": "{no},{n},{e}",
    "three columns, east first": "{no},{e},{n}",
    "no prefix": "{i},1,{n},{e}",
    "ring 0": "{no},0,{n},{e}",
    "linkage with ring in column 5": "{no},{n},{e},,1,",
    "linkage with distance": "{no},{n},{e},100.00,1,",
    "with stake and distance": "{no},1,{n},{e},埋石,100.0",
    "east first": "{no},1,{e},{n}",
    "full-width commas": "{no}，1，{n}，{e}",
    "spaces": "{no} , 1 , {n} , {e}",
    "tabs": "{no}\t1\t{n}\t{e}",
    "province": "{i},1,1,{no},{n},{e}",
}


@pytest.mark.parametrize("closing", [True, False])
@pytest.mark.parametrize("case", POINT_LINES)
def test_point_line_layouts(case: str, closing: bool) -> None:
    points = [*SQUARE, SQUARE[0]] if closing else SQUARE
    rows = [POINT_LINES[case].format(i=i % 4 + 1, no=f"J{i % 4 + 1}", n=n, e=e)
            for i, (n, e) in enumerate(points)]
    plot, parsed = only(HEADER + PLOT + "\n".join(rows))
    assert plot.polygon.equals(box(40613000, 3575600, 40613100, 3575700))
    assert ("TXT011" in codes(parsed.problems)) is not closing


def test_east_first_is_reported() -> None:
    rows = "\n".join(f"J{i},1,{e},{n}" for i, (n, e) in enumerate([*SQUARE, SQUARE[0]]))
    _, parsed = only(HEADER + PLOT + rows)
    assert "TXT010" in codes(parsed.problems)


@pytest.mark.parametrize("ring_number", ["1", "2"])
def test_ring_inside_is_a_hole_whatever_its_number(ring_number: str) -> None:
    hole = moved(SQUARE, 20, 20, 0.2)
    plot, parsed = only(HEADER + PLOT + ring(SQUARE) + ring(hole, number=ring_number, first=5))
    assert plot.polygon.area == 10_000 - 400
    assert "TXT017" in codes(parsed.problems)


@pytest.mark.parametrize("ring_number", ["1", "2", "101"])
def test_ring_outside_is_a_part_whatever_its_number(ring_number: str) -> None:
    other = moved(SQUARE, 200, 0, 0.5)
    plot, parsed = only(HEADER + PLOT + ring(SQUARE) + ring(other, number=ring_number))
    assert isinstance(plot.polygon, MultiPolygon)
    assert plot.polygon.area == 12_500
    assert "TXT018" in codes(parsed.problems)


def test_island_in_a_hole_is_land_again() -> None:
    hole, island = moved(SQUARE, 20, 20, 0.4), moved(SQUARE, 30, 30, 0.1)
    text = ring(island, number="3") + ring(hole, number="2") + ring(SQUARE)
    plot, _ = only(HEADER + PLOT + text)
    assert plot.polygon.area == 10_000 - 1_600 + 100


def test_hole_may_touch_the_shell() -> None:
    hole = [("3575700.000", "40613050.000"), ("3575650.000", "40613060.000"),
            ("3575650.000", "40613040.000")]
    plot, _ = only(HEADER + PLOT + ring(SQUARE) + ring(hole, number="2"))
    assert plot.polygon.is_valid
    assert plot.polygon.area == 10_000 - 500


def test_closing_point_under_another_ring_number() -> None:
    rows = [f"{i},1,{n},{e}" for i, (n, e) in enumerate(SQUARE, start=1)]
    text = "\n".join([*rows, f"1,3,{SQUARE[0][0]},{SQUARE[0][1]}"])
    plot, parsed = only(HEADER + PLOT + text)
    assert plot.polygon.area == 10_000
    assert "TXT012" in codes(parsed.problems)


def test_wrong_closing_point_is_reported_and_not_used() -> None:
    rows = [f"J{i},1,{n},{e}" for i, (n, e) in enumerate(SQUARE, start=1)]
    text = "\n".join([*rows, f"J1,1,{SQUARE[0][0]},40613007.000"])
    plot, parsed = only(HEADER + PLOT + text)
    assert plot.polygon.area == 10_000
    assert "TXT009" in codes(parsed.problems)


def test_broken_point_sets_its_plot_aside_and_no_other() -> None:
    bad = ring(SQUARE).replace("J3,1,3575600.000,", "J3,1,35756oo.000,")
    parsed = parse_txt((HEADER + PLOT + bad + PLOT + ring(SQUARE)).encode("gbk"))
    assert parsed.plots[0].polygon is None
    assert parsed.plots[1].polygon.area == 10_000
    broken = next(problem for problem in parsed.problems if problem.code == "TXT002")
    assert broken.where == ("13",)


def test_two_points_make_no_plot() -> None:
    plot, parsed = only(HEADER + PLOT + "J1,1,3575700.0,40613000.0\nJ2,1,3575700.0,40613100.0\n")
    assert plot.polygon is None
    assert "TXT008" in codes(parsed.problems)


def test_point_count_may_include_the_closing_point() -> None:
    for count, is_told in ((4, False), (5, False), (9, True)):
        _, parsed = only(HEADER + PLOT.replace("5,", f"{count},", 1) + ring(SQUARE))
        assert ("TXT016" in codes(parsed.problems)) is is_told


@pytest.mark.parametrize(("written", "code"), [
    ("1.0000", set()), ("10000.00", {"TXT013"}), ("15.0", {"TXT013"}), ("3.3", {"TXT013"}),
])
def test_declared_area_unit_is_seen_from_the_shape(written: str, code: set[str]) -> None:
    plot, parsed = only(HEADER + PLOT.replace("1.0000", written) + ring(SQUARE))
    assert codes(parsed.problems) == code
    if written != "3.3":
        assert abs(plot.declared_ha - 1) < Decimal("1e-9")


def test_explanations_and_unknown_keys_do_no_harm() -> None:
    text = ("[项目信息]\n项目名称=某园区\n" + HEADER.replace("精度=0.001", "精度=3\n自定义=1,2")
            + "【坐标点个数,图斑面积,图斑编号,@】\n【地块坐标要求：\n1,2,3,4\n】\n{字段说明}\n"
            + PLOT + ring(SQUARE) + "\n\n")
    plot, parsed = only(text)
    assert plot.polygon.area == 10_000
    assert parsed.problems == ()
    assert parsed.attributes["项目名称"] == "某园区"


def test_no_header_and_no_plot_lines() -> None:
    second = moved(SQUARE, 300, 0)
    text = "\n".join(
        "\n".join(f"{i},{plot},1,J{i},{n},{e}" for i, (n, e) in enumerate(points, start=1)) + "\n"
        for plot, points in ((1, SQUARE), (2, second)))
    parsed = parse_txt(text.encode())
    assert [plot.polygon.area for plot in parsed.plots] == [10_000, 10_000]
    assert {"TXT001", "TXT005"} <= codes(parsed.problems)


def test_balance_layout_joins_holes_on_plot_lines_of_their_own() -> None:
    def rows(points: list[tuple[str, str]], feature: int) -> str:
        closed = [*points, points[0]]
        return "".join(f"J{i},{feature},{e},{n}\r" for i, (n, e) in enumerate(closed, start=1))

    hole, other = moved(SQUARE, 20, 20, 0.2), moved(SQUARE, 0, 500)
    line = "5,耕地A,面,流出,@ \r"
    text = ("[地块坐标]\r" + line + rows(SQUARE, 1) + line + rows(hole, 1) + line
            + rows(other, 2))
    parsed = parse_txt(text.encode("gbk"))
    assert [plot.polygon.area for plot in parsed.plots] == [9_600, 10_000]
    assert "TXT019" in codes(parsed.problems)


def test_the_same_plot_twice_is_no_hole() -> None:
    """A plot written twice in the layout without numbers stays two plots, each with its area."""
    plot = "5,甲,面,用,@\n" + ring(SQUARE)
    parsed = parse_txt((plot + plot).encode())
    assert [shape.polygon.area > 0 for shape in parsed.plots] == [True, True]


def test_bytes_without_plots_are_refused() -> None:
    for data in (b"", b"hello\nworld", "说明文字".encode("gbk"), b"\xff\xff\xff"):
        with pytest.raises(LayerError):
            parse_txt(data)


# The coordinate system

def test_zone_comes_from_the_header() -> None:
    assert reading_of(GOOD).crs.to_epsg() == 4528


def test_plain_eastings_take_the_zone_of_the_header() -> None:
    assert reading_of(GOOD.replace(",40613", ",613")).crs.to_epsg() == 4549


def test_zone_from_the_prefix_is_told() -> None:
    reading = reading_of(GOOD.replace("带号=40", "带号="))
    assert reading.crs.to_epsg() == 4528
    assert "CRS003" in codes(reading.problems)


def test_central_meridian_in_place_of_the_zone() -> None:
    assert reading_of(GOOD.replace("带号=40", "带号=120")).crs.to_epsg() == 4528


def test_central_meridian_beside_the_zone() -> None:
    header = HEADER.replace("带号=40", "中央子午线=120")
    plain = (header + PLOT + ring(SQUARE)).replace(",40613", ",613")
    assert reading_of(plain).crs.to_epsg() == 4549


def test_six_degree_zone() -> None:
    text = GOOD.replace("几度分带=3", "几度分带=6").replace("带号=40", "带号=21").replace(
        ",40613", ",21330")
    assert reading_of(text).crs.to_epsg() == 4499


@pytest.mark.parametrize(("old", "new", "key"), [
    ("带号=40", "带号=39", "layers.zone_conflict"),
    ("几度分带=3", "几度分带=6", "layers.txt_zone_width"),
    ("带号=40", "带号=77", "layers.no_such_zone"),
    ("2000国家大地坐标系", "1980西安坐标系", "layers.old_datum"),
    ("2000国家大地坐标系", "80国家大地坐标系", "layers.old_datum"),
    ("2000国家大地坐标系", "1954北京坐标系", "layers.old_datum"),
    ("2000国家大地坐标系", "某某独立坐标系", "layers.txt_unknown_datum"),
    ("2000国家大地坐标系", "WGS84坐标系", "layers.txt_no_system"),
])
def test_contradictions_are_asked_about(old: str, new: str, key: str) -> None:
    with pytest.raises(CrsError) as caught:
        reading_of(GOOD.replace(old, new))
    assert caught.value.message.key == key


def test_the_user_settles_a_contradiction() -> None:
    reading = reading_of(GOOD.replace("带号=40", "带号=39"), crs="4528")
    assert reading.crs.to_epsg() == 4528


def test_neither_zone_nor_prefix_is_asked_about() -> None:
    with pytest.raises(CrsError) as caught:
        reading_of(GOOD.replace("带号=40", "带号=").replace(",40613", ",613"))
    assert caught.value.message.key == "layers.txt_no_zone"


def test_local_grid_is_asked_about() -> None:
    text = HEADER + PLOT + "J1,1,88928.461,77628.843\nJ2,1,88990.0,77700.0\nJ3,1,88900.0,77720.0\n"
    with pytest.raises(CrsError):
        reading_of(text)


def test_degrees_are_cgcs2000() -> None:
    text = "12,地块1,面,公共基础设施,@\n" + "\n".join(
        f"J{i},1,{x},{y}" for i, (x, y) in enumerate(
            [(117.1, 37.1), (117.2, 37.1), (117.2, 37.2), (117.1, 37.1)], start=1))
    reading = reading_of(text)
    assert reading.crs.to_epsg() == 4490
    assert reading.features.geometry.iloc[0].bounds == (117.1, 37.1, 117.2, 37.2)


def test_plots_without_number_are_named_by_position() -> None:
    bare = PLOT.replace(",1,地块1", ",,地块1")
    reading = reading_of(HEADER + bare + ring(SQUARE) + bare + ring(moved(SQUARE, 300, 0)))
    assert list(reading.features["feature_id"]) == ["P1", "P2"]


# Writing

texts = st.text(st.sampled_from("甲乙丙地块面AB01-/（）() "), max_size=8).map(str.strip)
cells = st.integers(0, 6)


@st.composite
def polygons(draw: st.DrawFn) -> Polygon:
    """Rectilinear-ish polygons with up to two holes, on the millimetre."""
    east = draw(st.integers(40_400_000_000, 40_600_000_000)) / 1000
    north = draw(st.integers(2_000_000_000, 5_000_000_000)) / 1000
    width, height = (draw(st.integers(40_000, 900_000)) / 1000 for _ in range(2))
    shell = box(east, north, east + width, north + height).exterior.coords
    holes = []
    for i in range(draw(st.integers(0, 2))):
        at = east + width * (0.1 + 0.4 * i)
        holes.append([(round(x, 3), round(y, 3)) for x, y in
                      box(at, north + height * 0.2, at + width * 0.3, north + height * 0.7)
                      .exterior.coords])
    cut = draw(st.integers(0, 3))
    points = [(round(x, 3), round(y, 3)) for x, y in shell][:-1]
    return Polygon(points[cut:] + points[:cut], holes)


@st.composite
def plots(draw: st.DrawFn) -> Plot:
    polygon = draw(polygons())
    return Plot(draw(texts), draw(texts), draw(texts), draw(texts), draw(texts),
                Decimal(round(polygon.area)).scaleb(-4), polygon=polygon)


@given(st.lists(plots(), min_size=1, max_size=3), st.sampled_from(["gbk", "utf-8"]))
def test_read_of_write_is_the_same(given_plots: list[Plot], encoding: str) -> None:
    parsed = parse_txt(write_txt(given_plots, zone=40, encoding=encoding))
    assert len(parsed.plots) == len(given_plots)
    for ours, theirs in zip(parsed.plots, given_plots, strict=True):
        assert ours.polygon.normalize().equals_exact(theirs.polygon.normalize(), 0.0011)
        for name in ("number", "name", "use", "class_code", "sheet", "declared_ha"):
            assert getattr(ours, name) == getattr(theirs, name)
    assert not any(problem.severity == "error" for problem in parsed.problems)


def test_written_file_follows_the_profile() -> None:
    plot, _ = only(GOOD.replace(",40613", ",613"))
    data = write_txt([plot], zone=40, unit="某局", made_on="2026-1-5")
    lines = data.decode("gbk").split("\r\n")
    assert lines[:11] == [
        "[属性描述]", "格式版本号=1.01", "数据产生单位=某局", "数据产生日期=2026-1-5",
        "坐标系=2000国家大地坐标系", "几度分带=3", "投影类型=高斯克吕格", "计量单位=米", "带号=40",
        "精度=0.001", "转换参数=,,,,,,"]
    assert lines[12:] == [
        "5,1.0000,1,地块1,面,J50,工业用地,0601,@", "J1,1,3575700.000,40613000.000",
        "J2,1,3575700.000,40613100.000", "J3,1,3575600.000,40613100.000",
        "J4,1,3575600.000,40613000.000", "J1,1,3575700.000,40613000.000", ""]


def test_numbers_run_through_the_rings_and_holes_turn_the_other_way() -> None:
    hole = box(40613020, 3575620, 40613040, 3575640)
    polygon = box(40613000, 3575600, 40613100, 3575700).difference(hole)
    text = write_txt([Plot("1", "甲", polygon=polygon)], zone=40).decode("gbk")
    points = [line.split(",") for line in text.split("\r\n") if line.startswith("J")]
    assert [point[0] for point in points] == ["J1", "J2", "J3", "J4", "J1", "J5", "J6", "J7", "J8",
                                              "J5"]
    assert [point[1] for point in points] == ["1"] * 5 + ["2"] * 5
    outer, inner = (Polygon([(float(p[3]), float(p[2])) for p in ring]) for ring in
                    (points[:5], points[5:]))
    assert not outer.exterior.is_ccw
    assert inner.exterior.is_ccw


def test_parts_become_plots_that_share_the_area_exactly() -> None:
    parts = MultiPolygon([box(40613000, 3575600, 40613100, 3575700),
                          box(40613200, 3575600, 40613250, 3575640)])
    plot = Plot("7", "甲", declared_ha=Decimal("1.2001"), polygon=parts)
    split = parse_txt(write_txt([plot], zone=40)).plots
    assert [part.number for part in split] == ["7-1", "7-2"]
    assert sum(part.declared_ha for part in split) == Decimal("1.2001")
    whole = parse_txt(write_txt([plot], zone=40, split_parts=False)).plots
    assert len(whole) == 1
    assert whole[0].polygon.area == parts.area


@pytest.mark.parametrize("name", ["a,b", "甲，乙", "甲@", "甲\n乙"])
def test_names_that_would_break_the_file_are_refused(name: str) -> None:
    with pytest.raises(LayerError):
        write_txt([Plot("1", name, polygon=box(40613000, 3575600, 40613100, 3575700))], zone=40)


def test_writing_without_shape_or_zone_or_character_is_refused() -> None:
    shape = box(40613000, 3575600, 40613100, 3575700)
    with pytest.raises(LayerError):
        write_txt([Plot("1", "甲")], zone=40)
    with pytest.raises(CrsError):
        write_txt([Plot("1", "甲", polygon=shape)], zone=24)
    with pytest.raises(LayerError):
        write_txt([Plot("1", "𠮷", polygon=shape)], zone=40)
