"""Scenarios on a branch of the book: what if this quota came in, and those projects went first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from zoning.ledger.book import Book
from zoning.ledger.branches import branch
from zoning.ledger.model import Inflow
from zoning.scenario.model import Scenario
from zoning.scenario.outcome import Outcome
from zoning.workspace.decide import check
from zoning.workspace.folder import Workspace
from zoning.workspace.holding import hold_in
from zoning.workspace.quota import book, dated_inflows


@contextmanager
def branch_of(workspace: Workspace, inflows: Sequence[Inflow] = ()) -> Iterator[Book]:
    """A branch of the workspace's book with lots brought in; the official book is only read."""
    with book(workspace) as official, branch(
            official, kinds=workspace.kinds, events=workspace.events) as tried:
        tried.post_opening(dated_inflows(workspace, inflows))
        yield tried


def check_on_branch(
    workspace: Workspace,
    scenario: Scenario,
    *,
    folder: Path | None = None,
    inflows: Sequence[Inflow] = (),
    after: Sequence[tuple[Scenario, Path]] = (),
) -> Outcome:
    """Run a scenario on a branch: with lots that may come, after other scenarios were held.

    `after` are scenarios with the folders of their site files; what their passing projects need is
    held first, in the order given. The position told is that of the official book.
    """
    with book(workspace) as official:
        position = official.position()
    with branch_of(workspace, inflows) as tried:
        for earlier, place in after:
            hold_in(workspace, tried, earlier, folder=place)
        outcome = check(workspace, scenario, folder=folder, quota=tried)
    return replace(outcome, ledger_position=position)


__all__ = ["branch_of", "check_on_branch"]
