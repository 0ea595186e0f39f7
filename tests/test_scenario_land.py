from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from deciding import RATES, parts, site
from hypothesis import given, settings

from zoning.codes.reader import land_classes
from zoning.errors import Message
from zoning.measure.facts import Part
from zoning.messages import LANGUAGES, Language, say
from zoning.scenario.land import Piece, capacity_kg, class_lines, kg_per_mu, land_taken
from zoning.scenario.words import (
    FACTS,
    amount,
    area,
    authority,
    missing_class,
    missing_grade,
    missing_layer,
    missing_rule,
    say_missing,
    share,
)

CLASSES = land_classes()


def farm(area_dm2: int, grade_tenths: int | None, parcel: str = "F") -> Piece:
    return Piece(parcel, "0101", "agricultural", "farmland", area_dm2, grade_tenths=grade_tenths)


def test_ridges_are_agricultural_but_not_farmland() -> None:
    taken = land_taken(site(Part("F1", "0101", 1_000_005, deduct_1e4=1000)), CLASSES)
    assert taken.area_dm2("farmland") == 1_000_005 - 100_001
    assert taken.area_dm2("other_agricultural") == 100_001
    assert taken.paddy_dm2 == 900_004
    assert [(line.class_code, line.area_dm2) for line in class_lines(taken)] == [
        ("0101", 900_004), ("1203", 100_001)]


def test_deduction_counts_on_farmland_only() -> None:
    taken = land_taken(site(Part("F1", "0201", 1_000_000, deduct_1e4=1000)), CLASSES)
    assert taken.area_dm2("other_agricultural") == 1_000_000


def test_converted_land_is_construction_land_whatever_its_class() -> None:
    taken = land_taken(site(Part("F1", "0101", 70, converted=True), Part("F2", None, 30,
                                                                         converted=True)), CLASSES)
    assert taken.area_dm2("construction") == 100
    assert taken.converted_dm2 == 100
    assert taken.is_certain
    assert all(line.converted and line.kind == "construction" for line in class_lines(taken))


@pytest.mark.parametrize(("facts", "certain"), [
    (site(Part("F1", "0101", 10)), True),
    (site(Part("F1", None, 10)), False),
    (site(Part("F1", "9999", 10)), False),
    (site(Part("F1", "0101", 10), uncovered_dm2=1), False),
    (site(Part("F1", "0101", 10), Part("F2", "0101", 10), overlap_dm2=1), False),
    (site(Part("F1", "0101", 10), Part("F2", None, 0)), True),
])
def test_certain_means_one_known_class_everywhere(facts: object, certain: bool) -> None:
    assert land_taken(facts, CLASSES).is_certain == certain  # type: ignore[arg-type]


def test_unknown_land_comes_last_with_its_code() -> None:
    lines = class_lines(land_taken(site(Part("F1", "9999", 5), Part("F2", "1003", 10),
                                        uncovered_dm2=3), CLASSES))
    assert [(line.class_code, line.kind, line.area_dm2) for line in lines] == [
        ("1003", "construction", 10), (None, None, 3), ("9999", None, 5)]


def test_empty_site_has_no_lines() -> None:
    assert class_lines(land_taken(site(), CLASSES)) == ()


@settings(deadline=None)
@given(parts())
def test_class_lines_sum_to_the_site(given_parts: tuple[Part, ...]) -> None:
    facts = site(*given_parts, uncovered_dm2=7)
    lines = class_lines(land_taken(facts, CLASSES))
    assert sum(line.area_dm2 for line in lines) == facts.area_dm2
    assert sum(line.share_1e4 for line in lines) == 10_000


def test_capacity_is_rounded_once_for_a_project() -> None:
    third = farm(22_222, 50)  # 0.33333 mu × 1100 kg = 366.663 kg
    assert capacity_kg([third], RATES) == (367, ())
    assert capacity_kg([third] * 3, RATES) == (1100, ())


def test_capacity_is_rounded_half_up() -> None:
    half = farm(1_000_000, 10)
    assert capacity_kg([half], {"1": Fraction(1, 30)}) == (1, ())
    assert capacity_kg([half], {"1": Decimal("0.0333")}) == (0, ())


def test_capacity_names_parcels_without_grade() -> None:
    pieces = [farm(10, None, "A"), farm(10, 0, "B"), farm(10, 50, "C"), farm(10, 160, "D")]
    assert capacity_kg(pieces, RATES) == (None, ("A", "B", "D"))


@pytest.mark.parametrize(("grade_tenths", "linear", "rate"), [
    (50, False, 1100), (54, False, None), (54, True, 1060), (10, True, 1500), (150, True, 100),
    (155, True, None), (5, True, None),
])
def test_grade_between_two_needs_a_rule(
    grade_tenths: int, linear: bool, rate: int | None
) -> None:
    table = {int(grade) * 10: Fraction(each) for grade, each in RATES.items()}
    assert kg_per_mu(grade_tenths, table, linear=linear) == rate


def test_words_give_an_area_in_three_units() -> None:
    assert say(area(2_000_000)) == "20000.00 平方米（2.0000 公顷，合 30.0000 亩）"
    assert say(area(1), "en") == "0.01 m² (0.0000 ha, 0.0000 mu)"
    assert say(amount(12, "kg")) == "12 公斤"
    assert share(1234) == "12.34%"
    assert share(0) == "0.00%"


def test_authority_is_named_or_stands_for_itself() -> None:
    named = authority("state_council")
    assert isinstance(named, Message)
    assert say(named) == "国务院"
    assert authority("HPRB") == "HPRB"


@pytest.mark.parametrize(("token", "told"), [
    (missing_rule("pbf.allowed_kinds", "CN/32", date(2019, 6, 30)),
     "规则“pbf.allowed_kinds”在“CN/32”于 2019-06-30 的数值"),
    (missing_layer("pbf"), "图层“pbf”"),
    (missing_class("parcel=A@1"), "图斑“A@1”的地类"),
    (missing_class("uncovered=1.50"), "1.50 平方米无图斑覆盖土地的地类"),
    (missing_class("twice=1.50"), "1.50 平方米重复计入土地的归属"),
    (missing_class("inside_ugb"), "城镇开发边界内各地类的面积"),
    (missing_grade("A:1"), "图斑“A:1”的耕地等别"),
    ("site:empty", "项目用地范围"),
    ("component:wetland.trees", "指标分量“wetland.trees”的计算方法"),
])
def test_missing_parameter_can_be_said(token: str, told: str) -> None:
    assert say(say_missing(token)) == told
    for language in LANGUAGES:
        assert "{" not in say(say_missing(token), language)


@pytest.mark.parametrize("name", FACTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_fact_is_said_in_words(name: str, language: Language) -> None:
    told = say(say_missing(f"fact:{name}:CL-001"), language)
    assert not told.startswith(("fact '", "事实“"))
    assert "{" not in told
    assert "_" not in told
