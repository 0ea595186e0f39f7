"""The quota book as tables: balance sheet, official stock sheet, journal, lots, holds.

Layouts follow the Nantong quota system (指标库可用剩余情况, 指标明细, 冻结). The official sheets
know 可用, 入库 and 出库; 出库 here opens into held, used and lapsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from zoning.codes.reader import QuotaKind
from zoning.errors import Message
from zoning.ledger.model import Account, Entry, HoldBalance, Lot, LotBalance, PoolBalance, Posting
from zoning.report.tables.record import Cell, Column, Derived, Table, Words, build, column
from zoning.report.tables.words import (
    bilingual,
    component_name,
    component_order,
    component_unit,
    named,
    quota_name,
)
from zoning.scenario.outcome import Quantity

Kinds = Mapping[str, QuotaKind]

STATES = ("inflow", "free", "held", "used", "lapsed")
CHECK = Derived(plus=("inflow",), minus=STATES[1:])
"""What came in less where it is now; anything but zero is a broken book."""


def balance_table(balances: Iterable[PoolBalance], *, kinds: Kinds) -> Table:
    """The balance sheet: a row per pool and component, totals per kind and component only."""
    rows = sorted(
        balances, key=lambda b: (component_order(kinds, b.account.kind, b.component), b.account)
    )
    columns = (
        *_account_columns(), column("component"), column("unit"),
        *_state_columns(), column("check", "amount", derived=CHECK),
    )
    return build(
        "balance", columns, (_balance_row(row, kinds) for row in rows),
        totals=(*STATES, "check"), total_by=("kind", "component"),
        notes=(Message("report.note.vector"), Message("report.note.balance_check")),
    )


def stock_table(balances: Iterable[PoolBalance], *, kind: QuotaKind) -> Table:
    """The official sheet 指标库可用剩余情况 of one kind: a row per account, states × components.

    出库 is what left the free stock: held, used or lapsed. A component never had is zero.
    """
    by_account: dict[Account, dict[str, PoolBalance]] = {}
    for balance in sorted(balances, key=lambda b: (b.account, b.component)):
        if balance.account.kind == kind.code:
            by_account.setdefault(balance.account, {})[balance.component] = balance
    columns = (column("number", "int"), column("place"), column("pool"), *_stock_columns(kind))
    rows = [
        {"number": number, "place": account.place, "pool": account.pool,
         **_stock_cells(kind, found)}
        for number, (account, found) in enumerate(by_account.items(), start=1)
    ]
    return build(
        f"stock_{kind.code}", columns, rows,
        title=Message("report.title.stock", {"kind": bilingual(Words(kind.zh, kind.en))}),
        totals=tuple(c.key for c in columns[3:]),
        notes=(Message("report.note.outflow"),),
    )


def journal_tables(
    entries: Sequence[Entry], lots: Mapping[str, Lot], *, kinds: Kinds
) -> tuple[Table, ...]:
    """One journal (指标明细) per quota kind that the entries move, in the order of `kinds`.

    Raises KeyError for a posting whose lot is not among `lots`.
    """
    moved = {lots[p.lot_id].account.kind for entry in entries for p in entry.postings}
    return tuple(
        journal_table(entries, lots, kind=kind) for code, kind in kinds.items() if code in moved
    )


def journal_table(entries: Sequence[Entry], lots: Mapping[str, Lot], *, kind: QuotaKind) -> Table:
    """The journal of one kind: a row per entry, lot, state and hold; + enters the state, - leaves.

    Each component sums to zero over the whole journal: what comes in leaves the world outside.
    """
    columns = (
        column("entry", "int"), column("effective", "date"), column("recorded"), column("event"),
        column("summary"), column("place"), column("pool"), column("lot"), column("state"),
        column("hold"), *(_component_column(kind, c.code) for c in kind.components),
        column("reverses", "int"),
    )
    rows = [row for entry in entries for row in _journal_rows(entry, lots, kind)]
    return build(
        f"journal_{kind.code}", columns, rows,
        title=Message("report.title.journal", {"kind": bilingual(Words(kind.zh, kind.en))}),
        totals=tuple(f"of_{c.code}" for c in kind.components),
        notes=(Message("report.note.journal"),),
    )


def lots_table(balances: Sequence[LotBalance], *, kinds: Kinds) -> Table:
    """The lots (批次): document, vintage, expiry, origin, and what is left per component."""
    columns = (
        column("lot"), *_account_columns(), column("vintage", "int"), column("document"),
        column("document_date", "date"), column("expires", "date"), column("origin"),
        column("uses"), column("component"), column("unit"), *_state_columns(),
    )
    rows = [
        _lot_row(balance, component, kinds)
        for balance in balances for component in _components(balance, kinds)
    ]
    rows.sort(key=lambda pair: pair[0])
    return build("lots", columns, (row for _, row in rows), totals=STATES,
                 total_by=("kind", "component"), notes=(Message("report.note.vector"),))


def holds_table(balances: Sequence[HoldBalance], *, kinds: Kinds) -> Table:
    """The holds (冻结): for which project and scenario, due when, what is held, what was used."""
    columns = (
        column("hold"), column("project"), column("scenario"), column("due", "date"),
        column("kind"), column("lots"), column("component"), column("unit"),
        column("held", "amount", also=("ha", "mu")), column("used", "amount"),
    )
    rows = [
        _hold_row(balance, component, kinds)
        for balance in balances for component in dict.fromkeys((*balance.held, *balance.used))
    ]
    rows.sort(key=lambda pair: pair[0])
    return build("holds", columns, (row for _, row in rows), totals=("held", "used"),
                 total_by=("kind", "component"), notes=(Message("report.note.vector"),))


def _account_columns() -> tuple[Column, ...]:
    return column("place"), column("kind"), column("pool")


def _state_columns() -> tuple[Column, ...]:
    shown_in_ha_and_mu = ("inflow", "free")
    return tuple(
        column(s, "amount", also=("ha", "mu") if s in shown_in_ha_and_mu else ()) for s in STATES
    )


def _account_cells(account: Account, kinds: Kinds) -> dict[str, Cell]:
    return {"place": account.place, "kind": quota_name(kinds, account.kind), "pool": account.pool}


def _component_cells(kinds: Kinds, kind: str, component: str) -> dict[str, Cell]:
    return {
        "component": component_name(kinds, kind, component),
        "unit": named("unit", component_unit(kinds, kind, component)),
    }


def _balance_row(balance: PoolBalance, kinds: Kinds) -> dict[str, Cell]:
    kind, component = balance.account.kind, balance.component
    unit = component_unit(kinds, kind, component)
    return {
        **_account_cells(balance.account, kinds), **_component_cells(kinds, kind, component),
        **{state: Quantity(getattr(balance, state), unit) for state in STATES},
    }


def _component_column(kind: QuotaKind, code: str, state: str | None = None) -> Column:
    component = kind.component(code)
    is_area = component.unit == "dm2"
    return column(
        f"of_{code}" if state is None else f"{state}_{code}",
        "area" if is_area else "kg",
        title=Words(component.zh, component.en),
        also=("ha",) if is_area else (),
        group=Message(f"report.column.{state}") if state else None,
        derived=Derived((f"inflow_{code}",), (f"free_{code}",)) if state == "outflow" else None,
    )


def _stock_columns(kind: QuotaKind) -> tuple[Column, ...]:
    return tuple(
        _component_column(kind, component.code, state)
        for state in ("free", "inflow", "outflow") for component in kind.components
    )


def _stock_cells(kind: QuotaKind, found: Mapping[str, PoolBalance]) -> dict[str, Cell]:
    return {
        f"{state}_{component.code}": getattr(found.get(component.code), state, 0)
        for state in ("free", "inflow") for component in kind.components
    }


def _journal_rows(
    entry: Entry, lots: Mapping[str, Lot], kind: QuotaKind
) -> Iterable[dict[str, Cell]]:
    def line(posting: Posting) -> tuple[str, str, str]:
        return posting.lot_id, posting.state.value, posting.hold_id or ""

    mine = [p for p in entry.postings if lots[p.lot_id].account.kind == kind.code]
    first_seen = {key: i for i, key in reversed(list(enumerate(map(line, mine))))}
    mine.sort(key=lambda posting: first_seen[line(posting)])
    for (lot_id, state, hold_id), postings in groupby(mine, key=line):
        account = lots[lot_id].account
        yield {
            "entry": entry.entry_id, "effective": entry.effective,
            "recorded": entry.recorded.isoformat(" ", "seconds"),
            "event": entry.official_type or Message(f"report.event.{entry.event.value}"),
            "summary": " · ".join(filter(None, (entry.document, entry.note))),
            "place": account.place, "pool": account.pool, "lot": lot_id,
            "state": Message(f"report.state.{state}"), "hold": hold_id or None,
            **_sums(kind, postings),
            "reverses": "" if entry.reverses is None else entry.reverses,
        }


def _sums(kind: QuotaKind, postings: Iterable[Posting]) -> dict[str, Cell]:
    sums = {f"of_{component.code}": 0 for component in kind.components}
    for posting in postings:
        sums[f"of_{posting.component}"] += posting.amount
    return dict(sums)


def _components(balance: LotBalance, kinds: Kinds) -> list[str]:
    vectors = (balance.free, balance.held, balance.used, balance.lapsed)
    kind = balance.lot.account.kind
    return sorted({code for vector in vectors for code in vector},
                  key=lambda code: component_order(kinds, kind, code))


def _lot_row(
    balance: LotBalance, component: str, kinds: Kinds
) -> tuple[tuple[int, int], dict[str, Cell]]:
    lot = balance.lot
    unit = component_unit(kinds, lot.account.kind, component)
    left = {state: getattr(balance, state).get(component, 0) for state in STATES[1:]}
    left["inflow"] = sum(left.values())
    return component_order(kinds, lot.account.kind, component), {
        "lot": lot.lot_id, **_account_cells(lot.account, kinds), "vintage": lot.vintage,
        "document": lot.document, "document_date": lot.document_date, "expires": lot.expires,
        "origin": lot.origin, "uses": lot.uses,
        **_component_cells(kinds, lot.account.kind, component),
        **{state: Quantity(amount, unit) for state, amount in left.items()},
    }


def _hold_row(
    balance: HoldBalance, component: str, kinds: Kinds
) -> tuple[tuple[int, int], dict[str, Cell]]:
    hold = balance.hold
    unit = component_unit(kinds, hold.kind, component)
    return component_order(kinds, hold.kind, component), {
        "hold": hold.hold_id, "project": hold.project_id, "scenario": hold.scenario_id,
        "due": hold.due, "kind": quota_name(kinds, hold.kind), "lots": balance.lots,
        **_component_cells(kinds, hold.kind, component),
        "held": Quantity(balance.held.get(component, 0), unit),
        "used": Quantity(balance.used.get(component, 0), unit),
    }
