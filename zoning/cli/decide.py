"""Commands that decide: check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zoning.cli.doors import AsJson, Folder, Tongue, door
from zoning.report.documents import check_document, overall
from zoning.report.text import print_outcome
from zoning.scenario.outcome import Status
from zoning.workspace import check, check_on_branch, read_inflows, read_scenario

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, TOML.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("check")(check_)


def check_(
    scenario: ScenarioFile,
    what_if: Annotated[
        Path | None, typer.Option("--what-if", help="An opening book of quota that may come.")
    ] = None,
    after: Annotated[
        list[Path] | None, typer.Option("--after", help="Scenarios held first. Repeatable.")
    ] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Test every project of a scenario: findings, needs, availability, verdicts.

    With --what-if or --after it is tried on a branch; the book itself is never touched. Exit code 1
    where a project fails.
    """
    at = door(workspace, as_json, lang)
    space = at.workspace()
    told = read_scenario(scenario)
    if what_if or after:
        outcome = check_on_branch(
            space, told, folder=scenario.parent,
            inflows=read_inflows(space, what_if) if what_if else (),
            after=[(read_scenario(file), file.parent) for file in after or ()])
    else:
        outcome = check(space, told, folder=scenario.parent)
    at.answer(check_document(outcome), show=lambda console: print_outcome(
        outcome, at.language, console, kinds=space.kinds))
    if overall(outcome) is Status.FAIL:
        raise typer.Exit(1)
