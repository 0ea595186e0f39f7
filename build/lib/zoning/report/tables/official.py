"""Sheets of official forms made from the book: 使用台账, and what goes in and out of a library.

Column names follow the forms of a prefecture's land system; what they ask and the book does not
know (who approved, for one) is not invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from zoning.codes.reader import QuotaKind
from zoning.errors import Message
from zoning.ledger.model import Entry, Event, HoldBalance, Lot, State
from zoning.report.tables.record import Cell, Column, Table, Words, build, column
from zoning.report.tables.words import bilingual

Lots = Mapping[str, Lot]


def details_table(entries: Sequence[Entry], lots: Lots, *, kind: QuotaKind) -> Table:
    """出入库明细 of one kind: a row per entry and lot, with what it adds to the free stock.

    The totals are what is free now. What is settled has left the library when it was held, so a
    settlement changes nothing here.
    """
    columns = (
        column("number", "int"), column("effective", "date"), column("event"), column("summary"),
        column("place"), column("pool"), column("lot"), column("source_document"),
        *(_component(kind, c.code) for c in kind.components),
    )
    moved = [(entry, lot_id, change) for entry in entries
             for lot_id, change in _changes(entry, lots, kind.code).items()]
    rows: Iterable[dict[str, Cell]] = (
        {"number": number, "effective": entry.effective, "event": _event(entry),
         "summary": " · ".join(filter(None, (entry.document, entry.note))),
         "place": lots[lot_id].account.place, "pool": lots[lot_id].account.pool, "lot": lot_id,
         "source_document": lots[lot_id].document,
         **{f"of_{c.code}": change.get(c.code, 0) for c in kind.components}}
        for number, (entry, lot_id, change) in enumerate(moved, start=1)
    )
    return build(f"details_{kind.code}", columns, rows,
                 title=Message("report.title.details", {"kind": bilingual(_words(kind))}),
                 totals=tuple(f"of_{c.code}" for c in kind.components),
                 notes=(Message("report.note.details"),))


def usage_table(
    entries: Sequence[Entry], lots: Lots, holds: Iterable[HoldBalance], *, kind: QuotaKind
) -> Table:
    """使用台账 of one kind: a row per project's hold and lot that supplies it.

    What is held and what is used stand apart; 核销 is the day of the last use, 解除 leaves no row.
    """
    by_id = {each.hold.hold_id: each for each in holds if each.hold.kind == kind.code}
    taken = _taken(entries)
    columns = (
        column("number", "int"), *_project_columns(), *_supply_columns(),
        *(_component(kind, c.code, state) for state in ("held", "used") for c in kind.components),
        column("written_off"),
    )
    pairs = [key for key in taken if key[0] in by_id and any(
        amount for vector in taken[key].values() for amount in vector.values())]
    of_hold, inflows = _by_hold(entries), _inflows(entries)
    rows = [
        {"number": number, **_project(by_id[hold_id], of_hold[hold_id]),
         **_supply(lots[lot_id], inflows.get(lot_id)), **_amounts(taken[hold_id, lot_id], kind),
         "written_off": _written_off(taken[hold_id, lot_id])}
        for number, (hold_id, lot_id) in enumerate(pairs, start=1)
    ]
    return build(f"usage_{kind.code}", columns, rows,
                 title=Message("report.title.usage", {"kind": bilingual(_words(kind))}),
                 totals=tuple(f"{state}_{c.code}" for state in ("held", "used")
                              for c in kind.components),
                 notes=(Message("report.note.usage"),))


def _changes(entry: Entry, lots: Lots, kind: str) -> dict[str, dict[str, int]]:
    """Lot → what the entry adds to its free amount."""
    found: dict[str, dict[str, int]] = {}
    for line in entry.postings:
        if line.state is State.FREE and lots[line.lot_id].account.kind == kind:
            vector = found.setdefault(line.lot_id, {})
            vector[line.component] = vector.get(line.component, 0) + line.amount
    return found


def _taken(entries: Iterable[Entry]) -> dict[tuple[str, str], dict[State, dict[str, int]]]:
    """Hold and lot → what is held and what was used."""
    found: dict[tuple[str, str], dict[State, dict[str, int]]] = {}
    for line in (line for entry in entries for line in entry.postings):
        if line.hold_id is not None:
            vector = found.setdefault((line.hold_id, line.lot_id), {}).setdefault(line.state, {})
            vector[line.component] = vector.get(line.component, 0) + line.amount
    return found


def _project_columns() -> tuple[Column, ...]:
    group = Message("report.column.project_group")
    return (
        column("project", group=group), column("scenario", group=group),
        column("hold", group=group, title=Message("report.column.confirmation")),
        column("hooked_on", "date", group=group), column("written_off_on", "date", group=group),
        column("approval", group=group),
    )


def _supply_columns() -> tuple[Column, ...]:
    group = Message("report.column.supply_group")
    return (
        column("supply_type", group=group), column("lot", group=group),
        column("pool", group=group), column("place", group=group),
        column("vintage", "int", group=group), column("source_document", group=group),
    )


def _project(balance: HoldBalance, mine: Sequence[Entry]) -> dict[str, Cell]:
    hold = balance.hold
    undone = {entry.reverses for entry in mine}
    held = [entry for entry in mine if entry.event is Event.HOLD]
    used = [entry for entry in mine
            if entry.event is Event.SETTLE and entry.entry_id not in undone]
    documents = tuple(dict.fromkeys(entry.document for entry in used if entry.document))
    return {"project": hold.project_id, "scenario": hold.scenario_id, "hold": hold.hold_id,
            "hooked_on": _day(held[:1]), "written_off_on": _day(used[-1:]), "approval": documents}


def _supply(lot: Lot, inflow: Entry | None) -> dict[str, Cell]:
    return {"supply_type": _event(inflow) if inflow else "", "lot": lot.lot_id,
            "pool": lot.account.pool, "place": lot.account.place, "vintage": lot.vintage,
            "source_document": lot.document}


def _amounts(
    taken: Mapping[State, Mapping[str, int]], kind: QuotaKind
) -> dict[str, Cell]:
    return {
        f"{state.value}_{c.code}": taken.get(state, {}).get(c.code, 0)
        for state in (State.HELD, State.USED) for c in kind.components
    }


def _written_off(taken: Mapping[State, Mapping[str, int]]) -> Message:
    held, used = (any(taken.get(state, {}).values()) for state in (State.HELD, State.USED))
    return Message("report.partly" if held and used else "report.yes" if used else "report.no")


def _by_hold(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        for hold_id in {line.hold_id for line in entry.postings if line.hold_id is not None}:
            found.setdefault(hold_id, []).append(entry)
    return found


def _inflows(entries: Iterable[Entry]) -> dict[str, Entry]:
    return {entry.postings[0].lot_id: entry for entry in entries if entry.event is Event.INFLOW}


def _day(found: Sequence[Entry]) -> date | str:
    return found[0].effective if found else ""


def _event(entry: Entry) -> str | Message:
    return entry.official_type or Message(f"report.event.{entry.event.value}")


def _component(kind: QuotaKind, code: str, state: str = "of") -> Column:
    component = kind.component(code)
    is_area = component.unit == "dm2"
    group = None if state == "of" else Message(f"report.column.{state}")
    return column(f"{state}_{code}", "area" if is_area else "kg", group=group,
                  title=Words(component.zh, component.en), also=("ha",) if is_area else ())


def _words(kind: QuotaKind) -> Words:
    return Words(kind.zh, kind.en)


__all__ = ["details_table", "usage_table"]
