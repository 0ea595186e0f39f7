"""Which lots a need is drawn from."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from strategies import lot_balances, vectors

from zoning.codes.reader import quota_kinds
from zoning.errors import OverdraftError
from zoning.ledger.model import Account, Draw, Lot, LotBalance
from zoning.ledger.picking import drawn, free_stock, pick, pick_order, shortages, take
from zoning.messages import say

OFFSET = quota_kinds()["offset"]
ACCOUNT = Account("CN/32", "offset", "stock")


def _lot(lot_id: str, area: int, *, expires: date | None = None, vintage: int = 2026) -> LotBalance:
    return LotBalance(Lot(lot_id, ACCOUNT, vintage, "", expires=expires), {"area": area}, {}, {})


@given(lot_balances(), vectors)
def test_pick_draws_exactly_the_need_or_refuses(lots, need):
    """accounting §5 §9"""
    stock = free_stock(lots)
    there = {code: sum(balance.free.get(code, 0) for balance in lots) for code in need}
    if all(there[code] >= need[code] for code in need):
        draws = pick(stock, need, kind=OFFSET, project="p", on=date(2026, 1, 1))
        assert drawn(draws) == need
        free = {balance.lot.lot_id: balance.free for balance in lots}
        assert all(0 < draw.amount <= free[draw.lot_id][draw.component] for draw in draws)
    else:
        with pytest.raises(OverdraftError) as caught:
            pick(stock, need, kind=OFFSET, project="p", on=date(2026, 1, 1))
        told = {m.params["code"]: m.params for m in caught.value.message.params["shortages"]}
        assert {code: params["short_amount"] for code, params in told.items()} == {
            code: need[code] - there[code] for code in need if there[code] < need[code]}


@given(lot_balances(), vectors)
def test_take_leaves_no_earlier_lot_while_drawing_a_later_one(lots, need):
    """accounting §5"""
    draws = take(free_stock(lots), need)
    ordered = sorted(lots, key=lambda balance: pick_order(balance.lot))
    for code in need:
        taken = {draw.lot_id: draw.amount for draw in draws if draw.component == code}
        touched = [i for i, b in enumerate(ordered) if b.lot.lot_id in taken]
        for balance in ordered[: max(touched, default=0)]:
            assert taken.get(balance.lot.lot_id, 0) == balance.free.get(code, 0)


def test_free_stock_takes_earliest_expiry_then_vintage_then_id():
    """accounting §5"""
    lots = [_lot("L4", 1), _lot("L3", 1), _lot("L2", 1, vintage=2024),
            _lot("L5", 1, expires=date(2026, 12, 31)), _lot("L6", 1, expires=date(2026, 6, 30))]
    assert [stock.lot_id for stock in free_stock(lots)] == ["L6", "L5", "L2", "L3", "L4"]


def test_pick_spans_lots_and_follows_names():
    """accounting §5"""
    lots = [_lot("L1", 5), _lot("L2", 5), _lot("L3", 5)]
    told = {"kind": OFFSET, "project": "p", "on": date(2026, 1, 1)}
    assert pick(free_stock(lots), {"area": 7}, **told) == (
        Draw("L1", "area", 5), Draw("L2", "area", 2))
    named = free_stock(lots, names=("L3", "L1"))
    assert pick(named, {"area": 7}, **told) == (Draw("L3", "area", 5), Draw("L1", "area", 2))
    with pytest.raises(OverdraftError):
        pick(named, {"area": 11}, **told)


def test_overdraft_names_all_in_both_languages():
    """accounting §9"""
    stock = free_stock([_lot("L1", 2_000_000)])
    with pytest.raises(OverdraftError) as caught:
        pick(stock, {"area": 3_500_000, "capacity": 1200}, kind=OFFSET, project="P-7",
             on=date(2026, 3, 1))
    assert say(caught.value, "en") == (
        "There is not enough Farmland offset to hold for project P-7 on 2026-03-01: "
        "Farmland area needs 3.5000 ha (52.5000 mu), available 2.0000 ha (30.0000 mu), "
        "short by 1.5000 ha (22.5000 mu), "
        "Grain capacity needs 1,200 kg, available 0 kg, short by 1,200 kg. "
        "Ask for less, draw on other pools, or bring in quota first.")
    assert "缺 1.5000 公顷（22.5000 亩）" in say(caught.value, "zh")
    assert "粮食产能需要 1,200 公斤" in say(caught.value, "zh")


def test_shortage_of_one_unit_is_not_shown_as_zero():
    """accounting §1"""
    (message,) = shortages(free_stock([_lot("L1", 999_999)]), {"area": 1_000_000}, kind=OFFSET)
    assert "short by 0.000001 ha" in say(message, "en")
    assert "available 0.999999 ha" in say(message, "en")


def test_components_are_never_traded():
    """accounting §2"""
    rich_in_paddy = LotBalance(Lot("L1", ACCOUNT, 2026, ""), {"paddy": 10**9}, {}, {})
    (short,) = shortages(free_stock([rich_in_paddy]), {"area": 1}, kind=OFFSET)
    assert short.params["code"] == "area"
    assert short.params["available_amount"] == 0
