"""Choices in a real browser: drawn, dragged, taken back, kept over a reload and a restart."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Frame, expect
from visitor import MAP, Desk
from web_county import HOSTILE, hostile_county, server

from zoning.web.state import open_desk
from zoning.web.tiles import to_latlng

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def place_of(county: Path, row: int) -> tuple[float, float]:
    point = open_desk(county).layers["parcel"].polygons[row].representative_point()
    return to_latlng(point.x, point.y)


def draw(desk: Desk, lat: float, lng: float) -> Frame:
    """Draw a rectangle around a place on the siting page."""
    desk.open("siting?form=draw")
    frame = desk.map()
    frame.locator(".leaflet-draw-draw-rectangle").click()
    x, y = desk.place(lat, lng)
    desk.page.mouse.move(x - 30, y - 20)
    desk.page.mouse.down()
    desk.page.mouse.move(x + 40, y + 30, steps=5)
    desk.page.mouse.up()
    expect(desk.page.locator(".verdict .badge")).to_be_visible()
    return frame


def drawn(frame: Frame) -> int:
    return int(frame.evaluate("window.drawnItems.getLayers().length"))


def chosen(desk: Desk) -> str:
    """The choice as the address keeps it."""
    desk.page.wait_for_function("location.search.includes('site=')")
    return parse_qs(urlsplit(desk.page.url).query)["site"][0]


def test_a_drawing_is_dragged_taken_back_and_kept(desk: Desk, county: Path) -> None:
    frame = draw(desk, *place_of(county, 700))
    area = desk.page.locator(".verdict b")
    first = chosen(desk)
    frame.evaluate("map.mark_of_this_test = 1")
    handle = frame.locator(".desk-handle")
    expect(handle).to_have_count(1)
    box = handle.bounding_box() or {}
    desk.page.mouse.move(box["x"] + 11, box["y"] + 11)
    desk.page.mouse.down()
    desk.page.mouse.move(box["x"] + 71, box["y"] + 41, steps=6)
    desk.page.mouse.up()
    desk.page.wait_for_function("old => !location.search.includes(old)", arg=first)
    moved, told = chosen(desk), area.inner_text()
    desk.page.locator(".st-key-site_undo button").first.click()
    desk.page.wait_for_function("site => location.search.includes(site)", arg=first)
    desk.page.locator(".st-key-site_redo button").first.click()
    desk.page.wait_for_function("site => location.search.includes(site)", arg=moved)
    assert frame.evaluate("map.mark_of_this_test") == 1
    desk.page.reload()
    expect(area).to_have_text(told)
    desk.map().wait_for_function("window.drawnItems.getLayers().length === 1")
    desk.page.get_by_text("English", exact=True).click()
    expect(desk.page.locator(".badge.synthetic")).to_have_text("Synthetic demo data")
    expect(area).to_have_text(told.replace("亩", "mu"))
    desk.map().wait_for_function("window.drawnItems.getLayers().length === 1")
    desk.photograph("siting-drag-en")


def test_nobody_sees_another_ones_draft(desk: Desk, county: Path, chromium: Browser) -> None:
    draw(desk, *place_of(county, 700))
    other = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    neighbour = Desk(other.new_page(), desk.url)
    neighbour.open("siting?form=draw")
    assert drawn(neighbour.map()) == 0
    expect(neighbour.page.locator(".verdict")).to_have_count(0)
    other.close()


def test_a_link_brings_the_view_the_layers_and_the_parcel_back(desk: Desk, county: Path) -> None:
    lat, lng = place_of(county, 700)
    name = open_desk(county).layers["parcel"].ids[700]
    desk.open(f"?at=16.5/{lat}/{lng}&layers=parcel,ugb&feature=parcel/{name}")
    frame = desk.map()
    assert frame.evaluate("map.getZoom()") == 16.5
    expect(desk.page.locator(".st-key-panel h3 small").first).to_have_text(name)
    frame.wait_for_function("map.desk.layers.filter(each => map.hasLayer(each)).length === 2")
    frame.evaluate("map.fire('dragstart'); map.panBy([60, 0], {animate: false})")
    middle = frame.evaluate("map.getCenter().lng.toFixed(5)")
    desk.page.wait_for_function("lng => location.search.includes(lng)", arg=middle)
    assert "layers=parcel" in desk.page.url


def test_idle_land_and_filters_colour_the_map_without_making_it_anew(desk: Desk) -> None:
    desk.open()
    frame = desk.map()
    frame.evaluate("map.mark_of_this_test = 1")
    desk.page.get_by_text("存量时龄", exact=True).click()
    frame.wait_for_function("map.desk.themeKey !== ''")
    idle = frame.evaluate("map.desk.themeKey")
    desk.page.wait_for_timeout(600)
    desk.photograph("map-idle")
    desk.page.get_by_text("筛选", exact=True).click()
    desk.page.get_by_label("编号或村名包含").fill("村")
    desk.page.get_by_label("编号或村名包含").press("Enter")
    frame.wait_for_function(f"map.desk.themeKey !== '' && map.desk.themeKey !== '{idle}'")
    desk.page.wait_for_timeout(600)
    desk.photograph("map-filter")
    assert frame.evaluate("map.mark_of_this_test") == 1


def test_measuring_chooses_no_parcel(desk: Desk, county: Path) -> None:
    desk.open()
    frame = desk.map()
    x, y = desk.place(*place_of(county, 700))
    frame.locator(".desk-measure").click()
    for dx, dy in ((0, 0), (80, 0), (80, 60)):
        desk.page.mouse.click(x + dx, y + dy)
    told = frame.locator(".desk-measured")
    expect(told).to_contain_text("ha")
    expect(told).to_contain_text("非法定面积")
    desk.page.wait_for_timeout(600)
    assert "feature=" not in desk.page.url


def test_a_blocked_script_is_a_sentence(desk: Desk) -> None:
    desk.page.route("**/vendor/leaflet/leaflet.js", lambda route: route.abort())
    desk.open()
    expect(desk.page.locator(".map-late")).to_be_visible(timeout=20_000)
    desk.faults.clear()


def test_state_outlives_the_server(
    desk: Desk, county: Path, chromium: Browser, tmp_path: Path
) -> None:
    draw(desk, *place_of(county, 700))
    area = desk.page.locator(".verdict b").inner_text()
    assert chosen(desk)
    link = desk.page.url.removeprefix(desk.url)
    with server(county, log=tmp_path / "log.txt") as address:
        later = chromium.new_context(locale="zh-CN").new_page()
        later.goto(address + link)
        expect(later.locator(".verdict b")).to_have_text(area)
        later.context.close()


def test_hostile_text_runs_nowhere(desk: Desk, tmp_path: Path) -> None:
    county = hostile_county(tmp_path).root
    (county / "scenarios").mkdir()
    (county / "scenarios" / "x.toml").write_text(_hostile_scenario(), encoding="utf-8")
    layer = open_desk(county).layers["parcel"]
    with server(county, log=tmp_path / "log.txt") as address:
        visitor = Desk(desk.page, address)
        for row in (0, 4, 5, 7):
            visitor.open(f"?feature=parcel/{_quoted(layer.ids[row])}")
            visitor.map()
            expect(visitor.page.locator(".st-key-panel h3 small").first).to_have_text(
                layer.ids[row])
        visitor.page.get_by_text("筛选", exact=True).click()
        visitor.page.get_by_label("编号或村名包含").fill("{{")
        visitor.page.get_by_label("编号或村名包含").press("Enter")
        expect(visitor.page.locator("table.desk").first).to_contain_text("{{7*7}}")
        for path in ("data", "siting?site=" + "x" * 30, "scenarios", "compare", "start", "rules"):
            visitor.open(path)
            visitor.page.wait_for_timeout(1200)
            assert visitor.page.get_by_test_id("stException").count() == 0, path
        assert visitor.page.evaluate("window.hit") is None
        assert visitor.page.locator(MAP).count() <= 1
        assert not [each for each in desk.refused if not each.startswith(address)
                    and not each.startswith(address.replace("http", "ws", 1))]
        desk.refused.clear()


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def _hostile_scenario() -> str:
    import tomli_w

    projects = [{"id": f"P-{n}", "name": text, "kind": "industry", "site": {"parcels": [text]}}
                for n, text in enumerate(HOSTILE)]
    return tomli_w.dumps({
        "scenario": {"id": "x", "name": HOSTILE[7], "decision_date": date(2019, 6, 30),
                     "place": "CN/32", "description": HOSTILE[6]}, "project": projects})
