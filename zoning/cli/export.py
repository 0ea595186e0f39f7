"""The command ``export``: sheets, forms, boundary TXT, points and map projects into a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from zoning.cli.doors import AsJson, Door, Folder, Tongue, door, wrote
from zoning.cli.options import day
from zoning.errors import UsageError
from zoning.layers.crs import Zone
from zoning.workspace import export_sheets, open_desk, read_scenario
from zoning.workspace.forms import write_forms
from zoning.workspace.handing import Profile, write_boundary_txt, write_points
from zoning.workspace.papers import EXPORTS, provenance
from zoning.workspace.projects import write_geopackage, write_map_project
from zoning.workspace.sites import ShownSite, feature_sites, paper_zone, project_sites

FORMS = (*EXPORTS, "forms", "txt", "points", "points-csv", "gpkg", "qgis")


@dataclass(frozen=True)
class Land:
    """Which land is exported: sites of a scenario, or features of a layer."""

    scenario: Path | None = None
    projects: Sequence[str] = ()
    role: str | None = None
    features: Sequence[str] = ()


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(export)


def export(
    out: Annotated[Path, typer.Option("--out", help="The folder to write into.")],
    form: Annotated[str, typer.Option("--format", help=" | ".join(FORMS))] = "xlsx",
    scenario: Annotated[Path | None, typer.Option(help="Sites of this scenario.")] = None,
    project: Annotated[list[str] | None, typer.Option(help="Only these. Repeatable.")] = None,
    role: Annotated[str | None, typer.Option(help="Features of this layer instead.")] = None,
    feature: Annotated[list[str] | None, typer.Option(help="Only these. Repeatable.")] = None,
    dialect: Annotated[str, typer.Option(help="approval, supply, linkage, one_map, enforcement or "
                                              "balance.")] = "approval",
    encoding: Annotated[str, typer.Option(help="Of the TXT: gbk, utf-8 …")] = "gbk",
    unit: Annotated[str, typer.Option(help="数据产生单位 of the TXT.")] = "",
    made_on: Annotated[str | None, typer.Option("--made-on", help="Its 数据产生日期, ISO.")] = None,
    each: Annotated[bool, typer.Option("--each", help="A TXT of its own for each site.")] = False,
    zone: Annotated[int | None, typer.Option(help="Zone number; else the workspace's.")] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Write papers into a folder: sheets, official forms, TXT, boundary points, map projects.

    Boundary files are read back and compared before they appear under their names.
    """
    at = door(workspace, as_json, lang)
    when = day(made_on)
    profile = Profile(dialect, encoding, unit, when.isoformat() if when else "", each)
    land = Land(scenario, project or (), role, feature or ())
    wrote(at, "export", _files(at, out, form, land, profile, zone))


def _files(
    at: Door, out: Path, form: str, land: Land, profile: Profile, number: int | None
) -> tuple[Path, ...]:
    space = at.workspace()
    if form in EXPORTS:
        return export_sheets(space, out, form, language=at.language)
    if form == "forms":
        return (write_forms(space, out / "official-tables.xlsx", scenario=land.scenario,
                            language=at.language),)
    if form == "gpkg":
        return (write_geopackage(space, out, language=at.language),)
    if form == "qgis":
        return write_map_project(space, out, language=at.language)
    if form not in FORMS:
        raise UsageError("cli.export_kind", found=form, known=list(FORMS))
    chosen = paper_zone(space, number)
    sites = _sites(at, land, chosen, form)
    if form == "txt":
        return write_boundary_txt(sites, out, zone=chosen, profile=profile, stem=_stem(land))
    kind = "csv" if form == "points-csv" else "xlsx"
    told = provenance(space, None, land.scenario, out)
    return write_points(sites, out, kind, zone=chosen, language=at.language,
                        provenance=told.with_command(_command(form, land, out)))


def _sites(at: Door, land: Land, zone: Zone, form: str) -> tuple[ShownSite, ...]:
    space = at.workspace()
    if land.role is not None:
        return feature_sites(space, land.role, zone, land.features)
    if land.scenario is None:
        raise UsageError("papers.needs_scenario", form=form)
    desk = open_desk(space, land.scenario.parent)
    return project_sites(desk, read_scenario(land.scenario), zone, land.projects)


def _stem(land: Land) -> str:
    return land.role or (land.scenario.stem if land.scenario else "sites")


def _command(form: str, land: Land, out: Path) -> str:
    told = land.scenario.name if land.scenario else ""
    of = f"--role {land.role}" if land.role else f"--scenario {told}"
    return f"zoning export --format {form} {of} --out {out.name}"


__all__ = ["export", "register"]
