from __future__ import annotations

import csv
import io
from dataclasses import replace

import duty_examples as duties
import plan_examples as plans
import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st

from zoning.codes.events import ledger_events
from zoning.errors import Message
from zoning.ledger.model import Event
from zoning.messages import LANGUAGES, catalogue
from zoning.report.files import table_csv
from zoning.report.layout import fields, grid
from zoning.report.tables import (
    Derived,
    Table,
    area_table,
    balance_table,
    blocks,
    build,
    changes_table,
    column,
    conflicts_table,
    coverage_table,
    credit_table,
    deadlines_table,
    details_table,
    events_table,
    findings_table,
    holds_table,
    idle_clocks_table,
    idle_land_table,
    journal_tables,
    layers_table,
    linkage_balance_table,
    linkage_table,
    loans_table,
    lots_table,
    margins_table,
    money_table,
    needs_table,
    odds_table,
    offset_table,
    openings_table,
    overlay_table,
    plan_tables,
    problems_table,
    provenance_table,
    reconcile_table,
    remedies_table,
    repair_table,
    scenario_tables,
    statement_table,
    stock_table,
    usage_table,
    verdicts_table,
)
from zoning.report.tables.rules import rules_diff_table, rules_table
from zoning.report.tables.stock import stock_land_table
from zoning.report.tables.words import NAMED, component_name, named, quota_name
from zoning.report.tables.yearly import linkage_areas_table
from zoning.scenario.model import PATHS
from zoning.scenario.outcome import Quantity

KINDS = examples.KINDS


def all_tables() -> list[Table]:
    return [
        balance_table(examples.balances(), kinds=KINDS),
        stock_table(examples.balances(), kind=KINDS["offset"]),
        *journal_tables(examples.entries(), examples.lots(), kinds=KINDS),
        lots_table(examples.lot_balances(), kinds=KINDS),
        holds_table(examples.hold_balances(), kinds=KINDS),
        *scenario_tables(examples.outcome(), kinds=KINDS, classes=examples.CLASSES),
        area_table(examples.area_rows()), overlay_table(examples.PAIRS),
        coverage_table(examples.LEFT), idle_land_table(examples.IDLE),
        linkage_table(examples.DEMOLITION, examples.NEW_SITES),
        linkage_balance_table(examples.DEMOLITION, examples.NEW_SITES),
        deadlines_table(duties.DUE, on=duties.ON, kinds=KINDS),
        loans_table(duties.LOANS.loans, kind=KINDS["linkage"], on=duties.ON),
        idle_clocks_table(duties.CLOCKS), reconcile_table(duties.RECONCILED, kinds=KINDS),
        details_table(examples.entries(), examples.lots(), kind=KINDS["plan_quota"]),
        usage_table(examples.entries()[:3], examples.lots(), examples.hold_balances(),
                    kind=KINDS["plan_quota"]),
        statement_table(examples.entries(), examples.lots(), kind=KINDS["plan_quota"]),
        credit_table(*examples.borrowing(), kind=KINDS["offset"], events=ledger_events(),
                     limit={"area": 1_000_000}),
        events_table(dict(list(ledger_events().items())[:3]), kinds=KINDS),
        money_table(examples.priced()), *plan_tables(plans.plan(), kinds=KINDS),
        conflicts_table(plans.CONFLICTS), remedies_table(plans.remedies()),
        repair_table(plans.repair()), openings_table(plans.openings()),
        changes_table(plans.difference()), margins_table(plans.sensitivity(), kinds=KINDS),
        odds_table(plans.sensitivity()), linkage_areas_table(plans.areas()),
        stock_land_table(examples.stock_rows()), rules_table(examples.rules()),
        rules_diff_table(examples.dated()),
        offset_table(examples.DEMOLITION), layers_table(examples.WORKSPACE),
        problems_table({"parcel": examples.PROBLEMS, "flood": ()}),
        provenance_table(examples.PROVENANCE),
    ]


def as_csv(table: Table, language: str = "zh") -> str:
    told = io.StringIO()
    csv.writer(told, lineterminator="\n").writerows(grid(table, language))
    return told.getvalue()


def totals_by(table: Table, key: str) -> dict[str, object]:
    """The totals of one column, by the first block column as text."""
    named = [table.position(by) for by in table.total_by]
    return {
        " ".join(str(getattr(table.rows[b.start][i], "en", table.rows[b.start][i])) for i in named):
        b.totals[key]
        for b in blocks(table)
    }


@pytest.mark.parametrize("table", all_tables(), ids=lambda table: table.id)
def test_table_text(table, snapshot):
    for language in LANGUAGES:
        snapshot(as_csv(table, language), name=language, suffix=".csv")


@pytest.mark.parametrize("code_list", NAMED)
def test_named_codes_are_in_the_catalogue(code_list):
    assert all(named(code_list, code).key in catalogue() for code in NAMED[code_list])


def test_path_names_are_those_a_scenario_may_use():
    assert set(PATHS) == NAMED["path"]


def test_code_without_a_name_stands_for_itself():
    assert (quota_name(KINDS, "sea"), component_name(KINDS, "sea", "area")) == ("sea", "area")
    assert component_name(KINDS, "offset", "soil") == "soil"
    assert [named("role", code) for code in ("flood", "pbf", None)] == [
        "flood", examples.said("永久基本农田", "Permanent basic farmland"), None]


@pytest.mark.parametrize("event", Event)
def test_events_have_a_name(event):
    assert f"report.event.{event.value}" in catalogue()


def test_balance_is_never_added_across_kinds_or_components():
    found = totals_by(balance_table(examples.balances(), kinds=KINDS), "inflow")
    assert found == {
        "Annual plan quota New construction land": Quantity(86_666_667, "dm2"),
        "Annual plan quota Of which farmland": Quantity(10_000_005, "dm2"),
        "Farmland offset Farmland area": Quantity(123_456_789, "dm2"),
        "Farmland offset Grain capacity": Quantity(900_000, "kg"),
    }


@given(examples.BALANCES)
def test_balance_totals_are_the_sums_of_their_rows(balances):
    table = balance_table(balances, kinds=KINDS)
    assert len(table.rows) == len(balances)
    for state in ("inflow", "free", "held", "used", "lapsed"):
        whole = sum(getattr(balance, state) for balance in balances)
        assert sum(block.totals[state].value for block in blocks(table)) == whole
    assert all(block.totals["check"].value == 0 for block in blocks(table))


@given(examples.BALANCES, st.randoms())
def test_balance_does_not_depend_on_the_order_of_its_input(balances, random):
    shuffled = random.sample(balances, len(balances))
    assert balance_table(shuffled, kinds=KINDS) == balance_table(balances, kinds=KINDS)


def test_balance_that_does_not_add_up_shows_by_how_much():
    broken = replace(examples.balances()[0], free=499_999)
    (block,) = blocks(balance_table([broken], kinds=KINDS))
    assert block.totals["check"] == Quantity(1, "kg")


def test_stock_sheet_of_a_kind_counts_outflow_as_what_is_not_free():
    table = stock_table(examples.balances(), kind=KINDS["offset"])
    (row,) = table.rows
    assert row[table.position("outflow_area")] == 23_456_789
    assert row[table.position("free_paddy")] == 0


def test_journal_sums_to_zero_in_each_component():
    for table in journal_tables(examples.entries(), examples.lots(), kinds=KINDS):
        (block,) = blocks(table)
        assert set(block.totals.values()) == {0}


def test_journal_of_an_unknown_lot_is_refused():
    with pytest.raises(KeyError, match="L1"):
        journal_tables(examples.entries(), {}, kinds=KINDS)


def test_total_with_an_unknown_value_is_unknown():
    table = linkage_table(examples.DEMOLITION, examples.NEW_SITES)
    demolished, built = blocks(table)
    assert demolished.totals == {
        "area": 6_000_000, "farmland": 5_700_000, "paddy": 4_000_000, "capacity": None,
    }
    assert built.totals["capacity"] == 4_000


def test_linkage_project_can_be_short_of_one_amount_only():
    table = linkage_balance_table(examples.DEMOLITION, examples.NEW_SITES)
    first = dict(zip((c.key for c in table.columns), table.rows[0], strict=True))
    assert (first["farmland_left"], first["paddy_left"], first["capacity_left"]) == (
        400_000, -100_000, 1_000)


def test_shortfall_that_need_and_availability_do_not_make_is_refused():
    outcome = examples.outcome()
    project = outcome.projects[0]
    wrong = replace(project.needs[0], shortfall=1)
    with pytest.raises(ValueError, match="shortfall"):
        needs_table(replace(outcome, projects=(replace(project, needs=(wrong,)),)), kinds=KINDS)


def test_blocks_of_different_units_are_refused():
    rows = [{"held": Quantity(1, "dm2")}, {"held": Quantity(1, "kg")}]
    table = build("holds", [column("held", "amount")], rows, totals=("held",))
    with pytest.raises(ValueError, match="cannot be added"):
        blocks(table)


def test_words_cannot_be_counted():
    derived = column("check", "int", derived=Derived(("name",)))
    with pytest.raises(TypeError, match="no number"):
        build("area", [column("name"), derived], [{"name": "1"}])


def test_unknown_column_is_refused():
    with pytest.raises(KeyError, match="colour"):
        verdicts_table(examples.outcome()).position("colour")


@given(examples.OUTCOMES)
def test_tables_of_any_outcome_keep_every_line(outcome):
    tables = {t.id: t for t in scenario_tables(outcome, kinds=KINDS, classes=examples.CLASSES)}
    counted = {
        "verdicts": len(outcome.projects),
        "findings": sum(len(p.findings) for p in outcome.projects),
        "needs": sum(len(p.needs) for p in outcome.projects),
        "pools": sum(len(n.pools) for p in outcome.projects for n in p.needs),
        "classes": sum(len(p.classes) for p in outcome.projects),
        "lines": sum(len(p.facts.lines) for p in outcome.projects),
    }
    assert {name: len(table.rows) for name, table in tables.items()} == counted


@given(st.lists(examples.AREAS), st.lists(examples.AREAS))
def test_blocks_stand_together_and_cover_every_row(one, other):
    rows = [{"kind": kind, "area": area} for kind, areas in (("a", one), ("b", other), ("a", one))
            for area in areas]
    table = build("area", [column("kind"), column("area", "area")], rows,
                  totals=("area",), total_by=("kind",))
    found = blocks(table)
    assert [i for b in found for i in range(b.start, b.stop)] == list(range(len(rows)))
    assert sum(b.totals["area"] for b in found) == 2 * sum(one) + sum(other)
    assert len(found) == bool(one) + bool(other)


def test_findings_keep_their_clauses():
    table = findings_table(examples.outcome())
    (clause,) = table.rows[0][table.position("clauses")]
    assert clause == Message("report.clause", {
        "rule": "pbf.no_occupation", "place": "CN",
        "source": examples.said("土地管理法 第三十五条", "Land Administration Law, Art. 35"),
        "confidence": "text", "start": clause.params["start"], "end": "…",
    })


def test_the_details_of_a_kind_add_up_to_what_is_free():
    """accounting §16"""
    table = details_table(examples.entries(), examples.lots(), kind=KINDS["plan_quota"])
    (block,) = blocks(table)
    assert block.totals["of_total"] == 66_666_667
    assert block.totals["of_farmland"] == 10_000_005


def test_a_statement_adds_up_to_what_is_free_and_its_shares_to_a_whole():
    """accounting §16"""
    table = statement_table(examples.entries(), examples.lots(), kind=KINDS["plan_quota"])
    ins, *outs = blocks(table)
    out = outs[0].totals["of_total"] if outs else 0
    assert ins.totals["of_total"] - out == 66_666_667
    assert ins.totals["share_total"] == 10_000


@given(amounts=st.lists(st.integers(1, 10**15), min_size=1, max_size=9))
def test_shares_of_a_statement_make_a_whole_whatever_the_amounts(amounts):
    """accounting §16"""
    entries, lots = examples.inflows(amounts)
    (block,) = blocks(statement_table(entries, lots, kind=KINDS["plan_quota"]))
    assert block.totals["share_total"] == 10_000
    assert block.totals["of_total"] == sum(amounts)


def test_the_credit_sheet_says_what_is_still_owed_and_leaves_the_unknown_blank():
    """accounting §16"""
    entries, lots = examples.borrowing()
    (row,) = credit_table(entries, lots, kind=KINDS["offset"], events=ledger_events(),
                          limit={"area": 1_000_000}).rows
    table = credit_table(entries, lots, kind=KINDS["offset"], events=ledger_events(),
                         limit={"area": 1_000_000})
    told = {each.key: cell for each, cell in zip(table.columns, row, strict=True)}
    assert (told["borrowed_area"], told["can_borrow_area"]) == (300_000, 700_000)
    assert (told["repaid_area"], told["unpaid_area"]) == (100_000, 200_000)
    assert told["credit_paddy"] is told["can_borrow_paddy"] is told["owed_by_province_area"] is None


def test_the_register_of_use_has_a_row_for_each_hold_and_lot():
    """accounting §16"""
    table = usage_table(examples.entries()[:3], examples.lots(), examples.hold_balances(),
                        kind=KINDS["plan_quota"])
    (row,) = table.rows
    assert row[table.position("held_total")] == 16_666_667
    assert row[table.position("project")] == "P01"
    assert not usage_table(examples.entries(), examples.lots(), examples.hold_balances(),
                           kind=KINDS["plan_quota"]).rows


@pytest.mark.parametrize("table", all_tables(), ids=lambda table: table.id)
def test_a_table_as_csv_says_what_the_table_says(table):
    """accounting §16: numbers stand plain and exact, and no text is a formula."""
    for language in LANGUAGES:
        told = list(csv.reader(io.StringIO(table_csv(table, language))))
        shown = grid(table, language)
        assert [len(row) for row in told] == [len(row) for row in shown]
        for field_at, field in enumerate(fields(table)):
            for csv_row, grid_row in zip(told[1:], shown[1:], strict=True):
                plain = grid_row[field_at].replace(",", "")
                if field.unit in {"m2", "ha", "mu", "kg", "int"} and plain != "—":
                    assert csv_row[field_at] == plain
                elif field.unit is None:
                    cell = csv_row[field_at]
                    assert cell.removeprefix("'") == grid_row[field_at].removeprefix("'")
                    assert not cell.startswith(("=", "+", "-", "@"))
