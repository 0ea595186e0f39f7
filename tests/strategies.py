"""Hypothesis strategies for quota books."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from zoning.ledger.entries import (
    expire_postings,
    hold_postings,
    inflow_postings,
    settle_postings,
    void_postings,
)
from zoning.ledger.model import (
    Account,
    Draw,
    Entry,
    Event,
    Lot,
    LotBalance,
    Posting,
)

COMPONENTS = ("area", "paddy", "capacity")
FIRST_DAY = date(2026, 1, 1)
POOLS = ("stock", "reserve")

days = st.integers(0, 60).map(lambda n: FIRST_DAY + timedelta(days=n))
amounts = st.integers(1, 50)
vectors = st.dictionaries(st.sampled_from(COMPONENTS), amounts, min_size=1)


@st.composite
def lots(draw: st.DrawFn, number: int = 1) -> Lot:
    """A lot of offset quota; some expire, some are limited in use."""
    return Lot(
        f"L{number:06d}",
        Account("CN/32/3206/320623", "offset", draw(st.sampled_from(POOLS))),
        vintage=draw(st.integers(2020, 2026)),
        document=f"No. {number}",
        expires=draw(st.none() | days),
        uses=draw(st.sampled_from([(), ("industry",), ("commerce", "industry")])),
    )


@st.composite
def lot_balances(draw: st.DrawFn, max_lots: int = 5) -> tuple[LotBalance, ...]:
    """Lots with something free."""
    count = draw(st.integers(0, max_lots))
    return tuple(
        LotBalance(draw(lots(number)), free=draw(vectors), held={}, used={})
        for number in range(1, count + 1)
    )


@st.composite
def journals(draw: st.DrawFn, max_entries: int = 12) -> tuple[tuple[Lot, ...], tuple[Entry, ...]]:
    """A sound journal: lots and entries that never take more than is there at the end."""
    free: dict[str, dict[str, int]] = {}
    held: dict[str, tuple[str, dict[str, int]]] = {}
    known: list[Lot] = []
    entries: list[Entry] = []
    for number in range(1, draw(st.integers(1, max_entries)) + 1):
        events = ["inflow", *(["hold", "expire"] if any(map(any_left, free.values())) else []),
                  *(["settle", "void"] if any(any_left(vector) for _, vector in held.values())
                    else [])]
        event = Event(draw(st.sampled_from(events)))
        if event is Event.INFLOW:
            lot = draw(lots(number))
            known.append(lot)
            free[lot.lot_id] = dict(draw(vectors))
            postings: tuple[Posting, ...] = inflow_postings(lot.lot_id, free[lot.lot_id])
        elif event in (Event.HOLD, Event.EXPIRE):
            lot_id = draw(st.sampled_from([name for name in free if any_left(free[name])]))
            part = draw(parts(free[lot_id]))
            take(free[lot_id], part)
            if event is Event.EXPIRE:
                postings = expire_postings(lot_id, part)
            else:
                held[f"H{number:06d}"] = (lot_id, dict(part))
                postings = hold_postings(f"H{number:06d}", draws(lot_id, part))
        else:
            hold_id = draw(st.sampled_from([name for name in held if any_left(held[name][1])]))
            lot_id, left = held[hold_id]
            part = draw(parts(left))
            take(left, part)
            if event is Event.VOID:
                take(free[lot_id], {code: -amount for code, amount in part.items()})
            make = settle_postings if event is Event.SETTLE else void_postings
            postings = make(hold_id, draws(lot_id, part))
        recorded = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
        entries.append(Entry(number, event, draw(days), recorded, postings))
    return tuple(known), tuple(entries)


@st.composite
def parts(draw: st.DrawFn, whole: Mapping[str, int]) -> dict[str, int]:
    """Some of a vector, not nothing."""
    left = sorted(code for code, amount in whole.items() if amount)
    chosen = draw(st.sets(st.sampled_from(left), min_size=1))
    return {code: draw(st.integers(1, whole[code])) for code in sorted(chosen)}


def any_left(vector: Mapping[str, int]) -> bool:
    return any(vector.values())


def take(vector: dict[str, int], part: Mapping[str, int]) -> None:
    for code, amount in part.items():
        vector[code] -= amount


def draws(lot_id: str, vector: Mapping[str, int]) -> tuple[Draw, ...]:
    return tuple(Draw(lot_id, code, amount) for code, amount in vector.items())
