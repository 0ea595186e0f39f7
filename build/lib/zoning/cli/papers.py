"""Commands that hand something out: sheet, serve."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from zoning.cli.doors import AsJson, Folder, Tongue, door
from zoning.messages import text
from zoning.report.documents import written_document
from zoning.workspace import write_sheet


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (sheet, serve):
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
