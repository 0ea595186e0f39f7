"""Where a year's quota came from and where it went: both sides are equal (accounting §3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import strategies
from hypothesis import given
from hypothesis import strategies as st

from zoning.ledger.entries import reverse_postings
from zoning.ledger.model import Entry, Event, Lot
from zoning.ledger.yearflow import year_flow, years_of

Journal = tuple[tuple[Lot, ...], tuple[Entry, ...]]


@st.composite
def books(draw: st.DrawFn) -> tuple[dict[str, Lot], list[Entry]]:
    """A journal spread over three years, some of its entries reversed."""
    lots, entries = draw(strategies.journals())
    dated = [replace(each, effective=date(2024 + draw(st.integers(0, 2)), 6, 1))
             for each in entries]
    undone = draw(st.sets(st.sampled_from([each.entry_id for each in dated])))
    reversals = [
        Entry(1000 + n, Event.REVERSE, date(2026, 7, 1), each.recorded, reverse_postings(each),
              reverses=each.entry_id)
        for n, each in enumerate(dated) if each.entry_id in undone]
    return {lot.lot_id: lot for lot in lots}, [*dated, *reversals]


@given(books(), st.sampled_from(strategies.COMPONENTS), st.integers(2023, 2027))
def test_what_comes_is_what_goes(
    book: tuple[dict[str, Lot], list[Entry]], component: str, year: int
) -> None:
    """accounting §3: in each pool, whatever was reversed and whenever."""
    lots, entries = book
    flow = year_flow(entries, lots, {}, kind="offset", component=component, year=year)
    for pool in strategies.POOLS:
        comes = sum(each.amount for each in flow.comes if each.pool == pool)
        assert comes == sum(each.amount for each in flow.goes if each.pool == pool)


@given(books(), st.sampled_from(strategies.COMPONENTS), st.integers(2023, 2026))
def test_what_is_left_is_carried_over(
    book: tuple[dict[str, Lot], list[Entry]], component: str, year: int
) -> None:
    """accounting §7: the end of a year is the beginning of the next."""
    lots, entries = book
    this, after = (year_flow(entries, lots, {}, kind="offset", component=component, year=each)
                   for each in (year, year + 1))
    assert (sum(each.amount for each in this.goes if each.way in ("held", "free"))
            == sum(each.amount for each in after.comes if each.way == "carried"))


@given(strategies.journals())
def test_the_entries_of_a_stream_are_told(journal: Journal) -> None:
    """accounting §4: a number opens down to its entries."""
    lots, entries = journal
    flow = year_flow(entries, {lot.lot_id: lot for lot in lots}, {}, kind="offset",
                     component="area", year=2026)
    told = {number for each in (*flow.comes, *flow.goes) for number in each.entries}
    assert {each.entry_id for each in entries if each.event in (Event.INFLOW, Event.SETTLE)
            and any(line.component == "area" for line in each.postings)} <= told
    assert years_of(entries) in ((), (2026,))
