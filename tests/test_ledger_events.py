"""Every official event type makes its entry, command line to journal (accounting §4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from running import run, zoning
from schemas import require_valid

from zoning.codes.events import LedgerEvent, ledger_events
from zoning.ledger.model import Event

IN = ("项目入库指标", "调入指标", "解挂入库指标", "迁移入库指标", "指标基库", "部解锁指标",
      "已借用指标", "解冻指标")
OUT = ("挂钩指标", "调出指标", "冻结指标", "核减指标", "承诺兑现指标", "部锁定指标", "历史挂钩指标",
       "核查指标", "已归还指标", "部监管扣除", "已用于国家统筹")
AMOUNT = {"plan_quota": "total", "point_supply": "total", "stock_reward": "total"}


def test_the_table_has_every_type_of_the_forms() -> None:
    """accounting §4: the in and out lists of a prefecture's system, none more marked as theirs."""
    named = [name for name, event in ledger_events().items() if event.basis == "form"]
    assert sorted(named) == sorted((*IN, *OUT))
    assert {event.event for event in ledger_events().values()} == {event.value for event in Event}


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("book") / "w"
    zoning("init", root, "--place", "CN/32/3206/320623")
    return root


def told(space: Path, *words: str) -> Any:
    document = zoning("ledger", *words, "--workspace", space, "--json")
    require_valid(document)
    return document


def bring(space: Path, kind: str, *more: str) -> Any:
    amount = f"{AMOUNT.get(kind, 'area')}=2ha"
    return told(space, "post", amount, "--kind", kind, "--vintage", "2026", "--document", "D",
                "--effective", "2026-01-02", *more)


def take(space: Path, event: LedgerEvent, kind: str, *more: str) -> Any:
    amount = f"{AMOUNT.get(kind, 'area')}=1ha"
    return told(space, "hold", "--kind", kind, "--project", f"P-{event.name}-{kind}", "--amount",
                amount, "--effective", "2026-01-03", *more)


@pytest.mark.parametrize("name", list(ledger_events()))
def test_a_type_makes_its_entry_for_each_kind_it_may_be_used_for(space: Path, name: str) -> None:
    """accounting §4"""
    event = ledger_events()[name]
    for kind in event.kinds or ("offset",):
        typed = ("--type", name, "--effective", "2026-01-04")
        if event.event == "inflow":
            made = bring(space, kind, "--type", name)
        elif event.event == "hold":
            bring(space, kind)
            made = take(space, event, kind, "--type", name)
        elif event.event in ("settle", "void"):
            bring(space, kind)
            held = take(space, event, kind)["holds"][0]["hold_id"]
            made = told(space, event.event, held, *typed)
        elif event.event == "expire":
            lot = bring(space, kind, "--expires", "2026-01-03")["entries"][0]["postings"][0]
            made = told(space, "expire", lot["lot_id"], *typed)
        else:
            entry = bring(space, kind)["entries"][0]["entry_id"]
            made = told(space, "reverse", str(entry), *typed)
        (entry,) = made["entries"]
        assert (entry["event"], entry["official_type"]) == (event.event, name)


def test_a_type_of_another_entry_is_refused_with_those_that_fit(space: Path) -> None:
    """accounting §4"""
    code, out, said = run("ledger", "post", "area=1ha", "--kind", "offset", "--vintage", "2026",
                          "--document", "D", "--type", "挂钩指标", "--workspace", space)
    assert (code, out) == (1, "")
    assert "调入指标" in said


def test_a_deduction_takes_part_of_a_lot_before_it_expires(space: Path) -> None:
    """accounting §5"""
    lot = bring(space, "offset")["entries"][0]["postings"][0]["lot_id"]
    cut = told(space, "expire", lot, "area=0.5ha", "--type", "核减指标")
    assert {line["amount"]["m2"] for line in cut["entries"][0]["postings"]} == {
        "5000.00", "-5000.00"}
    code, _, _ = run("ledger", "expire", lot, "area=0.5ha", "--workspace", space)
    assert code == 1


def test_the_table_is_listed(space: Path) -> None:
    """accounting §4"""
    listed = zoning("ledger", "events", "--workspace", space, "--json")
    require_valid(listed)
    assert [each["name"] for each in listed["events"]] == list(ledger_events())
    assert "挂钩指标" in zoning("ledger", "events", "--workspace", space)
