"""Plans as tables: first years, quota by year, conflicts, remedies, differences, margins, odds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from zoning.errors import Message
from zoning.report.tables.money import plan_money_table
from zoning.report.tables.record import Cell, Column, Kind, Table, build, column
from zoning.report.tables.scenario import Kinds
from zoning.report.tables.words import component_name, component_unit, named, quota_name
from zoning.report.tables.yearly import year_ends_table
from zoning.scenario.compare import Difference, Value
from zoning.scenario.conflicts import Conflict
from zoning.scenario.horizon import Going, Wait
from zoning.scenario.openings import Opening
from zoning.scenario.outcome import Certainty, Quantity, Status
from zoning.scenario.plan_remedies import PlanRepair, Repair
from zoning.scenario.plans import Plan
from zoning.scenario.remedy import Remedy
from zoning.scenario.sensitivity import Sensitivity
from zoning.scenario.words import say_missing
from zoning.units import m2


def first_years_table(plan: Plan) -> Table:
    """One row per project: the first year on the book, with what is expected, why not earlier."""
    columns = (column("project"), _said("first_book"), _said("first_expected"),
               column("status", "status"), _said("relies_on"), _said("why"))
    rows = (_first_year(firm, likely)
            for firm, likely in zip(plan.book.going, plan.expected.going, strict=True))
    return _table("verdicts", columns, rows)


def _first_year(firm: Going, likely: Going) -> dict[str, Cell]:
    return {"project": firm.project_id, "first_book": _year(firm), "first_expected": _year(likely),
            "status": likely.status, "relies_on": likely.relies_on, "why": why_not(likely)}


def why_not(going: Going) -> tuple[Message, ...]:
    """Why a project did not go earlier: what failed in the last year it waited."""
    return _reasons(going.waits[-1]) if going.waits else ()


def _reasons(wait: Wait) -> tuple[Message, ...]:
    if wait.reason in ("start", "due"):
        return (Message(f"decide.wait.{wait.reason}", {wait.reason: f"> {wait.day.isoformat()}"}),)
    return tuple(each.message for each in wait.findings)


def quota_years_table(plan: Plan, *, kinds: Kinds) -> Table:
    """What each pool has in each year, with what is expected."""
    names = ("carried", "booked", "expected", "drawn", "lapsed", "left")
    columns = (column("kind"), column("component"), _said("year"), column("pool"),
               *(column(name, "amount") if name == "drawn" else _said(name, "amount")
                 for name in names), column("unit"))
    rows = (
        {"kind": quota_name(kinds, line.kind),
         "component": component_name(kinds, line.kind, line.component), "year": str(line.year),
         "pool": line.pool, "unit": _unit(kinds, line.kind, line.component),
         **{name: Quantity(getattr(line, name), component_unit(kinds, line.kind, line.component))
            for name in names}}
        for line in plan.expected.years
    )
    return _table("years", columns, rows, total_by=("kind", "component"),
                  notes=(Message("decide.note.expected"),))


def wanted_table(plan: Plan, *, kinds: Kinds) -> Table:
    """What the projects need in each year: those that go, those that wait."""
    columns = (column("kind"), column("component"), _said("year"),
               _said("going", "amount"), _said("waiting", "amount"), column("unit"))
    rows = (
        {"kind": quota_name(kinds, line.kind),
         "component": component_name(kinds, line.kind, line.component), "year": str(line.year),
         "unit": _unit(kinds, line.kind, line.component),
         "going": None if line.going is None else Quantity(line.going, line.unit),
         "waiting": None if line.waiting is None else Quantity(line.waiting, line.unit)}
        for line in plan.expected.wanted
    )
    return _table("wanted", columns, rows, total_by=("kind", "component"))


def done_table(plan: Plan) -> Table:
    """What each action did."""
    columns = (_said("action"), column("status", "status"), _said("ready", "date"), column("text"))
    return _table("done", columns, (
        {"action": each.action_id, "status": each.status, "ready": each.ready,
         "text": each.message} for each in plan.done))


def conflicts_table(conflicts: Iterable[Conflict]) -> Table:
    """The least sets of demands that cannot be met together."""
    columns, found = (_said("demands"), column("text")), tuple(conflicts)
    notes = tuple(Message("decide.note.smallest" if each.is_smallest else "decide.note.irreducible",
                          {"number": number}) for number, each in enumerate(found, start=1))
    return _table("conflicts", columns, (
        {"demands": tuple(map(demand_words, each.demands)),
         "text": tuple(finding.message for _, finding in each.findings)} for each in found),
        notes=notes)


def demand_words(demand: str) -> Message:
    """A demand in words."""
    word, _, name = demand.partition(":")
    if word in ("must", "start", "due"):
        return Message(f"decide.demand.{word}", {"name": name})
    return Message("decide.demand.law", {"name": demand})


def remedies_table(remedies: Iterable[Remedy]) -> Table:
    """What would make a project lawful."""
    columns = (_said("family"), column("text"), _said("ready", "date"), _said("assumes"),
               _said("delays"))
    return _table("remedies", columns, (
        {"family": each.family, "text": each.message, "ready": each.day, "assumes": each.assumes,
         "delays": each.delays} for each in remedies), notes=(Message("decide.note.search"),))


def repair_table(repair: PlanRepair) -> Table:
    """What would let the whole plan go, project by project, proven together."""
    columns = (column("project"), _said("family"), column("text"), _said("assumes"))
    rows = (_repair(each) for each in repair.repairs)
    counted = {"goes": len(repair.goes), "stopped": list(repair.stopped) or ["—"]}
    return _table("repair", columns, rows, notes=(
        Message("decide.note.repair", counted),
        Message("decide.note.exact" if repair.is_exact else "decide.note.greedy")))


def _repair(each: Repair) -> dict[str, Cell]:
    if each.remedy:
        return {"project": each.project_id, "family": each.remedy.family,
                "text": each.remedy.message, "assumes": each.remedy.assumes}
    left = each.leave_out
    told = Message("decide.remedy.leave_out", {"project": left}) if left else Message(
        "decide.remedy.nothing")
    return {"project": each.project_id, "family": "leave_out" if left else "", "text": told,
            "assumes": ()}


def openings_table(openings: Iterable[Opening]) -> Table:
    """What would decide a project: a row for each answer that a missing parameter may have."""
    columns = (column("missing"), _said("waiting_findings"), _said("if"),
               column("verdict", "status"), _said("failing"), _said("turns_at"))
    return _table("openings", columns, (row for each in openings for row in _opening_rows(each)),
                  notes=(Message("decide.note.openings"),))


def _opening_rows(opening: Opening) -> Iterable[dict[str, Cell]]:
    known: dict[str, Cell] = {"missing": say_missing(opening.token),
                              "waiting_findings": opening.findings,
                              "turns_at": _cell(opening.turns_at)}
    if not opening.ways:
        return [{**known, "if": Message("decide.way.unknown"), "verdict": "", "failing": ()}]
    return [{**known, "if": way.answer, "verdict": way.verdict, "failing": way.failing}
            for way in opening.ways]


def changes_table(difference: Difference) -> Table:
    """What changes from one scenario to another."""
    columns = (_said("subject"), column("project"), _said("item"), _said("field"),
               _said("before"), _said("after"))
    return _table("changes", columns, (
        {"subject": each.subject, "project": each.project, "item": each.item, "field": each.field,
         "before": _cell(each.before), "after": _cell(each.after)}
        for each in difference.changes))


def margins_table(found: Sensitivity, *, kinds: Kinds) -> Table:
    """How much each component may change before a verdict does."""
    columns = (column("kind"), column("component"), column("available", "quantity"),
               _said("spare", "quantity"), _said("loses"), _said("wanting", "quantity"),
               _said("gains"))
    return _table("margins", columns, (
        {"kind": quota_name(kinds, each.kind),
         "component": component_name(kinds, each.kind, each.component),
         "available": Quantity(each.available, each.unit), "spare": _known(each.spare, each.unit),
         "loses": each.loses, "wanting": _known(each.wanting, each.unit), "gains": each.gains}
        for each in found.margins))


def class_margins_table(found: Sensitivity) -> Table:
    """How much land of a site may be of another class than mapped before a verdict changes."""
    columns = (column("project"), _said("mapped"), _said("truly"), _said("mapped_area", "quantity"),
               _said("spare", "quantity"), _said("flips"))
    return _table("class_margins", columns, (
        {"project": each.project_id, "mapped": each.mapped, "truly": each.truly,
         "mapped_area": Quantity(each.mapped_dm2, "dm2"), "spare": _known(each.spare_dm2, "dm2"),
         "flips": tuple(name for name, _ in each.flips)} for each in found.classes))


def inflow_margins_table(found: Sensitivity, *, kinds: Kinds) -> Table:
    """How little of what is expected has to come for the first years to stay."""
    columns = (_said("source"), column("component"), _said("expected", "quantity"),
               _said("least_inflow", "quantity"), _said("delays"))
    return _table("inflow_margins", columns, (
        {"source": each.source, "component": component_name(kinds, each.kind, each.component),
         "expected": Quantity(each.expected, each.unit),
         "least_inflow": Quantity(each.least, each.unit), "delays": each.delays}
        for each in found.inflows))


def odds_table(found: Sensitivity) -> Table:
    """How often each project goes in each year of the simulation."""
    years = [year for year, _ in found.odds[0].years] if found.odds else []
    columns = (column("project"), *(column(str(year), "int", title=Message(
        "report.words", {"zh": str(year), "en": str(year)})) for year in years),
        _said("never", "int"))
    return _table("odds", columns, (
        {"project": each.project_id, "never": each.never,
         **{str(year): times for year, times in each.years}} for each in found.odds),
        notes=(Message("decide.note.odds", {"seed": found.seed, "samples": found.samples,
                                          "uncertain": found.uncertain}),))


def plan_tables(plan: Plan, *, kinds: Kinds) -> tuple[Table, ...]:
    """All tables of a plan, in the order in which a person reads them."""
    actions = (done_table(plan),) if plan.done else ()
    return (first_years_table(plan), *actions, quota_years_table(plan, kinds=kinds),
            wanted_table(plan, kinds=kinds), plan_money_table(plan.costs),
            year_ends_table(plan.year_ends, plan.promises))


def _table(
    name: str, columns: Sequence[Column], rows: Iterable[Mapping[str, Cell]], *,
    total_by: tuple[str, ...] = (), notes: tuple[Message, ...] = (),
) -> Table:
    return build(f"plan_{name}", columns, rows, title=Message(f"decide.title.{name}"),
                 total_by=total_by, notes=notes)


def _said(key: str, kind: Kind = "text") -> Column:
    return column(key, kind, title=Message(f"decide.column.{key}"))


def _year(going: Going) -> str:
    return "—" if going.year is None else str(going.year)


def _unit(kinds: Kinds, kind: str, component: str) -> Cell:
    return named("unit", component_unit(kinds, kind, component))


def _known(value: int | None, unit: str) -> Cell:
    return "" if value is None else Quantity(value, unit)


def _cell(value: Value) -> Cell:
    """A value as a person reads it: words and numbers stand in one column."""
    if isinstance(value, Quantity) and value.unit == "1e-4":
        return str(Decimal(value.value).scaleb(-4))
    if isinstance(value, Quantity):
        return Message("report.quantity", {
            "value": _number(value), "unit": Message(f"report.unit.{value.unit}")
            if value.unit in NAMED_UNITS else value.unit})
    if isinstance(value, str) and value in set(Status):
        return Message(f"report.status.{value}")
    if isinstance(value, str) and value in set(Certainty):
        return Message(f"report.certainty.{value}")
    return "" if value is None else str(value)


def _number(value: Quantity) -> str:
    return f"{m2(value.value):,.2f}" if value.unit == "dm2" else f"{value.value:,}"


NAMED_UNITS = ("dm2", "kg", "yuan")

__all__ = ["changes_table", "class_margins_table", "conflicts_table", "demand_words", "done_table",
           "first_years_table", "inflow_margins_table", "margins_table", "odds_table",
           "openings_table", "plan_tables", "quota_years_table", "remedies_table", "repair_table",
           "wanted_table", "why_not"]
