"""A planner's walk through the app in a real browser, with the network cut."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Error, expect
from visitor import Desk

from zoning.web.state import open_desk
from zoning.web.tiles import to_latlng

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def inside(county: Path, row: int) -> tuple[str, float, float]:
    """A parcel's id and a point well inside it."""
    layer = open_desk(county).layers["parcel"]
    point = layer.polygons[row].representative_point()
    return (layer.ids[row], *to_latlng(point.x, point.y))


def largest(county: Path) -> int:
    return int(open_desk(county).attributes["parcel"]["area_dm2"].to_numpy().argmax())


def test_another_host_is_refused_and_counted(desk: Desk) -> None:
    desk.open("balance")
    assert desk.page.evaluate(
        "fetch('http://example.invalid/').then(() => 'reached', () => 'refused')") == "refused"
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        desk.page.goto("http://example.invalid/map")
    assert "http://example.invalid/map" in desk.refused
    desk.refused.clear()


def no_sideways_scrolling(desk: Desk) -> bool:
    return bool(desk.page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_walk_through_all_pages(desk: Desk) -> None:
    desk.open()
    frame = desk.map()
    assert frame.evaluate("Object.keys(map._layers).length") > 5
    assert frame.evaluate("document.querySelector('.leaflet-control-attribution').innerText") == ""
    expect(desk.page.locator(".badge.synthetic")).to_have_text("合成演示数据")
    desk.page.wait_for_timeout(800)
    desk.photograph("map")
    for name, sign in (("数据", "DLTB.shp"), ("选址", "图斑编号"), ("方案", "小方案"),
                       ("规划", "各项目最早可落地年份"), ("比较", "占用图斑"),
                       ("规则", "debit.batch.farmland"), ("指标", "新增建设用地计划指标"),
                       ("入门", "看一个图斑")):
        desk.page.get_by_role("link", name=name, exact=True).click()
        expect(desk.page.get_by_text(sign).first).to_be_visible()
        assert no_sideways_scrolling(desk)
        assert desk.page.get_by_test_id("stException").count() == 0


def test_a_click_shows_the_facts_of_a_parcel_and_keeps_the_map(desk: Desk, county: Path) -> None:
    parcel_id, lat, lng = inside(county, largest(county))
    desk.open()
    frame = desk.map()
    frame.evaluate("map.mark_of_this_test = 1")
    desk.page.mouse.click(*desk.place(lat, lng))
    expect(desk.page.locator(".st-key-panel h3 small").first).to_have_text(parcel_id)
    desk.page.get_by_role("button", name="永久基本农田").click()
    desk.page.wait_for_timeout(500)
    assert desk.map().evaluate("map.mark_of_this_test") == 1
    desk.photograph("map-parcel")


def test_parcels_can_be_picked_and_dropped(desk: Desk, county: Path) -> None:
    parcel_id, lat, lng = inside(county, largest(county))
    desk.open("siting")
    desk.map()
    place = desk.place(lat, lng)
    desk.page.mouse.click(*place)
    expect(desk.page.locator("textarea")).to_have_value(parcel_id)
    expect(desk.page.locator(".verdict .badge")).to_be_visible()
    desk.map().wait_for_function("map.desk.outside && map.desk.outside.getLayers().length === 1")
    expect(desk.page.get_by_text("线外用地：城镇开发边界")).to_be_visible()
    desk.page.wait_for_timeout(500)
    desk.photograph("siting-parcels")
    desk.page.mouse.click(place[0] + 1, place[1] + 1)
    expect(desk.page.locator("textarea")).to_have_value("")
    expect(desk.page.locator(".verdict")).to_have_count(0)


def test_a_drawn_rectangle_is_judged(desk: Desk, county: Path) -> None:
    _, lat, lng = inside(county, largest(county))
    desk.open("siting")
    frame = desk.map()
    expect(frame.locator(".leaflet-draw")).to_be_hidden()
    desk.page.get_by_role("radio", name="绘制").or_(
        desk.page.get_by_role("button", name="绘制")).first.click()
    tool = frame.locator(".leaflet-draw-draw-rectangle")
    expect(tool).to_be_visible()
    assert tool.get_attribute("title") == "绘制矩形"
    tool.click()
    x, y = desk.place(lat, lng)
    desk.page.mouse.move(x - 30, y - 20)
    desk.page.mouse.down()
    desk.page.mouse.move(x + 40, y + 30, steps=5)
    desk.page.mouse.up()
    expect(desk.page.locator(".verdict .badge")).to_be_visible()
    expect(desk.page.get_by_text("zoning check").first).to_be_visible()
    desk.page.wait_for_timeout(500)
    desk.photograph("siting-drawn")


def test_a_boundary_file_is_judged(desk: Desk, county: Path) -> None:
    file = next((county / "source").glob("*.txt"))
    desk.open("siting")
    desk.map()
    desk.page.get_by_role("radio", name="上传文件").or_(
        desk.page.get_by_role("button", name="上传文件")).first.click()
    desk.page.locator('input[type="file"]').set_input_files(file)
    expect(desk.page.locator(".verdict .badge")).to_be_visible()
    desk.page.wait_for_timeout(800)
    desk.photograph("siting-upload")


def test_a_file_that_is_no_boundary_is_a_sentence(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "![x](http:{{7*7}}.txt"
    file.write_text("nothing of the kind", encoding="utf-8")
    desk.open("siting")
    desk.map()
    desk.page.get_by_role("radio", name="上传文件").or_(
        desk.page.get_by_role("button", name="上传文件")).first.click()
    desk.page.locator('input[type="file"]').set_input_files(file)
    expect(desk.page.get_by_test_id("stAlert")).to_be_visible()
    expect(desk.page.locator(".verdict")).to_have_count(0)
    assert desk.map().evaluate("map.desk.loads") > 0


def test_a_scenario_gives_verdicts(desk: Desk) -> None:
    desk.open("scenarios")
    expect(desk.page.locator(".verdict .badge")).to_be_visible()
    expect(desk.page.get_by_text("{{7*7}} 厂房").first).to_be_visible()
    desk.photograph("scenarios")


def test_the_balance_sheet_can_be_taken_away(desk: Desk, tmp_path: Path) -> None:
    desk.open("balance")
    expect(desk.page.locator(".card").first).to_be_visible()
    desk.photograph("balance")
    with desk.page.expect_download() as waiting:
        desk.page.get_by_role("button", name="下载平衡表").click()
    file = tmp_path / "balance.xlsx"
    waiting.value.save_as(file)
    assert openpyxl.load_workbook(file).sheetnames


def test_the_language_and_the_unit_are_kept_in_the_address(desk: Desk) -> None:
    desk.open()
    desk.map()
    desk.page.get_by_text("English", exact=True).click()
    expect(desk.page.locator(".badge.synthetic")).to_have_text("Synthetic demo data")
    desk.page.get_by_text("ha", exact=True).first.click()
    expect(desk.page.get_by_role("link", name="Siting", exact=True)).to_be_visible()
    desk.page.get_by_role("link", name="Balance", exact=True).click()
    expect(desk.page.locator(".card b").first).to_contain_text("ha")
    assert "lang=en" in desk.page.url
    assert "unit=ha" in desk.page.url
    desk.page.reload()
    expect(desk.page.locator(".card b").first).to_contain_text("ha")
    expect(desk.page.locator(".badge.synthetic")).to_have_text("Synthetic demo data")
    desk.photograph("balance-en")


def test_rules_are_filtered_by_topic_day_and_verification(desk: Desk) -> None:
    desk.open("rules")
    expect(desk.page.get_by_text("idle.not_started_years").first).to_be_visible()
    expect(desk.page.get_by_text("zoning rules --at").first).to_be_visible()
    desk.page.get_by_text("未核实", exact=True).first.click()
    expect(desk.page.get_by_text("idle.not_started_years")).to_have_count(0)
    expect(desk.page.get_by_text("fee.tax_rate").first).to_be_visible()
    assert no_sideways_scrolling(desk)
    desk.photograph("rules")


def test_a_plan_tells_its_years_why_and_the_difference(desk: Desk) -> None:
    desk.open("plan")
    expect(desk.page.get_by_text("各项目最早可落地年份").first).to_be_visible()
    expect(desk.page.get_by_text("zoning plan").first).to_be_visible()
    desk.photograph("plan")
    desk.page.get_by_role("tab", name="原因与调整").click()
    expect(desk.page.get_by_text("zoning why").first).to_be_visible()
    desk.page.get_by_role("button", name="查找原因").click()
    expect(desk.page.get_by_text("整个方案的调整").first).to_be_visible()
    desk.page.get_by_role("tab", name="比较").click()
    expect(desk.page.get_by_text("zoning compare").first).to_be_visible()
    desk.page.get_by_role("button", name="比较").click()
    expect(desk.page.get_by_text("两方案之差").first).to_be_visible()
    assert no_sideways_scrolling(desk)
