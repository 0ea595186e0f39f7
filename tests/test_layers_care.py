"""Health of shapes and attributes, repairs and their way back, adjustment, editions."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from nasty import EAST, GK40, NORTH, bow_tie, spike, square, survey_layer, two_parts
from pyproj import CRS
from running import run, zoning
from schemas import require_valid
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box

from zoning.errors import CrsError, LayerError
from zoning.layers.adjust import adjusted
from zoning.layers.coverage import gap_problems, gaps
from zoning.layers.model import Reading, Source
from zoning.layers.normalise import normalise
from zoning.layers.read import read_layer
from zoning.layers.recognise import guess_roles, role_doubts
from zoning.layers.repair import REPAIRS, Layer, changes_of


def problems(frame: gpd.GeoDataFrame, role: str = "parcel") -> dict[str, object]:
    reading = Reading(frame, CRS.from_user_input(frame.crs), None,
                      Source("a", "a", ""))
    return {problem.code: problem for problem in normalise(reading, role).problems}


# One fault, one code

SHARP = Polygon([(EAST, NORTH), (EAST + 100, NORTH), (EAST, NORTH + 9)])
NEEDLE = Polygon([(EAST, NORTH), (EAST + 10, NORTH), (EAST + 10, NORTH + 10),
                  (EAST + 60, NORTH + 10.05), (EAST + 10, NORTH + 10.1), (EAST, NORTH + 10.1)])


@pytest.mark.parametrize(("code", "shape"), [
    ("GEO007", square(0.5)), ("GEO007", box(EAST, NORTH, EAST + 500, NORTH + 0.05)),
    ("GEO008", two_parts()), ("GEO009", shapely.orient_polygons(square(), exterior_cw=True)),
    ("GEO010", NEEDLE), ("GEO011", SHARP),
    ("LOC001", square(east=EAST + 150_000)), ("LOC002", square(east=EAST - 1_000_000)),
])
def test_a_fault_of_a_shape_has_its_code_and_its_place(code: str, shape: Polygon) -> None:
    sound = [square(east=EAST + 200 * i) for i in range(1, 5)]
    found = problems(survey_layer([*sound, shape]))[code]
    assert found.where == ("320623000000000005",)
    assert found.count == 1
    assert abs(found.area_dm2 - shape.area * 100) <= 1
    west, south, east, north = found.boxes[0]
    assert 60 < west <= east < 135
    assert 30 < south <= north < 34


def test_one_feature_of_another_zone_costs_itself(tmp_path: Path) -> None:
    shapes = [square(east=EAST + 200 * i) for i in range(4)] + [square(east=EAST - 1_000_000)]
    survey_layer(shapes).to_file(tmp_path / "a.gpkg")
    reading = read_layer(tmp_path / "a.gpkg")
    found = {each.code: each for each in normalise(reading, "parcel").problems}
    assert found["LOC002"].where == ("320623000000000005",)
    with pytest.raises(CrsError):
        read_layer(tmp_path / "a.gpkg", crs=4549)


def test_sound_squares_have_no_fault() -> None:
    assert set(problems(survey_layer())) & {f"GEO{n:03d}" for n in range(1, 12)} == set()


@pytest.mark.parametrize(("code", "columns"), [
    ("SUR001", {"KCDLBM": ["1203", "1006", None]}),
    ("SUR001", {"KCDLBM": ["1203", "1203", None], "DLBM": ["0101", "0301", "0101"]}),
    ("SUR002", {"GDPDJB": [1, 2, 0], "DLBM": ["0101", "0301", "0701"], "CZCSXM": ["203"] * 3}),
    ("SUR003", {"GDLX": ["TT", "TT", None], "GDPDJB": ["2", "1", "1"]}),
    ("SUR004", {"XZDWKD": [None, 3.5, 0], "DLBM": ["0101", "0101", "0101"]}),
    ("SUR005", {"CZCSXM": ["203", None, None], "DLBM": ["0702", "0702", "0603"]}),
    ("SUR006", {"ZZSXDM": ["LS", "JKHF", None]}),
    ("SUR007", {"KCXS": [0.1, 0.1, 0.0], "KCMJ": [1000.0, 999.0, 0.0],
                "TBDLMJ": [9000.0, 9001.0, 10_000.0]}),
    ("SUR008", {"QSDWDM": ["1" * 19, "1" * 12, None], "ZLDWDM": ["1" * 19, "1" * 19, None]}),
    ("SUR009", {"KCXS": [0.1195, 0.2, 0.1195], "GDPDJB": ["3", "3", "3"]}),
    ("SUR010", {"GDDB": [6, 6, 0], "DLBM": ["0101", "0301", "0301"]}),
])
def test_a_survey_rule_names_the_feature_that_breaks_it(
    code: str, columns: dict[str, list[object]]
) -> None:
    found = problems(survey_layer(**columns))
    assert found[code].where == ("320623000000000002",)
    assert found[code].area_dm2 == 100 * 100 * 100
    assert {each for each in found if each.startswith("SUR")} == {code}


# Gaps

def test_a_gap_between_patches_is_found_with_its_area() -> None:
    ring = [square(10, east=EAST + 10 * i, north=NORTH + 10 * j)
            for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    found, = gap_problems(np.array(ring, dtype=object), CRS.from_epsg(4528))
    assert (found.code, found.count, found.area_dm2) == ("TOP002", 1, 10_000)
    assert found.boxes
    whole = np.array([*ring, square(10, east=EAST + 10, north=NORTH + 10)], dtype=object)
    assert gap_problems(whole, CRS.from_epsg(4528)) == ()


def test_a_vertex_that_one_neighbour_lacks_is_no_gap() -> None:
    """Borders that lie on each other without the same points cancel out by their faces."""
    left = box(0, 0, 10, 10)
    right = Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10, 5)])
    assert len(gaps(np.array([left, right], dtype=object))) == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=20,
                unique=True))
def test_gaps_are_what_the_outside_cannot_reach(cells: list[tuple[int, int]]) -> None:
    shapes = np.array([box(x, y, x + 1, y + 1) for x, y in cells], dtype=object)
    free = {(x, y) for x in range(-1, 7) for y in range(-1, 7)} - set(cells)
    reached, front = set(), [(-1, -1)]
    while front:
        x, y = front.pop()
        if (x, y) in free - reached:
            reached.add((x, y))
            front += [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
    assert sum(gap.area for gap in gaps(shapes)) == pytest.approx(len(free - reached))


# Repairs

def layer(*shapes: object) -> Layer:
    return Layer([str(i) for i in range(len(shapes))], np.array(shapes, dtype=object),
                 CRS.from_epsg(4528))


def test_each_repair_mends_its_fault_and_no_other() -> None:
    assert [c.row for c in changes_of("make_valid", layer(square(), bow_tie()))] == [1]
    mended, = changes_of("make_valid", layer(bow_tie()))
    assert mended.after[0].area == pytest.approx(50)
    assert changes_of("make_valid", layer(spike()))[0].after[0].equals(square(10))
    copies = changes_of("drop_duplicates", layer(square(), square(), square(5)))
    assert [(c.row, c.after) for c in copies] == [(1, ())]
    blunt, = changes_of("remove_spikes", layer(NEEDLE, square()))
    assert blunt.after[0].area == pytest.approx(101.0, abs=0.01)
    cut, = changes_of("cut_overlaps", layer(square(10), square(10, east=EAST + 5)))
    assert (cut.row, cut.after[0].area) == (1, 50)
    merged = changes_of("merge_slivers", layer(square(10), box(EAST + 10, NORTH, EAST + 10.05,
                                                                NORTH + 10)))
    assert {c.row: [round(s.area, 2) for s in c.after] for c in merged} == {1: [], 0: [100.5]}
    parts, = changes_of("split_parts", layer(two_parts()))
    assert [part.area for part in parts.after] == [100, 100]
    turned, = changes_of("orient", layer(square()))
    assert not turned.after[0].exterior.is_ccw


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 15),
                          st.integers(1, 15)), min_size=1, max_size=8))
def test_repairs_conserve_land(boxes: list[tuple[int, int, int, int]]) -> None:
    """No repair but the removal of needles touches the land covered; overlaps are gone after."""
    own = layer(*(box(x, y, x + w, y + h) for x, y, w, h in boxes))
    union = shapely.union_all(own.geometry)
    for name in ("drop_duplicates", "cut_overlaps", "split_parts", "orient", "make_valid"):
        shapes = list(own.geometry)
        for change in changes_of(name, own):
            shapes[change.row] = change.after
        flat = [part for shape in shapes
                for part in (shape if isinstance(shape, tuple) else (shape,))]
        assert shapely.union_all(flat).equals(union)
        if name == "cut_overlaps":
            assert sum(shape.area for shape in flat) == pytest.approx(union.area)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "ws"
    zoning("init", root)
    shapes = [square(100, east=EAST + 100 * i) for i in range(3)]
    frame = survey_layer([*shapes, shapes[0], translate(bow_tie(), yoff=900), MultiPolygon([
        square(20, north=NORTH + 500), square(20, north=NORTH + 600)])])
    frame.to_file(tmp_path / "a.gpkg", layer="DLTB")
    zoning("import", tmp_path / "a.gpkg", "--role", "parcel", "--edition", "2019", "--workspace",
           root, "--json")
    return root


def test_health_offers_repairs_and_says_where_to_look(workspace: Path) -> None:
    document = zoning("health", "parcel", "--workspace", workspace, "--json", expect=1)
    require_valid(document)
    found = {problem["code"]: problem for problem in document["roles"][0]["problems"]}
    assert found["GEO003"]["repair"] == "make_valid"
    assert found["GEO006"]["repair"] == "drop_duplicates"
    assert found["TOP001"]["boxes"]
    assert all(len(problem["boxes"]) >= 1 for code, problem in found.items()
               if code.startswith(("GEO", "TOP")))
    _, told, _ = run("health", "parcel", "--workspace", workspace, "--lang", "en")
    assert "zoning repair parcel --do make_valid" in told


def test_a_repair_is_previewed_applied_logged_and_taken_back(workspace: Path) -> None:
    before = zoning("layers", "--workspace", workspace, "--json")
    files = {file.name for file in (workspace / "layers").iterdir()}
    shown = zoning("repair", "parcel", "--workspace", workspace, "--json")
    require_valid(shown)
    assert not shown["applied"]
    assert {file.name for file in (workspace / "layers").iterdir()} == files
    assert zoning("layers", "--workspace", workspace, "--json") == before
    done = zoning("repair", "parcel", "--apply", "--workspace", workspace, "--json")
    require_valid(done)
    assert done["changes"] == shown["changes"]
    names = {change["repair"]: change for change in done["changes"]}
    assert names["make_valid"]["before"] is None
    assert names["make_valid"]["after"] != {"m2": "0.00"}
    assert names["split_parts"]["parts"] == 2
    after = zoning("layers", "--workspace", workspace, "--json")["layers"][0]
    assert after["features"] == 7
    assert after["quarantined"]["features"] == 0
    assert after["area"] == done["after"]
    healthy = zoning("health", "parcel", "--workspace", workspace, "--json")
    left = {problem["code"] for problem in healthy["roles"][0]["problems"]}
    assert not left & {"GEO003", "GEO006", "GEO008", "TOP001"}
    undone = zoning("repair", "parcel", "--undo", "--workspace", workspace, "--json")
    require_valid(undone)
    assert zoning("layers", "--workspace", workspace, "--json") == before
    assert {file.name for file in (workspace / "layers").iterdir()
            if file.suffix != ".flat"} >= files
    assert run("repair", "parcel", "--undo", "--workspace", workspace)[0] == 2


def test_an_unknown_repair_is_refused(workspace: Path) -> None:
    code, _, told = run("repair", "parcel", "--do", "wish", "--workspace", workspace)
    assert code == 2
    assert all(name in told for name in REPAIRS)


def test_the_county_boundary_tells_what_is_outside(workspace: Path, tmp_path: Path) -> None:
    county = gpd.GeoDataFrame(geometry=[box(EAST - 10, NORTH - 10, EAST + 400, NORTH + 200)],
                              crs=GK40)
    county.to_file(tmp_path / "county.gpkg")
    document = zoning("health", "parcel", "--within", tmp_path / "county.gpkg", "--workspace",
                      workspace, "--json", expect=1)
    found = {problem["code"]: problem for problem in document["roles"][0]["problems"]}
    assert found["LOC003"]["count"] == 1
    assert found["LOC003"]["area"] == {"m2": "800.00"}


# Adjustment

@given(st.lists(st.integers(1_000, 10**9), min_size=1, max_size=40), st.integers(-900, 10**6))
def test_adjusted_parts_sum_to_the_control(parts: list[int], residual: int) -> None:
    found = adjusted(parts, sum(parts) + residual)
    assert sum(found.adjusted) == found.control_dm2
    assert sum(found.corrections) == found.residual_dm2 == residual
    assert max(found.corrections) - min(found.corrections) <= 1
    by_size = sorted(range(len(parts)), key=lambda i: (-parts[i], i))
    sizes = [abs(found.corrections[i]) for i in by_size]
    assert sizes == sorted(sizes, reverse=True)


def test_an_adjustment_that_makes_land_negative_is_refused() -> None:
    with pytest.raises(LayerError):
        adjusted([10, 1_000_000], 500_000)
    with pytest.raises(LayerError):
        adjusted([], 5)


def test_adjustment_shows_the_residual(workspace: Path) -> None:
    document = zoning("adjust", "parcel", "--control", "40800.10", "--by", "village",
                      "--workspace", workspace, "--json")
    require_valid(document)
    total = sum(float(row["adjusted"]["m2"]) for row in document["features"])
    assert total == pytest.approx(40800.10)
    assert float(document["residual"]["m2"]) == pytest.approx(
        40800.10 - float(document["sum"]["m2"]))
    assert run("adjust", "parcel", "--control", "x", "--workspace", workspace)[0] == 2
    assert run("adjust", "parcel", "--control", "1", "--by", "no", "--workspace", workspace)[0] == 2


# Editions

def test_editions_tell_classes_flows_and_the_map(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    zoning("init", root)
    shapes = [square(100, east=EAST + 100 * i) for i in range(4)]
    survey_layer(shapes[:3], DLBM=["0101", "0101", "1101"]).to_file(tmp_path / "a.gpkg")
    later = [box(EAST, NORTH, EAST + 150, NORTH + 100), box(EAST + 150, NORTH, EAST + 200,
                                                            NORTH + 100), shapes[2], shapes[3]]
    survey_layer(later, DLBM=["0101", "0601", "1101", "0301"]).to_file(tmp_path / "b.gpkg")
    for name, year in (("a", "2019"), ("b", "2020")):
        zoning("import", tmp_path / f"{name}.gpkg", "--role", "parcel", "--edition", year,
               "--workspace", root, "--json")
    out = tmp_path / "changed.geojson"
    document = zoning("editions", "2019", "2020", "--out", out, "--workspace", root, "--json")
    require_valid(document)
    flows = {(flow["from"], flow["to"]): float(flow["area"]["m2"]) for flow in document["flows"]}
    assert set(flows) == {("0101", "0101"), ("0101", "0601"), ("1101", "1101"), (None, "0301")}
    assert flows["0101", "0601"] == pytest.approx(5000, rel=1e-3)
    kinds = {row["code"]: row for row in document["kinds"]}
    assert float(kinds["agricultural"]["lost"]["m2"]) == pytest.approx(5000, rel=1e-3)
    assert float(kinds["construction"]["net"]["m2"]) == pytest.approx(5000, rel=1e-3)
    for row in (*document["kinds"], *document["classes"]):
        before, after, lost, gained = (round(float(row[key]["m2"]) * 100)
                                       for key in ("before", "after", "lost", "gained"))
        assert before - lost + gained == after
    drawn = gpd.read_file(out)
    assert list(drawn["before"]) == ["0101"]
    assert drawn.total_bounds[0] == pytest.approx(121.2, abs=0.1)
    same = zoning("editions", "2019", "2019", "--workspace", root, "--json")
    assert all(row["lost"] == {"m2": "0.00"} for row in same["classes"])


# Roles by content, mappings by sender

def test_a_name_alone_never_makes_a_role() -> None:
    assert guess_roles(["BSM", "YJJBNTTBBH", "YJJBNTMJ", "DLBM"], "图层1")[0].role == "pbf"
    assert guess_roles(["DLBM", "TBMJ", "QSDWDM", "KCXS"], "YJJBNTBHTB")[0].role == "parcel"
    doubt, = role_doubts(["DLBM", "TBMJ", "QSDWDM", "KCXS"], "YJJBNTBHTB", "pbf")
    assert doubt.code == "ROL001"
    only_name, = role_doubts(["LEVEL", "SCORE"], "生态保护红线", "eco_redline")
    assert only_name.code == "ROL002"
    assert role_doubts(["HXMC", "HXBM"], "redline", "eco_redline") == ()


def test_inspect_tells_layers_and_roles(tmp_path: Path) -> None:
    survey_layer().to_file(tmp_path / "a.gpkg", layer="x")
    survey_layer().rename(columns={"DLBM": "HXMC"}).to_file(tmp_path / "a.gpkg", layer="y")
    document = zoning("inspect", tmp_path / "a.gpkg", "--json")
    require_valid(document)
    assert [each["name"] for each in document["layers"]] == ["x", "y"]
    assert document["layers"][0]["roles"][0]["role"] == "parcel"
    assert "EPSG:4528" in zoning("inspect", tmp_path / "a.gpkg")


def test_a_mapping_is_remembered_for_the_same_hand(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    zoning("init", root)
    frame = survey_layer().rename(columns={"BSM": "K1", "DLBM": "K2", "TBMJ": "K3"})
    frame = frame[["K1", "K2", "K3", "geometry"]]
    frame.to_file(tmp_path / "a.gpkg")
    words = ("--role", "parcel", "--workspace", root, "--json")
    assert run("import", tmp_path / "a.gpkg", *words)[0] == 2
    maps = ("--map", "K1=BSM", "--map", "K2=DLBM", "--map", "K3=TBMJ")
    zoning("import", tmp_path / "a.gpkg", *maps, "--sender", "测绘院", *words)
    frame.assign(extra=1).to_file(tmp_path / "b.gpkg")
    again = zoning("import", tmp_path / "a.gpkg", "--edition", "2", *words)
    assert "MAP001" in {problem["code"] for problem in again["problems"]}
    assert run("import", tmp_path / "b.gpkg", "--edition", "3", *words)[0] == 2
    other = zoning("import", tmp_path / "b.gpkg", "--edition", "3", "--sender", "测绘院", *words)
    assert "MAP001" in {problem["code"] for problem in other["problems"]}
    (root / "mappings.toml").write_text("mapping = 3")
    assert run("import", tmp_path / "a.gpkg", "--edition", "4", *words)[0] == 2
