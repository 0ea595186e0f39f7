"""A portfolio as tables, in the order in which a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zoning.codes.reader import QuotaKind
from zoning.errors import Message
from zoning.portfolio.answer import Answer, Portfolio
from zoning.portfolio.plans import Moved, Placed
from zoning.portfolio.problem import PRICE_SCALE
from zoning.portfolio.solve import Stage
from zoning.report.tables.plan import demand_words
from zoning.report.tables.record import Cell, Column, Kind, Table, column
from zoning.report.tables.words import component_name, component_unit, named, quota_name
from zoning.scenario.outcome import Quantity

Kinds = dict[str, QuotaKind]
GROUPS = ("land", "budget", "cap", "plots", "borrow")


def portfolio_tables(
    found: Portfolio, *, kinds: Kinds, since: Sequence[Moved] | None = None
) -> list[Table]:
    """Goals, plans, price board, chain, conflict, less coming in."""
    tables = [table for number, each in enumerate(found.plans, start=1)
              for table in plan_tables(found, each, number, kinds)]
    if since is not None:
        tables.append(moved_table(since, "moved_since"))
    if found.deadlock is not None:
        tables += [conflict_table(found), ways_table(found)]
    if found.chain:
        tables.append(chain_table(found))
    if found.board:
        tables.append(board_table(found, kinds))
    if found.less is not None:
        tables.append(moved_table(found.less.moved, "moved_less", (less_words(found),)))
    return tables


def plan_tables(found: Portfolio, answer: Answer, number: int, kinds: Kinds) -> list[Table]:
    """One plan: goals with their proof, projects, actions, quota by year, what the engine says."""
    tables = [goals_table(answer), projects_table(found, answer, number)]
    if answer.carried.chosen.acts:
        tables.append(_table("acts", (_said("act"), column("text")), (
            {"act": found.setting.problem.acts[each].id,
             "text": found.setting.acts[each].name or found.setting.acts[each].do}
            for each in answer.carried.chosen.acts), number=number))
    tables += [flow_table(answer, number, kinds), agreement_table(answer)]
    if number > 1:
        tables.append(moved_table(answer.moved, "moved", number=number))
    return tables


def goals_table(answer: Answer) -> Table:
    """Every goal by rank: what was reached, what cannot be exceeded, how far it was proven."""
    return _table("goals", (_said("goal"), _said("value"), _said("bound"), _said("gap"),
                            _said("state"), _said("seconds")), map(_stage, answer.choice.stages))


def _stage(stage: Stage) -> dict[str, Cell]:
    scale = PRICE_SCALE if stage.goal == "money" else 1
    return {"goal": Message(f"portfolio.goal.{stage.goal}"),
            "value": f"{round(stage.value / scale):,}", "bound": f"{round(stage.bound / scale):,}",
            "gap": f"{stage.gap:.4%}", "state": Message(f"portfolio.status.{stage.status.value}"),
            "seconds": f"{stage.seconds:.1f}"}


def projects_table(found: Portfolio, answer: Answer, number: int) -> Table:
    """Where and when every project goes; those that do not stand at the end."""
    names = {each.id: each.name for each in found.scenario.projects}
    there = {each.task: each for each in answer.placed}
    rows: list[dict[str, Cell]] = []
    for name in [*there, *(each for each in names if each not in there)]:
        place = there.get(name)
        going = answer.carried.timeline.of(name) if place else None
        rows.append({"project": name, "name": names[name], "site": place.site if place else "—",
                     "day": going.day if going else None, "value": place.value if place else 0,
                     "status": going.status if going else ""})
    return _table("projects", (column("project"), _said("name"), _said("site"),
                               _said("day", "date"), _said("value", "int"),
                               column("status", "status")), rows, number=number)


def flow_table(answer: Answer, number: int, kinds: Kinds) -> Table:
    """What every pool has in each year, as the engine draws it."""
    names = ("carried", "booked", "expected", "drawn", "lapsed", "left")
    columns = (column("kind"), column("component"), _said("year"), column("pool"),
               *(column(name, "amount") if name == "drawn" else
                 column(name, "amount", title=Message(f"decide.column.{name}"))
                 for name in names), column("unit"))
    return _table("flow", columns, (
        {"kind": quota_name(kinds, line.kind),
         "component": component_name(kinds, line.kind, line.component), "year": str(line.year),
         "pool": line.pool, "unit": _unit(kinds, line.kind, line.component),
         **{name: Quantity(getattr(line, name), component_unit(kinds, line.kind, line.component))
            for name in names}}
        for line in answer.carried.timeline.years), number=number)


def agreement_table(answer: Answer) -> Table:
    """Every number of the proposal beside the engine's."""
    rows = answer.carried.agreements
    notes = [Message("portfolio.agree", {"count": sum(each.holds for each in rows)})]
    notes += [Message("portfolio.money_note", {"proposed": each.proposed, "engine": each.engine})
              for each in rows if not each.holds]
    return _table("agree", (_said("name"), _said("proposed"), _said("engine")), (
        {"name": each.name, "proposed": f"{each.proposed:,}", "engine": f"{each.engine:,}"}
        for each in rows), notes=notes)


def moved_table(
    moved: Iterable[Moved], table: str, notes: Iterable[Message] = (), *, number: int = 0
) -> Table:
    """The projects that two plans place otherwise."""
    return _table(table, (column("project"), _said("change"), _said("before"), _said("after")), (
        {"project": each.task, "change": Message(f"portfolio.change.{each.change}"),
         "before": _where(each.before), "after": _where(each.after)} for each in moved),
        notes=notes, number=number)


def _where(each: Placed | None) -> str:
    return "—" if each is None else f"{each.site} · {each.year}"


def board_table(found: Portfolio, kinds: Kinds) -> Table:
    """What one more of every quota changes, and for how many that holds."""
    columns = (column("kind"), column("component"), column("pool"), _said("year"),
               _said("gain", "int"), _said("holds", "quantity"), _said("steps"),
               _said("spare", "quantity"), _said("state"))
    notes = [Message("portfolio.price_note")]
    if not found.board_whole:
        notes.append(Message("portfolio.board_cut"))
    return _table("board", columns, (
        {"kind": quota_name(kinds, each.kind),
         "component": component_name(kinds, each.kind, each.component), "pool": each.pool,
         "year": str(each.year), "gain": each.gain, "holds": _known(each.holds, each.unit),
         "steps": tuple(f"{_told(step.more, each.unit)}: +{step.gain:,}" for step in each.steps),
         "spare": _known(each.spare, each.unit),
         "state": Message(f"portfolio.status.{each.status.value}")} for each in found.board),
        notes=notes)


def _told(value: int, unit: str) -> str:
    return f"{value * 3 / 200_000:.4f} mu" if unit == "dm2" else f"{value:,} {unit}"


def chain_table(found: Portfolio) -> Table:
    """Which actions to finish first, in the order of what they set free."""
    problem = found.setting.problem
    return _table("chain", (_said("act"), _said("gain", "int"), _said("free"), _said("state")), (
        {"act": tuple(problem.acts[act].id for act in each.acts), "gain": each.gain,
         "free": tuple(problem.tasks[task].id for task in each.tasks),
         "state": Message(f"portfolio.status.{each.status.value}")} for each in found.chain))


def conflict_table(found: Portfolio) -> Table:
    """The least set of rules that cannot be kept together."""
    assert found.deadlock is not None
    notes = () if found.deadlock.is_proven else (Message("portfolio.unproven"),)
    return _table("conflict", (_said("rules"),), (
        {"rules": rule_words(each)} for each in found.deadlock.groups), notes=notes)


def rule_words(group: str) -> Message:
    """A rule that may be part of a conflict, in words."""
    if group in GROUPS:
        return Message(f"portfolio.rule.{group}")
    word, _, name = group.partition(":")
    return Message("portfolio.rule.quota", {"name": name}) if word == "quota" else (
        demand_words(group))


def ways_table(found: Portfolio) -> Table:
    """The least of each kind of relaxation that would do by itself."""
    return _table("ways", (_said("way"), _said("total"), _said("more")), (
        {"way": Message(f"portfolio.way.{each.what}"), "total": f"{each.total:,}",
         "more": tuple(f"{name}: {more:,}" for name, more in each.more)} for each in found.ways))


def less_words(found: Portfolio) -> Message:
    """What becomes of the plan with less coming in."""
    assert found.less is not None
    assert found.best is not None
    return Message("portfolio.held", {
        "share": f"{found.wish.less_tenths or 0}0%", "held": len(found.held),
        "whole": len(found.best.placed), "again": len(found.less.placed),
        "value": sum(each.value for each in found.less.placed)})


def _table(
    name: str, columns: tuple[Column, ...], rows: Iterable[dict[str, Cell]], *,
    notes: Iterable[Message] = (), number: int = 0,
) -> Table:
    told = tuple(tuple(row[each.key] for each in columns) for row in rows)
    return Table(f"portfolio_{name}", Message(f"portfolio.table.{name}", {"number": number}),
                 columns, told, notes=tuple(notes))


def _said(key: str, kind: Kind = "text") -> Column:
    return column(key, kind, title=Message(f"portfolio.column.{key}"))


def _known(value: int | None, unit: str) -> Cell:
    return "" if value is None else Quantity(value, unit)


def _unit(kinds: Kinds, kind: str, component: str) -> Cell:
    return named("unit", component_unit(kinds, kind, component))


__all__ = ["board_table", "chain_table", "conflict_table", "flow_table", "goals_table",
           "moved_table", "portfolio_tables", "projects_table", "rule_words", "ways_table"]
