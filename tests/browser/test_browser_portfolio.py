"""The page of the portfolio in a real browser: it runs beside the page, and its parts are there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect
from running import zoning
from visitor import Desk

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo county with a portfolio of one year and three goals, so that it is quick."""
    root = tmp_path_factory.mktemp("portfolio") / "demo"
    zoning("init", root, "--demo", "--json")
    for old in (root / "scenarios").glob("*.toml"):
        old.unlink()
    text = (SCENARIOS / "rudong-portfolio.toml").read_text(encoding="utf-8")
    (root / "scenarios" / "portfolio.toml").write_text(
        text.replace("years = [2019, 2020, 2021, 2022]", "years = [2019, 2020]"), encoding="utf-8")
    shutil.copytree(SCENARIOS / "sites", root / "scenarios" / "sites", dirs_exist_ok=True)
    return root


def test_a_plan_is_chosen_beside_the_page(desk: Desk) -> None:
    desk.open("portfolio")
    expect(desk.page.get_by_text("zoning portfolio").first).to_be_visible()
    desk.photograph("portfolio-before")
    desk.page.get_by_role("button", name="开始选择").click()
    expect(desk.page.get_by_role("button", name="停止")).to_be_visible()
    desk.photograph("portfolio-running")
    expect(desk.page.get_by_text("逐级目标").first).to_be_visible(timeout=180_000)
    expect(desk.page.locator("img.flow").first).to_be_visible()
    desk.photograph("portfolio-timeline")
    for name, word in (("分年指标", "结转"), ("价目表与解锁", "指标价目表"), ("引擎对照", "引擎")):
        desk.page.get_by_role("tab", name=name, exact=True).click()
        expect(desk.page.get_by_text(word).last).to_be_visible()
        desk.photograph(f"portfolio-{name}")
