"""The balance page opens every number: from a pool or a hold to its entries and their polygons."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import zoning
from test_web_pages import function_app, text_of
from web_county import demo_county

from zoning.workspace import read_features


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A county whose book has a lot made of one polygon, and a hold used on another."""
    workspace = demo_county(tmp_path_factory.mktemp("page") / "demo")
    at = ("--workspace", workspace.root, "--json")
    made, used = read_features(workspace, "idle_land")["feature_id"].iloc[:2]
    posted = zoning("ledger", "post", "area=3ha", "--kind", "offset", "--vintage", "2019",
                    "--document", "开1", "--pool", "page", "--origin", f"idle_land/{made}", *at)
    held = zoning("ledger", "hold", "--kind", "offset", "--pool", "page", "--project", "P-页",
                  "--amount", "area=1ha", *at)["holds"][0]["hold_id"]
    zoning("ledger", "settle", held, "--polygon", f"idle_land/{used}", *at)
    return {"root": str(workspace.root), "hold": held, "made": str(made), "used": str(used),
            "lot": posted["entries"][0]["postings"][0]["lot_id"]}


def test_a_lot_opens_down_to_its_entries_and_polygons(
    told: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = function_app("balance", Path(told["root"]), monkeypatch, lang="zh")
    pools = app.selectbox(key="trace_pool_zh")
    page = next(each for each in pools.options if "page" in each)
    app = pools.select(page).run()
    (lots,) = (each for each in app.selectbox if str(each.key).startswith("trace_lot_zh"))
    app = lots.select_index(1).run()
    assert not app.exception
    shown = text_of(app)
    assert f"批次 {told['lot']} 的分录" in shown
    assert f"?feature=idle_land/{told['made']}" in shown
    assert f"?feature=idle_land/{told['used']}" in shown


def test_a_hold_opens_down_to_its_entries_and_polygons(
    told: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = function_app("balance", Path(told["root"]), monkeypatch, lang="zh")
    holds = app.selectbox(key="trace_hold_zh")
    name = next(each for each in holds.options if each.startswith(told["hold"]))
    app = holds.select_index(holds.options.index(name)).run()
    assert not app.exception
    shown = text_of(app)
    assert f"冻结 {told['hold']} 的分录" in shown
    assert f"?feature=idle_land/{told['used']}" in shown
