"""The quota book of a workspace: opened, filled, and held against for a scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from zoning.ledger.book import Book
from zoning.ledger.model import Entry, LotBalance, State
from zoning.ledger.opening import parse_opening
from zoning.workspace.folder import Workspace, read_text


def book(workspace: Workspace) -> Book:
    """The quota book of the workspace, to be used in a ``with``.

    Raises LedgerError where it is gone: an empty book in its place would pass for the truth.
    """
    return Book.open(workspace.ledger_url, create=False)


def post_opening(workspace: Workspace, file: Path) -> tuple[Entry, ...]:
    """Bring the lots of an opening book in, all or none. Raises InputError naming every fault."""
    inflows = parse_opening(read_text(file))
    with book(workspace) as quota:
        return quota.post_opening(inflows)


def spendable_for(quota: Book, scenario_id: str, on: date) -> tuple[LotBalance, ...]:
    """What a scenario may draw on, on a day: free lots, and what it holds or has used itself.

    So a scenario answers the same before and after its own projects are held or settled.
    """
    own = _taken_by(quota, scenario_id)
    return tuple(
        replace(lot, free=_added(lot.free, own.get(lot.lot.lot_id, {})))
        for lot in quota.spendable(on)
    )


def today() -> date:
    """The date on the wall, for commands that are given none."""
    return datetime.now().astimezone().date()


def _taken_by(quota: Book, scenario_id: str) -> Mapping[str, Mapping[str, int]]:
    """What the holds of a scenario hold or have used, by lot and component."""
    taken: dict[str, Counter[str]] = {}
    for found in quota.holds():
        if found.hold.scenario_id != scenario_id:
            continue
        for entry in quota.journal(hold_id=found.hold.hold_id):
            for line in entry.postings:
                if line.hold_id == found.hold.hold_id and line.state in (State.HELD, State.USED):
                    taken.setdefault(line.lot_id, Counter())[line.component] += line.amount
    return taken


def _added(free: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {code: free.get(code, 0) + more.get(code, 0) for code in {**free, **more}}
