"""One scenario under the rules of two days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from deciding import PLENTY, book, judge, lot, project, site
from running import zoning
from schemas import require_valid

from zoning.measure.facts import Part
from zoning.report.documents.rules import rules_diff_document
from zoning.report.tables.rules import rules_diff_table
from zoning.scenario.dated import DatedDifference, dated_difference, undying

FIELD = Part("F1", "0103", 1_000_000, 0, 50)
ROOT = Path(__file__).parents[1]


def between(one: date, two: date, **more: object) -> DatedDifference:
    facts, rules = site(FIELD, inside={"pbf": 500}), book()
    first, second = (judge(facts, PLENTY, rules, project(**more), on=on) for on in (one, two))
    return dated_difference(first, second)


def test_the_same_day_differs_in_nothing() -> None:
    found = between(date(2019, 6, 30), date(2019, 6, 30))
    assert found.changes == ()
    assert [(one, two) for _, one, two in found.verdicts] == [("fail", "fail")]


def test_days_under_the_same_records_differ_in_nothing() -> None:
    assert between(date(2022, 3, 1), date(2022, 9, 1)).changes == ()


def test_a_law_re_enacted_under_another_article_is_told() -> None:
    found = {each.finding_id: each for each in between(date(2019, 12, 31),
                                                       date(2020, 1, 1)).changes}
    line = found["line.pbf"]
    assert line.before is not None
    assert line.after is not None
    assert line.before.status == line.after.status
    assert "第三十五条" in line.after.citations[0].source


def test_a_finding_made_on_one_day_only_is_told() -> None:
    found = {each.finding_id: each for each in between(date(2024, 12, 31),
                                                       date(2025, 3, 14)).changes}
    assert found["offset.annual_cap"].before is None
    assert found["offset.annual_cap"].after is not None


def test_lots_do_not_expire_between_the_days() -> None:
    dying = lot("offset", {"area": 10}, "A", expires=date(2019, 12, 31))
    dead = lot("offset", {"area": 10}, "B", expires=date(2019, 6, 29))
    (kept,) = undying([dying, dead], date(2019, 6, 30))
    assert (kept.lot.lot_id, kept.lot.expires) == ("A", None)


def test_documents_and_tables_tell_every_change() -> None:
    found = between(date(2019, 6, 30), date(2026, 3, 16))
    require_valid(rules_diff_document(found, scenario_id="S"))
    assert len(rules_diff_table(found).rows) == len(found.changes)
    ids = {each.finding_id for each in found.changes}
    assert {"line.pbf", "approval.clocks", "offset.annual_cap", "boundary.park"} <= ids


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dated") / "w"
    zoning("init", root, "--demo", "--json")
    return root


def test_command_on_the_demo_county(demo: Path) -> None:
    found = zoning("rules", "diff", ROOT / "scenarios" / "rudong-2019.toml", "--at", "2019-06-30",
                   "--at", "2026-06-30", "-w", demo, "--json")
    require_valid(found)
    assert found["at"] == ["2019-06-30", "2026-06-30"]
    changed = {each["finding"] for each in found["changes"]}
    assert {"line.pbf", "quota.debit", "offset.annual_cap"} <= changed
    told = zoning("rules", "diff", ROOT / "scenarios" / "rudong-2019.toml", "--at", "2019-06-30",
                  "--at", "2026-06-30", "-w", demo, "--lang", "en")
    assert "Difference between the rules of two days" in told
    assert "2026-06-30" in told


def test_stock_land_of_the_demo_county_on_a_day(demo: Path) -> None:
    before, after = (zoning("idle", "--at", day, "-w", demo, "--json")
                     for day in ("2010-01-01", "2020-12-31"))
    for document in (before, after):
        require_valid(document)
    assert {plot["state"] for plot in before["plots"]} <= {None, "undecided"}  # before the order
    states = {plot["state"] for plot in after["plots"]}
    assert "suspected" in states or "near" in states
    earning = [plot for plot in after["plots"] if plot["stock_kind"] == "idle"]
    assert all(plot["earns"] is not None for plot in earning)
    assert "疑似闲置" in zoning("idle", "--at", "2020-12-31", "-w", demo)
