"""Decision memo and atlas of a scenario, and atlas of a layer, as one HTML file or as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from zoning.errors import UsageError
from zoning.messages import Language, text
from zoning.report.layout import words
from zoning.report.names import appear
from zoning.report.paper.atlas import LandPage, land_atlas
from zoning.report.paper.memo import MemoFacts, atlas, memo
from zoning.report.paper.model import Paper, SiteMap
from zoning.report.paper.page import MapLibrary, paper_html
from zoning.report.paper.pdf import paper_pdf
from zoning.report.tables import Table, deadlines_table, openings_table, remedies_table
from zoning.report.tables.proof import proof_card
from zoning.report.tables.words import named
from zoning.scenario.model import Scenario
from zoning.scenario.outcome import Outcome, Status
from zoning.workspace.decide import check_at, read_scenario
from zoning.workspace.desk import Desk, open_desk
from zoning.workspace.duties import due_in
from zoning.workspace.folder import Workspace
from zoning.workspace.ground import Ground
from zoning.workspace.papers import provenance
from zoning.workspace.plan import why_at
from zoning.workspace.quota import book
from zoning.workspace.sites import feature_sites, paper_zone, project_sites

ReportKind = Literal["memo", "atlas"]
SUFFIXES = (".html", ".pdf")
LOOK_AHEAD_DAYS = 365
MOST_HELPED = 12
"""Alternatives are searched for so many projects that do not pass; the rest are left to `why`."""


@dataclass(frozen=True)
class ReportWish:
    """What is asked of a report: its kind, its language, whether alternatives are searched."""

    kind: ReportKind = "memo"
    language: Language = "zh"
    alternatives: bool = True


def write_report(
    workspace: Workspace, scenario: Path, out: Path, *, wish: ReportWish, library: MapLibrary | None
) -> Path:
    """Write the memo or atlas of a scenario; HTML needs the map library. The file appears whole.

    Raises UsageError for another extension than .html and .pdf.
    """
    _require_suffix(out)
    extra = "" if wish.kind == "memo" else " --atlas"
    extra += "" if wish.alternatives else " --no-alternatives"
    command = f"zoning report {scenario.name}{extra} --out {out.name} --lang {wish.language}"
    paper = scenario_paper(workspace, scenario, wish=wish, command=command)
    return appear(out, rendered(paper, out.suffix.lower(), library))


def write_atlas(
    workspace: Workspace, role: str, out: Path, *, features: Sequence[str] = (),
    language: Language = "zh", library: MapLibrary | None,
) -> Path:
    """Write an atlas of a layer, a page for each feature or for each one named."""
    _require_suffix(out)
    named_ones = "".join(f" --feature {each}" for each in features)
    command = f"zoning atlas {role}{named_ones} --out {out.name} --lang {language}"
    zone = paper_zone(workspace)
    ground = Ground(workspace, zone, language)
    pages = tuple(
        LandPage(site.id, site.name, site.area_dm2, site.class_code, ground.site_map(
            [site], key=str(number), caption=site.name or site.id))
        for number, site in enumerate(feature_sites(workspace, role, zone, features)))
    record = workspace.config.require(role)
    told = replace(provenance(workspace, None, None, out, record.imported), command=command)
    title = text("papers.atlas.features", language, role=words(named("role", role), language))
    paper = land_atlas(title, pages, told, language=language, classes=workspace.classes)
    return appear(out, rendered(paper, out.suffix.lower(), library))


def scenario_paper(
    workspace: Workspace, scenario: Path, *, wish: ReportWish, command: str
) -> Paper:
    """The memo or atlas of a scenario, not yet set.

    Its day is the decision date: no clock is asked, so the same workspace gives the same paper.
    """
    asked = read_scenario(scenario)
    desk = open_desk(workspace, scenario.parent)
    outcome = check_at(desk, asked)
    told = replace(provenance(workspace, outcome, scenario, scenario, outcome.decision_date),
                   command=command)
    overview, maps = _maps(desk, asked, wish.language)
    facts = MemoFacts(outcome, workspace.kinds, workspace.classes, told, overview, maps)
    if wish.kind == "atlas":
        return atlas(facts, wish.language)
    return memo(replace(
        facts, proof=proof_card(outcome), due=_due(workspace, outcome),
        alternatives=_alternatives(desk, asked, outcome) if wish.alternatives else {},
        description=asked.description), wish.language)


def rendered(paper: Paper, suffix: str, library: MapLibrary | None) -> bytes:
    """A paper as the bytes of a file. Raises UsageError for HTML without the map library."""
    if suffix == ".pdf":
        return paper_pdf(paper)
    if library is None:
        raise UsageError("papers.no_scripts", files="leaflet")
    return paper_html(paper, library).encode()


def _require_suffix(out: Path) -> None:
    if out.suffix.lower() not in SUFFIXES:
        raise UsageError("cli.out_kind", file=out.name, known=list(SUFFIXES))


def _maps(
    desk: Desk, scenario: Scenario, language: Language
) -> tuple[SiteMap | None, dict[str, SiteMap]]:
    zone = paper_zone(desk.workspace)
    ground = Ground(desk.workspace, zone, language)
    sites = project_sites(desk, scenario, zone)
    if not sites:
        return None, {}
    maps = {site.id: ground.site_map(
        [site], key=str(number), caption=text("papers.map.caption", language, name=site.name))
        for number, site in enumerate(sites, start=1)}
    return ground.site_map(sites, key="0", caption=text("papers.map.overview", language)), maps


def _due(workspace: Workspace, outcome: Outcome) -> Table:
    on = outcome.decision_date
    with book(workspace) as quota:
        due = due_in(workspace, quota, on=on, within_days=LOOK_AHEAD_DAYS)
    ahead = [each for each in due if each.day is None or each.day >= on]
    return deadlines_table(ahead, on=on, kinds=workspace.kinds)


def _alternatives(
    desk: Desk, scenario: Scenario, outcome: Outcome
) -> dict[str, tuple[Table, ...]]:
    """What would help each project that does not pass: remedies proven, answers that decide."""
    stuck = [each.project_id for each in outcome.projects if each.verdict is not Status.PASS]
    found: dict[str, tuple[Table, ...]] = {}
    for project in stuck[:MOST_HELPED]:
        why = why_at(desk, scenario, project)
        tables = (remedies_table(why.remedies), openings_table(why.openings))
        found[project] = tuple(table for table in tables if table.rows)
    return found


__all__ = ["ReportWish", "rendered", "scenario_paper", "write_atlas", "write_report"]
