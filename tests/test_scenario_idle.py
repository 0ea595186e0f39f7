"""Idle land by the articles of order no. 53, and what disposing of stock land earns."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from deciding import PLACE, book
from hypothesis import given
from hypothesis import strategies as st

from zoning.dates import add_years
from zoning.messages import LANGUAGES, say
from zoning.rules.shipped import shipped
from zoning.scenario.idle import (
    GOVERNMENT_WAYS,
    IdleClock,
    IdleLaw,
    IdlePlot,
    IdleState,
    base_date,
    full_years,
    idle_clock,
    lawful_disposal,
)
from zoning.scenario.renewal import StockPlot, disposal_task, earned, earned_total
from zoning.scenario.words import say_missing

BOOK = shipped()
DUE = date(2019, 3, 1)
PLOT = IdlePlot("X1", 1_000_000, start_due=DUE, cause="holder", price_yuan=10_000_000,
                is_monitored=True)
STARTED = replace(PLOT, started_on=date(2019, 2, 1), stopped_on=date(2020, 5, 1),
                  built=Fraction(1, 10), invested=Fraction(9, 10))


def law(on: date) -> IdleLaw:
    return IdleLaw(BOOK, on, PLACE)


def clock(plot: IdlePlot, on: date) -> IdleClock:
    found = idle_clock(plot, law(on))
    assert all(say(say_missing(token), language) for token in found.missing
               for language in LANGUAGES)
    return found


@pytest.mark.parametrize(("on", "state"), [
    (date(2019, 2, 28), IdleState.NORMAL), (date(2019, 3, 1), IdleState.NEAR),
    (date(2020, 2, 29), IdleState.NEAR), (date(2020, 3, 1), IdleState.SUSPECTED),
])
def test_article_2_1_a_full_year_after_the_agreed_start(on: date, state: IdleState) -> None:
    assert clock(PLOT, on).state is state


def test_article_5_investigation_within_30_days_answer_within_30() -> None:
    found = clock(PLOT, date(2020, 3, 1))
    assert found.investigate_by == date(2020, 3, 31)
    asked = clock(replace(PLOT, investigated_on=date(2020, 3, 20)), date(2020, 3, 25))
    assert (asked.state, asked.answer_by) == (IdleState.INVESTIGATED, date(2020, 4, 19))


def test_articles_9_to_11_confirmation_is_an_act() -> None:
    plot = replace(PLOT, confirmed_on=date(2020, 6, 1))
    assert clock(plot, date(2020, 5, 31)).state is IdleState.SUSPECTED
    assert clock(plot, date(2020, 6, 1)).state is IdleState.CONFIRMED
    assert clock(replace(plot, disposed_on=date(2020, 9, 1)),
                 date(2020, 9, 1)).state is IdleState.DISPOSED


@pytest.mark.parametrize(("built", "invested", "state"), [
    ("0.3333", "1/4", IdleState.SUSPECTED),  # 0.3333 is less than a third
    ("1/3", "0.2499", IdleState.SUSPECTED), ("1/3", "1/4", IdleState.NORMAL),
    (None, "0.2499", IdleState.SUSPECTED), (None, "1/4", IdleState.UNDECIDED),
    ("1/3", None, IdleState.UNDECIDED), (None, None, IdleState.UNDECIDED),
])
def test_article_2_2_little_built_or_invested_and_stopped_for_a_year(
    built: str | None, invested: str | None, state: IdleState
) -> None:
    shares = [None if each is None else Fraction(each) for each in (built, invested)]
    plot = replace(STARTED, built=shares[0], invested=shares[1])
    assert clock(plot, date(2021, 5, 1)).state is state
    assert clock(STARTED, date(2021, 4, 30)).state is IdleState.NEAR
    assert clock(replace(STARTED, stopped_on=None), date(2021, 5, 1)).state is IdleState.NORMAL


def test_article_22_without_an_agreed_day_the_start_is_delivery_and_a_year() -> None:
    plot = IdlePlot("X2", 1, delivered_on=date(2018, 3, 1))
    assert base_date(plot, law(DUE)) == date(2019, 3, 1)
    assert clock(plot, date(2020, 3, 1)).state is IdleState.SUSPECTED
    unknown = clock(IdlePlot("X3", 1), DUE)
    assert (unknown.state, unknown.missing) == (IdleState.UNDECIDED, ("fact:start_due:X3",))


def test_article_12_an_extension_moves_the_base_date() -> None:
    plot = replace(PLOT, extended_to=date(2020, 3, 1))
    assert clock(plot, date(2020, 3, 1)).state is IdleState.NEAR
    assert clock(plot, date(2021, 3, 1)).state is IdleState.SUSPECTED


CONFIRMED = replace(PLOT, confirmed_on=date(2020, 4, 1))


def test_article_12_causes_of_the_government_are_settled_by_agreement() -> None:
    found = lawful_disposal(replace(CONFIRMED, cause="government"), law(date(2022, 4, 1)))
    assert found.ways == GOVERNMENT_WAYS
    assert (found.latest_start, found.temporary_until) == (date(2023, 4, 1), date(2024, 4, 1))
    assert found.fee_yuan is None


def test_article_12_land_started_and_stopped_never_pays_the_fee_or_is_recovered() -> None:
    plot = replace(STARTED, confirmed_on=date(2021, 6, 1), cause="holder")
    found = lawful_disposal(plot, law(date(2025, 1, 1)))
    assert found.ways == GOVERNMENT_WAYS


def test_article_14_fee_of_a_fifth_from_one_year_recovery_from_two() -> None:
    fee = lawful_disposal(CONFIRMED, law(date(2021, 2, 28)))
    assert (fee.ways, fee.fee_yuan) == (("fee",), 2_000_000)
    assert lawful_disposal(CONFIRMED, law(date(2021, 3, 1))).ways == ("recover",)
    unpriced = lawful_disposal(replace(CONFIRMED, price_yuan=None), law(date(2021, 2, 28)))
    assert (unpriced.fee_yuan, unpriced.missing) == (None, ("fact:price:X1",))


def test_nothing_is_disposed_of_before_it_is_confirmed_or_while_the_cause_is_unknown() -> None:
    assert lawful_disposal(PLOT, law(date(2021, 3, 1))).ways == ()
    found = lawful_disposal(replace(CONFIRMED, cause=None), law(date(2021, 3, 1)))
    assert (found.ways, found.missing) == ((), ("fact:cause:X1",))


def test_article_25_land_outside_the_monitoring_system_has_no_way_of_article_12() -> None:
    plot = replace(CONFIRMED, cause="government", is_monitored=False)
    assert lawful_disposal(plot, law(date(2021, 3, 1))).missing == ("fact:monitored:X1",)
    unsaid = lawful_disposal(replace(plot, is_monitored=None), law(date(2021, 3, 1)))
    assert (unsaid.ways, unsaid.missing) == ((), ("fact:monitored:X1",))


def test_before_the_order_nothing_is_said() -> None:
    found = clock(replace(PLOT, start_due=date(2010, 1, 1)), date(2012, 6, 30))
    assert found.state is IdleState.UNDECIDED
    assert any("idle.not_started_years" in token for token in found.missing)


@given(st.dates(date(2015, 1, 1), date(2020, 12, 31)), st.integers(0, 2000))
def test_time_only_goes_forward(due: date, days: int) -> None:
    order = [IdleState.NORMAL, IdleState.NEAR, IdleState.SUSPECTED]
    plot = replace(PLOT, start_due=due)
    one = clock(plot, due - timedelta(days=400) + timedelta(days=days)).state
    two = clock(plot, due - timedelta(days=399) + timedelta(days=days)).state
    assert order.index(one) <= order.index(two)


def test_land_due_on_a_leap_day_is_idle_from_the_last_of_february() -> None:
    """Civil Code Art. 202; the same day as `return_due` of the quota book."""
    plot = replace(PLOT, start_due=date(2020, 2, 29))
    found = clock(plot, date(2022, 6, 1))
    assert (found.idle_on, found.recover_on) == (date(2021, 2, 28), date(2022, 2, 28))
    delivered = replace(PLOT, start_due=None, delivered_on=date(2020, 2, 29))
    assert base_date(delivered, law(date(2022, 6, 1))) == date(2021, 2, 28)


@given(st.dates(), st.integers(0, 9999))
def test_a_term_ends_on_its_corresponding_day_or_the_last_of_its_month(
    day: date, years: int
) -> None:
    """Civil Code Art. 202, against the calendar's own length of the month."""
    year = day.year + years
    if year > date.max.year:
        assert add_years(day, years) == date.max
        return
    last = monthrange(year, day.month)[1]
    assert add_years(day, years) == date(year, day.month, min(day.day, last))


@pytest.mark.parametrize(("day", "years", "anniversary", "day_after"), [
    (date(2019, 3, 1), 1, date(2020, 3, 1), date(2020, 3, 2)),
    (date(2019, 2, 28), 1, date(2020, 2, 28), date(2020, 2, 29)),
    (date(2020, 2, 29), 1, date(2021, 2, 28), date(2021, 3, 1)),
    (date(2020, 2, 29), 4, date(2024, 2, 29), date(2024, 3, 1)),
    (date(9998, 5, 1), 3, date.max, date.max),
    (date(2018, 12, 31), 2, date(2020, 12, 31), date(2021, 1, 1)),
])
def test_a_full_year_by_either_way_of_counting(
    day: date, years: int, anniversary: date, day_after: date
) -> None:
    assert full_years(day, years, "anniversary") == anniversary
    assert full_years(day, years, "day_after") == day_after


def test_a_county_counts_full_years_by_the_civil_code() -> None:
    rules = book(idle__full_year_from="day_after")
    plot = replace(PLOT, confirmed_on=date(2020, 4, 1))

    def on(day: date) -> IdleLaw:
        return IdleLaw(rules, day, PLACE)

    assert idle_clock(PLOT, on(date(2020, 3, 1))).state is IdleState.NEAR
    assert idle_clock(PLOT, on(date(2020, 3, 2))).state is IdleState.SUSPECTED
    assert lawful_disposal(plot, on(date(2021, 3, 1))).ways == ("fee",)
    assert lawful_disposal(plot, on(date(2021, 3, 2))).ways == ("recover",)
    stopped = idle_clock(STARTED, on(date(2021, 5, 1)))
    assert (stopped.state, stopped.idle_on) == (IdleState.NEAR, date(2021, 5, 2))


# ── what it earns ────────────────────────────────────────────────────────────────────────────

IN_2020, IN_2021 = date(2020, 6, 30), date(2021, 6, 30)


@pytest.mark.parametrize(("plot", "plan_dm2"), [
    (StockPlot("A", "approved_unsupplied", 1000, date(2017, 12, 31)), 500),
    (StockPlot("B", "approved_unsupplied", 1000, date(2018, 1, 1)), 300),
    (StockPlot("C", "idle", 1001), 501), (StockPlot("D", "supplied_unused", 1000), 0),
    (StockPlot("E", "low_efficiency", 1000), 0),
    (StockPlot("F", "approved_unsupplied", 1000), None),
])
def test_what_disposing_earned_in_2020(plot: StockPlot, plan_dm2: int | None) -> None:
    found = earned(plot, BOOK, on=IN_2020, place=PLACE)
    assert (found.frees_dm2, found.plan_dm2) == (plot.area_dm2, plan_dm2)
    assert earned(plot, BOOK, on=IN_2021, place=PLACE).plan_dm2 is None


def test_coefficients_after_2020_are_blank_until_a_workspace_states_them() -> None:
    plot = StockPlot("C", "idle", 1000)
    found = earned(plot, BOOK, on=IN_2021, place=PLACE)
    assert found.missing == (f"rule:plan.earn.idle@{PLACE}@2021-06-30",)
    assert earned(plot, book(plan__earn__idle="1/4"), on=IN_2021, place=PLACE).plan_dm2 == 250


def test_a_sum_with_an_unknown_is_unknown() -> None:
    known = earned(StockPlot("C", "idle", 1000), BOOK, on=IN_2020, place=PLACE)
    unknown = earned(StockPlot("C", "idle", 1000), BOOK, on=IN_2021, place=PLACE)
    assert earned_total([known, known]) == 1000
    assert earned_total([known, unknown]) is None


@pytest.mark.parametrize(("disposed", "is_met"), [(150, True), (149, False)])
def test_least_share_to_dispose_of_in_2020(disposed: int, is_met: bool) -> None:
    assert disposal_task(1000, disposed, BOOK, on=IN_2020, place=PLACE).is_met is is_met
    assert disposal_task(1000, disposed, BOOK, on=IN_2021, place=PLACE).is_met is None
