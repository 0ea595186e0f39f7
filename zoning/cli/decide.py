"""Commands that decide: check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zoning.cli.doors import AsJson, Folder, Tongue, door
from zoning.codes.reader import quota_kinds
from zoning.report.documents import check_document, overall
from zoning.report.text import print_outcome
from zoning.scenario.outcome import Status
from zoning.workspace import check, read_scenario

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, TOML.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("check")(check_)


def check_(
    scenario: ScenarioFile,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Test every project of a scenario: findings, needs, availability, verdicts.

    Exit code 1 where a project fails.
    """
    at = door(workspace, as_json, lang)
    outcome = check(at.workspace(), read_scenario(scenario), folder=scenario.parent)
    at.answer(check_document(outcome), show=lambda console: print_outcome(
        outcome, at.language, console, kinds=quota_kinds()))
    if overall(outcome) is Status.FAIL:
        raise typer.Exit(1)
