"""Quota held for the projects of a scenario that pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from zoning.errors import LedgerError
from zoning.ledger.book import Book
from zoning.ledger.model import Entry, Reservation, Voucher
from zoning.ledger.picking import pick_order
from zoning.ledger.reconcile import noted
from zoning.scenario.model import Scenario, Site
from zoning.scenario.outcome import Outcome, ProjectOutcome, Status
from zoning.workspace.decide import check
from zoning.workspace.folder import Workspace
from zoning.workspace.quota import book


def hold_scenario(
    workspace: Workspace,
    scenario: Scenario,
    *,
    folder: Path | None = None,
    projects: Sequence[str] = (),
    due: date | None = None,
) -> tuple[Entry, ...]:
    """Hold the quota that the passing projects of a scenario need, all of it or none.

    Without `projects`, every project that passes and needs quota. The holds count from the decision
    date.

    Raises
    ------
    LedgerError
        A project named does not pass or is not in the scenario; a project is held already.

    """
    with book(workspace) as quota:
        return hold_in(workspace, quota, scenario, folder=folder, projects=projects, due=due)


def hold_in(
    workspace: Workspace,
    quota: Book,
    scenario: Scenario,
    *,
    folder: Path | None = None,
    projects: Sequence[str] = (),
    due: date | None = None,
) -> tuple[Entry, ...]:
    """As `hold_scenario`, in a book that is open: the workspace's, or a branch of it."""
    outcome = check(workspace, scenario, folder=folder, quota=quota)
    chosen = _chosen(outcome, projects)
    order = [lot.lot_id for lot in sorted((each.lot for each in quota.lots()), key=pick_order)]
    wanted = [each for project in chosen for each in _reservations(outcome, project, order, due)]
    sites = {each.id: noted("", site_polygons(each.site)) for each in scenario.projects}
    voucher = Voucher(scenario.decision_date, document=scenario.id)
    holds = quota.hold_all(wanted, voucher, notes=sites)
    return tuple(quota.journal(hold_id=hold.hold_id)[0] for hold in holds)


def site_polygons(site: Site) -> tuple[str, ...]:
    """The polygons of a site as the book names them: ``parcel/…``, or features of its layer.

    None for a site that is drawn or lies in a file: no layer of the workspace has its polygons.
    """
    if site.parcels:
        return tuple(f"parcel/{name}" for name in site.parcels)
    return tuple(f"{site.layer}/{name}" for name in site.features) if site.layer else ()


def _chosen(outcome: Outcome, projects: Sequence[str]) -> list[ProjectOutcome]:
    if not projects:
        return [each for each in outcome.projects if each.verdict is Status.PASS]
    by_id = {each.project_id: each for each in outcome.projects}
    for project in projects:
        verdict = by_id[project].verdict if project in by_id else None
        if verdict is not Status.PASS:
            raise LedgerError("workspace.not_passing", project=project,
                              scenario=outcome.scenario_id, verdict=verdict or "-")
    return [by_id[project] for project in projects]


def _reservations(
    outcome: Outcome, project: ProjectOutcome, order: Sequence[str], due: date | None
) -> Iterator[Reservation]:
    """One request per quota kind, on the lots that the engine would draw.

    In the order of the book, so that each component draws just what the engine drew: a lot named
    for another component and standing before its own would have been drawn by the engine too.
    """
    needs: dict[str, dict[str, int]] = {}
    lots: dict[str, list[str]] = {}
    for need in project.needs:
        if need.needed:
            needs.setdefault(need.kind, {})[need.component] = need.needed
            lots.setdefault(need.kind, []).extend(line.lot_id for line in need.lots)
    for kind, amounts in needs.items():
        yield Reservation(kind, amounts, project.project_id, outcome.scenario_id, due,
                          lots=tuple(sorted(set(lots[kind]), key=order.index)),
                          project_kind=project.kind)
