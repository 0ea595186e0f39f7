"""The book against the land: what lots and uses say of their polygons, and what was measured.

A pure comparison; `docs/accounting.md` §15 is the convention. Nothing is tolerated and nothing is
hidden: a difference of 0.01 m² is a difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from zoning.codes.reader import Component, QuotaKind
from zoning.ledger.linkage import NAMES_LOT
from zoning.ledger.model import Entry, Event, Lot, Posting, State, Vector

Polygon = Mapping[str, int | None]
"""Column of a layer → its amount for one polygon, dm² or kg; None where the layer does not say."""

Land = Mapping[str, Mapping[str, Polygon]]
"""Role of a layer → feature id → polygon. A layer that is absent is not in it."""

ROUNDING_DM2 = 50
"""What rounding one area to the 0.0001 公顷 of official forms can change."""

NAMED = re.compile(r"(?<!\S)@(\S+/\S+)")
"""A polygon named in the note of an entry; blanks, @ and % in it are written as ``%20;``."""


class Reason(StrEnum):
    """Why book and land do not agree."""

    AMOUNT = "amount"
    NOT_STATED = "not_stated"
    NO_POLYGON = "no_polygon"
    NO_LAYER = "no_layer"
    TWICE = "twice"


@dataclass(frozen=True)
class Claim:
    """What an entry says it was made of, or used for: amounts of one kind, and the polygons.

    `subject` is the lot of an inflow or the hold of a use.
    """

    subject: str
    entry_id: int
    event: Event
    kind: str
    amounts: Vector
    polygons: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """One disagreement. `booked` and `measured` are in the component's unit.

    Without a `component` it is about the `polygons` named: their layer or they themselves are
    absent, or were counted before, by the entry `other`.
    """

    claim: Claim
    reason: Reason
    polygons: tuple[str, ...]
    component: str = ""
    booked: int | None = None
    measured: int | None = None
    other: int | None = None

    @property
    def difference(self) -> int | None:
        """Booked less measured; None where nothing was measured."""
        if self.booked is None or self.measured is None:
            return None
        return self.booked - self.measured

    @property
    def is_rounding(self) -> bool:
        """Whether the rounding of each polygon to 0.0001 公顷 could explain it."""
        gap = self.difference
        return gap is not None and abs(gap) <= ROUNDING_DM2 * len(self.claim.polygons)


@dataclass(frozen=True)
class Reconciliation:
    """What was compared, and every difference."""

    claims: tuple[Claim, ...]
    differences: tuple[Difference, ...]

    @property
    def agreeing(self) -> int:
        """How many claims agree with the land to the last 0.01 m²."""
        return len({c.entry_id for c in self.claims}
                   - {each.claim.entry_id for each in self.differences})


def claims(entries: Iterable[Entry], lots: Mapping[str, Lot]) -> tuple[Claim, ...]:
    """Every inflow and use that names polygons and was not reversed, in the order of the book.

    An inflow names those its lot was made of; a use those its note names (`noted`). Where no use of
    a hold names any, the hold's note does, for all that was used, once nothing is held any more.
    Raises KeyError for a lot that is not given.
    """
    entries = tuple(entries)
    undone = {entry.reverses for entry in entries}
    standing = [entry for entry in entries
                if entry.entry_id not in undone and entry.event is not Event.REVERSE]
    found = [claim for entry in standing
             if (claim := _claim(entry, lots)) is not None and claim.polygons]
    return tuple(sorted((*found, *_of_sites(standing, lots)), key=lambda each: each.entry_id))


def reconcile(
    found: Iterable[Claim], land: Land, *, kinds: Mapping[str, QuotaKind]
) -> Reconciliation:
    """Compare claims with the land, component by component.

    A component is compared with the sum of the column its code list names, over the polygons there
    are; one that names none is not compared. A polygon that two inflows of a kind claim, or two
    uses, is counted twice and listed.
    """
    found = tuple(found)
    differences = [each for claim in found for each in _differences(claim, land, kinds)]
    return Reconciliation(found, (*differences, *_counted_twice(found)))


def roles_named(found: Iterable[Claim]) -> tuple[str, ...]:
    """The roles of the layers that claims name."""
    return tuple(sorted({_split(each)[0] for claim in found for each in claim.polygons}))


def noted(note: str, polygons: Iterable[str]) -> str:
    """A note that also names polygons (``role/feature id``), for `polygons_in` to find again."""
    coded = (re.sub(r"[\s@%]", lambda found: f"%{ord(found[0]):X};", each) for each in polygons)
    return " ".join(filter(None, (note, *(f"@{each}" for each in coded))))


def polygons_in(note: str) -> tuple[str, ...]:
    """The polygons that a note names."""
    return tuple(dict.fromkeys(
        re.sub(r"%([0-9A-F]+);", lambda found: chr(int(found[1], 16)), each)
        for each in NAMED.findall(note)))


def _claim(entry: Entry, lots: Mapping[str, Lot]) -> Claim | None:
    if entry.event is Event.INFLOW:
        lot = lots[entry.postings[0].lot_id]
        polygons = tuple(each for each in lot.origin if not each.startswith(NAMES_LOT))
        return Claim(lot.lot_id, entry.entry_id, entry.event, lot.account.kind,
                     _amounts(entry.postings, State.FREE), tuple(dict.fromkeys(polygons)))
    if entry.event is Event.SETTLE:
        line = entry.postings[0]
        hold_id = next(each.hold_id for each in entry.postings if each.hold_id)
        return Claim(hold_id, entry.entry_id, entry.event, lots[line.lot_id].account.kind,
                     _amounts(entry.postings, State.USED), polygons_in(entry.note))
    return None


def _of_sites(standing: Iterable[Entry], lots: Mapping[str, Lot]) -> Iterator[Claim]:
    by_hold: dict[str, list[Entry]] = {}
    for entry in standing:
        for hold_id in {line.hold_id for line in entry.postings if line.hold_id is not None}:
            by_hold.setdefault(hold_id, []).append(entry)
    for hold_id, mine in by_hold.items():
        uses = [entry for entry in mine if entry.event is Event.SETTLE]
        site = polygons_in(mine[0].note) if mine[0].event is Event.HOLD else ()
        lines = [line for entry in mine for line in entry.postings]
        own = any(polygons_in(entry.note) for entry in uses)
        if site and uses and not own and not any(_amounts(lines, State.HELD).values()):
            kind = lots[lines[0].lot_id].account.kind
            yield Claim(hold_id, uses[-1].entry_id, Event.SETTLE, kind,
                        _amounts(lines, State.USED), site)


def _amounts(postings: Iterable[Posting], state: State) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line in postings:
        if line.state is state:
            sums[line.component] = sums.get(line.component, 0) + line.amount
    return sums


def _differences(
    claim: Claim, land: Land, kinds: Mapping[str, QuotaKind]
) -> Iterator[Difference]:
    there: list[tuple[str, Polygon]] = []
    for name in claim.polygons:
        role, feature = _split(name)
        if role not in land:
            yield Difference(claim, Reason.NO_LAYER, (name,))
        elif feature not in land[role]:
            yield Difference(claim, Reason.NO_POLYGON, (name,))
        else:
            there.append((name, land[role][feature]))
    for component in kinds[claim.kind].components if claim.kind in kinds and there else ():
        if component.measured:
            yield from _compared(claim, component, there)


def _compared(
    claim: Claim, component: Component, there: Iterable[tuple[str, Polygon]]
) -> Iterator[Difference]:
    values = {name: polygon.get(component.measured) for name, polygon in there}
    silent = tuple(name for name, value in values.items() if value is None)
    booked = claim.amounts.get(component.code, 0)
    if silent and (booked or len(silent) < len(values)):
        yield Difference(claim, Reason.NOT_STATED, silent, component.code, booked)
    measured = sum(value for value in values.values() if value is not None)
    if len(silent) < len(values) and measured != booked:
        yield Difference(claim, Reason.AMOUNT, tuple(values), component.code, booked, measured)


def _counted_twice(found: Iterable[Claim]) -> Iterator[Difference]:
    first: dict[tuple[Event, str, str], Claim] = {}
    for claim in found:
        for name in claim.polygons:
            earlier = first.setdefault((claim.event, claim.kind, name), claim)
            if earlier is not claim and not _parts_of_one(earlier, claim):
                yield Difference(claim, Reason.TWICE, (name,), other=earlier.entry_id)


def _parts_of_one(one: Claim, other: Claim) -> bool:
    """Whether two uses are parts of the same hold."""
    return one.event is Event.SETTLE and one.subject == other.subject


def _split(name: str) -> tuple[str, str]:
    role, _, feature = name.partition("/")
    return role, feature


__all__ = ["Claim", "Difference", "Land", "Reason", "Reconciliation", "claims", "noted",
           "polygons_in", "reconcile", "roles_named"]
