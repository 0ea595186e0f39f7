"""The quota book: commands, questions, two dates, refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from ledger_books import COUNTY, JANUARY, JUNE, MARCH, Clock, bring_in, hold, open_book

from zoning.codes.reader import Component, QuotaKind
from zoning.errors import LedgerError, OverdraftError, ZoningError
from zoning.ledger.book import Book
from zoning.ledger.desk import PAGE
from zoning.ledger.model import Account, Event, Inflow, Lot, Reservation, State, Voucher
from zoning.messages import say


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def book(book_at, clock):
    with open_book(book_at, clock) as book:
        yield book


def _free(book: Book, lot_id: str) -> dict[str, int]:
    return next(dict(lot.free) for lot in book.lots() if lot.lot.lot_id == lot_id)


def _refused(error: type[ZoningError], key: str, command, *arguments, **named) -> str:
    """The English sentence of a refusal, which must also be sayable in Chinese."""
    with pytest.raises(error) as caught:
        command(*arguments, **named)
    assert caught.value.message.key == key
    assert say(caught.value, "zh")
    return say(caught.value, "en")


def test_book_is_empty_at_first_and_keeps_what_it_is_told(book_at, clock):
    with open_book(book_at, clock) as book:
        assert (book.position(), book.journal(), book.lots(), book.holds()) == (0, (), (), ())
        bring_in(book, {"area": 10})
        told = book.journal()
    with open_book(book_at, clock) as book:
        assert book.journal() == told
        assert book.position() == 1


def test_inflow_keeps_every_field_of_its_lot(book):
    """accounting §5"""
    lot = Lot("2024-07", Account("CN/32/3206/320623", "linkage", "21挂"), 2021, "苏政〔2024〕41号",
              date(2024, 10, 13), ("demolition/CJ-003", "demolition/CJ-004"), date(2027, 10, 13),
              150_000, ("industry",), "三年内归还")
    voucher = Voucher(date(2024, 10, 13), "周转指标下达", "苏政〔2024〕41号", "note", "k1")
    entry = book.post_inflow(Inflow(lot, {"area": 200, "paddy": 0}, voucher))
    (balance,) = book.lots()
    assert balance.lot == lot
    assert balance.free == {"area": 200}
    assert (entry.official_type, entry.document, entry.note, entry.key, entry.effective) == (
        "周转指标下达", "苏政〔2024〕41号", "note", "k1", date(2024, 10, 13))
    assert book.journal() == (entry,)


def test_hold_settle_and_void_in_parts(book):
    """accounting §6"""
    lot_id = bring_in(book, {"area": 10, "paddy": 4})
    held = hold(book, {"area": 6, "paddy": 2}, due=date(2026, 12, 31))
    book.settle(held.hold_id, {"area": 1}, Voucher(official_type="核销"))
    book.void(held.hold_id, {"area": 2})
    (balance,) = book.holds()
    assert (balance.hold, balance.lots, balance.is_open) == (held, (lot_id,), True)
    assert (balance.held, balance.used) == ({"area": 3, "paddy": 2}, {"area": 1})
    assert _free(book, lot_id) == {"area": 6, "paddy": 2}
    book.settle(held.hold_id)
    (balance,) = book.holds()
    assert (dict(balance.held), balance.used) == ({"area": 0, "paddy": 0}, {"area": 4, "paddy": 2})
    assert book.holds(open_only=True) == ()
    _refused(LedgerError, "ledger.nothing_held", book.void, held.hold_id)
    assert [entry.event for entry in book.journal(hold_id=held.hold_id)] == [
        Event.HOLD, Event.SETTLE, Event.VOID, Event.SETTLE]


def test_settle_more_than_held_is_refused(book):
    """accounting §9"""
    bring_in(book, {"area": 10})
    held = hold(book, {"area": 6})
    said = _refused(OverdraftError, "ledger.overdraft_hold", book.settle, held.hold_id, {"area": 7})
    assert "H000002" in said
    assert "short by 0.000001 ha" in said
    assert book.position() == 2


def test_hold_picks_earliest_expiry_and_spans_lots(book):
    """accounting §5"""
    later = bring_in(book, {"area": 5})
    sooner = bring_in(book, {"area": 5}, expires=date(2026, 12, 31))
    held = hold(book, {"area": 7})
    (entry,) = book.journal(since=2)
    taken = {line.lot_id: line.amount for line in entry.postings if line.state is State.HELD}
    assert taken == {sooner: 5, later: 2}
    assert book.holds()[0].hold == held


def test_hold_draws_on_named_lots_only(book):
    """accounting §5"""
    bring_in(book, {"area": 5})
    second = bring_in(book, {"area": 5})
    hold(book, {"area": 5}, lots=(second,))
    assert _free(book, second) == {"area": 0}
    _refused(OverdraftError, "ledger.overdraft", hold, book, {"area": 1}, "P2", lots=(second,))
    _refused(LedgerError, "ledger.unknown_lot", hold, book, {"area": 1}, "P2", lots=("L9",))


def test_hold_keeps_to_place_pool_and_use(book):
    """accounting §3 §5"""
    bring_in(book, {"area": 5}, account=Account("CN/32", "offset", "stock"))
    reserve = bring_in(book, {"area": 5}, account=replace(COUNTY, pool="reserve"))
    industry = bring_in(book, {"area": 5}, uses=("industry",))
    _refused(OverdraftError, "ledger.overdraft", hold, book, {"area": 6}, place=COUNTY.place)
    hold(book, {"area": 10}, place=COUNTY.place, project_kind="industry")
    assert (_free(book, reserve), _free(book, industry)) == ({"area": 0}, {"area": 0})
    _refused(OverdraftError, "ledger.overdraft", hold, book, {"area": 1}, "P2", pools=("reserve",))
    said = _refused(LedgerError, "ledger.lot_barred", hold, book, {"area": 1}, "P2",
                    lots=(industry,), project_kind="commerce")
    assert "limited to other kinds of project" in said


def test_second_hold_of_a_project_is_refused_until_the_first_is_given_up(book):
    """accounting §6"""
    bring_in(book, {"area": 10})
    first = hold(book, {"area": 1})
    said = _refused(LedgerError, "ledger.held_already", hold, book, {"area": 2})
    assert first.hold_id in said
    assert "P1" in said
    book.settle(first.hold_id)
    _refused(LedgerError, "ledger.held_already", hold, book, {"area": 2})
    hold(book, {"area": 1}, "P2")
    book.reverse(3)
    book.void(first.hold_id)
    assert hold(book, {"area": 2}).hold_id != first.hold_id


def test_repeated_command_under_one_key_is_posted_once(book):
    """accounting §4"""
    lots = {bring_in(book, {"area": 10}, key="in-1") for _ in range(2)}
    holds = {hold(book, {"area": 4}, key="hold-1") for _ in range(2)}
    (held,) = holds
    settled = {book.settle(held.hold_id, {"area": 1}, Voucher(key="s-1")).entry_id
               for _ in range(2)}
    assert (len(lots), len(settled), book.position()) == (1, 1, 3)
    said = _refused(LedgerError, "ledger.key_used", book.settle, held.hold_id, {"area": 2},
                    Voucher(key="s-1"))
    assert "entry 3" in said


def test_expiry_takes_lots_out_of_use_and_lapses_them(book):
    """accounting §5"""
    lot_id = bring_in(book, {"area": 10}, expires=date(2026, 6, 30))
    held = hold(book, {"area": 4}, effective=date(2026, 6, 30))
    _refused(OverdraftError, "ledger.overdraft", hold, book, {"area": 1}, "P2",
             effective=date(2026, 7, 1))
    said = _refused(LedgerError, "ledger.not_expired", book.expire, lot_id,
                    voucher=Voucher(effective=date(2026, 6, 30)))
    assert "2026-06-30" in said
    entry = book.expire(lot_id, voucher=Voucher(effective=date(2026, 7, 1)))
    assert [(line.state, line.amount) for line in entry.postings] == [
        (State.FREE, -6), (State.LAPSED, 6)]
    _refused(LedgerError, "ledger.nothing_free", book.expire, lot_id,
             voucher=Voucher(effective=date(2026, 7, 1)))
    book.settle(held.hold_id, {"area": 3}, Voucher(effective=date(2026, 8, 1)))
    book.void(held.hold_id, voucher=Voucher(effective=date(2026, 8, 1)))
    (pool,) = book.pools()
    assert (pool.inflow, pool.free, pool.held, pool.used, pool.lapsed) == (10, 1, 0, 3, 6)


def test_deduction_by_order_needs_its_official_type(book):
    """accounting §5"""
    lot_id = bring_in(book, {"area": 10})
    said = _refused(LedgerError, "ledger.not_expired", book.expire, lot_id, {"area": 3})
    assert "核减指标" in said
    book.expire(lot_id, {"area": 3}, Voucher(official_type="核减指标"))
    assert _free(book, lot_id) == {"area": 7}
    _refused(OverdraftError, "ledger.overdraft_lot", book.expire, lot_id, {"area": 8},
             Voucher(official_type="核减指标"))


def test_reversal_restores_every_balance(book):
    """accounting §8"""
    bring_in(book, {"area": 10, "capacity": 5})
    held = hold(book, {"area": 6})
    for command in (lambda: book.settle(held.hold_id, {"area": 2}),
                    lambda: book.void(held.hold_id, {"area": 2})):
        before = [replace(pool) for pool in book.pools()]
        entry = command()
        assert list(book.pools()) != before
        undone = book.reverse(entry.entry_id, Voucher(official_type="更正冲销"))
        assert list(book.pools()) == before
        assert (undone.event, undone.reverses) == (Event.REVERSE, entry.entry_id)


def test_reversal_is_refused_where_it_cannot_be(book):
    """accounting §8"""
    bring_in(book, {"area": 10})
    held = hold(book, {"area": 6})
    said = _refused(OverdraftError, "ledger.reverse_spent", book.reverse, 1)
    assert "L000001" in said
    _refused(LedgerError, "ledger.reverse_early", book.reverse, 2, Voucher(effective=MARCH))
    _refused(LedgerError, "ledger.unknown_entry", book.reverse, 7)
    book.reverse(2)
    _refused(LedgerError, "ledger.reverse_twice", book.reverse, 2)
    _refused(LedgerError, "ledger.reverse_reversal", book.reverse, 3)
    _refused(LedgerError, "ledger.nothing_held", book.settle, held.hold_id)
    book.reverse(1)
    assert book.pools()[0].inflow == 0


def test_release_is_not_reversed_beside_a_newer_hold(book):
    """accounting §6 §8"""
    bring_in(book, {"area": 10})
    first = hold(book, {"area": 1})
    released = book.void(first.hold_id)
    hold(book, {"area": 1})
    _refused(LedgerError, "ledger.held_already", book.reverse, released.entry_id)


def test_as_of_and_known_at_answer_two_questions(book, clock):
    """accounting §7"""
    bring_in(book, {"area": 10}, effective=JANUARY)
    known_early = clock.now
    clock.now += timedelta(days=30)
    hold(book, {"area": 4}, effective=MARCH)
    free = {
        (as_of, known): [dict(lot.free) for lot in book.lots(as_of=as_of, known_at=known)]
        for as_of in (date(2025, 12, 31), JANUARY, MARCH, None) for known in (known_early, None)
    }
    assert free == {
        (date(2025, 12, 31), known_early): [], (date(2025, 12, 31), None): [],
        (JANUARY, known_early): [{"area": 10}], (JANUARY, None): [{"area": 10}],
        (MARCH, known_early): [{"area": 10}], (MARCH, None): [{"area": 6}],
        (None, known_early): [{"area": 10}], (None, None): [{"area": 6}],
    }
    assert book.holds(known_at=known_early) == ()
    assert book.pools(as_of=JANUARY)[0].held == 0


def test_backdated_hold_takes_only_what_is_free_ever_since(book):
    """accounting §9"""
    bring_in(book, {"area": 10}, effective=JANUARY)
    hold(book, {"area": 7}, effective=JUNE)
    assert book.lots(as_of=MARCH)[0].free == {"area": 10}
    assert book.spendable(MARCH)[0].free == {"area": 3}
    _refused(OverdraftError, "ledger.overdraft", hold, book, {"area": 4}, "P2", effective=MARCH)
    hold(book, {"area": 3}, "P2", effective=MARCH)
    assert book.spendable(MARCH)[0].free == {"area": 0}
    _refused(OverdraftError, "ledger.overdraft", hold, book, {"area": 1}, "P3",
             effective=date(2025, 12, 31))


def test_today_is_the_day_in_the_clocks_zone(tmp_path):
    """accounting §7"""
    beijing = timezone(timedelta(hours=8))
    with open_book(tmp_path, lambda: datetime(2026, 7, 1, 1, tzinfo=beijing)) as book:
        entry = book.post_inflow(Inflow(Lot("", COUNTY, 2026, ""), {"area": 1}))
    assert entry.effective == date(2026, 7, 1)
    assert entry.recorded == datetime(2026, 6, 30, 17, tzinfo=UTC)


def test_recorded_moment_never_runs_backwards(book, clock):
    """accounting §7"""
    bring_in(book, {"area": 1})
    clock.now -= timedelta(days=1)
    bring_in(book, {"area": 1})
    first, second = book.journal()
    assert second.recorded == first.recorded


@pytest.mark.parametrize(("key", "change"), [
    ("ledger.unknown_kind", {"account": replace(COUNTY, kind="forest")}),
    ("ledger.unknown_component", {"amounts": {"total": 1}}),
    ("ledger.amount_unfit", {"amounts": {"area": -1}}),
    ("ledger.nothing_asked", {"amounts": {"area": 0}}),
    ("ledger.no_account", {"account": replace(COUNTY, pool="")}),
    ("ledger.born_expired", {"expires": date(2025, 12, 31)}),
    ("ledger.unknown_official", {"official_type": "挂钩指标"}),
    ("ledger.unknown_official", {"official_type": "省级点供"}),
    ("ledger.day_with_time", {"effective": datetime(2026, 1, 1, tzinfo=UTC)}),
])
def test_inflow_refuses_and_leaves_nothing(book, key, change):
    """accounting §2 §4"""
    said = _refused(LedgerError, key, bring_in, book, **{"amounts": {"area": 1}, **change})
    assert "{" not in said
    assert (book.position(), book.lots()) == (0, ())


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_text_that_cannot_be_kept_is_refused(book, text):
    """accounting §4"""
    _refused(LedgerError, "ledger.text_unfit", bring_in, book, {"area": 1}, document=text)
    assert (book.position(), book.lots()) == (0, ())
    bring_in(book, {"area": 1}, document="a\\u0000b")
    assert book.journal()[0].document == "a\\u0000b"


def test_unknown_names_are_refused_with_what_is_allowed(book):
    """accounting §2"""
    bring_in(book, {"area": 1})
    wish = Reservation("quota", {"area": 1}, "P1", "S1")
    said = _refused(LedgerError, "ledger.unknown_kind", book.hold, wish)
    assert all(f"{kind}," in said for kind in ("plan_quota", "offset", "linkage"))
    _refused(LedgerError, "ledger.unknown_hold", book.settle, "H9")
    _refused(LedgerError, "ledger.unknown_lot", book.expire, "L9")
    _refused(LedgerError, "ledger.due_early", hold, book, {"area": 1}, due=MARCH)
    _refused(LedgerError, "ledger.no_zone", book.lots, known_at=datetime(2026, 1, 1))  # noqa: DTZ001
    lot = Lot("L000001", COUNTY, 2026, "")
    _refused(LedgerError, "ledger.lot_exists", book.post_inflow, Inflow(lot, {"area": 1}))


def test_county_kind_needs_no_code(tmp_path):
    """accounting §2"""
    forest = QuotaKind("forest", "林地定额", "Forest quota", (
        Component("area", "林地", "Forest land", "dm2"),))
    with open_book(tmp_path, kinds={"forest": forest}) as book:
        bring_in(book, {"area": 5}, account=Account("CN/32", "forest", "county"))
        book.hold(Reservation("forest", {"area": 5}, "P1", "S1"))
        assert book.pools()[0].held == 5


def test_amounts_of_a_command_are_not_kept_by_reference(book):
    amounts = {"area": 5}
    bring_in(book, amounts)
    amounts["area"] = 9
    assert book.lots()[0].free == {"area": 5}


def test_open_refuses_what_is_no_book(tmp_path):
    for url, key in (("nonsense", "ledger.bad_url"), ("sqlite://", "ledger.unsupported_url"),
                     ("mysql://user:secret@host/db", "ledger.unsupported_url")):
        assert "secret" not in _refused(LedgerError, key, Book.open, url)
    _refused(LedgerError, "ledger.no_book", open_book, tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "ledger.db").write_bytes(b"no database at all, only text" * 100)
    _refused(LedgerError, "ledger.unusable", open_book, tmp_path)
    _refused(LedgerError, "ledger.unusable", open_book, tmp_path / "nowhere")


def test_a_hold_draws_on_very_many_lots_in_their_order(book):
    """accounting §5: lots are read page by page, and drawn on as if they were read at once."""
    count = PAGE + 5
    days = [date(2027, 1, 1) + timedelta(days=(7 * number) % count) for number in range(count)]
    lots = [bring_in(book, {"area": 2}, expires=day) for day in days]
    unlimited = bring_in(book, {"area": 2})
    held = hold(book, {"area": 2 * count + 1})
    (told,) = book.holds()
    assert set(told.lots) == {*lots, unlimited}
    assert {each.lot.lot_id: each.free for each in book.drawable(JUNE)} == {unlimited: {"area": 1}}
    book.void(held.hold_id)
    half = book.journal(hold_id=hold(book, {"area": 2 * PAGE + 1}, "P2").hold_id)[0]
    drawn = list(dict.fromkeys(line.lot_id for line in half.postings))
    ordered = sorted(zip(days, lots, strict=True))
    assert drawn == [lot_id for _, lot_id in ordered[:PAGE + 1]]
    with pytest.raises(OverdraftError):
        hold(book, {"area": 2 * count + 3}, "P3")
