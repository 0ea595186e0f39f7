from __future__ import annotations

from datetime import date, timedelta

import pytest
from deciding import own_rule
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.errors import RuleBookError
from zoning.messages import say
from zoning.rules.book import RuleBook
from zoning.rules.model import ControlLine, Rule, Text, contains

DAY = date(2020, 6, 1)
COUNTY = "CN/32/3206/320623"


def rule(value: object = 1, place: str = "CN", start: date | None = None, end: date | None = None,
         rule_id: str = "a.b") -> Rule:
    return Rule(rule_id, place, value, "unit", Text("依据", "basis"),  # type: ignore[arg-type]
                "none" if value is None else "T", start, end)


def look(book: RuleBook, place: str = COUNTY, on: date = DAY) -> Rule | None:
    return book.look_up("a.b", on=on, place=place)


def test_look_up_tells_value_blank_and_silence_apart() -> None:
    blank = rule(None)
    assert look(RuleBook((rule(1),))) == rule(1)
    assert look(RuleBook((blank,))) is blank
    assert look(RuleBook(())) is None


def test_nearest_place_wins() -> None:
    book = RuleBook((rule(1, "CN"), rule(3, COUNTY), rule(2, "CN/32")))
    assert look(book) == rule(3, COUNTY)
    assert look(book, "CN/32/3205") == rule(2, "CN/32")
    assert look(book, COUNTY + "/zone") == rule(3, COUNTY)
    assert look(book, "US/DC") is None


def test_nearest_place_wins_even_when_blank() -> None:
    assert look(RuleBook((rule(1, "CN"), rule(None, COUNTY)))) == rule(None, COUNTY)


def test_places_are_compared_by_segment() -> None:
    assert contains("CN/32", "CN/32/3206")
    assert not contains("CN/32", "CN/320")
    assert not contains("CN/32/3206", "CN/32")


@pytest.mark.parametrize(("on", "value"), [
    (date(2019, 12, 31), 1), (date(2020, 1, 1), 2), (date(2020, 12, 31), 2), (date(2021, 1, 1), 3),
])
def test_both_ends_of_a_period_are_included(on: date, value: int) -> None:
    book = RuleBook((rule(1, end=date(2019, 12, 31)), rule(3, start=date(2021, 1, 1)),
                     rule(2, start=date(2020, 1, 1), end=date(2020, 12, 31))))
    found = look(book, on=on)
    assert found is not None
    assert found.value == value


def test_history_is_by_place_then_oldest_first() -> None:
    new, old = rule(2, start=date(2020, 1, 1)), rule(1, end=date(2019, 12, 31))
    near = rule(3, COUNTY)
    assert RuleBook((near, new, old)).history("a.b") == (old, new, near)
    assert RuleBook(()).history("a.b") == ()


def test_value_fills_a_blank_of_the_same_place_when_merged() -> None:
    merged = RuleBook((rule(None),)).merged(RuleBook((rule(5),)))
    assert look(merged) == rule(5)


def test_merging_two_values_for_one_day_is_refused() -> None:
    with pytest.raises(RuleBookError) as caught:
        RuleBook((rule(1),)).merged(RuleBook((rule(5),)))
    assert "a.b" in say(caught.value)


def test_merging_a_line_twice_is_refused() -> None:
    line = ControlLine("pbf", "CN", Text("线", "line"), "avoid")
    with pytest.raises(RuleBookError, match="contradiction"):
        RuleBook((), (line,)).merged(RuleBook((), (line,)))


def test_lines_at_a_place_are_the_nearest_of_each_role() -> None:
    wide = ControlLine("pbf", "CN", Text("线", "line"), "avoid")
    near = ControlLine("pbf", "CN/32", Text("省线", "province's line"), "avoid")
    flood = ControlLine("flood", "US/DC", Text("洪", "flood"), "avoid")
    book = RuleBook((), (near, flood, wide))
    assert book.lines_at(COUNTY) == (near,)
    assert book.lines_at("CN/33") == (wide,)
    assert book.lines_at("US/DC") == (flood,)


records = st.lists(st.builds(
    lambda number, place, value: own_rule(f"a.r{number}", value, place=place),
    st.integers(0, 9), st.sampled_from(("CN", "CN/32", COUNTY)), st.integers(),
), max_size=12, unique_by=lambda each: (each.id, each.place))


@settings(deadline=None)
@given(records, st.randoms(use_true_random=False))
def test_order_of_records_changes_nothing(rules: list[Rule], random: object) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, two = RuleBook(tuple(rules)), RuleBook(tuple(shuffled))
    assert one.digest == two.digest
    for each in rules:
        assert (one.look_up(each.id, on=DAY, place=COUNTY)
                == two.look_up(each.id, on=DAY, place=COUNTY))


@settings(deadline=None)
@given(records.filter(bool))
def test_digest_changes_with_any_value(rules: list[Rule]) -> None:
    changed = [own_rule(rules[0].id, "another", place=rules[0].place), *rules[1:]]
    assert RuleBook(tuple(rules)).digest != RuleBook(tuple(changed)).digest


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_overlap_means_a_common_day(a: int, b: int, c: int, d: int) -> None:
    first, second = sorted((a, b)), sorted((c, d))
    one = rule(1, start=DAY + timedelta(first[0]), end=DAY + timedelta(first[1]))
    two = rule(2, start=DAY + timedelta(second[0]), end=DAY + timedelta(second[1]))
    common = set(range(first[0], first[1] + 1)) & set(range(second[0], second[1] + 1))
    assert one.overlaps(two) == bool(common)
