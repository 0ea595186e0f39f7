"""Whatever is tried on a book, it agrees with a model of a few dictionaries."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from ledger_books import Clock, bring_in, hold, open_book
from postgres_server import new_schema
from strategies import COMPONENTS, FIRST_DAY, vectors

from zoning.errors import LedgerError, OverdraftError
from zoning.ledger import database, store
from zoning.ledger.balances import (
    flows,
    hold_balances,
    lot_balances,
    lowest_from,
    nonzero,
    pool_balances,
    spendable,
    tally,
)
from zoning.ledger.book import Book
from zoning.ledger.model import Event, State, Voucher
from zoning.ledger.sums import cell_sums

DAY = st.integers(0, 4).map(lambda n: FIRST_DAY + timedelta(days=n))
LAST_DAYS = [FIRST_DAY + timedelta(days=n) for n in range(6)]


class BookMachine(RuleBasedStateMachine):
    """Totals of a one-pool book, kept beside it by plain addition."""

    def new_book(self) -> Book:
        self.folder = tempfile.TemporaryDirectory()
        return open_book(Path(self.folder.name), Clock())

    @initialize()
    def start(self):
        self.book = self.new_book()
        self.closed = FIRST_DAY - timedelta(days=1)
        self.totals = defaultdict(int)
        self.projects = 0
        self.holds: list[str] = []
        self.undone: set[int] = set()

    def teardown(self):
        if hasattr(self, "book"):
            assert self.book.verify().is_sound
            self.book.close()
            if hasattr(self, "folder"):
                self.folder.cleanup()

    def _move(self, source: State, target: State, amounts) -> None:
        for code, amount in amounts.items():
            self.totals[source, code] -= amount
            self.totals[target, code] += amount

    @rule(day=DAY)
    def close(self, day):
        try:
            self.book.close_period(day)
        except LedgerError:
            assert day <= self.closed or not self.book.position()
        else:
            assert day > self.closed
            self.closed = day

    @rule(amounts=vectors, day=DAY)
    def inflow(self, amounts, day):
        try:
            bring_in(self.book, amounts, effective=day)
        except LedgerError:
            assert day <= self.closed
            return
        assert day > self.closed
        self._move(State.SOURCE, State.FREE, amounts)

    @rule(amounts=vectors, day=DAY)
    def hold(self, amounts, day):
        lowest = lowest_from(flows(self.book.journal()), day)
        spendable = {
            code: sum(amount for cell, amount in lowest.items()
                      if (cell.component, cell.state) == (code, State.FREE))
            for code in COMPONENTS
        }
        told = [lot.free for lot in self.book.spendable(day)]
        assert spendable == {code: sum(free.get(code, 0) for free in told) for code in COMPONENTS}
        enough = all(spendable[code] >= amount for code, amount in amounts.items())
        self.projects += 1
        try:
            held = hold(self.book, amounts, f"P{self.projects}", effective=day)
        except OverdraftError:
            assert not enough
        except LedgerError:
            assert day <= self.closed
        else:
            assert enough
            assert day > self.closed
            self.holds.append(held.hold_id)
            self._move(State.FREE, State.HELD, amounts)

    @rule(data=st.data(), amounts=st.none() | vectors, day=DAY, settle=st.booleans())
    def settle_or_void(self, data, amounts, day, settle):
        if not self.holds:
            return
        command = self.book.settle if settle else self.book.void
        hold_id = data.draw(st.sampled_from(self.holds))
        try:
            entry = command(hold_id, amounts, Voucher(effective=day))
        except LedgerError:
            return
        assert day > self.closed
        moved = _brought(entry)
        assert amounts is None or moved == amounts
        self._move(State.HELD, State.USED if settle else State.FREE, moved)

    @rule(number=st.integers(1, 12), day=DAY)
    def reverse(self, number, day):
        try:
            entry = self.book.reverse(number, Voucher(effective=day))
        except LedgerError:
            return
        assert number not in self.undone
        assert day > self.closed
        self.undone.add(number)
        for line in entry.postings:
            self.totals[line.state, line.component] += line.amount

    def _holds(self):
        return [balance.hold for balance in self.book.holds()]

    def _draws_the_same(self, day, found):
        """What can be drawn is what can be spent; for a scenario, with what it has taken itself."""
        free = {each.lot.lot_id: nonzero(each.free) for each in found if nonzero(each.free)}
        assert {each.lot.lot_id: each.free for each in self.book.drawable(day)} == free
        for entry in self.book.journal():
            for line in entry.postings:
                if line.hold_id is not None:
                    mine = free.setdefault(line.lot_id, {})
                    mine[line.component] = mine.get(line.component, 0) + line.amount
        free = {lot_id: nonzero(told) for lot_id, told in free.items() if nonzero(told)}
        drawn = self.book.drawable(day, scenario_id="S1")
        assert {each.lot.lot_id: each.free for each in drawn} == free

    @invariant()
    def book_agrees_with_the_model_and_is_never_overdrawn(self):
        """accounting §3 §4 §9"""
        if not hasattr(self, "book"):
            return
        journal = self.book.journal()
        with database.reading(self.book._engine) as connection:
            assert cell_sums(connection) == tally(journal)
            assert cell_sums(connection, as_of=LAST_DAYS[2]) == tally(journal, as_of=LAST_DAYS[2])
            lots = store.lots(connection)
        for day in LAST_DAYS:
            assert self.book.pools(as_of=day) == pool_balances(lots, tally(journal, as_of=day))
            there = lot_balances(lots, tally(journal, as_of=day))
            found = self.book.spendable(day)
            assert found == spendable(there, lowest_from(flows(journal), day))
            self._draws_the_same(day, found)
        for known_at in {each.recorded for each in journal[::3]}:
            for day in (None, LAST_DAYS[1]):
                sums = tally(journal, as_of=day, known_at=known_at)
                at = {"as_of": day, "known_at": known_at}
                assert self.book.pools(**at) == pool_balances(lots, sums)
                assert self.book.lots(**at) == lot_balances(lots, sums)
                assert self.book.holds(**at) == hold_balances(self._holds(), sums)
        for pool in self.book.pools():
            told = {State.FREE: pool.free, State.HELD: pool.held, State.USED: pool.used}
            assert all(self.totals[state, pool.component] == n for state, n in told.items())
            assert pool.inflow == -self.totals[State.SOURCE, pool.component]
        for cell, lowest in lowest_from(flows(journal), FIRST_DAY).items():
            assert cell.state is State.SOURCE or lowest >= 0
        assert [entry.entry_id for entry in journal] == list(range(1, len(journal) + 1))


def _brought(entry):
    brought = defaultdict(int)
    assert entry.event in (Event.SETTLE, Event.VOID)
    for line in entry.postings:
        if line.amount > 0:
            brought[line.component] += line.amount
    assert set(brought) <= set(COMPONENTS)
    return dict(brought)


SETTINGS = settings(
    max_examples=15, stateful_step_count=20, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def test_book_in_a_file_agrees_with_the_model():
    run_state_machine_as_test(BookMachine, settings=SETTINGS)


def test_book_on_a_server_agrees_with_the_model(postgres):
    class ServerMachine(BookMachine):
        def new_book(self) -> Book:
            return open_book(new_schema(postgres), Clock())

    run_state_machine_as_test(ServerMachine, settings=settings(SETTINGS, max_examples=5))
