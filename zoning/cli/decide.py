"""Commands that decide: check, plan, why, compare, sensitivity."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from zoning.cli.doors import AsJson, Door, Folder, Tongue, door, json_text
from zoning.errors import UsageError
from zoning.messages import text
from zoning.report.documents import (
    check_document,
    compare_document,
    overall,
    plan_document,
    sensitivity_document,
    verify_document,
    why_document,
)
from zoning.report.tables import (
    changes_table,
    class_margins_table,
    conflicts_table,
    inflow_margins_table,
    margins_table,
    odds_table,
    openings_table,
    plan_tables,
    remedies_table,
    repair_table,
)
from zoning.report.text import print_outcome
from zoning.scenario.model import Scenario
from zoning.scenario.outcome import Status
from zoning.workspace import (
    Desk,
    answer_at,
    check_on_branch,
    cited,
    compare_at,
    desk_as_cited,
    differences,
    is_answer_to,
    open_desk,
    plan_at,
    read_inflows,
    read_scenario,
    recompute,
    sensitivity_at,
    why_at,
)

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, TOML.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("check")(check_)
    for command in (plan, why, compare, sensitivity):
        app.command()(command)


def check_(
    scenario: ScenarioFile,
    verify: Annotated[
        Path | None, typer.Option(help="An answer of check --json: recompute it, compare bytes.")
    ] = None,
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
    where a project fails, or where a verified answer is not the same.
    """
    at = door(workspace, as_json, lang)
    asked, desk = _opened(at, scenario)
    if verify is not None:
        _verify(at, asked, verify, scenario.parent)
        return
    if what_if or after:
        outcome = check_on_branch(
            desk.workspace, asked, folder=scenario.parent,
            inflows=read_inflows(desk.workspace, what_if) if what_if else (),
            after=[(read_scenario(file), file.parent) for file in after or ()])
    else:
        outcome = answer_at(desk, asked)
    at.answer(check_document(outcome), show=lambda console: print_outcome(
        outcome, at.language, console, kinds=desk.workspace.kinds))
    if overall(outcome) is Status.FAIL:
        raise typer.Exit(1)


def plan(
    scenario: ScenarioFile,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Run a scenario through its years: the first each project can go, quota by year and pool.

    Exit code 1 where a project cannot go within the years.
    """
    at = door(workspace, as_json, lang)
    asked, desk = _opened(at, scenario)
    found, kinds = plan_at(desk, asked), desk.workspace.kinds
    units = {(kind.code, each.code): each.unit for kind in kinds.values()
             for each in kind.components}
    at.answer(plan_document(found, units=units), plan_tables(found, kinds=kinds))
    if any(each.day is None for each in found.expected.going):
        raise typer.Exit(1)


def why(
    scenario: ScenarioFile,
    project: Annotated[
        str | None, typer.Option(help="The project; without it, the whole plan.")
    ] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Why a project or a plan cannot go: least conflicts, repairs, and what would decide it.

    Exit code 1 where there is a conflict.
    """
    at = door(workspace, as_json, lang)
    asked, desk = _opened(at, scenario)
    found = why_at(desk, asked, project)
    helps = [repair_table(found.repair)] if found.repair else [
        remedies_table(found.remedies), openings_table(found.openings)]
    document = why_document(plan_at(desk, asked), project, found.conflicts, found.remedies,
                            openings=found.openings, repair=found.repair)
    at.answer(document, [conflicts_table(found.conflicts), *helps])
    if found.conflicts:
        raise typer.Exit(1)


def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="A scenario file.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another scenario file.")],
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """The difference of two scenarios: by project, year, quota, finding, parcel, money."""
    at = door(workspace, as_json, lang)
    asked, desk = _opened(at, first)
    other, beside = _opened(at, second)
    difference = compare_at(desk, asked, other, beside)
    at.answer(compare_document(difference), [changes_table(difference)])


def sensitivity(
    scenario: ScenarioFile,
    samples: Annotated[int, typer.Option(min=0, max=100_000, help="Samples drawn.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the samples.")] = 1,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """How much may change before a verdict flips, and how often projects go over samples."""
    at = door(workspace, as_json, lang)
    asked, desk = _opened(at, scenario)
    found, kinds = sensitivity_at(desk, asked, samples=samples, seed=seed), desk.workspace.kinds
    at.answer(sensitivity_document(found),
              [margins_table(found, kinds=kinds), class_margins_table(found),
               inflow_margins_table(found, kinds=kinds), odds_table(found)])


def _opened(at: Door, file: Path) -> tuple[Scenario, Desk]:
    return read_scenario(file), open_desk(at.workspace(), file.parent)


def _verify(at: Door, scenario: Scenario, file: Path, folder: Path) -> None:
    data = _bytes(file)
    told = _document(data)
    if not is_answer_to(told, scenario):
        raise UsageError("decide.not_check", file=file.name)
    basis = cited(told)
    desk, gone = desk_as_cited(at.workspace(), scenario, folder, basis)
    differs = ("gone",) if any(each.startswith(("layer:", "site:")) for each in gone) else \
        _differing(data, told, check_document(recompute(desk, scenario, basis.ledger_position)))
    key = "decide.gone" if gone and differs else "decide.not_same" if differs else "decide.same"
    digest = hashlib.sha256(data).hexdigest()
    at.answer(verify_document(file.name, digest, differs, gone), show=lambda console: console.print(
        text(key, at.language, parts=list(differs)[:8], gone=list(gone)), highlight=False,
        markup=False))
    if differs:
        raise typer.Exit(1)


def _differing(data: bytes, told: dict[str, Any], again: dict[str, Any]) -> tuple[str, ...]:
    """The parts in which an answer differs from what is recomputed; none for the same bytes."""
    if data.rstrip() == json_text(again).encode().rstrip():
        return ()
    return differences(told, again) or ("bytes",)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError("decide.not_check", file=str(file)) from error


def _document(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
