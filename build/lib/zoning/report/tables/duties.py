"""What the book owes and is owed: deadlines, linkage returns, idle clocks, book against land."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from zoning.codes.events import LedgerEvent
from zoning.codes.reader import Component, QuotaKind
from zoning.errors import Message
from zoning.ledger.deadlines import Deadline, IdleClock
from zoning.ledger.linkage import Loan
from zoning.ledger.model import Vector
from zoning.ledger.reconcile import Difference, Reconciliation
from zoning.report.tables.areas import HA_AND_MU
from zoning.report.tables.record import Cell, Column, Derived, Table, Words, build, column
from zoning.report.tables.words import bilingual, component_name, component_unit, named, quota_name
from zoning.scenario.outcome import Quantity

Kinds = Mapping[str, QuotaKind]

LOAN_STATES = ("issued", "held", "used", "returned", "outstanding", "drawable")


def deadlines_table(due: Iterable[Deadline], *, on: date, kinds: Kinds) -> Table:
    """What falls due, a row per matter and component; without a day it stands last."""
    columns = (
        column("due_day", "date"), column("days_left", "int"), column("matter"),
        column("subject"), column("about"), column("kind"), column("component"), column("unit"),
        column("at_stake", "amount", also=("ha", "mu")),
    )
    rows = [row for each in due for row in _deadline_rows(each, on, kinds)]
    return build("deadlines", columns, rows,
                 notes=(Message("report.note.overdue", {"on": on}), Message("report.note.no_day")))


def loans_table(loans: Iterable[Loan], *, kind: QuotaKind, on: date) -> Table:
    """Linkage turnover quota: issued, used, returned, still to be returned, still to be drawn."""
    columns: list[Column] = [
        column("lot"), column("place"), column("pool"), column("vintage", "int"),
        column("document"), column("issued_on", "date"), column("return_due", "date"),
        *(_loan_column(kind, component.code, state)
          for state in LOAN_STATES for component in kind.components),
        column("returns"),
    ]
    rows = (_loan_cells(loan, kind, on) for loan in loans)
    return build("loans", columns, rows,
                 totals=tuple(c.key for c in columns if c.kind in {"area", "kg"}),
                 notes=(Message("report.note.loans"),))


def idle_clocks_table(clocks: Iterable[IdleClock]) -> Table:
    """Supplied land not built on: when building was due, when it is idle, when it may be taken."""
    columns = (
        column("feature"), column("name"), column("start_due", "date"), column("idle_on", "date"),
        column("recover_on", "date"), column("area", "area", also=HA_AND_MU),
    )
    rows: Iterable[dict[str, Cell]] = (
        {"feature": each.feature, "name": each.name, "start_due": each.start_due,
         "idle_on": each.idle_on, "recover_on": each.recover_on, "area": each.area_dm2}
        for each in clocks
    )
    return build("idle_clocks", columns, rows, totals=("area",),
                 notes=(Message("report.note.idle_clocks"),))


def reconcile_table(found: Reconciliation, *, kinds: Kinds) -> Table:
    """The book against the land: every difference, with the polygons it lies in."""
    columns = (
        column("entry", "int"), column("subject"), column("kind"), column("component"),
        column("unit"), column("reason"), column("booked", "amount"),
        column("on_the_land", "amount"),
        column("gap", "amount", derived=Derived(("booked",), ("on_the_land",))),
        column("rounding"), column("polygons"),
    )
    rows = (_difference_cells(each, kinds) for each in found.differences)
    counts = {"claims": len(found.claims), "agreeing": found.agreeing,
              "differences": len(found.differences)}
    return build("reconcile", columns, rows,
                 notes=(Message("report.note.reconcile", counts),
                        Message("report.note.rounding")))


def events_table(events: Mapping[str, LedgerEvent], *, kinds: Kinds) -> Table:
    """The official names of ledger events, and the entry each one makes."""
    columns = (
        column("event"), column("english"), column("makes"), column("for_kinds"),
        column("basis"), column("reading"),
    )
    rows: Iterable[dict[str, Cell]] = (
        {"event": each.name, "english": each.en, "makes": Message(f"report.event.{each.event}"),
         "for_kinds": tuple(bilingual(_words(kinds[code])) for code in each.kinds if code in kinds),
         "basis": Message(f"report.basis.{each.basis}"), "reading": each.reading}
        for each in events.values()
    )
    return build("events", columns, rows)


def _deadline_rows(due: Deadline, on: date, kinds: Kinds) -> Iterable[dict[str, Cell]]:
    whole: dict[str, Cell] = {
        "due_day": due.day, "days_left": due.days_left(on),
        "matter": Message(f"report.matter.{due.matter.value}"), "subject": due.subject,
        "about": due.about, "kind": quota_name(kinds, due.kind) if due.kind else "",
    }
    if due.area_dm2 is not None:
        yield {**whole, "component": Message("report.column.area"), "unit": named("unit", "dm2"),
               "at_stake": Quantity(due.area_dm2, "dm2")}
    for code, amount in due.amounts.items():
        unit = component_unit(kinds, due.kind, code)
        yield {**whole, "component": component_name(kinds, due.kind, code),
               "unit": named("unit", unit), "at_stake": Quantity(amount, unit)}


def _loan_column(kind: QuotaKind, code: str, state: str) -> Column:
    component = kind.component(code)
    is_area = component.unit == "dm2"
    left = Derived((f"used_{code}",), (f"returned_{code}",))
    return column(f"{state}_{code}", "area" if is_area else "kg",
                  title=_words(component), also=("ha",) if is_area else (),
                  group=Message(f"report.column.{state}"),
                  derived=left if state == "outstanding" else None)


def _loan_cells(loan: Loan, kind: QuotaKind, on: date) -> dict[str, Cell]:
    vectors: dict[str, Vector] = {
        "issued": loan.issued, "held": loan.held, "used": loan.used, "returned": loan.returned,
        "drawable": loan.drawable(on),
    }
    return {
        "lot": loan.lot.lot_id, "place": loan.lot.account.place, "pool": loan.lot.account.pool,
        "vintage": loan.lot.vintage, "document": loan.lot.document, "issued_on": loan.issued_on,
        "return_due": loan.due, "returns": loan.returns,
        **{f"{state}_{component.code}": vector.get(component.code, 0)
           for state, vector in vectors.items() for component in kind.components},
    }


def _difference_cells(found: Difference, kinds: Kinds) -> dict[str, Cell]:
    claim = found.claim
    known: dict[str, Cell] = {
        "reason": Message(f"report.reason.{found.reason.value}", {"other": found.other or ""}),
        "polygons": found.polygons, "entry": claim.entry_id, "subject": claim.subject,
        "kind": quota_name(kinds, claim.kind),
    }
    if not found.component:
        return {**known, "component": "", "unit": "", "rounding": ""}
    unit = component_unit(kinds, claim.kind, found.component)
    return {
        **known, "component": component_name(kinds, claim.kind, found.component),
        "unit": named("unit", unit), "booked": _quantity(found.booked, unit),
        "on_the_land": _quantity(found.measured, unit), "gap": _quantity(found.difference, unit),
        "rounding": Message("report.yes" if found.is_rounding else "report.no"),
    }


def _quantity(value: int | None, unit: str) -> Quantity | None:
    return None if value is None else Quantity(value, unit)


def _words(thing: QuotaKind | Component) -> Words:
    return Words(thing.zh, thing.en)


__all__ = ["deadlines_table", "events_table", "idle_clocks_table", "loans_table",
           "reconcile_table"]
