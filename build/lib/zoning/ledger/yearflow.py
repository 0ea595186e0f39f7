"""Where a year's quota came from and where it went: one component of one kind, pool by pool.

A pure fold over the journal; what comes and what goes are equal, to 0.01 m².
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from zoning.ledger.model import Entry, Event, Lot, Posting, State

Way = Literal["carried", "inflow", "used", "lapsed", "held", "free"]
"""carried over from the years before; inflow; used; lapsed; still held, still free at the end."""

COMES: tuple[Way, ...] = ("carried", "inflow")
GOES: tuple[Way, ...] = ("used", "lapsed", "held", "free")


@dataclass(frozen=True)
class Stream:
    """An amount that came into a pool or went out of it.

    `name` is the official type of what came in or lapsed, the project of what was used; empty where
    there is none to tell. `entries` are the entries it is made of; none for what lay there before
    or lies there still. Below zero where an entry of an earlier year was reversed.
    """

    way: Way
    name: str
    pool: str
    amount: int
    entries: tuple[int, ...] = ()


@dataclass(frozen=True)
class YearFlow:
    """What came into the pools in a year and where it went; the two sums are equal."""

    comes: tuple[Stream, ...]
    goes: tuple[Stream, ...]


def year_flow(
    entries: Iterable[Entry], lots: Mapping[str, Lot], projects: Mapping[str, str],
    *, kind: str, component: str, year: int,
) -> YearFlow:
    """The flow of one year, by the day each entry counts from.

    `projects` gives the project of each hold. Held and given back within the pools is no flow. A
    reversal takes from the stream of the entry it reverses.
    """
    entries = tuple(entries)
    known = {entry.entry_id: entry for entry in entries}
    sums: Counter[tuple[Way, str, str]] = Counter()
    made_of: dict[tuple[Way, str, str], dict[int, None]] = {}
    counted = ((entry, line) for entry in entries for line in entry.postings
               if entry.effective.year <= year and line.component == component
               and lots[line.lot_id].account.kind == kind)
    for entry, line in counted:
        pool = lots[line.lot_id].account.pool
        for key, amount in _parts(entry, line, pool, year, known, projects):
            sums[key] += amount
            if key[0] in ("inflow", "used", "lapsed"):
                made_of.setdefault(key, {})[entry.entry_id] = None
    streams = [Stream(way, name, pool, amount, tuple(made_of.get((way, name, pool), ())))
               for (way, name, pool), amount in sorted(sums.items(), key=_place) if amount]
    return YearFlow(tuple(each for each in streams if each.way in COMES),
                    tuple(each for each in streams if each.way in GOES))


def years_of(entries: Iterable[Entry]) -> tuple[int, ...]:
    """The years that entries count from, the latest first."""
    return tuple(sorted({entry.effective.year for entry in entries}, reverse=True))


def _parts(
    entry: Entry, line: Posting, pool: str, year: int, known: Mapping[int, Entry],
    projects: Mapping[str, str],
) -> Iterable[tuple[tuple[Way, str, str], int]]:
    """What a posting adds to which streams: to what lies there, and to what came or went."""
    this_year = entry.effective.year == year
    if line.state in (State.FREE, State.HELD):
        yield ("free" if line.state is State.FREE else "held", "", pool), line.amount
        if not this_year:
            yield ("carried", "", pool), line.amount
    if not this_year:
        return
    cause = known.get(entry.reverses, entry) if entry.reverses is not None else entry
    if cause.event is Event.INFLOW and line.state is State.FREE:
        yield ("inflow", cause.official_type, pool), line.amount
    elif line.state is State.USED:
        yield ("used", projects.get(line.hold_id or "", ""), pool), line.amount
    elif line.state is State.LAPSED:
        yield ("lapsed", cause.official_type, pool), line.amount


def _place(item: tuple[tuple[Way, str, str], int]) -> tuple[str, int, str]:
    (way, name, pool), _ = item
    return pool, (*COMES, *GOES).index(way), name


__all__ = ["COMES", "GOES", "Stream", "Way", "YearFlow", "year_flow", "years_of"]
