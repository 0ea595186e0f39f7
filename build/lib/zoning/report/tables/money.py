"""Money as tables: every item of every account, known, in a band, or open, and the sums."""

from __future__ import annotations

from collections.abc import Iterator

from zoning.errors import Message
from zoning.report.tables.record import Cell, Kind, Table, build, column
from zoning.report.tables.scenario import clauses, missing_words
from zoning.scenario.costs import PlanCosts
from zoning.scenario.outcome import MoneyAccount, MoneyLine, Outcome

COLUMNS = ("project", "money_item", "certainty", "low_yuan", "high_yuan", "counted_on", "missing",
           "clauses")


def money_table(outcome: Outcome) -> Table:
    """The account of each project, its sum after it; open items count as nothing and say so."""
    accounts = ((each.project_id, each.money) for each in outcome.projects)
    kinds: dict[str, Kind] = {"low_yuan": "int", "high_yuan": "int", "counted_on": "quantity"}
    columns = [column(key, kinds.get(key, "text")) for key in COLUMNS]
    rows = (row for name, account in accounts for row in _rows(name, account))
    return build("money", columns, rows, notes=(Message("report.note.money"),))


def plan_money_table(costs: PlanCosts) -> Table:
    """What each project that goes costs, what the actions do, and the sum; open items by name."""
    columns = (column("money_item"), column("low_yuan", "int"), column("high_yuan", "int"),
               column("open_items"))
    rows: list[dict[str, Cell]] = [
        {"money_item": name, "low_yuan": account.low_yuan, "high_yuan": account.high_yuan,
         "open_items": tuple(line.name for line in account.open)}
        for name, account in costs.projects.items()]
    rows += [{"money_item": Message("report.money.action", {"action": name}), "low_yuan": cost,
              "high_yuan": cost,
              "open_items": Message("report.certainty.open") if cost is None else ""}
             for name, cost in costs.actions]
    whole: dict[str, Cell] = {
        "money_item": Message("report.money.plan"), "low_yuan": costs.low_yuan,
        "high_yuan": costs.high_yuan,
        "open_items": Message("report.money.open", {"count": costs.open}) if costs.open else ""}
    return build("plan_money", columns, [*rows, whole] if rows else [],
                 notes=(Message("report.note.money"),))


def _rows(project: str, account: MoneyAccount) -> Iterator[dict[str, Cell]]:
    for line in account.lines:
        yield _line(project, line)
    if account.lines:
        yield _sum(project, Message("report.money.sum"), account.low_yuan, account.high_yuan,
                   len(account.open))


def _line(project: str, line: MoneyLine) -> dict[str, Cell]:
    return {"project": project, "money_item": line.name,
            "certainty": Message(f"report.certainty.{line.certainty.value}"),
            "low_yuan": line.low_yuan, "high_yuan": line.high_yuan, "counted_on": line.basis or "",
            "missing": missing_words(line.missing), "clauses": clauses(line.citations)}


def _sum(project: str, name: Message, low: int, high: int, still_open: int) -> dict[str, Cell]:
    certainty = Message("report.money.open", {"count": still_open}) if still_open else ""
    return {"project": project, "money_item": name, "certainty": certainty, "low_yuan": low,
            "high_yuan": high, "counted_on": "", "missing": (), "clauses": ()}


__all__ = ["money_table", "plan_money_table"]
