"""Commands about the care of layers: inspect, repair, adjust, editions."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from zoning.cli.doors import AsJson, Door, Folder, Tongue, door
from zoning.cli.layers import Crs, Encoding
from zoning.errors import UsageError
from zoning.layers.repair import REPAIR_TITLES
from zoning.messages import say, text
from zoning.report.documents.care import (
    adjust_document,
    editions_document,
    inspect_document,
    repair_document,
)
from zoning.report.tables.care import adjustment_table, editions_tables, repairs_table
from zoning.units import dm2_from, m2
from zoning.workspace.adjusting import adjust_layer
from zoning.workspace.care import RepairRun, apply_repairs, preview_repairs, undo_repairs
from zoning.workspace.editions import changed_land, compare_editions
from zoning.workspace.inspecting import InspectedLayer, inspect_file

EditionName = Annotated[str | None, typer.Option("--edition", help="Year or name; the latest.")]
_SHOWN = 40


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (inspect, repair, adjust, editions):
        app.command()(command)


def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    crs: Crs = None,
    encoding: Encoding = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """What is in a file: layers, columns, coordinate system, and which role each layer may be."""
    at = door(workspace, as_json, lang)
    found = inspect_file(file, crs=crs, encoding=encoding)
    at.answer(inspect_document(file.name, found),
              show=lambda console: _show_inspected(at, console, found))


def repair(
    role: Annotated[str, typer.Argument(metavar="ROLE")],
    repairs: Annotated[
        list[str] | None, typer.Option("--do", help="A repair by name. Repeatable.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else it is only shown.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last repair back.")] = False,
    edition: EditionName = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Show what repairs would change, do them, or take them back."""
    at = door(workspace, as_json, lang)
    if apply and undo:
        raise UsageError("cli.apply_and_undo")
    if undo:
        return _undo(at, role, edition)
    if apply:
        _, run = apply_repairs(at.workspace(), role, repairs or (), edition=edition)
    else:
        run = preview_repairs(at.workspace(), role, repairs or (), edition=edition)
    return _show_repairs(at, run)


def adjust(
    role: Annotated[str, typer.Argument(metavar="ROLE")],
    control: Annotated[str, typer.Option("--control", help="The control total.")],
    unit: Annotated[str, typer.Option("--unit", help="m2, ha or mu.")] = "m2",
    by: Annotated[str | None, typer.Option("--by", help="Column of groups, as village.")] = None,
    edition: EditionName = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Adjust the areas of a layer to a control total; the residual is shown, nothing is stored."""
    at = door(workspace, as_json, lang)
    found = adjust_layer(at.workspace(), role, _area(control, unit), by=by, edition=edition)
    whole = found.whole
    document = adjust_document(
        role, found.edition, found.features, control_dm2=whole.control_dm2,
        sum_dm2=whole.sum_dm2, beyond_review=whole.is_beyond_review)
    at.say("cli.residual", control=m2(whole.control_dm2), sum=m2(whole.sum_dm2),
           residual=m2(whole.residual_dm2), count=len(found.features))
    if whole.is_beyond_review:
        at.say("cli.residual_large")
    at.answer(document, [adjustment_table(found.features[:_SHOWN])])


def editions(
    a: Annotated[str, typer.Argument(metavar="A")],
    b: Annotated[str, typer.Argument(metavar="B")],
    role: Annotated[str, typer.Option("--role", help="Whose editions.")] = "parcel",
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the changed land, .geojson.")
    ] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Compare two editions of a survey layer: classes, flows, and a map of what changed."""
    at = door(workspace, as_json, lang)
    if out is not None and out.suffix.casefold() not in (".geojson", ".json"):
        raise UsageError("cli.out_kind", file=out.name, known=[".geojson"])
    found = compare_editions(at.workspace(), a, b, role=role)
    if out is not None:
        out.write_text(json.dumps(changed_land(found), ensure_ascii=False), encoding="utf-8")
    document = editions_document(
        role, a, b, by_kind=found.by_kind, by_class=found.by_class, flows=found.flows,
        overlap_dm2=found.overlap_dm2, system=found.classes.system,
        out=None if out is None else str(out))
    at.answer(document, editions_tables(found.by_kind, found.by_class, found.flows,
                                        found.classes))


def _area(control: str, unit: str) -> int:
    try:
        return dm2_from(Decimal(control), unit)
    except (InvalidOperation, ValueError, KeyError) as error:
        raise UsageError("cli.control", found=f"{control} {unit}") from error


def _undo(at: Door, role: str, edition: str | None) -> None:
    _, record = undo_repairs(at.workspace(), role, edition=edition)
    at.say("cli.repair_undone", role=role, features=record.features)
    at.answer(repair_document(role, record.edition, (), before_dm2=record.area_dm2,
                              after_dm2=record.area_dm2, applied=False, undone=True))


def _show_repairs(at: Door, run: RepairRun) -> None:
    at.say("cli.repaired" if run.applied else "cli.repair_preview", count=len(run.lines),
           before=m2(run.area_before_dm2), after=m2(run.area_after_dm2))
    document = repair_document(run.role, run.edition, run.lines, before_dm2=run.area_before_dm2,
                               after_dm2=run.area_after_dm2, applied=run.applied)
    at.answer(document, [repairs_table(run.lines[:_SHOWN], REPAIR_TITLES)])


def _show_inspected(at: Door, console: Console, found: tuple[InspectedLayer, ...]) -> None:
    for layer in found:
        if layer.refused is not None:
            console.print(f"{layer.name}: {say(layer.refused, at.language)}", highlight=False,
                          markup=False)
            continue
        guesses = [f"{guess.role} ({', '.join(guess.columns) or layer.name})"
                   for guess in layer.guesses[:3]]
        console.print(text("cli.inspected", at.language, layer=layer.name, crs=layer.crs,
                           features=layer.features, columns=list(layer.columns) or ["-"],
                           roles=guesses or ["-"]), highlight=False, markup=False)
        for problem in layer.problems:
            console.print(f"  {at.problem_line(problem)}", highlight=False, markup=False)
