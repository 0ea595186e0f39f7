"""Folds over the journal: laws, two dates, expiry, what can still be spent."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from strategies import FIRST_DAY, days, journals, lot_balances

from zoning.ledger.balances import (
    available,
    bar,
    flows,
    hold_balances,
    lowest_from,
    pool_balances,
    spendable,
    tally,
)
from zoning.ledger.balances import (
    lot_balances as fold_lots,
)
from zoning.ledger.entries import hold_postings, inflow_postings
from zoning.ledger.model import (
    Account,
    Cell,
    Draw,
    Entry,
    Event,
    Hold,
    Lot,
    LotBalance,
    State,
)

COUNTY = Account("CN/32/3206/320623", "offset", "stock")
LOT = Lot("L1", COUNTY, 2026, "No. 1", expires=date(2026, 6, 30))


def _inflow(number: int, effective: date, amount: int) -> Entry:
    return Entry(number, Event.INFLOW, effective, _hour(number),
                 inflow_postings("L1", {"area": amount}))


def _hold(number: int, effective: date, amount: int) -> Entry:
    return Entry(number, Event.HOLD, effective, _hour(number),
                 hold_postings(f"H{number}", [Draw("L1", "area", amount)]))


def _hour(number: int) -> datetime:
    return datetime(2026, 1, 1, number, tzinfo=UTC)


@given(journals())
def test_tally_of_any_journal_sums_to_zero(journal):
    """accounting §4"""
    _, entries = journal
    sums: Counter[tuple[str, str]] = Counter()
    for cell, amount in tally(entries).items():
        sums[cell.lot_id, cell.component] += amount
    assert set(sums.values()) <= {0}


@given(journals(), st.randoms(use_true_random=False))
def test_tally_does_not_depend_on_order(journal, random):
    _, entries = journal
    shuffled = list(entries)
    random.shuffle(shuffled)
    assert tally(shuffled) == tally(entries)


@given(journals())
def test_pool_inflow_equals_what_is_in_all_states(journal):
    """accounting §3"""
    lots, entries = journal
    for pool in pool_balances(lots, tally(entries)):
        assert pool.inflow == pool.free + pool.held + pool.used + pool.lapsed
        assert min(pool.free, pool.held, pool.used, pool.lapsed) >= 0


@given(journals())
def test_pools_and_holds_add_up_to_the_lots(journal):
    lots, entries = journal
    sums = tally(entries)
    balances = fold_lots(lots, sums)
    ids = {line.hold_id for entry in entries for line in entry.postings if line.hold_id}
    holds = hold_balances([Hold(each, "p", "s", None) for each in ids], sums)
    for state in ("free", "held", "used", "lapsed"):
        of_lots = sum(sum(getattr(balance, state).values()) for balance in balances)
        assert of_lots == sum(getattr(pool, state) for pool in pool_balances(lots, sums))
    assert sum(sum(hold.held.values()) for hold in holds) == sum(
        sum(balance.held.values()) for balance in balances)


@given(journals(), days)
def test_tally_as_of_a_day_is_the_tally_of_its_entries(journal, day):
    """accounting §7"""
    _, entries = journal
    moment = _hour(0) + timedelta(hours=6)
    assert tally(entries, as_of=day) == tally(e for e in entries if e.effective <= day)
    assert tally(entries, known_at=moment) == tally(e for e in entries if e.recorded <= moment)


def test_pool_balances_are_sorted_by_account_and_component():
    lots = [Lot("L1", Account("CN/32", "offset", "b"), 2026, ""),
            Lot("L2", Account("CN/32", "offset", "a"), 2026, "")]
    sums = {Cell("L1", "paddy", State.FREE): 1, Cell("L1", "area", State.FREE): 1,
            Cell("L2", "area", State.FREE): 1}
    actual = [(pool.account.pool, pool.component) for pool in pool_balances(lots, sums)]
    assert actual == [("a", "area"), ("b", "area"), ("b", "paddy")]


def test_lot_balance_before_its_inflow_is_absent():
    """accounting §7"""
    entries = [_inflow(1, date(2026, 3, 1), 10)]
    assert fold_lots([LOT], tally(entries, as_of=date(2026, 2, 28))) == ()
    assert fold_lots([LOT], tally(entries, as_of=date(2026, 3, 1)))[0].free == {"area": 10}


def test_available_lot_is_good_through_its_last_day():
    """accounting §5"""
    lots = [LotBalance(LOT, free={"area": 10}, held={}, used={})]
    assert available(lots, on=date(2026, 6, 30), kind="offset") == tuple(lots)
    assert available(lots, on=date(2026, 7, 1), kind="offset") == ()


def test_bar_names_the_reason():
    """accounting §3 §5"""
    limited = Lot("L2", COUNTY, 2026, "", uses=("industry",))
    on = date(2026, 1, 1)
    assert bar(LOT, on=on, kind="linkage") == "other_kind"
    assert bar(LOT, on=on, kind="offset", place="CN/32/3206/320623/zone") == "other_place"
    assert bar(LOT, on=on, kind="offset", pools=("reserve",)) == "other_pool"
    assert bar(LOT, on=date(2027, 1, 1), kind="offset") == "expired"
    assert bar(limited, on=on, kind="offset", project_kind="commerce") == "other_use"
    assert bar(limited, on=on, kind="offset") == "other_use"
    assert bar(limited, on=on, kind="offset", project_kind="industry") is None


@given(lot_balances(), days, st.sampled_from(["industry", "commerce", None]))
def test_available_lots_are_exactly_those_without_a_bar(lots, day, project_kind):
    found = available(lots, on=day, kind="offset", project_kind=project_kind)
    for balance in lots:
        expired = balance.lot.expires is not None and balance.lot.expires < day
        unfit = bool(balance.lot.uses) and project_kind not in balance.lot.uses
        assert (balance in found) == (not expired and not unfit)


def test_lowest_from_is_lowered_by_later_days():
    """accounting §9"""
    entries = [_inflow(1, date(2026, 1, 1), 10), _hold(2, date(2026, 6, 1), 7)]
    free = Cell("L1", "area", State.FREE)
    assert lowest_from(flows(entries), date(2026, 3, 1))[free] == 3
    assert lowest_from(flows(entries), date(2025, 12, 31))[free] == 0
    assert lowest_from(flows(entries[:1]), date(2026, 3, 1))[free] == 10


@given(journals(), days)
def test_lowest_from_is_the_lowest_of_all_later_tallies(journal, day):
    """accounting §9"""
    _, entries = journal
    later = [day + timedelta(days=n) for n in range((FIRST_DAY - day).days + 61)]
    tallies = [tally(entries, as_of=each) for each in (day, *later)]
    for cell, lowest in lowest_from(flows(entries), day).items():
        assert lowest == min(sums.get(cell, 0) for sums in tallies)


def test_spendable_shows_what_may_still_be_held():
    """accounting §9"""
    entries = [_inflow(1, date(2026, 1, 1), 10), _hold(2, date(2026, 6, 1), 7)]
    day = date(2026, 3, 1)
    lots = fold_lots([LOT], tally(entries, as_of=day))
    assert lots[0].free == {"area": 10}
    assert spendable(lots, lowest_from(flows(entries), day))[0].free == {"area": 3}
