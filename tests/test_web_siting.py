"""A site on its way to the engine: typed, drawn, handed in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import shapely
from pyproj import CRS
from web_county import demo_county

from zoning.web import siting
from zoning.web.siting import Plan, Upload, drawn_site, parcel_ids, scenario, scenario_text, toggled
from zoning.web.state import Desk, open_desk

PLAN = Plan("厂房 {{7*7}}", "industry", "batch", date(2019, 6, 30), "CN/32")
RING = [[121.2, 32.3], [121.201, 32.3], [121.201, 32.301], [121.2, 32.301], [121.2, 32.3]]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return open_desk(demo_county(tmp_path_factory.mktemp("siting") / "demo").root)


def drawing(ring: list[list[float]]) -> dict[str, object]:
    return {"type": "Feature", "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [ring]}}


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
    other = [[x + 1, y] for x, y in RING]
    site = drawn_site(desk, [drawing(other), drawing(RING)])
    assert site is not None
    assert site["crs"] == "EPSG:4490"
    for found, expected in zip(site["polygon"], RING[:-1], strict=True):
        assert found == pytest.approx(expected)
    assert scenario(scenario_text(PLAN, site)).projects[0].site.crs == "EPSG:4490"


def test_nothing_drawn_is_no_site(desk: Desk) -> None:
    line = {"type": "Feature", "geometry": {"type": "LineString", "coordinates": RING}}
    assert drawn_site(desk, []) is None
    assert drawn_site(desk, [line]) is None


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
