"""Commands that hand something out: sheet, report, atlas, serve."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from zoning.cli.doors import AsJson, Folder, Tongue, door, wrote
from zoning.messages import text
from zoning.report.documents import written_document
from zoning.report.paper.page import MapLibrary
from zoning.web.vendor import map_library
from zoning.workspace import write_sheet
from zoning.workspace.reports import ReportWish, write_atlas, write_report


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (sheet, report, atlas, serve):
        app.command()(command)


def sheet(
    out: Annotated[Path, typer.Option("--out", help="The workbook to write, .xlsx.")],
    scenario: Annotated[Path | None, typer.Option(help="Add the verdicts of a scenario.")] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Write the balance sheets as a workbook with live formulas."""
    at = door(workspace, as_json, lang)
    write_sheet(at.workspace(), out, scenario=scenario, language=at.language)
    data = out.read_bytes()
    document = written_document("sheet", path=str(out), size=len(data),
                                sha256=hashlib.sha256(data).hexdigest())
    at.answer(document, show=lambda console: console.print(
        text("cli.written", at.language, file=str(out)), highlight=False, markup=False))


def report(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, TOML.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write, .html or .pdf.")],
    as_atlas: Annotated[
        bool, typer.Option("--atlas", help="A page for each site instead.")] = False,
    alternatives: Annotated[
        bool, typer.Option(help="Look for what would help projects that do not pass.")] = True,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Write the decision memo of a scenario, or its atlas: one HTML file with maps, or PDF."""
    at = door(workspace, as_json, lang)
    wish = ReportWish("atlas" if as_atlas else "memo", at.language, alternatives)
    wrote(at, "report", [write_report(at.workspace(), scenario, out, wish=wish,
                                      library=_library(out))])


def atlas(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A layer of the workspace.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write, .html or .pdf.")],
    feature: Annotated[list[str] | None, typer.Option(help="Only these. Repeatable.")] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Write an atlas of a layer: a page for each feature, with its map and its area."""
    at = door(workspace, as_json, lang)
    wrote(at, "atlas", [write_atlas(at.workspace(), role, out, features=feature or (),
                                    language=at.language, library=_library(out))])


def _library(out: Path) -> MapLibrary | None:
    return map_library() if out.suffix.lower() == ".html" else None


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 8501,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Serve the app on this machine until it is stopped."""
    from zoning.web.server import serve as run

    at = door(workspace, as_json, lang)
    root = at.workspace().root
    at.say("cli.serving", url=f"http://127.0.0.1:{port}")
    run(port, root)
