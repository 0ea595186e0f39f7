"""What each event does, and the checks an entry must pass."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from strategies import journals

from zoning.codes.events import ledger_events, parse_ledger_events
from zoning.codes.reader import quota_kinds
from zoning.ledger.balances import tally
from zoning.ledger.entries import (
    CHECKS,
    check_entry,
    expire_postings,
    hold_postings,
    inflow_postings,
    reverse_postings,
    settle_postings,
    void_postings,
)
from zoning.ledger.model import Draw, Entry, Event, Posting, State
from zoning.messages import catalogue, say

DRAW = (Draw("L1", "area", 5),)


RECORDED = datetime(2026, 1, 1, tzinfo=UTC)


def _entry(
    event: Event, postings: tuple[Posting, ...], *, number: int = 2, **more: object
) -> Entry:
    return Entry(number, event, RECORDED.date(), RECORDED, postings, **more)


SOUND = {
    Event.INFLOW: inflow_postings("L1", {"area": 5, "paddy": 0}),
    Event.HOLD: hold_postings("H1", DRAW),
    Event.SETTLE: settle_postings("H1", DRAW),
    Event.VOID: void_postings("H1", DRAW),
    Event.EXPIRE: expire_postings("L1", {"area": 5}),
}


def _codes(entry: Entry, *journal: Entry) -> list[str]:
    return [problem.code for problem in check_entry(entry, journal)]


@pytest.mark.parametrize("event", SOUND)
def test_event_moves_the_amount_between_its_two_states(event):
    """accounting §4"""
    moved = {
        Event.INFLOW: (State.SOURCE, State.FREE), Event.HOLD: (State.FREE, State.HELD),
        Event.SETTLE: (State.HELD, State.USED), Event.VOID: (State.HELD, State.FREE),
        Event.EXPIRE: (State.FREE, State.LAPSED),
    }[event]
    assert [(line.state, line.amount) for line in SOUND[event]] == [(moved[0], -5), (moved[1], 5)]
    assert _codes(_entry(event, SOUND[event])) == []


@given(journals())
def test_check_entry_passes_every_sound_entry_and_its_reversal(journal):
    """accounting §4 §8"""
    _, entries = journal
    for entry in entries:
        assert check_entry(entry) == ()
        undone = _entry(Event.REVERSE, reverse_postings(entry), number=99,
                        reverses=entry.entry_id)
        assert check_entry(undone, [entry]) == ()
        assert not any(tally([entry, undone]).values())


@given(journals())
def test_sound_entries_sum_to_zero_per_lot_and_component(journal):
    """accounting §4"""
    _, entries = journal
    for entry in entries:
        sums: Counter[tuple[str, str]] = Counter()
        for line in entry.postings:
            sums[line.lot_id, line.component] += line.amount
        assert not any(sums.values())


def test_check_entry_names_each_fault():
    """accounting §4"""
    free, held = Posting("L1", "area", State.FREE, -5), Posting("L1", "area", State.HELD, 5, "H1")
    faults = {
        "LED001": _entry(Event.HOLD, ()),
        "LED002": _entry(Event.HOLD, (replace(free, amount=0), replace(held, amount=0))),
        "LED003": _entry(Event.HOLD, (free, replace(held, amount=6))),
        "LED004": _entry(Event.HOLD, (free, replace(held, state=State.USED))),
        "LED005": _entry(Event.HOLD, (free, replace(held, hold_id=None))),
        "LED006": _entry(Event.HOLD, (*SOUND[Event.HOLD], *hold_postings("H2", DRAW))),
        "LED007": _entry(Event.INFLOW, (*SOUND[Event.INFLOW], *inflow_postings("L2", {"area": 1}))),
        "LED008": _entry(Event.HOLD, SOUND[Event.HOLD], reverses=1),
        "LED009": replace(_entry(Event.HOLD, SOUND[Event.HOLD]),
                          effective=datetime(2026, 1, 1, tzinfo=UTC)),
    }
    assert sorted(faults) == [code for code, _ in CHECKS]
    for code, entry in faults.items():
        assert code in _codes(entry)
        for problem in check_entry(entry):
            assert say(problem.message, "zh")
            assert say(problem.message, "en")


def test_check_entry_counts_moves_of_one_component_for_another_as_unbalanced():
    """accounting §2"""
    traded = (Posting("L1", "area", State.FREE, -5), Posting("L1", "paddy", State.HELD, 5, "H1"))
    assert _codes(_entry(Event.HOLD, traded)) == ["LED003"]


def test_reversal_must_negate_an_entry_once():
    """accounting §8"""
    original = _entry(Event.HOLD, SOUND[Event.HOLD], number=1)
    undone = _entry(Event.REVERSE, reverse_postings(original), reverses=1)
    again = replace(undone, entry_id=3)
    other = replace(undone, postings=reverse_postings(
        _entry(Event.HOLD, hold_postings("H2", DRAW))))
    of_reversal = _entry(Event.REVERSE, original.postings, number=3, reverses=2)
    keys = {
        "ledger.reverse_unknown": check_entry(undone),
        "ledger.reverse_twice": check_entry(again, [original, undone]),
        "ledger.reverse_other": check_entry(other, [original]),
        "ledger.reverse_reversal": check_entry(of_reversal, [original, undone]),
    }
    for key, problems in keys.items():
        assert [problem.message.key for problem in problems] == [key]
        assert say(problems[0].message, "en")


def test_official_names_make_events_and_kinds_that_exist():
    """accounting §4"""
    events = ledger_events()
    assert {event.event for event in events.values()} == set(Event)
    for event in events.values():
        assert set(event.kinds) <= set(quota_kinds())
        assert event.basis in {"form", "proposed"}
        assert not event.deducts or event.event == Event.EXPIRE


def test_official_names_hold_the_whole_in_and_out_list_of_the_forms():
    listed = [
        "项目入库指标", "调入指标", "解挂入库指标", "迁移入库指标", "指标基库", "部解锁指标",
        "已借用指标", "解冻指标", "挂钩指标", "调出指标", "冻结指标", "核减指标", "承诺兑现指标",
        "部锁定指标", "历史挂钩指标", "核查指标", "已归还指标", "部监管扣除", "已用于国家统筹",
    ]
    form = [name for name, event in ledger_events().items() if event.basis == "form"]
    assert sorted(form) == sorted(listed)


def test_official_name_given_twice_is_refused():
    row = {"name": "挂钩指标", "en": "", "event": "hold", "kinds": [], "basis": "form"}
    with pytest.raises(ValueError, match="twice"):
        parse_ledger_events({"event": [row, row]})


def test_every_event_and_state_has_a_name():
    for event in Event:
        assert set(catalogue()[f"ledger.event.{event}"]) == {"zh", "en"}
    for state in State:
        assert set(catalogue()[f"ledger.state.{state}"]) == {"zh", "en"}
