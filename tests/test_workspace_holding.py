"""A hold for a scenario draws what the engine drew: lot by lot and component by component."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import zoning
from test_hard_cases import RULES, box, scenario, write

LOTS = """
[[inflow]]
kind = "offset"
pool = "县级指标库"
place = "CN/32/3206/320623"
vintage = 2018
document = "先到期,只有水田和产能"
effective = 2019-01-01
expires = 2020-06-30
amounts = { paddy = "1ha", capacity = "9000kg" }

[[inflow]]
kind = "offset"
pool = "县级指标库"
place = "CN/32/3206/320623"
vintage = 2018
document = "后到期,三项都有"
effective = 2019-01-01
expires = 2021-06-30
amounts = { area = "2ha", paddy = "2ha", capacity = "30000kg" }

[[inflow]]
kind = "plan_quota"
pool = "县级指标库"
place = "CN/32/3206/320623"
vintage = 2019
document = "年度计划"
effective = 2019-01-01
amounts = { total = "5ha", agricultural = "5ha", farmland = "5ha" }
"""
RATES = """
[[rule]]
id = "zbph.capacity_per_mu"
place = "CN/32/3206/320623"
value = { "5" = 1100 }
unit = "kg/mu"
citation = { zh = "测试用规则", en = "Rule made for this test" }
confidence = "W"

[[rule]]
id = "eco_redline.allowed_kinds"
place = "CN/32/3206/320623"
value = []
unit = "project kind"
citation = { zh = "测试用规则", en = "Rule made for this test" }
confidence = "W"

[[rule]]
id = "ugb.outside_allowed_kinds"
place = "CN/32/3206/320623"
value = ["industry"]
unit = "project kind"
citation = { zh = "测试用规则", en = "Rule made for this test" }
confidence = "W"
"""


@pytest.fixture
def space(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    zoning("init", root, "--place", "CN/32/3206/320623")
    at = ("--workspace", root, "--json")
    rows = [{"BSM": "B", "DLBM": "0101", "TBMJ": 9996.85, "GDDB": 5, "geometry": box(0, 0)}]
    zoning("import", write(tmp_path / "p" / "DLTB.shp", rows), "--role", "parcel", *at)
    far = [{"BSM": "L", "geometry": box(5000, 5000)}]
    for role in ("pbf", "eco_redline"):
        zoning("import", write(tmp_path / role / "l.shp", far), "--role", role, *at)
    zoning("import", write(tmp_path / "u" / "u.shp", [{"BSM": "U", "geometry": box(0, 0)}]),
           "--role", "ugb", *at)
    (root / "rules").mkdir()
    (root / "rules" / "own.toml").write_text(RULES + RATES, encoding="utf-8")
    (tmp_path / "book.toml").write_text(LOTS, encoding="utf-8")
    zoning("ledger", "post", "--opening", tmp_path / "book.toml", *at)
    return root


def test_a_hold_draws_the_lots_the_verdict_names(space: Path, tmp_path: Path) -> None:
    """Area lies only in the later lot; paddy and capacity are drawn from the earlier first."""
    file = scenario(tmp_path, '{ parcels = ["B"] }')
    told = zoning("check", file, "--workspace", space, "--json")["projects"][0]
    assert told["verdict"] == "pass", told["missing"]
    drawn = {(need["component"], lot["lot_id"]): next(iter(lot["drawn"].values()))
             for kind in told["needs"] for need in kind["components"] for lot in need["lots"]}
    entries = zoning("ledger", "hold", file, "--workspace", space, "--json")["entries"]
    held = {(line["component"], line["lot_id"]): next(iter(line["amount"].values()))
            for entry in entries for line in entry["postings"] if line["state"] == "held"}
    assert held == drawn
    assert ("paddy", "L000001") in held
    assert ("area", "L000002") in held


def test_what_a_scenario_uses_is_compared_with_the_polygons_of_its_site(
    space: Path, tmp_path: Path
) -> None:
    """accounting §15: without naming them again, and once nothing is held any more."""
    at = ("--workspace", space, "--json")
    file = scenario(tmp_path, '{ parcels = ["B"] }')
    holds = zoning("ledger", "hold", file, *at)["holds"]
    plan = next(each["hold_id"] for each in holds if each["kind"] == "plan_quota")
    zoning("ledger", "settle", plan, "total=0.1ha", *at)
    assert zoning("ledger", "reconcile", *at)["compared"] == 0
    zoning("ledger", "settle", plan, *at)
    told = zoning("ledger", "reconcile", *at)
    assert (told["compared"], told["agreeing"], told["differences"]) == (1, 1, [])
