"""Bad input: every faulty feature is named, and nothing else is lost, whatever is asked."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import CRS
from running import run, zoning
from schemas import require_valid

from zoning.errors import CrsError
from zoning.layers.table import without_empty_pieces
from zoning.measure.area import statutory_dm2
from zoning.measure.plane import to_plane

CM_120 = 4549
EAST, NORTH = 613_000.0, 3_575_000.0


def box(x: float, side: float = 100.0) -> Any:
    return shapely.box(EAST + x, NORTH, EAST + x + side, NORTH + side)


def ring(*points: tuple[float, float]) -> Any:
    with np.errstate(invalid="ignore"):
        return shapely.Polygon([(EAST + x, NORTH + y) for x, y in points])


NAN, INF = float("nan"), float("inf")
FAULTY = {
    "no number": ("GEO004", ring((0, 0), (10, NAN), (10, 10))),
    "infinite": ("GEO004", ring((0, 0), (INF, 5), (10, 10))),
    "far beyond": ("GEO004", shapely.Polygon([(1e30, 1e30), (2e30, 1e30), (2e30, 2e30)])),
    "outside the projection": ("GEO004", shapely.box(5e7, 0, 5.1e7, 10)),
    "no area": ("GEO005", ring((0, 0), (10, 0), (20, 0))),
    "crosses itself": ("GEO003", ring((0, 0), (10, 10), (10, 0), (0, 10))),
    "overlaps itself": ("GEO003", ring((0, 0), (20, 0), (20, 20), (0, 20), (0, 0), (5, 5), (15, 5),
                                       (15, 15), (5, 15), (5, 5))),
    "round twice": ("GEO003", ring(*[(0, 0), (10, 0), (10, 10), (0, 10)] * 2)),
    "parts overlap": ("GEO003", shapely.MultiPolygon([box(0), box(50)])),
    "parts share a side": ("GEO003", shapely.MultiPolygon([box(0), box(100)])),
    "hole outside": ("GEO003", shapely.Polygon(box(0).exterior.coords,
                                               [box(500, 9).exterior.coords])),
    "hole is the shell": ("GEO003", shapely.Polygon(box(0).exterior.coords,
                                                    [box(0).exterior.coords])),
    "needle of no width": ("GEO003", ring((0, 0), (10, 0), (10, 10), (50, 10), (10, 10), (0, 10))),
    "a line": ("GEO002", shapely.LineString([(EAST, NORTH), (EAST + 9, NORTH)])),
    "empty": ("GEO001", shapely.MultiPolygon()),
    "none": ("GEO001", None),
}
SOUND = {
    "plain": box(0), "beside": box(100), "heights": shapely.force_3d(box(200), 5.0),
    "vertices twice": ring((300, 0), (300, 0), (400, 0), (400, 100), (400, 100), (300, 100)),
    "clockwise": shapely.reverse(box(400)),
    "hole touches the shell": shapely.Polygon(
        box(500).exterior.coords, [[(EAST + 500, NORTH), (EAST + 510, NORTH + 5),
                                    (EAST + 505, NORTH + 10)]]),
    "empty part": shapely.from_wkt(f"MULTIPOLYGON(EMPTY,{box(600).wkt.removeprefix('POLYGON ')})"),
    "empty hole": shapely.from_wkt(f"{box(700).wkt.removesuffix(')')}, EMPTY)"),
    "parts touch": shapely.MultiPolygon([
        box(800, 50), shapely.box(EAST + 850, NORTH + 50, EAST + 900, NORTH + 100)]),
}
PLANE_M2 = dict.fromkeys(SOUND, 10_000.0) | {
    "hole touches the shell": 9962.5, "parts touch": 5000.0}
LEFT_OUT = {name: code for name, (code, _) in FAULTY.items()}


def unclosed() -> bytes:
    """WKB of a ring whose end is not its start."""
    points = [(EAST, NORTH), (EAST + 10, NORTH), (EAST + 10, NORTH + 10), (EAST, NORTH + 10)]
    return (struct.pack("<BII", 1, 3, 1) + struct.pack("<I", 4)
            + b"".join(struct.pack("<dd", *point) for point in points))


def geopackage(folder: Path) -> tuple[Path, dict[str, str]]:
    file = folder / "bad.gpkg"
    shapes = [*SOUND.values(), *(shape for _, shape in FAULTY.values())]
    gpd.GeoDataFrame({"BSM": [*SOUND, *FAULTY], "DLBM": "0101", "TBMJ": 1.0}, geometry=shapes,
                     crs=CM_120).to_file(file)
    return file, LEFT_OUT


def geoparquet(folder: Path) -> tuple[Path, dict[str, str]]:
    """As `geopackage`, with a ring that is not closed and bytes that are no shape."""
    file = folder / "bad.parquet"
    shapes = [*SOUND.values(), *(shape for _, shape in FAULTY.values())]
    gpd.GeoDataFrame({"BSM": [*SOUND, *FAULTY], "DLBM": "0101", "TBMJ": 1.0}, geometry=shapes,
                     crs=CM_120).to_parquet(file)
    table = pq.read_table(file)
    more = {"unclosed": unclosed(), "rubbish": b"\x01\x03rubbish"}
    columns = {"BSM": [*table["BSM"].to_pylist(), *more],
               "DLBM": ["0101"] * (table.num_rows + 2),
               "TBMJ": [1.0] * (table.num_rows + 2),
               "geometry": [*table["geometry"].to_pylist(), *more.values()]}
    made = pa.table(columns).replace_schema_metadata(table.schema.metadata)
    pq.write_table(made, file)
    return file, LEFT_OUT | dict.fromkeys(more, "GEO001")


@pytest.fixture(scope="module", params=[geopackage, geoparquet])
def bad(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A file of sound and faulty features, and what must be said of the faulty ones."""
    return request.param(tmp_path_factory.mktemp("bad"))


def named(rows: list[dict[str, str]]) -> dict[str, str]:
    return {row["feature_id"]: row["code"] for row in rows}


def require_sound(rows: list[dict[str, Any]], key: str = "feature_id") -> None:
    """The sound features are there, each with its own area."""
    found = {row[key]: float(row["area"]["m2"]) for row in rows}
    assert set(found) == set(SOUND)
    for name, area in found.items():
        assert area == pytest.approx(PLANE_M2[name], rel=5e-4), name


def test_area_names_each_faulty_feature_and_measures_the_rest(bad: Any) -> None:
    file, expected = bad
    document = zoning("area", file, "--json", "--map", "BSM=feature_id")
    require_valid(document)
    assert named(document["left_out"]) == expected
    require_sound(document["features"])
    counts = {problem["code"]: problem["count"] for problem in document["problems"]}
    for code in set(expected.values()):
        assert counts[code] == list(expected.values()).count(code)


def test_overlay_names_each_faulty_feature_and_divides_the_rest(bad: Any, tmp_path: Path) -> None:
    file, expected = bad
    other = tmp_path / "zone.gpkg"
    gpd.GeoDataFrame({"BSM": ["all"]}, geometry=[shapely.box(EAST - 9, NORTH - 9, EAST + 2000,
                                                             NORTH + 200)],
                     crs=CM_120).to_file(other)
    code, out, err = run("overlay", file, other, "--json", "--lang", "en")
    assert code == 0, err
    document = json.loads(out)
    require_valid(document)
    assert named(document["left_out"]["a"]) == expected
    assert document["left_out"]["b"] == []
    require_sound(document["features"], "a_id")
    assert {row["outside"]["m2"] for row in document["features"]} == {"0.00"}
    assert "GEO003" in err
    back = zoning("overlay", other, file, "--json")
    assert named(back["left_out"]["b"]) == expected
    assert {row["b_id"] for row in back["pairs"]} == set(SOUND)


def test_import_health_and_check_name_them_too(bad: Any, tmp_path: Path) -> None:
    """A site beside faulty features of a line is not clear of the line, and they are named."""
    file, expected = bad
    root = tmp_path / "w"
    zoning("init", root, "--place", "CN/32/3206/320623")
    document = zoning("import", file, "--role", "parcel", "--workspace", root, "--json")
    require_valid(document)
    assert named(document["left_out"]) == expected
    assert document["layer"]["features"] == len(SOUND)
    assert document["layer"]["quarantined"]["features"] == len(expected)
    far = dict.fromkeys(SOUND, box(9000)) | {name: shape for name, (_, shape) in FAULTY.items()}
    line = tmp_path / "line.gpkg"
    gpd.GeoDataFrame({"BSM": list(far)}, geometry=list(far.values()), crs=CM_120).to_file(line)
    zoning("import", line, "--role", "pbf", "--workspace", root, "--json")
    stored = zoning("overlay", "parcel", "pbf", "--workspace", root, "--json")
    assert named(stored["left_out"]["a"]) == expected
    assert named(stored["left_out"]["b"]) == LEFT_OUT
    require_sound(stored["features"], "a_id")
    scenario = tmp_path / "s.toml"
    scenario.write_text(
        '[scenario]\nid = "s"\nname = "s"\ndecision_date = 2019-12-20\n'
        'place = "CN/32/3206/320623"\n[[project]]\nid = "P1"\nname = "P1"\nkind = "industry"\n'
        'site = { parcels = ["plain", "beside"] }\n', encoding="utf-8")
    code, out, _ = run("check", scenario, "--workspace", root, "--json")
    assert code in (0, 1)
    project = json.loads(out)["projects"][0]
    assert float(project["area"]["m2"]) == pytest.approx(20_000, rel=5e-4)
    finding = next(each for each in project["findings"] if each["id"] == "line.pbf")
    assert finding["status"] == "undecided"
    told = json.dumps(finding, ensure_ascii=False)
    assert sum(name in told for name in FAULTY) >= 5
    health = zoning("health", "parcel", "--workspace", root, "--json", expect=1)
    assert {problem["code"] for problem in health["roles"][0]["problems"]} >= set(expected.values())


def test_a_layer_of_faulty_features_only_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "only.gpkg"
    shapes = [shape for code, shape in FAULTY.values() if code in ("GEO003", "GEO005")]
    gpd.GeoDataFrame({"BSM": range(len(shapes))}, geometry=shapes, crs=CM_120).to_file(file)
    root = tmp_path / "w"
    zoning("init", root)
    code, _, err = run("import", file, "--role", "zone", "--workspace", root)
    assert (code, "Traceback" in err) == (2, False)
    document = zoning("area", file, "--json")
    assert document["features"] == []
    assert len(document["left_out"]) == len(shapes)
    table = zoning("overlay", file, file, "--json")
    assert (table["pairs"], table["features"]) == ([], [])


# ── The plane ────────────────────────────────────────────────────────────────────────────────


def test_empty_pieces_are_taken_out_and_nothing_else() -> None:
    shapes = np.array([*SOUND.values(), None, shapely.Polygon(), shapely.MultiPolygon()])
    solid = without_empty_pieces(shapes)
    assert shapely.area(solid) == pytest.approx(shapely.area(shapes), nan_ok=True)
    assert [shapely.get_num_geometries(each) for each in solid[6:8]] == [1, 1]
    assert shapely.get_num_interior_rings(solid[7]) == 0
    untouched = without_empty_pieces(shapes[:6])
    assert (untouched == shapes[:6]).all()


def test_a_border_over_the_180th_meridian_is_refused_and_one_cut_there_is_measured() -> None:
    degrees = CRS.from_epsg(4490)
    with pytest.raises(CrsError) as caught:
        statutory_dm2([shapely.box(179.9, 10, 180.1, 10.1)], degrees)
    assert caught.value.message.key == "measure.antimeridian"
    parts = [shapely.box(179.9, 10, 180, 10.1), shapely.box(-180, 10, -179.9, 10.1)]
    cut, elsewhere = statutory_dm2(
        [shapely.MultiPolygon(parts), shapely.box(120.0, 10, 120.2, 10.1)], degrees)
    assert abs(int(cut) - int(elsewhere)) <= 1
    assert abs(int(statutory_dm2([shapely.box(181.0, 10, 181.2, 10.1)], degrees)[0])
               - int(elsewhere)) <= 1


def test_a_latitude_that_there_is_not_costs_its_feature(tmp_path: Path) -> None:
    file = tmp_path / "degrees.geojson"
    gpd.GeoDataFrame({"BSM": ["here", "nowhere"]}, crs=4490, geometry=[
        shapely.box(120, 30, 120.01, 30.01), shapely.box(120, 89, 120.01, 91)]).to_file(file)
    document = zoning("area", file, "--json", "--map", "BSM=feature_id")
    assert named(document["left_out"]) == {"nowhere": "GEO004"}
    assert [row["feature_id"] for row in document["features"]] == ["here"]


def test_shapes_that_collapse_in_the_plane_have_no_area() -> None:
    with np.errstate(invalid="ignore"):
        assert shapely.area(to_plane([box(0, 1e-9)], CRS.from_epsg(CM_120)))[0] < 1e-6
