"""The quota book of a workspace: opened, filled, and held against for a scenario."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from zoning.errors import InputError
from zoning.ledger.book import Book
from zoning.ledger.linkage import Years, good_until_return
from zoning.ledger.model import Entry, Inflow, LotBalance
from zoning.ledger.opening import parse_opening
from zoning.ledger.opening_xlsx import read_opening
from zoning.workspace.folder import Workspace, read_text
from zoning.workspace.rules import rule_book, whole_years


def book(workspace: Workspace) -> Book:
    """The quota book of the workspace, to be used in a ``with``.

    Raises LedgerError where it is gone: an empty book in its place would pass for the truth.
    """
    return Book.open(workspace.ledger_url, kinds=workspace.kinds,
                     events=workspace.events, create=False)


def post_opening(workspace: Workspace, file: Path) -> tuple[Entry, ...]:
    """Bring the lots of an opening book in, all or none. Raises InputError naming every fault."""
    return post_inflows(workspace, read_inflows(workspace, file))


def read_inflows(workspace: Workspace, file: Path) -> tuple[Inflow, ...]:
    """The lots of an opening book, TOML or xlsx. Raises InputError naming every fault."""
    if file.suffix.lower() != ".xlsx":
        return parse_opening(read_text(file), kinds=workspace.kinds,
                             events=workspace.events)
    try:
        data = file.read_bytes()
    except FileNotFoundError as error:
        raise InputError("workspace.no_file", file=str(file)) from error
    return read_opening(data, source=file.name, kinds=workspace.kinds,
                        events=workspace.events)


def post_inflows(workspace: Workspace, inflows: Iterable[Inflow]) -> tuple[Entry, ...]:
    """Bring lots in, all or none; one that is lent is good through the day its return is due."""
    with book(workspace) as quota:
        return quota.post_opening(dated_inflows(workspace, inflows))


def dated_inflows(workspace: Workspace, inflows: Iterable[Inflow]) -> list[Inflow]:
    """The lots with the day until which those are good that are lent and state none."""
    events, years, now = workspace.events, return_years(workspace), today()
    return [good_until_return(each, events=events, years=years, today=now)
            for each in inflows]


def return_years(workspace: Workspace) -> Years:
    """How many years linkage quota may be out, by place and day of issue, from the rule book."""
    rules = rule_book(workspace)
    return lambda place, on: whole_years(rules, "zjgg.return_years", on=on, place=place)


def spendable_for(quota: Book, scenario_id: str, on: date) -> tuple[LotBalance, ...]:
    """What a scenario may draw on, on a day: free lots, and what it holds or has used itself.

    So a scenario answers the same before and after its own projects are held or settled.
    """
    return quota.drawable(on, scenario_id=scenario_id)


def today() -> date:
    """The date on the wall, for commands that are given none."""
    return datetime.now().astimezone().date()
