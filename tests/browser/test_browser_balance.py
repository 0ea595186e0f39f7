"""The balance page in a real browser: every part is there, and a number opens to its polygons."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect
from running import zoning
from visitor import Desk
from web_county import demo_county

from zoning.web.state import open_desk
from zoning.web.tiles import to_latlng
from zoning.workspace import today

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo county with a hold of plan quota that is due, half of it used on named land."""
    root = demo_county(tmp_path_factory.mktemp("balance") / "demo").root
    at = ("--workspace", root, "--json")
    told = zoning("ledger", "hold", "--kind", "plan_quota", "--project", "{{7*7}} 厂房",
                  "--amount", "total=0.02ha", "--due", today().isoformat(), *at)
    zoning("ledger", "settle", told["holds"][0]["hold_id"], "total=0.01ha", "--polygon",
           f"parcel/{_parcel(root)}", *at)
    return root


def _parcel(root: Path) -> str:
    return str(open_desk(root).layers["parcel"].ids[0])


def used_lot(county: Path) -> Mapping[str, Any]:
    """The lot that the use drew on."""
    entries = zoning("ledger", "journal", "--workspace", county, "--json")["entries"]
    (line, *_) = [line for entry in entries for line in entry["postings"]
                  if line["state"] == "used"]
    return dict(line)


def tab(desk: Desk, name: str) -> None:
    desk.page.get_by_role("tab", name=name, exact=True).click()


def test_pools_stand_as_cards_with_what_is_free(desk: Desk) -> None:
    desk.open("balance")
    cards = desk.page.locator(".card")
    expect(cards.first).to_be_visible()
    assert {"新增建设用地计划指标", "占补平衡指标"} <= {
        text.split("\n")[0] for text in cards.locator("h4").all_inner_texts()}
    assert cards.locator(".bar i.used").count() == cards.locator(".bar").count() > 2


def test_a_number_opens_to_the_entry_and_its_polygons(desk: Desk, county: Path) -> None:
    lot = used_lot(county)["lot_id"]
    desk.open("balance")
    desk.page.get_by_role("combobox").nth(0).click()
    desk.page.get_by_role("option").filter(has_text="新增建设用地计划指标").first.click()
    desk.page.get_by_role("combobox").nth(1).click()
    desk.page.get_by_role("option").filter(has_text=lot).click()
    expect(desk.page.get_by_text(f"批次 {lot} 的分录")).to_be_visible()
    link = desk.page.locator('a[href*="feature=parcel/"]').first
    expect(link).to_be_visible()
    desk.photograph("balance-trace")
    link.click()
    frame = desk.map()
    assert f"feature=parcel/{_parcel(county)}" in unquote(desk.page.url)
    layer = open_desk(county).layers["parcel"]
    point = layer.polygons[0].representative_point()
    frame.wait_for_function(
        "([lat, lng]) => map.getBounds().contains([lat, lng]) && map.getZoom() >= 15",
        arg=[*to_latlng(point.x, point.y)])


def test_the_flow_of_a_year_is_a_picture_with_both_sides(desk: Desk) -> None:
    desk.open("balance")
    tab(desk, "年度来去")
    picture = desk.page.get_by_role("tabpanel").locator("img:visible, svg:visible").first
    expect(picture).to_be_visible()
    expect(desk.page.get_by_text("左为来源，右为去向").first).to_be_visible()
    desk.photograph("balance-flow")


def test_holds_and_deadlines_name_the_project_as_text(desk: Desk) -> None:
    desk.open("balance")
    tab(desk, "冻结")
    expect(desk.page.get_by_role("tabpanel").get_by_text("{{7*7}} 厂房").first).to_be_visible()
    tab(desk, "到期")
    expect(desk.page.get_by_text("预占到期").first).to_be_visible()
    assert desk.page.get_by_text("49 厂房").count() == 0


def test_land_and_journal_stand_in_tabs(desk: Desk, county: Path) -> None:
    desk.open("balance")
    tab(desk, "账地核对")
    expect(desk.page.get_by_role("tabpanel").get_by_text(f"parcel/{_parcel(county)}").first
           ).to_be_visible()
    tab(desk, "明细账")
    expect(desk.page.get_by_role("tabpanel").get_by_text("核销").or_(
        desk.page.get_by_role("tabpanel").get_by_text("使用")).first).to_be_visible()
