"""An answer recomputed from what it cites: editions of layers, rules, position of the book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from zoning.ledger.balances import (
    flows,
    lot_balances,
    lowest_from,
    spendable,
    tally,
)
from zoning.ledger.model import LotBalance, State
from zoning.scenario.engine import run
from zoning.scenario.model import Scenario
from zoning.scenario.outcome import Outcome
from zoning.workspace.desk import Desk
from zoning.workspace.quota import book


def recompute(desk: Desk, scenario: Scenario, position: int) -> Outcome:
    """A scenario judged as it was when the book was at a position, whatever came since."""
    lots = lots_known_at(desk, scenario, position)
    law = desk.law
    return run(scenario, desk.facts(scenario), lots, law.rules, law.classes, law.quota_kinds,
               project_kinds=law.project_kinds, ledger_position=position)


def lots_known_at(desk: Desk, scenario: Scenario, position: int) -> tuple[LotBalance, ...]:
    """What the scenario could draw on when the book had so many entries."""
    with book(desk.workspace) as quota:
        entries = [each for each in quota.journal() if each.entry_id <= position]
        lots = [each.lot for each in quota.lots()]
        own = {each.hold.hold_id for each in quota.holds()
               if each.hold.scenario_id == scenario.id}
    on = scenario.decision_date
    found = spendable(lot_balances(lots, tally(entries, as_of=on)),
                      lowest_from((flow for flow in flows(entries)
                                   if flow.cell.state is State.FREE), on))
    taken: dict[tuple[str, str], int] = {}
    for line in (line for entry in entries for line in entry.postings):
        if line.hold_id in own and line.state in (State.HELD, State.USED):
            key = line.lot_id, line.component
            taken[key] = taken.get(key, 0) + line.amount
    return tuple(_with_own(each, taken) for each in found)


def differences(
    told: Mapping[str, Any], again: Mapping[str, Any], path: str = ""
) -> tuple[str, ...]:
    """The parts in which two documents differ, by their first two levels."""
    found: list[str] = []
    for key in dict.fromkeys((*told, *again)):
        one, two = told.get(key), again.get(key)
        if one == two:
            continue
        name = f"{path}{key}"
        if isinstance(one, Mapping) and isinstance(two, Mapping) and not path:
            found += differences(one, two, f"{name}.")
        elif isinstance(one, list) and isinstance(two, list) and not path:
            found += [f"{name}[{i}]" for i, (a, b) in enumerate(zip(one, two, strict=False))
                      if a != b]
            found += [f"{name}[]"] if len(one) != len(two) else []
        else:
            found.append(name)
    return tuple(found)


def is_answer_to(document: Mapping[str, Any], scenario: Scenario) -> bool:
    """Whether a document is an answer to a scenario of this name on this day."""
    said = document.get("scenario")
    return (document.get("document") == "check" and isinstance(said, Mapping)
            and isinstance(document.get("ledger_position"), int)
            and _day(document.get("decision_date")) is not None
            and said.get("id") == scenario.id)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _with_own(each: LotBalance, taken: Mapping[tuple[str, str], int]) -> LotBalance:
    lot_id = each.lot.lot_id
    codes = {**each.free, **{code: 0 for lot, code in taken if lot == lot_id}}
    return replace(each, free={
        code: each.free.get(code, 0) + taken.get((lot_id, code), 0) for code in codes})


__all__ = ["differences", "is_answer_to", "lots_known_at", "recompute"]
