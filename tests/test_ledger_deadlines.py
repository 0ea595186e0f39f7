"""What falls due (accounting §14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from test_ledger_linkage import balance, fold, lot

from zoning.ledger.deadlines import IdleClock, Matter, deadlines
from zoning.ledger.model import Hold, HoldBalance

TODAY = date(2026, 6, 1)
CLOCK = IdleClock("idle_land/CL-1", "plot", date(2025, 7, 1), date(2026, 7, 1), date(2027, 7, 1),
                  1_000_000)


def open_hold(due: date | None, held: int = 5) -> HoldBalance:
    return HoldBalance(Hold("H000001", "P1", "S1", due, "offset"), {"area": held, "paddy": 0}, {})


def test_a_hold_is_due_while_something_is_held() -> None:
    """accounting §14"""
    (due,) = deadlines(on=TODAY, within_days=0, holds=[open_hold(TODAY)])
    assert (due.matter, due.subject, due.about, due.amounts) == (
        Matter.HOLD, "H000001", "P1", {"area": 5})
    assert not deadlines(on=TODAY, within_days=9, holds=[open_hold(TODAY, 0), open_hold(None)])


def test_a_lot_is_due_while_something_is_free() -> None:
    """accounting §14"""
    ending = replace(lot(1), expires=TODAY + timedelta(days=30))
    due = deadlines(on=TODAY, within_days=30, lots=[balance(ending, free={"area": 1})])
    assert [each.days_left(TODAY) for each in due] == [30]
    assert not deadlines(on=TODAY, within_days=29, lots=[balance(ending, free={"area": 1})])
    assert not deadlines(on=TODAY, within_days=30, lots=[balance(ending, used={"area": 1})])


def test_what_is_overdue_stays_in_the_list() -> None:
    """accounting §14"""
    (due,) = deadlines(on=TODAY, within_days=0, holds=[open_hold(TODAY - timedelta(days=400))])
    assert due.days_left(TODAY) == -400


def test_linkage_is_due_until_all_of_it_is_returned() -> None:
    """accounting §14"""
    found = fold(balance(lot(1), used={"area": 7}), balance(lot(2), free={"area": 7}))
    (due,) = deadlines(on=date(2027, 2, 1), within_days=28, loans=found.loans)
    assert (due.matter, due.day, due.amounts) == (Matter.LINKAGE, date(2027, 3, 1), {"area": 7})


def test_idle_land_has_two_clocks() -> None:
    """accounting §14"""
    due = deadlines(on=TODAY, within_days=395, clocks=[CLOCK])
    assert [(each.matter, each.day) for each in due] == [
        (Matter.IDLE, date(2026, 7, 1)), (Matter.RECOVER, date(2027, 7, 1))]
    assert [each.area_dm2 for each in due] == [1_000_000, 1_000_000]


def test_what_lacks_its_day_is_shown_last_and_not_hidden() -> None:
    """accounting §14"""
    blank = replace(CLOCK, start_due=None, idle_on=None, recover_on=None)
    due = deadlines(on=TODAY, within_days=0, clocks=[blank], holds=[open_hold(TODAY)])
    assert [each.day for each in due] == [TODAY, None, None]
    assert due[-1].days_left(TODAY) is None


@given(days=st.lists(st.none() | st.integers(-900, 900), max_size=8), within=st.integers(0, 900))
def test_a_longer_look_ahead_only_adds(days: list[int | None], within: int) -> None:
    """accounting §14: sorted by day, and what was due in N days is due in N + 1."""
    holds = [open_hold(None if each is None else TODAY + timedelta(days=each)) for each in days]
    near = deadlines(on=TODAY, within_days=within, holds=holds)
    far = deadlines(on=TODAY, within_days=within + 1, holds=holds)
    assert [each.day for each in near] == sorted(
        TODAY + timedelta(days=each) for each in days if each is not None and each <= within)
    assert far[:len(near)] == near
