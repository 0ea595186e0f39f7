"""Values nobody should send: huge, half, reversed, in odd letters. Both stores answer alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from ledger_books import COUNTY, JUNE, MARCH, bring_in, hold, open_book

from zoning.dates import add_years
from zoning.errors import LedgerError
from zoning.ledger.database import book_url
from zoning.ledger.model import Account, Inflow, Lot, Voucher
from zoning.messages import say

LOT = Lot("", COUNTY, 2026, "No. 1")
LONG = "长" * 201
FAR = timezone(timedelta(hours=14)), timezone(-timedelta(hours=11))


@pytest.fixture
def book(book_at):
    with open_book(book_at) as opened:
        yield opened


def refused(book, action, key: str) -> None:
    before = book.head()
    with pytest.raises(LedgerError) as caught:
        action()
    assert caught.value.message.key == key
    assert say(caught.value, "en")
    assert say(caught.value, "zh")
    assert book.head() == before


@pytest.mark.parametrize("change", [
    {"vintage": 10**10}, {"vintage": 10**30}, {"vintage": -5}, {"vintage": True},
    {"vintage": 2026.5}, {"unit_cost_yuan": 10**30}, {"unit_cost_yuan": -1},
    {"unit_cost_yuan": 1.5}, {"unit_cost_yuan": float("nan")},
])
def test_a_year_or_cost_that_is_none_is_refused(book, change):
    """accounting §5: a server would round 1.5 yuan to 2, and the link would no longer fit."""
    refused(book, lambda: book.post_inflow(Inflow(replace(LOT, **change), {"area": 5})),
            "ledger.lot_number")


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
@pytest.mark.parametrize("where", ["lot", "document", "key", "project", "origin"])
def test_a_text_that_cannot_be_kept_is_refused_in_the_same_words(book, where, text):
    """accounting §11"""
    actions = {
        "lot": lambda: book.post_inflow(Inflow(replace(LOT, lot_id=text), {"area": 5})),
        "origin": lambda: book.post_inflow(Inflow(replace(LOT, origin=(text,)), {"area": 5})),
        "document": lambda: bring_in(book, {"area": 5}, document=text),
        "key": lambda: bring_in(book, {"area": 5}, key=text),
        "project": lambda: hold(book, {"area": 5}, text),
    }
    refused(book, actions[where], "ledger.text_unfit")


@pytest.mark.parametrize("where", ["lot", "place", "pool", "key", "project"])
def test_a_name_that_no_index_takes_is_refused(book, where):
    """accounting §11: names are looked up, and a server's index takes no endless ones."""
    account = replace(COUNTY, **({where: LONG} if where in {"place", "pool"} else {}))
    lot = replace(LOT, account=account, lot_id=LONG if where == "lot" else "")
    voucher = Voucher(key=LONG if where == "key" else None)
    refused(book, lambda: hold(book, {"area": 1}, LONG) if where == "project" else
            book.post_inflow(Inflow(lot, {"area": 5}, voucher)), "ledger.text_long")


@pytest.mark.parametrize("ask", [
    lambda book: book.journal(since=10**30),
    lambda book: book.journal(lot_id="\ud800"),
    lambda book: book.reverse(10**30),
    lambda book: book.pools(known_at=datetime(1, 1, 1, tzinfo=FAR[0])),
    lambda book: book.pools(known_at=datetime(9999, 12, 31, 23, tzinfo=FAR[1])),
])
def test_a_question_out_of_all_range_is_answered_with_a_sentence(book, ask):
    bring_in(book, {"area": 5})
    refused(book, lambda: ask(book), "ledger.value_unfit")


def test_odd_names_are_names(book):
    """Nothing in a text is read as a command, a mark or a pattern."""
    bring_in(book, {"area": 100}, account=Account("CN'; --", "offset", "%s ?:x {y}"))
    names = ("'); DROP TABLE entry; --", "%s %(x)s ? :y {z}", "é", "e\u0301", "𠮷😀", "\u202eabc",
             "<script>", "=1+1", "50%_")
    held = {name: hold(book, {"area": 1}, name).hold_id for name in names}
    assert {each.hold.project_id: each.hold.hold_id for each in book.holds()} == held
    assert book.verify().is_sound


def test_the_largest_amounts_add_up(book):
    """accounting §1"""
    for _ in range(12):
        bring_in(book, {"area": 10**15})
    assert book.pools()[0].free == 12 * 10**15
    with pytest.raises(LedgerError):
        bring_in(book, {"area": 10**15 + 1})
    assert book.verify().is_sound


@pytest.mark.parametrize(("given", "years", "due"), [
    (date(2024, 2, 29), 3, date(2027, 2, 28)), (date(2024, 2, 29), 4, date(2028, 2, 29)),
    (date(9998, 5, 1), 3, date.max), (date(2023, 2, 28), 1, date(2024, 2, 28)),
    (date(2096, 2, 29), 4, date(2100, 2, 28)),
])
def test_a_leap_day_falls_due_on_the_last_of_february(given, years, due):
    """accounting §13"""
    assert add_years(given, years) == due


def test_the_zone_of_the_clock_decides_the_day_and_the_moment_is_kept_in_utc(tmp_path):
    """accounting §7: half past midnight on 1 January in China is still the old year in UTC."""
    china = timezone(timedelta(hours=8))
    moment = datetime(2027, 1, 1, 0, 30, tzinfo=china)
    with open_book(book_url(tmp_path / "l.db"), lambda: moment) as book:
        entry = book.post_inflow(Inflow(LOT, {"area": 5}))
        assert entry.effective == date(2027, 1, 1)
        assert entry.recorded == datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
        assert book.pools(known_at=moment)
        assert not book.pools(
            known_at=datetime(2027, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=9))))


def test_the_same_document_may_bring_two_lots_that_stay_apart(book):
    """accounting §5: a document number names no lot."""
    first, second = (bring_in(book, {"area": 5}, document="苏政地〔2024〕41号") for _ in range(2))
    assert first != second
    assert [each.free["area"] for each in book.lots()] == [5, 5]


@pytest.mark.parametrize("reversed_", [
    lambda book: bring_in(book, {"area": 5}, effective=JUNE, expires=MARCH),
    lambda book: hold(book, {"area": 1}, due=MARCH),
])
def test_two_dates_the_wrong_way_round_are_named(book, reversed_):
    """accounting §5 §6"""
    bring_in(book, {"area": 5})
    with pytest.raises(LedgerError) as caught:
        reversed_(book)
    assert "2026-03-01" in say(caught.value, "en")
    assert "2026-06-01" in say(caught.value, "en")
