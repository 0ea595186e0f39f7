"""Amounts as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoning.codes.reader import quota_kinds
from zoning.errors import LedgerError, UsageError
from zoning.ledger.amounts import check_vector, parse_amounts, read_amount, show_amount, show_vector
from zoning.messages import say
from zoning.units import hectares

OFFSET = quota_kinds()["offset"]
AREA, CAPACITY = OFFSET.component("area"), OFFSET.component("capacity")


def test_parse_amounts_reads_every_unit():
    """accounting §1"""
    assert parse_amounts(["area=3.5ha", "paddy=2mu", "capacity=1200kg"], OFFSET) == {
        "area": 3_500_000, "paddy": 133_333, "capacity": 1200}
    assert parse_amounts(["area=3.5 公顷", " paddy = 2亩 ", "capacity=1.2吨"], OFFSET) == {
        "area": 3_500_000, "paddy": 133_333, "capacity": 1200}
    assert read_amount("1.005m2", AREA) == 101
    assert read_amount("0 m²", AREA) == 0


@pytest.mark.parametrize(("text", "key"), [
    ("area", "ledger.amount_form"), ("area=", "ledger.amount_number"),
    ("area=ha", "ledger.amount_number"), ("area=-1ha", "ledger.amount_number"),
    ("area=1e9ha", "ledger.amount_unit"), ("area=nan", "ledger.amount_number"),
    ("area=1_0ha", "ledger.amount_unit"), ("area=١ha", "ledger.amount_number"),
    ("area=1.2.3ha", "ledger.amount_number"), ("area=3.5", "ledger.amount_unit"),
    ("area=3.5kg", "ledger.amount_unit"), ("capacity=3ha", "ledger.amount_unit"),
    ("capacity=1.5kg", "ledger.amount_whole_kg"), ("area=999999999999ha", "ledger.amount_large"),
])
def test_parse_amounts_refuses_with_a_sentence(text, key):
    with pytest.raises(UsageError) as caught:
        parse_amounts([text], OFFSET)
    assert caught.value.message.key == key
    for language in ("zh", "en"):
        assert text.partition("=")[2] in say(caught.value, language)


def test_parse_amounts_names_the_units_and_components_it_takes():
    """accounting §2"""
    with pytest.raises(UsageError) as wrong_unit:
        parse_amounts(["capacity=3ha"], OFFSET)
    assert "kg, t, 公斤, 吨" in say(wrong_unit.value, "en")
    with pytest.raises(LedgerError) as unknown:
        parse_amounts(["grain=3kg"], OFFSET)
    assert "area, paddy, capacity" in say(unknown.value, "en")
    with pytest.raises(UsageError, match="amount_twice"):
        parse_amounts(["area=1ha", "area=2ha"], OFFSET)


@given(st.integers(0, 10**12))
def test_shown_area_reads_back_to_the_same_amount(amount):
    """accounting §1"""
    shown = show_amount(amount, AREA).params["ha"]
    assert read_amount(f"{shown}ha", AREA) == amount
    if amount % 100 == 0:
        assert shown == f"{hectares(amount):f}"


def test_show_vector_follows_the_kind_and_leaves_out_zeros():
    shown = show_vector({"capacity": 1200, "area": 10_000, "paddy": 0}, OFFSET)
    assert [say(message, "en") for message in shown] == [
        "Farmland area 0.0100 ha (0.1500 mu)", "Grain capacity 1,200 kg"]


@pytest.mark.parametrize("amounts", [
    {"area": -1}, {"area": 1.5}, {"area": True}, {"area": 10**15 + 1}, {"area": 0}, {}, {"x": 1},
])
def test_check_vector_refuses_what_cannot_be_posted(amounts):
    with pytest.raises(LedgerError) as caught:
        check_vector(amounts, OFFSET)
    assert say(caught.value, "zh")
    assert say(caught.value, "en")


def test_check_vector_orders_components_and_drops_zeros():
    assert list(check_vector({"capacity": 2, "paddy": 0, "area": 1}, OFFSET).items()) == [
        ("area", 1), ("capacity", 2)]
