"""The account of money: known, band or open, each line by hand from its clause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from deciding import PLACE, book, lot, parts, project, site
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.codes.project_kinds import project_kinds
from zoning.codes.reader import land_classes, quota_kinds
from zoning.ledger.model import LotBalance
from zoning.measure.facts import Part, SiteFacts
from zoning.messages import LANGUAGES, say
from zoning.rules.book import RuleBook
from zoning.scenario.availability import stock
from zoning.scenario.design import Design
from zoning.scenario.engine import Law, case_of, examine, settle
from zoning.scenario.findings.case import Case
from zoning.scenario.money import money_account
from zoning.scenario.outcome import Certainty, MoneyAccount, MoneyLine
from zoning.scenario.words import say_missing
from zoning.units import round_half_up

DAY = date(2024, 6, 30)
FIELD = Part("F1", "0103", 1_000_000, 0, 50)  # 1 ha, 15 mu
ORCHARD = Part("F2", "0201", 1_000_000)
ROAD = Part("F3", "1003", 1_000_000)
BOOK = book()
LOCAL = book(fee__tax_rate=30, fee__xzjs_grade=5, fee__reclaim=40, fee__qupian=50_000,
             fee__social_security=20_000)


def case(facts: SiteFacts, rules: RuleBook = BOOK, *, on: date = DAY, **more: Any) -> Case:
    law = Law(rules, land_classes(), quota_kinds(), project_kinds())
    return case_of(project(**more), facts, law, on=on, place=PLACE)


def account(*parts: Part, rules: RuleBook = BOOK, on: date = DAY, **more: Any) -> MoneyAccount:
    found = money_account(case(site(*parts), rules, on=on, **more))
    for each in found.lines:
        for language in LANGUAGES:
            assert say(each.name, language)
            assert all(say(say_missing(token), language) for token in each.missing)
    return found


def line(found: MoneyAccount, name: str) -> MoneyLine:
    (one,) = (each for each in found.lines if each.id == name)
    return one


def span(one: MoneyLine) -> tuple[int | None, int | None]:
    return one.low_yuan, one.high_yuan


def test_fee_by_the_grade_of_the_county() -> None:
    fee = line(account(FIELD, rules=LOCAL), "new_land_fee")
    assert (fee.certainty, span(fee)) == (Certainty.KNOWN, (640_000, 640_000))  # 64 yuan/m²


def test_the_real_case_of_grade_five() -> None:
    plot = replace(FIELD, area_dm2=380_000)  # 0.3800 ha paid 24.32 万元
    assert span(line(account(plot, rules=LOCAL), "new_land_fee")) == (243_200, 243_200)


def test_fee_without_a_grade_is_the_band_of_the_table() -> None:
    fee = line(account(FIELD), "new_land_fee")
    assert (fee.certainty, span(fee)) == (Certainty.BAND, (100_000, 1_400_000))
    assert any("fee.xzjs_grade" in token for token in fee.missing)


def test_existing_construction_land_pays_for_clearing_only() -> None:
    assert [each.id for each in account(ROAD).lines] == ["demolition"]
    assert line(account(ROAD), "demolition").certainty is Certainty.OPEN
    stated = account(ROAD, design=Design(demolition_wan=Decimal("12.5")))
    assert span(line(stated, "demolition")) == (125_000, 125_000)


def test_linkage_new_site_is_open_on_the_fee() -> None:
    fee = line(account(FIELD, rules=LOCAL, path="linkage_new_site"), "new_land_fee")
    assert (fee.certainty, span(fee)) == (Certainty.OPEN, (None, None))


@pytest.mark.parametrize(("kind", "yuan"), [
    ("industry", 300_000), ("transport", 20_000), ("water", 20_000), ("military", 0),
])
def test_tax_on_farmland(kind: str, yuan: int) -> None:
    assert span(line(account(FIELD, rules=LOCAL, kind=kind), "farmland_tax")) == (yuan, yuan)


def test_tax_without_a_local_rate_spans_the_bands_of_the_law() -> None:
    tax = line(account(FIELD), "farmland_tax")
    assert (tax.certainty, span(tax)) == (Certainty.BAND, (50_000, 500_000))


def test_tax_before_the_law_is_open() -> None:
    tax = line(account(FIELD, on=date(2019, 8, 31)), "farmland_tax")
    assert tax.certainty is Certainty.OPEN


@pytest.mark.parametrize(("hit_dm2", "expected"), [
    (1_000_000, (450_000, 450_000)),  # all of it basic farmland: half as much again
    (0, (300_000, 300_000)),
])
def test_tax_on_basic_farmland(hit_dm2: int, expected: tuple[int, int]) -> None:
    found = money_account(case(site(FIELD, inside={"pbf": hit_dm2}), LOCAL))
    assert span(line(found, "farmland_tax")) == expected


def test_tax_where_basic_farmland_may_lie_on_either_part_is_a_band() -> None:
    found = money_account(case(site(FIELD, ORCHARD, inside={"pbf": 500_000}), LOCAL))
    tax = line(found, "farmland_tax")
    assert span(tax) == (300_000, 375_000)
    assert tax.missing == ("land_class:inside_pbf",)


def test_schools_may_be_exempt() -> None:
    tax = line(account(FIELD, rules=LOCAL, kind="public"), "farmland_tax")
    assert (tax.certainty, span(tax)) == (Certainty.BAND, (0, 300_000))


def test_tax_on_other_agricultural_land_is_lower_by_up_to_half() -> None:
    assert span(line(account(ORCHARD, rules=LOCAL), "other_tax")) == (150_000, 300_000)


def test_taking_is_priced_by_the_mu() -> None:
    found = account(FIELD, ORCHARD, rules=LOCAL)
    assert span(line(found, "land_compensation")) == (1_500_000, 1_500_000)  # 30 mu
    assert span(line(found, "social_security")) == (600_000, 600_000)
    assert span(line(found, "reclaim_fee")) == (400_000, 400_000)
    no_taking = account(FIELD, rules=LOCAL, design=Design(takes_collective=False))
    assert "land_compensation" not in {each.id for each in no_taking.lines}


def test_what_was_not_found_is_open_and_named() -> None:
    assert {each.id for each in account(FIELD).open} == {
        "land_compensation", "social_security", "reclaim_fee"}


def test_land_of_unknown_class_leaves_everything_open() -> None:
    found = account(FIELD, Part("X", None, 10), rules=LOCAL)
    assert {each.certainty for each in found.lines} == {Certainty.OPEN}


def priced(*lots: LotBalance) -> MoneyAccount:
    one = case(site(FIELD))
    answer, _ = settle(examine(one), stock(lots, place=PLACE, on=DAY))
    return money_account(one, answer.needs, [each.lot for each in lots])


def test_quota_is_priced_by_the_lots_drawn() -> None:
    cheap = lot("plan_quota", {"total": 600_000}, "A", unit_cost_yuan=1000)
    dear = lot("plan_quota", {"total": 900_000}, "B", unit_cost_yuan=3000)
    found = line(priced(cheap, dear), "quota_plan_quota")
    assert span(found) == (9 * 1000 + 6 * 3000,) * 2


def test_quota_without_a_price_or_short_is_open() -> None:
    assert line(priced(lot("plan_quota", {"total": 10**9}, "A")),
                "quota_plan_quota").missing == ("fact:price:A",)
    short = lot("plan_quota", {"total": 10}, "A", unit_cost_yuan=5)
    assert line(priced(short), "quota_plan_quota").missing == ("fact:price:plan_quota",)


@settings(deadline=None, max_examples=40)
@given(parts(), st.integers(1, 100), st.integers(1, 15))
def test_sum_is_that_of_the_lines_and_known_lies_in_the_band(
    given_parts: tuple[Part, ...], rate: int, grade: int
) -> None:
    own = book(fee__tax_rate=min(rate, 50), fee__xzjs_grade=grade)
    loose, exact = account(*given_parts), account(*given_parts, rules=own)
    assert loose.low_yuan == sum(each.low_yuan or 0 for each in loose.lines)
    for each in exact.lines:
        wide = line(loose, each.id)
        if rate >= 5 and each.low_yuan is not None and wide.low_yuan is not None:
            assert wide.high_yuan is not None
            assert each.high_yuan is not None
            assert wide.low_yuan <= each.low_yuan <= each.high_yuan <= wide.high_yuan
    new = sum(each.area_dm2 for each in given_parts if not each.converted
              and land_classes().classes[each.class_code or ""].kind != "construction")
    table = (140, 120, 100, 80, 64, 56, 48, 42, 34, 28, 24, 20, 16, 14, 10)
    if new:
        fee = line(exact, "new_land_fee").low_yuan
        assert fee == round_half_up(Fraction(new * table[grade - 1], 100))
