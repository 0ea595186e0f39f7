"""Command on sites: ``search``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from zoning.cli.doors import AsJson, Door, Folder, Tongue, door
from zoning.messages import text
from zoning.report.documents.search import search_document
from zoning.siting.model import Status
from zoning.units import mu
from zoning.workspace import open_desk, read_scenario
from zoning.workspace.search import JudgedSite, SiteSearch, Wish, area_asked, search_at


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("search")(search_)


def search_(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, TOML.")],
    project: Annotated[str, typer.Option(help="The project that needs a site.")],
    count: Annotated[int, typer.Option("-k", min=1, max=50, help="How many sites.")] = 1,
    least: Annotated[str | None, typer.Option("--min", help="Least area, as 270mu.")] = None,
    most: Annotated[str | None, typer.Option("--max", help="Greatest area, as 20ha.")] = None,
    outline: Annotated[int, typer.Option(min=0, help="Yuan per metre of outline.")] = 100,
    shape: Annotated[float, typer.Option(min=1.0, max=10.0, help="Shape factor.")] = 1.8,
    overlap: Annotated[float, typer.Option(min=0.0, max=0.9, help="Land two sites share.")] = 0.0,
    gap: Annotated[float, typer.Option(min=0.0, max=1.0, help="The gap that is enough.")] = 0.0,
    seconds: Annotated[float, typer.Option(min=0.0, help="Time limit.")] = 60.0,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Find the best sites for a project among all parcels, each with value, bound and gap.

    Exit code 1 where no site was found.
    """
    at = door(workspace, as_json, lang)
    wish = Wish(count, area_asked(least), area_asked(most), outline, shape, overlap, gap, seconds)
    asked = read_scenario(scenario)
    found = search_at(open_desk(at.workspace(), scenario.parent), asked, project, wish)
    at.answer(_document(found), show=lambda console: _print(found, at, console))
    if not found.sites:
        raise typer.Exit(1)


def _document(found: SiteSearch) -> dict[str, Any]:
    siting = found.siting
    maps = {name: dict(zip(siting.ids, scores.tolist(), strict=True))
            for name, scores in siting.scores.items()}
    return search_document(
        found.scenario, found.project, found.demand, found.found, found.sites,
        columns=siting.columns, available=siting.available, maps=maps, missing=siting.missing)


def _print(found: SiteSearch, at: Door, console: Console) -> None:
    for number, site in enumerate(found.sites, start=1):
        _say(console, text("siting.site", at.language, **_told(number, site)))
    if not found.sites or found.found.status in (Status.INFEASIBLE, Status.NONE_AT_LIMIT):
        _say(console, text(f"siting.end.{found.found.status.value}", at.language,
                           found=len(found.sites), asked=found.wish.count))
    _say(console, text("siting.terms", at.language, shape=found.demand.shape,
                       radius=round(found.demand.radius_m), overlap=found.wish.overlap))


def _told(number: int, each: JudgedSite) -> dict[str, Any]:
    from zoning.errors import Message

    site = each.site
    return {"number": number, "mu": mu(site.area_dm2, places=2), "parcels": len(site.parcels),
            "value": f"{site.value / 100:,.0f}", "bound": f"{site.bound / 100:,.0f}",
            "gap": f"{site.gap:.4%}", "seconds": f"{site.seconds:.1f}",
            "status": Message(f"siting.status.{site.status.value}"),
            "verdict": Message(f"siting.verdict.{each.verdict.verdict.value}"),
            "checked": Message("siting.checked" if not each.faults else "siting.check_failed")}


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False)
