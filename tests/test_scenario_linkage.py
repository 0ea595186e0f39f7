"""Linkage project areas and offsets: balances, clocks, the cap, the year's end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from deciding import PLACE, book
from hypothesis import given
from hypothesis import strategies as st

from zoning.messages import LANGUAGES, say
from zoning.rules.shipped import shipped
from zoning.scenario.linkage import LinkageArea, LinkageBalance, LinkageTest, linkage_balance
from zoning.scenario.offsets import (
    FarmlandYear,
    OffsetTest,
    Promise,
    cap_test,
    promise_test,
    vector_tests,
    year_end_tests,
)
from zoning.scenario.outcome import Status
from zoning.scenario.words import say_missing

BOOK = shipped()
AREA = LinkageArea(
    "21挂", 2021, {"area": 10_000, "paddy": 4_000, "capacity": 900},
    used={"area": 6_000, "paddy": 1_000, "capacity": 100}, issued_on=date(2021, 5, 1),
    reclaimed_dm2=8_000, reclaimed_farmland_dm2=7_000, new_site_dm2=6_000,
    new_site_farmland_dm2=5_000,
)


def balance(area: LinkageArea, on: date = date(2024, 5, 1)) -> LinkageBalance:
    return linkage_balance(area, BOOK, on=on, place=PLACE)


def result(found: LinkageBalance, name: str) -> LinkageTest:
    (one,) = (each for each in found.tests if each.id == f"linkage.{name}")
    assert all(say(say_missing(token), language) for token in one.missing
               for language in LANGUAGES)
    return one





def test_what_is_left_is_issued_less_used_less_asked() -> None:
    found = balance(replace(AREA, asked={"area": 3_000, "paddy": 3_500}))
    assert found.left == {"area": 1_000, "paddy": -500, "capacity": 800}
    assert found.drawable == {"area": 1_000, "paddy": 0, "capacity": 800}
    assert result(found, "paddy").status is Status.FAIL
    assert result(found, "paddy").margin == -500
    assert result(found, "area").status is Status.PASS


def test_quota_is_returned_within_three_years_of_issue() -> None:
    assert balance(AREA).return_by == date(2024, 5, 1)
    owing = replace(AREA, reclaimed_dm2=5_999)
    assert balance(owing, date(2024, 5, 1)).is_overdue is False
    late = balance(owing, date(2024, 5, 2))
    assert (late.is_overdue, late.owed_dm2) == (True, 1)
    assert result(late, "return").status is Status.FAIL
    assert set(late.drawable.values()) == {0}


def test_what_was_given_back_is_never_overdue() -> None:
    assert balance(AREA, date(2030, 1, 1)).is_overdue is False


def test_without_a_day_of_issue_the_clock_is_unknown() -> None:
    found = balance(replace(AREA, issued_on=None, reclaimed_dm2=0))
    assert (found.return_by, found.is_overdue) == (None, None)
    assert result(found, "return").missing == ("fact:issued_on:21挂",)


@pytest.mark.parametrize(("reclaimed", "farmland", "equal", "kept"), [
    (6_000, 5_000, Status.PASS, Status.PASS), (5_999, 4_999, Status.FAIL, Status.FAIL),
])
def test_land_given_back_covers_the_new_sites(
    reclaimed: int, farmland: int, equal: Status, kept: Status
) -> None:
    found = balance(replace(AREA, reclaimed_dm2=reclaimed, reclaimed_farmland_dm2=farmland))
    assert (result(found, "equal_area").status, result(found, "farmland").status) == (equal, kept)


def test_before_the_rules_the_balance_is_undecided() -> None:
    found = linkage_balance(replace(AREA, issued_on=None), BOOK, on=date(2008, 6, 26), place=PLACE)
    assert result(found, "equal_area").status is Status.UNDECIDED


@given(st.integers(0, 20_000), st.integers(0, 5_000))
def test_more_reclaimed_never_makes_an_area_worse(reclaimed: int, more: int) -> None:
    order = {Status.PASS: 0, Status.UNDECIDED: 1, Status.FAIL: 2}
    poor = balance(replace(AREA, reclaimed_dm2=reclaimed), date(2025, 1, 1))
    rich = balance(replace(AREA, reclaimed_dm2=reclaimed + more), date(2025, 1, 1))
    for one, two in zip(poor.tests, rich.tests, strict=True):
        assert order[two.status] <= order[one.status]


# ── offsets ──────────────────────────────────────────────────────────────────────────────────


def test_components_are_never_traded() -> None:
    found = vector_tests({"area": 8_728, "paddy": 4_813, "capacity": None},
                         {"area": 10**6, "paddy": 4_812, "capacity": 10**6})
    assert [each.status for each in found] == [Status.PASS, Status.FAIL, Status.UNDECIDED]
    assert [each.margin for each in found] == [991_272, -1, None]


PROMISE = Promise("P", date(2019, 3, 1), {"area": 100, "paddy": 50}, {"area": 100})


def test_a_promise_of_unknown_term_is_undecided() -> None:
    found = promise_test(PROMISE, BOOK, on=date(2022, 1, 1), place=PLACE)
    assert (found.status, found.taken) == (Status.UNDECIDED, 50)
    assert found.missing == (f"rule:zbph.commit_years@{PLACE}@2019-03-01",)


@pytest.mark.parametrize(("on", "status"), [
    (date(2021, 3, 1), Status.PASS), (date(2021, 3, 2), Status.FAIL),
])
def test_a_promise_runs_out_by_the_workspace_s_rule_or_its_own_day(
    on: date, status: Status
) -> None:
    own = book(zbph__commit_years=2)
    assert promise_test(PROMISE, own, on=on, place=PLACE).status is status
    stated = replace(PROMISE, due=date(2021, 3, 1))
    assert promise_test(stated, BOOK, on=on, place=PLACE).status is status


def test_a_promise_redeemed_in_every_component_is_kept() -> None:
    kept = replace(PROMISE, redeemed={"area": 100, "paddy": 50})
    assert promise_test(kept, BOOK, on=date(2030, 1, 1), place=PLACE).status is Status.PASS


def capped(farmland: int | None, cap: int | None, on: date = date(2025, 3, 14)) -> OffsetTest:
    found = cap_test(farmland, taken_before_dm2=900, county_cap_dm2=cap, rules=BOOK, on=on,
                     place=PLACE)
    assert found is not None
    return found


@pytest.mark.parametrize(("farmland", "cap", "status"), [
    (100, 1000, Status.PASS), (101, 1000, Status.FAIL), (1, -5, Status.FAIL),
    (100, None, Status.UNDECIDED), (None, 1000, Status.UNDECIDED),
])
def test_the_cap_of_2025_is_a_second_test(
    farmland: int | None, cap: int | None, status: Status
) -> None:
    assert capped(farmland, cap).status is status


def test_before_2025_there_is_no_cap() -> None:
    assert cap_test(1, taken_before_dm2=0, county_cap_dm2=0, rules=BOOK, on=date(2024, 12, 31),
                    place=PLACE) is None
    assert capped(1, None).missing == ("fact:offset_cap:2025",)


YEAR = FarmlandYear(2025, 500, 400, {"orchard": 150}, 40)


def test_from_2025_all_losses_stand_in_one_account() -> None:
    (found,) = year_end_tests(YEAR, BOOK, place=PLACE)
    assert (found.taken, found.limit, found.status) == (550, 540, Status.FAIL)


def test_until_2024_orchards_and_forest_balance_apart() -> None:
    offset, apart = year_end_tests(replace(YEAR, year=2022), BOOK, place=PLACE)
    assert (offset.status, apart.status) == (Status.PASS, Status.FAIL)
    assert apart.margin == -110


def test_before_the_notice_of_2021_only_construction_counts() -> None:
    assert [each.id for each in year_end_tests(replace(YEAR, year=2019), BOOK, place=PLACE)] == [
        "offset.year_end"]
