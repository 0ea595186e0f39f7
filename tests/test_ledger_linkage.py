"""Linkage turnover quota: lent, used, returned in time, never used again (accounting §13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoning.codes.events import ledger_events
from zoning.codes.reader import quota_kinds
from zoning.errors import LedgerError
from zoning.ledger.entries import inflow_postings
from zoning.ledger.linkage import (
    RETURNS,
    Loans,
    good_until_return,
    loans,
    refuse_undrawn,
    return_due,
)
from zoning.ledger.model import Account, Entry, Event, Inflow, Lot, LotBalance, Voucher

COUNTY = "CN/32/3206/320623"
ISSUED = date(2024, 3, 1)
EVENTS = ledger_events()
CODES = ("area", "paddy", "capacity")


def three_years(place: str, on: date) -> int | None:
    return 3


def no_rule(place: str, on: date) -> int | None:
    return None


def lot(number: int, kind: str = "linkage", *, day: date | None = ISSUED,
        origin: tuple[str, ...] = (), pool: str = "county") -> Lot:
    return Lot(f"L{number:06d}", Account(COUNTY, kind, pool), 2024, f"No. {number}", day, origin)


def inflow(given_lot: Lot, official: str = "周转指标下达", number: int = 0) -> Entry:
    return Entry(number or int(given_lot.lot_id[1:]), Event.INFLOW, date(2024, 6, 1),
                 datetime(2024, 6, 1, tzinfo=UTC), inflow_postings(given_lot.lot_id, {"area": 1}),
                 official_type=official)


def balance(given_lot: Lot, *, free: Mapping[str, int] | None = None,
            used: Mapping[str, int] | None = None) -> LotBalance:
    return LotBalance(given_lot, free or {}, {}, used or {})


def fold(*balances: LotBalance) -> Loans:
    entries = [inflow(each.lot) for each in balances if each.lot.account.kind == "linkage"]
    return loans(balances, entries, events=EVENTS, years=three_years)


def test_a_return_is_due_three_years_after_the_document() -> None:
    """accounting §13"""
    (loan,) = fold(balance(lot(1), free={"area": 5}, used={"area": 7})).loans
    assert loan.due == date(2027, 3, 1)
    assert loan.issued == {"area": 12}
    assert loan.outstanding == {"area": 7}
    assert loan.drawable(date(2027, 3, 1)) == {"area": 5}
    assert loan.drawable(date(2027, 3, 2)) == {"area": 0}


def test_without_a_document_date_the_clock_starts_when_the_lot_counts() -> None:
    """accounting §13"""
    (loan,) = fold(balance(lot(1, day=None), used={"area": 7})).loans
    assert loan.issued_on == date(2024, 6, 1)


def test_where_no_rule_states_the_years_the_due_day_is_unknown() -> None:
    """accounting §13"""
    given_lot = lot(1)
    found = loans([balance(given_lot, used={"area": 7})], [inflow(given_lot)], events=EVENTS,
                  years=no_rule)
    assert found.loans[0].due is None
    assert found.loans[0].outstanding == {"area": 7}


def test_a_lot_from_accepted_land_is_not_lent() -> None:
    """accounting §13"""
    given_lot = lot(1)
    found = loans([balance(given_lot, used={"area": 7})], [inflow(given_lot, "项目入库指标")],
                  events=EVENTS, years=three_years)
    assert found.loans == ()


def test_a_named_lot_is_served_before_the_earliest() -> None:
    """accounting §13"""
    late = replace(lot(2), document_date=date(2025, 1, 1))
    back = lot(9, RETURNS, origin=("lot/L000002", "demolition/CJ-1"))
    first, second = fold(balance(lot(1), used={"area": 7}), balance(late, used={"area": 7}),
                         balance(back, free={"area": 5})).loans
    assert first.outstanding == {"area": 7}
    assert second.outstanding == {"area": 2}
    assert second.returns == ("L000009",)


def test_returned_quota_is_never_held() -> None:
    """accounting §13"""
    with pytest.raises(LedgerError) as refused:
        refuse_undrawn(quota_kinds()[RETURNS])
    assert refused.value.message.key == "ledger_book.not_drawn"
    refuse_undrawn(quota_kinds()["linkage"])


def test_lent_quota_is_good_until_its_return_is_due() -> None:
    """accounting §13"""
    told = Inflow(lot(1), {"area": 5}, Voucher(ISSUED, "周转指标下达"))
    dated = good_until_return(told, events=EVENTS, years=three_years, today=ISSUED)
    assert dated.lot.expires == date(2027, 3, 1)
    own = replace(told, lot=replace(told.lot, expires=date(2025, 1, 1)))
    assert good_until_return(own, events=EVENTS, years=three_years, today=ISSUED) == own
    earned = replace(told, voucher=Voucher(ISSUED, "项目入库指标"))
    assert good_until_return(earned, events=EVENTS, years=three_years, today=ISSUED) == earned


def test_quota_lent_on_a_leap_day_is_due_on_the_last_of_february() -> None:
    """accounting §13; Civil Code Art. 202"""
    assert return_due(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert return_due(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert return_due(date(2024, 2, 29), None) is None


vectors = st.dictionaries(st.sampled_from(CODES), st.integers(0, 50), max_size=3)


@given(used=st.lists(st.tuples(vectors, st.integers(0, 900)), min_size=1, max_size=5),
       back=st.lists(vectors, max_size=5))
def test_what_is_returned_counts_once_and_against_the_earliest_due(
    used: list[tuple[dict[str, int], int]], back: list[dict[str, int]]
) -> None:
    """accounting §13: returned + surplus = brought back; none is served before its turn."""
    lent = [balance(replace(lot(n), document_date=date.fromordinal(738_000 + days)), used=vector)
            for n, (vector, days) in enumerate(used, start=1)]
    returns = [balance(lot(100 + n, RETURNS), free=vector) for n, vector in enumerate(back)]
    found = fold(*lent, *returns)
    for code in CODES:
        brought = sum(each.free.get(code, 0) for each in returns)
        counted = sum(each.returned.get(code, 0) for each in found.loans)
        assert brought == counted + sum(v.get(code, 0) for v in found.surplus.values())
        waiting = [each for each in found.loans if each.outstanding.get(code, 0)]
        assert all(each.outstanding.get(code, 0) >= 0 for each in found.loans)
        after = found.loans[found.loans.index(waiting[0]) + 1:] if waiting else ()
        assert not any(each.returned.get(code, 0) for each in after)
    assert [each.due for each in found.loans] == sorted(each.due for each in found.loans)  # type: ignore[type-var]
