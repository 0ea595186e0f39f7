"""A site on its way to the engine: typed, drawn, handed in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer
from web_county import demo_county

from zoning import workspace
from zoning.measure.area import statutory_dm2
from zoning.web import siting
from zoning.web.maps import View, state
from zoning.web.siting import Plan, Upload, drawn_site, parcel_ids, scenario, scenario_text, toggled
from zoning.web.state import Desk, open_desk
from zoning.workspace import measure_features

PLAN = Plan("厂房 {{7*7}}", "industry", "batch", date(2019, 6, 30), "CN/32")
RING = [[121.2, 32.3], [121.201, 32.3], [121.201, 32.301], [121.2, 32.301], [121.2, 32.3]]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return open_desk(demo_county(tmp_path_factory.mktemp("siting") / "demo").root)


@pytest.mark.parametrize(("typed", "expected"), [
    ("", []), ("  \n ", []), ("A1 B2,C3，D4；E5\nF6、A1", ["A1", "B2", "C3", "D4", "E5", "F6"]),
])
def test_ids_are_read_however_they_are_separated(typed: str, expected: list[str]) -> None:
    assert parcel_ids(typed) == expected


def test_a_second_click_takes_a_parcel_out_again() -> None:
    assert toggled("A, B", "C") == "A B C"
    assert toggled("A B C", "B") == "A C"


def test_a_scenario_text_reads_back_as_what_was_chosen() -> None:
    made = scenario(scenario_text(PLAN, {"parcels": ["A", 'B"]\n[x]']}))
    (project,) = made.projects
    assert (project.name, project.kind, project.path) == ("厂房 {{7*7}}", "industry", "batch")
    assert project.site.parcels == ("A", 'B"]\n[x]')
    assert (made.decision_date, made.place) == (date(2019, 6, 30), "CN/32")


def test_a_drawing_becomes_a_polygon_in_the_system_of_the_workspace(desk: Desk) -> None:
    other = tuple((x + 1, y) for x, y in RING[:-1])
    here = tuple((x, y) for x, y in RING[:-1])
    site = drawn_site(desk, [other, here])
    assert site is not None
    assert site["crs"] == "EPSG:4528"
    back = Transformer.from_crs(4528, 4326, always_xy=True)
    for found, expected in zip(site["polygon"], RING[:-1], strict=True):
        assert back.transform(*found) == pytest.approx(expected, abs=1e-8)
    assert scenario(scenario_text(PLAN, site)).projects[0].site.crs == "EPSG:4528"
    assert drawn_site(desk, []) is None


def test_a_ring_is_moved_by_metres_of_the_plane(desk: Desk) -> None:
    ring = tuple((x, y) for x, y in RING[:-1])
    moved = siting.moved_ring(desk, ring, 100.0, -40.0)
    there = Transformer.from_crs(4326, 4528, always_xy=True)
    for (x, y), (u, v) in zip(ring, moved, strict=True):
        east, north = there.transform(u, v)
        assert (east, north) == pytest.approx(
            np.add(there.transform(x, y), (100, -40)).tolist(), abs=0.01)


def test_a_gap_has_the_measured_metres_and_ends_at_the_line(desk: Desk) -> None:
    layer = desk.layers["parcel"]
    found = []
    for row in range(0, len(layer.ids), 60):
        facts = measure_features(desk.workspace, "parcel", [layer.ids[row]], "x")
        for gap in siting.gaps_of(desk, [layer.polygons[row]], facts):
            found.append(gap)
            assert gap.metres in {round((line.margin_mm or 0) / 1000) for line in facts.lines}
            (lng0, lat0), (lng1, lat1) = gap.ends
            long = 111_320 * float(np.hypot((lng1 - lng0) * np.cos(np.radians(lat0)), lat1 - lat0))
            assert long == pytest.approx(gap.metres, rel=0.01, abs=1.5)
    assert found


def test_land_outside_a_line_it_must_lie_within_is_drawn_with_its_measured_area(
    desk: Desk
) -> None:
    """Of every parcel tried: a shape where the finding measures land outside, and no other."""
    bench, layer, seen = workspace.open_desk(desk.workspace), desk.layers["parcel"], set()
    for row in range(0, len(layer.ids), 60):
        asked = scenario(scenario_text(PLAN, {"parcels": [layer.ids[row]]}))
        (project,) = workspace.check_at(bench, asked).projects
        outside_dm2 = next(each.measured.value for each in project.findings
                           if each.id == "line.ugb" and each.measured)
        drawn = workspace.outside_lines(bench, asked, siting.PROJECT_ID)
        assert set(drawn) == ({"ugb"} if outside_dm2 else set())
        seen.add(bool(outside_dm2))
        for shape in drawn.values():
            (area,) = statutory_dm2(np.array([shape]), CRS.from_epsg(4490))
            assert area == pytest.approx(outside_dm2, abs=2, rel=1e-7)
            (marked,) = siting.on_map([shape], CRS.from_epsg(4490))
            assert marked.within(layer.polygons[row].buffer(1e-9))
            told = state(View([0], outside=[marked]))["outside"]
            assert [each["type"] for each in told] == [marked.geom_type]
    assert seen == {True, False}


def test_a_shape_is_marked_where_the_parcels_are(desk: Desk) -> None:
    (marked,) = siting.on_map([shapely.box(121.1, 32.2, 121.3, 32.4)], CRS.from_epsg(4490))
    west, north, east, south = desk.layers["parcel"].bounds
    assert marked.intersects(shapely.box(west, north, east, south))


@pytest.mark.parametrize(("name", "expected"), [
    ("../../etc/passwd.txt", "passwd.txt"), ("C:\\x\\红线 图.zip", "红线_图.zip"),
    (".hidden.gpkg", "hidden.gpkg"), ("{{7*7}}.txt", "_7_7_.txt"), ("", "site"), ("..", "site"),
])
def test_the_name_of_a_file_handed_in_is_harmless(name: str, expected: str) -> None:
    assert Upload(name, b"").safe_name == expected


def test_a_file_handed_in_is_gone_afterwards() -> None:
    with siting.unpacked(Upload("a.txt", b"x")) as folder:
        assert folder is not None
        assert (folder / "a.txt").read_bytes() == b"x"
    assert not Path(folder).exists()
    with siting.unpacked(None) as folder:
        assert folder is None
