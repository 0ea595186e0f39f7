"""What each event does to the book, and the checks an entry must pass before it is written.

An event moves amounts of a lot from one state to another, so its postings sum to zero for each lot
and component. The database checks the same again by itself (`zoning.ledger.migrations`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from zoning.errors import Message, Problem
from zoning.ledger.balances import cell_of
from zoning.ledger.model import MAX_AMOUNT, Draw, Entry, Event, Posting, State, Vector

MOVES: Mapping[Event, tuple[State, State]] = {
    Event.INFLOW: (State.SOURCE, State.FREE),
    Event.HOLD: (State.FREE, State.HELD),
    Event.SETTLE: (State.HELD, State.USED),
    Event.VOID: (State.HELD, State.FREE),
    Event.EXPIRE: (State.FREE, State.LAPSED),
}
"""Event → the state it takes from, the state it brings to. A reversal does what undoes another."""

OF_A_HOLD = frozenset({State.HELD, State.USED})


def inflow_postings(lot_id: str, amounts: Vector) -> tuple[Posting, ...]:
    """A lot enters the book: source → free."""
    return moves(Event.INFLOW, lot_draws(lot_id, amounts))


def hold_postings(hold_id: str, draws: Iterable[Draw]) -> tuple[Posting, ...]:
    """Quota is reserved for a project: free → held."""
    return moves(Event.HOLD, draws, hold_id=hold_id)


def settle_postings(hold_id: str, draws: Iterable[Draw]) -> tuple[Posting, ...]:
    """A hold, or part of it, is used for good: held → used."""
    return moves(Event.SETTLE, draws, hold_id=hold_id)


def void_postings(hold_id: str, draws: Iterable[Draw]) -> tuple[Posting, ...]:
    """A hold, or what is left of it, is given up: held → free."""
    return moves(Event.VOID, draws, hold_id=hold_id)


def expire_postings(lot_id: str, amounts: Vector) -> tuple[Posting, ...]:
    """A lot's free quota is lost: free → lapsed."""
    return moves(Event.EXPIRE, lot_draws(lot_id, amounts))


def reverse_postings(entry: Entry) -> tuple[Posting, ...]:
    """The negation of an entry, line by line."""
    return tuple(
        Posting(line.lot_id, line.component, line.state, -line.amount, line.hold_id)
        for line in entry.postings
    )


def moves(
    event: Event, draws: Iterable[Draw], *, hold_id: str | None = None
) -> tuple[Posting, ...]:
    """Two postings for each draw: out of the event's first state, into its second."""
    source, target = MOVES[event]
    return tuple(
        Posting(draw.lot_id, draw.component, state, sign * draw.amount,
                hold_id if state in OF_A_HOLD else None)
        for draw in draws for state, sign in ((source, -1), (target, 1))
    )


def lot_draws(lot_id: str, amounts: Vector) -> tuple[Draw, ...]:
    """A vector as draws on one lot; zero components are left out."""
    return tuple(Draw(lot_id, code, amount) for code, amount in amounts.items() if amount)


def check_entry(entry: Entry, journal: Iterable[Entry] = ()) -> tuple[Problem, ...]:
    """Every reason why an entry may not be written; empty for a sound one.

    `journal` are the earlier entries it may refer to: for a reversal, the entry reversed and the
    reversals of it. Whether there is enough to take from is not asked here: that depends on the
    whole book (`zoning.ledger.balances.lowest_from`).
    """
    earlier = {each.entry_id: each for each in journal}
    return tuple(
        Problem(code, message)
        for code, check in CHECKS
        if (message := check(entry, earlier)) is not None
    )


Earlier = Mapping[int, Entry]


def _has_lines(entry: Entry, _: Earlier) -> Message | None:
    return None if entry.postings else _told(entry, "ledger.entry_empty")


def _has_fit_amounts(entry: Entry, _: Earlier) -> Message | None:
    unfit = [line for line in entry.postings if not 0 < abs(line.amount) <= MAX_AMOUNT]
    return _told(entry, "ledger.entry_amount", lot=unfit[0].lot_id, component=unfit[0].component,
                 amount=unfit[0].amount) if unfit else None


def _sums_to_zero(entry: Entry, _: Earlier) -> Message | None:
    sums: Counter[tuple[str, str]] = Counter()
    for line in entry.postings:
        sums[line.lot_id, line.component] += line.amount
    for (lot_id, component), amount in sums.items():
        if amount:
            return _told(entry, "ledger.entry_unbalanced", lot=lot_id, component=component,
                         difference=amount)
    return None


def _moves_as_its_event(entry: Entry, _: Earlier) -> Message | None:
    if entry.event is Event.REVERSE:
        return None
    source, target = MOVES[entry.event]
    for line in entry.postings:
        if line.state is not (target if line.amount > 0 else source):
            return _told(entry, "ledger.entry_move", state=state_name(line.state))
    return None


def _names_hold_where_due(entry: Entry, _: Earlier) -> Message | None:
    for line in entry.postings:
        if (line.hold_id is not None) != (line.state in OF_A_HOLD):
            return _told(entry, "ledger.entry_hold", state=state_name(line.state))
    return None


def _keeps_to_one_hold(entry: Entry, _: Earlier) -> Message | None:
    holds = {line.hold_id for line in entry.postings if line.hold_id is not None}
    return _told(entry, "ledger.entry_holds", holds=sorted(holds)) if len(holds) > 1 else None


def _brings_one_lot(entry: Entry, _: Earlier) -> Message | None:
    lots = {line.lot_id for line in entry.postings}
    if entry.event is Event.INFLOW and len(lots) > 1:
        return _told(entry, "ledger.entry_lots", lots=sorted(lots))
    return None


def _reverses_once(entry: Entry, earlier: Earlier) -> Message | None:
    if entry.event is not Event.REVERSE:
        return None if entry.reverses is None else _told(entry, "ledger.entry_not_reversal")
    original = earlier.get(entry.reverses or 0)
    if original is None or original.entry_id == entry.entry_id:
        return _told(entry, "ledger.reverse_unknown", entry_id=entry.reverses)
    if original.event is Event.REVERSE:
        return _told(entry, "ledger.reverse_reversal", entry_id=original.entry_id)
    for other in earlier.values():
        if other.reverses == original.entry_id and other.entry_id != entry.entry_id:
            return _told(entry, "ledger.reverse_twice", entry_id=original.entry_id,
                         by=other.entry_id)
    return None if _negates(entry, original) else _told(entry, "ledger.reverse_other",
                                                        entry_id=original.entry_id)


def _negates(entry: Entry, original: Entry) -> bool:
    sums: Counter[tuple[object, ...]] = Counter()
    for line in (*entry.postings, *original.postings):
        sums[cell_of(line)] += line.amount
    return not any(sums.values())


def _is_dated_by_days(entry: Entry, _: Earlier) -> Message | None:
    plain = type(entry.effective) is date and entry.recorded.tzinfo is not None
    return None if plain else _told(entry, "ledger.entry_dates")


CHECKS: tuple[tuple[str, Callable[[Entry, Earlier], Message | None]], ...] = (
    ("LED001", _has_lines),
    ("LED002", _has_fit_amounts),
    ("LED003", _sums_to_zero),
    ("LED004", _moves_as_its_event),
    ("LED005", _names_hold_where_due),
    ("LED006", _keeps_to_one_hold),
    ("LED007", _brings_one_lot),
    ("LED008", _reverses_once),
    ("LED009", _is_dated_by_days),
)
"""Problem code → check. One rule, one function, one code."""


def event_name(event: Event) -> Message:
    """The name of an event, in the reader's language."""
    return Message(f"ledger.event.{event.value}")


def state_name(state: State) -> Message:
    """The name of a state, in the reader's language."""
    return Message(f"ledger.state.{state.value}")


def _told(entry: Entry, key: str, **params: object) -> Message:
    return Message(key, {"entry": entry.entry_id, "event": event_name(entry.event), **params})
