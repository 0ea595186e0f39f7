"""Commands on registers of land: ``idle``, ``linkage``."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from zoning.cli.doors import AsJson, Folder, Tongue, door
from zoning.errors import UsageError
from zoning.report.documents.stock import idle_document, linkage_areas_document
from zoning.report.tables.stock import stock_land_table
from zoning.report.tables.yearly import linkage_areas_table
from zoning.scenario.outcome import Status
from zoning.workspace import today
from zoning.workspace.linkages import linkage_areas
from zoning.workspace.stock import stock_on


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(idle)
    app.command()(linkage)


def idle(
    at: Annotated[str | None, typer.Option(metavar="DATE", help="The day.")] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """List stock land: where each plot stands on a day, what disposing of it earns and frees."""
    here = door(workspace, as_json, lang)
    space, on = here.workspace(), _day(at) if at else today()
    rows = stock_on(space, on)
    here.answer(idle_document(rows, on=on, place=space.config.place), (stock_land_table(rows),))


def linkage(
    at: Annotated[str | None, typer.Option(metavar="DATE", help="The day.")] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Test linkage project areas: quota left, return clock, demolition against new sites.

    Exit code 1 where a test fails.
    """
    here = door(workspace, as_json, lang)
    space, on = here.workspace(), _day(at) if at else today()
    areas = linkage_areas(space, on)
    here.answer(linkage_areas_document(areas, on=on, place=space.config.place),
                (linkage_areas_table(areas),))
    if any(test.status is Status.FAIL for area in areas for test in area.tests):
        raise typer.Exit(1)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("rules.no_day", found=text) from error
