"""Documents about the quota book: balance, journal, lots, holds, one entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby

from zoning.codes.reader import QuotaKind
from zoning.ledger.model import (
    Account,
    Entry,
    HoldBalance,
    Lot,
    LotBalance,
    PoolBalance,
    Posting,
    Vector,
)
from zoning.report.documents.values import Json, amount, day
from zoning.report.tables.words import component_order, component_unit

Kinds = Mapping[str, QuotaKind]
STATES = ("inflow", "free", "held", "used", "lapsed")


def balance_document(
    balances: Iterable[PoolBalance], *, kinds: Kinds, position: int, as_of: date | None = None
) -> Json:
    """The balance sheet: pools with their components, and totals per kind and component.

    `position` is the id of the last entry counted, `as_of` the day it counts for, null for all.
    """
    rows = list(balances)
    return {
        "document": "balance", "ledger_position": position, "as_of": day(as_of),
        "pools": [
            {**_account(account), "components": [_states(b, kinds) for b in group]}
            for account, group in groupby(
                sorted(rows, key=lambda b: (b.account, _order(b, kinds))), key=lambda b: b.account
            )
        ],
        "totals": _totals(rows, kinds),
    }


def journal_document(
    entries: Sequence[Entry], *, lots: Mapping[str, Lot], kinds: Kinds, position: int
) -> Json:
    """The entries in order, with their postings. Raises KeyError for a lot that is not given."""
    return {
        "document": "journal", "ledger_position": position,
        "entries": [_entry(entry, lots, kinds) for entry in entries],
    }


def entries_document(
    entries: Sequence[Entry], *, lots: Mapping[str, Lot], kinds: Kinds,
    holds: Iterable[HoldBalance] = (),
) -> Json:
    """What a command put into the book, and the holds it is about as they are now.

    Of `holds` only those that the entries name are told.
    """
    about = {posting.hold_id for entry in entries for posting in entry.postings}
    return {
        "document": "entries", "entries": [_entry(entry, lots, kinds) for entry in entries],
        "holds": [_hold(b, kinds) for b in holds if b.hold.hold_id in about],
    }


def lots_document(balances: Iterable[LotBalance], *, kinds: Kinds, position: int) -> Json:
    """The lots: document, vintage, expiry, origin, and what is left of each component."""
    return {
        "document": "lots", "ledger_position": position,
        "lots": [_lot(balance, kinds) for balance in balances],
    }


def holds_document(balances: Iterable[HoldBalance], *, kinds: Kinds, position: int) -> Json:
    """The holds: for which project, due when, what is still held and what was used."""
    return {
        "document": "holds", "ledger_position": position,
        "holds": [_hold(balance, kinds) for balance in balances],
    }


def _account(account: Account) -> Json:
    return {"place": account.place, "kind": account.kind, "pool": account.pool}


def _order(balance: PoolBalance, kinds: Kinds) -> tuple[int, int]:
    return component_order(kinds, balance.account.kind, balance.component)


def _states(balance: PoolBalance, kinds: Kinds) -> Json:
    unit = component_unit(kinds, balance.account.kind, balance.component)
    return {"component": balance.component,
            **{state: amount(getattr(balance, state), unit) for state in STATES}}


def _totals(balances: Iterable[PoolBalance], kinds: Kinds) -> list[Json]:
    sums: dict[tuple[str, str], list[int]] = {}
    for b in sorted(balances, key=lambda b: _order(b, kinds)):
        total = sums.setdefault((b.account.kind, b.component), [0] * len(STATES))
        for index, state in enumerate(STATES):
            total[index] += getattr(b, state)
    return [
        {"kind": kind, "component": component,
         **{state: amount(value, component_unit(kinds, kind, component))
            for state, value in zip(STATES, total, strict=True)}}
        for (kind, component), total in sums.items()
    ]


def _entry(entry: Entry, lots: Mapping[str, Lot], kinds: Kinds) -> Json:
    return {
        "entry_id": entry.entry_id, "event": entry.event.value,
        "official_type": entry.official_type, "effective": day(entry.effective),
        "recorded": entry.recorded.isoformat(), "document": entry.document, "note": entry.note,
        "reverses": entry.reverses,
        "postings": [_posting(posting, lots[posting.lot_id], kinds) for posting in entry.postings],
    }


def _posting(posting: Posting, lot: Lot, kinds: Kinds) -> Json:
    unit = component_unit(kinds, lot.account.kind, posting.component)
    return {
        "lot_id": posting.lot_id, **_account(lot.account), "component": posting.component,
        "state": posting.state.value, "amount": amount(posting.amount, unit),
        "hold_id": posting.hold_id,
    }


def _hold(balance: HoldBalance, kinds: Kinds) -> Json:
    hold = balance.hold
    return {
        "hold_id": hold.hold_id, "project_id": hold.project_id, "scenario_id": hold.scenario_id,
        "kind": hold.kind, "due": day(hold.due), "lots": list(balance.lots),
        "components": _vectors(hold.kind, {"held": balance.held, "used": balance.used}, kinds),
    }


def _lot(balance: LotBalance, kinds: Kinds) -> Json:
    lot = balance.lot
    vectors = {"free": balance.free, "held": balance.held, "used": balance.used,
               "lapsed": balance.lapsed}
    return {
        "lot_id": lot.lot_id, **_account(lot.account), "vintage": lot.vintage,
        "document": lot.document, "document_date": day(lot.document_date),
        "expires": day(lot.expires), "origin": list(lot.origin), "uses": list(lot.uses),
        "unit_cost_yuan": lot.unit_cost_yuan, "note": lot.note,
        "components": _vectors(lot.account.kind, vectors, kinds),
    }


def _vectors(kind: str, vectors: Mapping[str, Vector], kinds: Kinds) -> list[Json]:
    codes = sorted({code for vector in vectors.values() for code in vector},
                   key=lambda code: component_order(kinds, kind, code))
    return [
        {"component": code,
         **{state: amount(vector.get(code, 0), component_unit(kinds, kind, code))
            for state, vector in vectors.items()}}
        for code in codes
    ]
