"""The search page in a real browser: ask, follow, read the proof, see the criteria."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from visitor import Desk
from web_county import demo_county

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CRITERIA = """
[[criterion]]
id = "road"
name = "道路 <b>"
kind = "near"
codes = ["1003", "1004"]
reach_m = 500
weight = 20

[[criterion]]
id = "stock"
kind = "stock"
weight = 50
"""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo county whose scenario has two criteria."""
    root = demo_county(tmp_path_factory.mktemp("search") / "demo").root
    file = root / "scenarios" / "small.toml"
    file.write_text(file.read_text(encoding="utf-8") + CRITERIA, encoding="utf-8")
    return root


def ask(desk: Desk, least: str, most: str) -> None:
    boxes = desk.page.locator("input[type=text]")
    desk.page.locator(".st-key-search_min input").fill(least)
    desk.page.locator(".st-key-search_max input").fill(most)
    desk.page.locator(".st-key-search_max input").press("Enter")
    expect(desk.page.get_by_text(f"--max {most}").first).to_be_visible()
    assert boxes.count() > 1
    desk.page.locator(".st-key-search_start button").click()


def test_sites_stand_side_by_side_with_proof_and_maps(desk: Desk) -> None:
    desk.open("search")
    expect(desk.page.get_by_text("zoning search").first).to_be_visible()
    ask(desk, "60mu", "90mu")
    cards = desk.page.locator(".cards .card")
    expect(cards.first).to_be_visible(timeout=120_000)
    expect(cards).to_have_count(3)
    expect(cards.first).to_contain_text("图形复核一致")
    frame = desk.map()
    frame.wait_for_function("map.desk.loads > 0")
    expect(desk.page.locator('[data-testid="stImage"] img')).to_be_visible()
    expect(desk.page.get_by_text("道路 <b>").first).to_be_visible()
    desk.page.wait_for_timeout(1500)
    desk.photograph("search")
    desk.page.locator('[data-testid="stImage"] img').scroll_into_view_if_needed()
    desk.page.wait_for_timeout(500)
    desk.photograph("search-criteria")
    desk.page.get_by_text("English", exact=True).click()
    expect(cards.first).to_contain_text("checked from its polygons")
    desk.page.wait_for_timeout(1500)
    desk.photograph("search-en")


def test_an_area_that_cannot_be_read_is_a_sentence(desk: Desk) -> None:
    desk.open("search")
    desk.page.locator(".st-key-search_min input").fill("viel")
    desk.page.locator(".st-key-search_min input").press("Enter")
    expect(desk.page.get_by_test_id("stAlert")).to_contain_text("viel")
