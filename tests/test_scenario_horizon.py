"""Years: what comes when, who goes when, and why not earlier."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from unittest.mock import patch

import pytest
from deciding import DAY, book, own_rule, parts, project, site
from hypothesis import given, settings
from hypothesis import strategies as st
from planning import BOOK, EXAMINE, YEARS, all_of, branch, examining, run, supply

from zoning.measure.facts import Part
from zoning.rules.book import RuleBook
from zoning.scenario.findings.case import Case
from zoning.scenario.horizon import checkpoints, horizon, law_changes
from zoning.scenario.outcome import Status

FARM = Part("F1", "0102", 1_000_000, 0, 50)
ROAD = Part("F2", "1003", 1_000_000)
NEXT, AFTER = date(2020, 3, 1), date(2021, 6, 1)
a_law = settings(deadline=None, max_examples=40)


def enough(day: date = DAY, **more: object):
    return [all_of("plan_quota", 10**9, day, lot_id="Q", **more),
            all_of("offset", 10**9, day, lot_id="O", **more)]


def test_project_with_enough_goes_on_the_decision_date() -> None:
    (going,) = run(branch([site(FARM)], enough())).going
    assert (going.day, going.status, going.waits, going.relies_on) == (DAY, Status.PASS, (), ())


def test_project_waits_for_quota_and_says_which_failed() -> None:
    (going,) = run(branch([site(FARM)], [enough()[0], enough(NEXT)[1]])).going
    assert (going.day, going.year) == (NEXT, 2020)
    (wait,) = going.waits
    assert (wait.year, wait.reason) == (2019, "findings")
    assert [each.id for each in wait.findings] == ["quota.offset"]


def test_project_never_goes_where_nothing_comes() -> None:
    (going,) = run(branch([site(FARM)])).going
    assert (going.day, going.status) == (None, Status.FAIL)
    assert [each.year for each in going.waits] == list(YEARS)


def test_expected_quota_is_told_as_relied_on() -> None:
    supplies = [enough()[0], all_of("offset", 10**9, NEXT, lot_id="E-1", likelihood_1e4=7000)]
    at = branch([site(FARM)], supplies)
    assert run(at).going[0].relies_on == ("E-1",)
    assert run(at.book_only()).going[0].day is None


def test_lot_is_good_through_the_day_it_expires_and_not_after() -> None:
    last = date(2020, 3, 1)
    lots = [enough(expires=last)[0], enough(NEXT)[1]]
    assert run(branch([site(FARM)], lots)).going[0].day == NEXT
    early = [enough(expires=date(2020, 2, 29))[0], enough(NEXT)[1]]
    assert run(branch([site(FARM)], early)).going[0].day is None


def test_lot_that_expired_before_the_decision_never_comes() -> None:
    """The decision day hands out what the book holds, not what it once held."""
    gone = date(DAY.year - 1, 12, 31)
    timeline = run(branch([site(FARM)], [*enough(date(2015, 1, 1), expires=gone)]))
    assert timeline.going[0].day is None
    assert timeline.years == ()
    last_day = enough(date(2015, 1, 1), expires=DAY)
    assert run(branch([site(FARM)], last_day)).going[0].day == DAY


def test_start_and_due_bound_the_days() -> None:
    later = project(start=date(2020, 5, 5))
    going = run(branch([site(FARM)], enough(), later)).going[0]
    assert (going.day, going.waits[0].reason) == (date(2020, 5, 5), "start")
    late = run(branch([site(FARM)], enough(NEXT), project(due=date(2020, 1, 31)))).going[0]
    assert (late.day, late.waits[-1].reason) == (None, "due")
    assert run(branch([site(FARM)], enough(NEXT), project(due=date(2020, 1, 31))),
               "due:P-01").going[0].day == NEXT


def test_rank_decides_who_goes_first_with_what_there_is() -> None:
    sites = [site(FARM, site_id="P-1"), site(FARM, site_id="P-2")]
    one = [all_of("plan_quota", 10**9), all_of("offset", 1_500_000, lot_id="O")]
    first, second = run(branch(sites, one)).going
    assert (first.day, second.day) == (DAY, None)
    swapped = run(branch(sites, one, project("P-1", rank=2), project("P-2", rank=1))).going
    assert [each.day for each in swapped] == [None, DAY]


def test_law_of_the_day_decides() -> None:
    """From 2020 on the rule lets industry take basic farmland; before, it does not."""
    at = branch([site(ROAD, inside={"pbf": 500})])
    rules = book()
    assert run(at).going[0].day is None
    assert date(2020, 1, 1) in law_changes(rules, at.place)


def test_undecided_project_goes_as_undecided() -> None:
    going = run(branch([site(Part("F9", None, 500))])).going[0]
    assert (going.day, going.status) == (DAY, Status.UNDECIDED)


def test_years_balance_and_carry_over() -> None:
    lots = [all_of("plan_quota", 3_000_000, expires=date(2020, 12, 31)),
            all_of("offset", 3_000_000, lot_id="O"),
            all_of("offset", 500, NEXT, lot_id="E", likelihood_1e4=1)]
    line = run(branch([site(FARM)], lots))
    total = {(each.year, each.kind): each for each in line.years if each.component in
             ("total", "area")}
    first, second = total[2019, "plan_quota"], total[2020, "plan_quota"]
    assert (first.carried, first.booked, first.drawn, first.left) == (
        0, 3_000_000, 10**6, 2 * 10**6)
    assert (second.carried, second.lapsed, second.left) == (2 * 10**6, 2 * 10**6, 0)
    assert total[2020, "offset"].expected == 500
    assert (2021, "plan_quota") not in total
    assert total[2021, "offset"].left == 2_000_500


def test_wanted_tells_those_that_go_and_those_that_wait() -> None:
    sites = [site(FARM, site_id="P-1"), site(FARM, site_id="P-2")]
    line = run(branch(sites, [all_of("plan_quota", 10**9), all_of("offset", 10**6, lot_id="O")]))
    wanted = {(each.year, each.kind, each.component): each for each in line.wanted}
    assert (wanted[2019, "offset", "area"].going, wanted[2019, "offset", "area"].waiting) == (
        10**6, 10**6)
    assert wanted[2020, "offset", "area"].going == 0


def test_checkpoints_are_the_days_on_which_anything_may_change() -> None:
    at = branch([site(FARM)], enough(NEXT), project(start=AFTER))
    days = checkpoints(at, YEARS, BOOK)
    assert days[0] == DAY
    assert {NEXT, AFTER, date(2020, 1, 1), date(2021, 1, 1)} <= set(days)
    assert list(days) == sorted(set(days))


def test_forgiven_findings_do_not_count() -> None:
    at = branch([site(FARM, inside={"pbf": 500})], enough())
    assert run(at).going[0].day is None
    assert run(at, "line.pbf").going[0].day == DAY
    assert run(at, "P-01/line.pbf").going[0].day == DAY
    assert run(at, "P-02/line.pbf").going[0].day is None


@a_law
@given(parts(), st.integers(0, 10**8), st.integers(0, 10**8), st.sampled_from((DAY, NEXT, AFTER)))
def test_more_expected_inflow_never_delays_a_project_alone(
    land: tuple[Part, ...], little: int, more: int, day: date
) -> None:
    lots = [all_of(kind, little, lot_id=kind) for kind in ("plan_quota", "offset")]
    extra = [all_of(kind, more, day, lot_id=f"E-{kind}", likelihood_1e4=5000)
             for kind in ("plan_quota", "offset")]
    poor = run(branch([site(*land)], lots), examine=examining()).going[0]
    rich = run(branch([site(*land)], [*lots, *extra]), examine=examining()).going[0]
    assert (rich.day or date.max) <= (poor.day or date.max)


@a_law
@given(st.lists(parts(), min_size=2, max_size=4), st.data())
def test_order_of_equal_ranks_without_contention_does_not_matter(
    lands: Sequence[tuple[Part, ...]], data: st.DataObject
) -> None:
    sites = [site(*land, site_id=f"P-{number}") for number, land in enumerate(lands)]
    asked = [project(each.site_id) for each in sites]
    shuffled = data.draw(st.permutations(asked))
    lots = enough(NEXT)
    days = {each.project_id: each.day for each in run(branch(sites, lots, *asked)).going}
    again = {each.project_id: each.day for each in run(branch(sites, lots, *shuffled)).going}
    assert days == again


@a_law
@given(st.lists(parts(), min_size=1, max_size=3), st.lists(
    st.tuples(st.sampled_from(("plan_quota", "offset")), st.integers(0, 10**8),
              st.sampled_from((DAY, NEXT, AFTER)), st.booleans()), max_size=6))
def test_every_year_of_every_pool_balances(
    lands: Sequence[tuple[Part, ...]], lots: Sequence[tuple[str, int, date, bool]]
) -> None:
    sites = [site(*land, site_id=f"P-{number}") for number, land in enumerate(lands)]
    supplies = [all_of(kind, amount, day, lot_id=f"L{number}",
                       expires=date(day.year, 12, 31) if dies else None,
                       likelihood_1e4=9000 if day > DAY else None)
                for number, (kind, amount, day, dies) in enumerate(lots)]
    at = branch(sites, supplies)
    before = copy.deepcopy((at.supplies, at.sites))
    line = run(at, examine=examining())
    assert (at.supplies, at.sites) == before
    left: dict[tuple[str, str, str], int] = {}
    for each in line.years:
        key = each.kind, each.component, each.pool
        assert each.carried == left.get(key, 0)
        assert each.carried + each.booked + each.expected == each.drawn + each.lapsed + each.left
        assert min(each.drawn, each.lapsed, each.left) >= 0
        left[key] = each.left
    drawn = sum(each.drawn for each in line.years if each.component in ("total", "area"))
    needed = sum(need.needed or 0 for going in line.going if going.day and going.answer
                 for need in going.answer.needs if need.component in ("total", "area"))
    assert drawn == needed


@pytest.mark.parametrize("day", [date(2019, 8, 1), date(2020, 8, 1)])
def test_horizon_agrees_with_the_engine_on_the_day_a_project_goes(day: date) -> None:
    at = branch([site(FARM)], enough(day))
    going = run(at).going[0]
    asked = EXAMINE(at.projects[0], at.sites["P-01"], day, at.place)
    assert going.answer is not None
    assert going.answer.verdict is Status.PASS
    assert going.answer.findings[0] == asked.before[0]
    assert replace(going.answer, findings=(), needs=(), missing=()).facts == at.sites["P-01"]


def test_same_lot_in_two_supplies_is_one_lot_that_gets_more() -> None:
    lots = [all_of("plan_quota", 10**9), supply("offset", {"area": 600_000}, lot_id="O"),
            supply("offset", {"area": 400_000, "capacity": 10**9}, NEXT, lot_id="O")]
    assert run(branch([site(FARM)], lots)).going[0].day == NEXT


def test_annual_cap_of_one_year_lets_the_rest_wait_for_the_next() -> None:
    rules, first = book(zbph__county_cap_ha=100, zbph__county_taken_ha=0), date(2025, 3, 14)
    sites = [site(Part(f"F{n}", "0103", 60_000_000, 0, 50), site_id=f"P-0{n}") for n in (1, 2, 3)]
    have = [all_of(kind, 10**12, first, lot_id=kind)
            for kind in ("plan_quota", "offset", "boundary_increment")]
    line = horizon(branch(sites, have, on=first), (2025, 2026), rules, examining(rules))
    assert [each.year for each in line.going] == [2025, 2026, None]
    assert [found.id for found in line.of("P-02").waits[0].findings] == ["offset.annual_cap"]


def test_land_goes_on_the_day_its_conversion_counts() -> None:
    approved = date(2020, 8, 5)
    at = branch([site(replace(FARM, converted=True, converted_on=approved))])
    assert approved in checkpoints(at, YEARS, BOOK)
    (going,) = run(at).going
    assert (going.day, going.status) == (approved, Status.PASS)


def test_project_waits_for_the_cap_of_the_next_year() -> None:
    own = [replace(own_rule("zbph.county_cap_ha", hectares), valid_from=date(year, 1, 1),
                   valid_to=date(year, 12, 31)) for year, hectares in ((2025, 0), (2026, 10))]
    rules = book(zbph__county_taken_ha=0).merged(RuleBook(tuple(own)))
    have = [*enough(), all_of("boundary_increment", 10**9, lot_id="B")]
    at = branch([site(FARM)], have, on=date(2025, 6, 30))
    (going,) = horizon(at, (2025, 2026), rules, examining(rules)).going
    assert (going.day, going.waits[0].findings[0].id) == (date(2026, 1, 1), "offset.annual_cap")


@a_law
@given(st.lists(parts(), min_size=1, max_size=4), st.integers(0, 10**8), st.integers(0, 10**8),
       st.dates(DAY, date(2021, 12, 31)))
def test_a_project_under_an_unchanged_law_need_not_be_examined_anew(
    lands: list[tuple[Part, ...]], plan: int, offset: int, approved: date
) -> None:
    sites = [site(*(replace(part, converted_on=approved) for part in each), site_id=f"P-{number}")
             for number, each in enumerate(lands)]
    supplies = [all_of("plan_quota", plan, NEXT, lot_id="Q"), all_of("offset", offset, lot_id="O")]
    at = branch(sites, supplies)
    kept = run(at)
    with patch.object(Case, "is_same_on", lambda *_: False):
        anew = run(at)
    assert [(each.day, each.status) for each in kept.going] == [
        (each.day, each.status) for each in anew.going]
    assert (kept.years, kept.wanted) == (anew.years, anew.wanted)
