from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import care_examples as care
import duty_examples as duties
import plan_examples as plans
import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st
from schemas import require_valid, schemas, validator

from zoning.codes.events import ledger_events
from zoning.errors import UsageError
from zoning.report.documents import (
    area_document,
    balance_document,
    check_document,
    compare_document,
    deadlines_document,
    entries_document,
    error_document,
    events_document,
    files_document,
    health_document,
    holds_document,
    import_document,
    journal_document,
    layers_document,
    linkage_document,
    lots_document,
    overall,
    overlay_document,
    periods_document,
    plan_document,
    reconcile_document,
    sensitivity_document,
    verification_document,
    verify_document,
    why_document,
    written_document,
)
from zoning.report.documents.care import (
    adjust_document,
    editions_document,
    inspect_document,
    repair_document,
)
from zoning.report.documents.rules import rules_diff_document, rules_document
from zoning.report.documents.stock import idle_document, linkage_areas_document
from zoning.report.documents.values import share
from zoning.report.files import table_document
from zoning.report.tables import loans_table
from zoning.rules.pages import rule_page
from zoning.rules.shipped import shipped
from zoning.scenario.outcome import Status
from zoning.workspace.editions import changes
from zoning.workspace.paper import PaperCheck, Part, paper_document

KINDS = examples.KINDS
FILE = {"source": "site.txt", "sha256": examples.SHA, "crs": "EPSG:4528"}


PAPER = PaperCheck(("对账单（占补平衡指标）",), ("Sheet1",), 36, (
    Part("对账单（占补平衡指标）", "C6", "耕地数量", Decimal("30001.00"), Decimal("30001.01")),
    Part("对账单（占补平衡指标）", "A9", "方向", "", "入库 调入指标")))


def all_documents() -> list[dict]:
    lots = examples.lots()
    return [
        check_document(examples.priced()),
        balance_document(examples.balances(), kinds=KINDS, position=4),
        journal_document(examples.entries(), lots=lots, kinds=KINDS, position=4),
        entries_document(examples.entries()[2:3], lots=lots, kinds=KINDS,
                         holds=examples.hold_balances()),
        lots_document(examples.lot_balances(), kinds=KINDS, position=4),
        holds_document(examples.hold_balances(), kinds=KINDS, position=4),
        area_document(examples.area_rows(), **FILE, encoding="GBK", problems=examples.PROBLEMS),
        overlay_document(examples.OVERLAY, a="parcel", b="pbf"),
        layers_document(examples.WORKSPACE),
        import_document(examples.LAYER, examples.PROBLEMS),
        health_document({"parcel": examples.PROBLEMS, "pbf": ()}),
        *care_documents(),
        deadlines_document(duties.DUE, on=duties.ON, within_days=60, kinds=KINDS, position=4),
        linkage_document(duties.LOANS, on=duties.ON, kinds=KINDS, position=4),
        reconcile_document(duties.RECONCILED, kinds=KINDS, position=4),
        paper_document(PAPER, position=4),
        events_document(ledger_events()),
        files_document("export", [("out/ledger.xlsx", 12_345, examples.SHA)]),
        table_document(loans_table(duties.LOANS.loans, kind=KINDS["linkage"], on=duties.ON)),
        periods_document([duties.PERIOD]),
        verification_document(duties.UNSOUND),
        rules_document(rule_page(shipped(), on=date(2024, 6, 30), place=examples.COUNTY,
                                 topic="pbf.approver")),
        idle_document(examples.stock_rows(), on=date(2020, 6, 30), place=examples.COUNTY),
        rules_diff_document(examples.dated(), scenario_id="S1"),
        written_document("sheet", path="out/balance.xlsx", sha256=examples.SHA, size=12_345),
        *plan_documents(),
        error_document(UsageError("report.too_many_rows", table="x", rows=2, limit=1)),
    ]


def care_documents() -> list[dict]:
    return [
        inspect_document("县库.gdb", care.INSPECTED),
        repair_document("parcel", "2019", care.REPAIRED, before_dm2=1_000_000, after_dm2=1_005_000,
                        applied=True),
        adjust_document("parcel", "2019", care.ADJUSTED, control_dm2=1_000_003, sum_dm2=1_000_000,
                        beyond_review=False),
        editions_document("parcel", "2019", "2020", by_kind=changes(care.FLOWS),
                          by_class=changes(care.FLOWS), flows=care.FLOWS, overlap_dm2=0,
                          system="sd2020", out="changed.geojson"),
    ]


def plan_documents() -> list[dict]:
    plan = plans.plan()
    return [
        plan_document(plan, units=plans.UNITS),
        why_document(plan, "P01", plans.CONFLICTS, plans.remedies(), openings=plans.openings()),
        compare_document(plans.difference()),
        sensitivity_document(plans.sensitivity()),
        verify_document("check.json", examples.SHA, ("rules_sha256", "projects[0]"),
                        ("layer:parcel@2018",)),
        linkage_areas_document(plans.areas(), on=date(2024, 6, 1), place=examples.COUNTY),
    ]


def name_of(document: dict) -> str:
    return document["document"]


@pytest.mark.parametrize("document", all_documents(), ids=name_of)
def test_document(document, snapshot):
    require_valid(document)
    snapshot(document)


ON_THE_DEMO_COUNTY = {"portfolio": "test_portfolio_cli.py", "search": "test_siting_cli.py"}
"""Documents whose examples are whole answers: the test file that holds each to its schema."""


def test_every_schema_has_an_example():
    examples = {name_of(document) for document in all_documents()} | set(ON_THE_DEMO_COUNTY)
    assert examples == set(schemas()) - {"common"}
    for file in ON_THE_DEMO_COUNTY.values():
        assert "require_valid(" in (Path(__file__).parent / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", schemas())
def test_schema_is_one_and_closes_every_object(name):
    validator(name).check_schema(schemas()[name])

    def walk(node: object) -> None:
        if isinstance(node, dict):
            assert node.get("type") != "object" or node["additionalProperties"] is False
            assert set(node.get("required", ())) == set(node.get("properties", {}))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(schemas()[name])


@pytest.mark.parametrize("document", all_documents(), ids=name_of)
def test_schema_refuses_a_key_that_it_does_not_know(document):
    assert not validator(name_of(document)).is_valid({**document, "more": 1})


@given(examples.OUTCOMES)
def test_any_outcome_makes_a_valid_document(outcome):
    document = check_document(outcome)
    require_valid(document)
    told = [line for project in document["projects"] for need in project["needs"]
            for line in need["components"]]
    assert len(told) == sum(len(project.needs) for project in outcome.projects)


@given(examples.BALANCES)
def test_any_balance_makes_a_valid_document(balances):
    document = balance_document(balances, kinds=KINDS, position=0)
    require_valid(document)
    assert sum(len(pool["components"]) for pool in document["pools"]) == len(balances)


def test_areas_are_exact_decimal_strings():
    document = area_document(examples.area_rows(), **FILE)
    first = document["features"][0]
    assert (first["area"], first["ha"], first["mu"], first["difference"]) == (
        {"m2": "320000.50"}, "32.0001", "480.0008", {"m2": "0.50"})
    assert document["total"]["area"] == {"m2": "443456.00"}


def test_declared_total_is_unknown_where_one_is():
    rows = [replace(examples.area_rows()[0], declared_dm2=None), examples.area_rows()[1]]
    assert area_document(rows, **FILE)["total"]["declared"] is None


def test_unknown_need_has_no_shortfall():
    needs = check_document(examples.outcome())["projects"][0]["needs"]
    capacity = needs[1]["components"][1]
    assert (capacity["needed"], capacity["available"], capacity["shortfall"]) == (
        None, {"kg": 500_000}, None)


def test_verdict_of_a_scenario_is_the_worst_of_its_projects():
    outcome = examples.outcome()
    stopped, revived = outcome.projects
    undecided = replace(revived, verdict=Status.UNDECIDED)
    assert overall(outcome) is Status.FAIL
    assert overall(replace(outcome, projects=(revived, undecided))) is Status.UNDECIDED
    assert overall(replace(outcome, projects=(revived,))) is Status.PASS
    assert overall(replace(outcome, projects=())) is Status.PASS
    assert stopped.verdict is Status.FAIL


def test_entries_tell_the_holds_they_are_about_only():
    first, *_ = examples.entries()
    told = entries_document([first], lots=examples.lots(), kinds=KINDS,
                            holds=examples.hold_balances())
    assert told["holds"] == []


@given(st.integers(-(10**8), 10**8))
def test_shares_are_decimal_strings_of_four_places(ten_thousandths):
    told = share(ten_thousandths)
    assert int(told.replace(".", "")) == ten_thousandths
    assert len(told.rpartition(".")[2]) == 4


def test_why_of_a_plan_tells_its_repairs():
    document = why_document(plans.plan(), None, (), (), repair=plans.repair())
    require_valid(document)
    told = document["repair"]
    assert [each["leave_out"] for each in told["repairs"]] == [None, "=P03", None]
    assert told["toml"] == document["repair"]["repairs"][0]["remedy"]["toml"]
    assert (told["goes"], told["stopped"]) == (["P01", "P02"], ["P04"])
