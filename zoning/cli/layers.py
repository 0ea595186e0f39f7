"""Commands on layers: init, import, layers, health, area."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from zoning.cli.doors import AsJson, Door, Folder, Tongue, door
from zoning.errors import Problem, Severity, UsageError
from zoning.layers.repair import OFFERED
from zoning.messages import text
from zoning.report.documents import (
    area_document,
    health_document,
    import_document,
    layers_document,
)
from zoning.report.tables import (
    AreaRow,
    area_table,
    layers_table,
)
from zoning.units import hectares, m2, mu
from zoning.workspace import (
    Config,
    ImportResult,
    create_workspace,
    import_layer,
    init_demo,
    measure_file,
)
from zoning.workspace.care import told_health

LayerName = Annotated[str | None, typer.Option("--layer", help="Layer of a file with several.")]
Crs = Annotated[str | None, typer.Option("--crs", help="EPSG code where the file tells none.")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="Encoding of the attributes.")]
Mapping = Annotated[
    list[str] | None, typer.Option("--map", help="SRC=DST: a column and what it is. Repeatable.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (init, layers, area):
        app.command()(command)
    app.command("import")(import_)
    app.command("health")(health_)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    demo: Annotated[bool, typer.Option("--demo", help="With the synthetic demo county.")] = False,
    size: Annotated[int | None, typer.Option(help="About how many parcels, 2000 or more.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the generator.")] = None,
    name: Annotated[str, typer.Option(help="Name of the workspace.")] = "",
    place: Annotated[str, typer.Option(help="Place path, as CN/32/3206/320623.")] = "CN",
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Make a new workspace, empty or with the synthetic demo county."""
    at = door(workspace or folder, as_json, lang)
    if demo or size is not None or seed is not None:
        if name or place != "CN":
            raise UsageError("cli.demo_named")
        made = init_demo(folder, size=size, seed=seed, progress=at.say)
    else:
        made = create_workspace(folder, Config(name=name, place=place))
    at.say("cli.made", folder=str(folder), layers=len(made.config.layer))
    at.answer(layers_document(made.config), [layers_table(made.config)] if demo else [])


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    role: Annotated[str, typer.Option("--role", help="What the layer is: parcel, pbf, …")],
    layer: LayerName = None,
    crs: Crs = None,
    encoding: Encoding = None,
    edition: Annotated[str | None, typer.Option("--edition", help="Year or name.")] = None,
    mapping: Mapping = None,
    sender: Annotated[
        str | None, typer.Option("--sender", help="Whose file; mappings are remembered for them.")
    ] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Read, check, normalise and store one layer."""
    at = door(workspace, as_json, lang)
    _, result = import_layer(
        at.workspace(), file, role, layer=layer, crs=crs, encoding=encoding, edition=edition,
        mapping=column_mapping(mapping), sender=sender,
    )
    at.tell(result.problems)
    at.answer(import_document(result.record, result.problems, result.left_out),
              show=lambda console: _show_import(at, console, result))


def layers(workspace: Folder = None, as_json: AsJson = False, lang: Tongue = None) -> None:
    """List what is in the workspace: roles, editions, sources."""
    at = door(workspace, as_json, lang)
    config = at.workspace().config
    at.answer(layers_document(config), [layers_table(config)])


def health_(
    role: Annotated[str | None, typer.Argument(metavar="[ROLE]")] = None,
    within: Annotated[
        Path | None, typer.Option("--within", help="The county's boundary; tells what is outside.")
    ] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Problems of one layer or of all, with the land at risk. Exit code 1 for errors."""
    at = door(workspace, as_json, lang)
    found = told_health(at.workspace(), role, within=within)
    at.answer(health_document(found), show=lambda console: _show_health(at, console, found))
    if any(each.severity is Severity.ERROR for problems in found.values() for each in problems):
        raise typer.Exit(1)


def area(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    layer: LayerName = None,
    crs: Crs = None,
    encoding: Encoding = None,
    mapping: Mapping = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Statutory area of each polygon of a file in m², 公顷 and 亩, the declared one beside it."""
    at = door(workspace, as_json, lang)
    measured = measure_file(file, layer=layer, crs=crs, encoding=encoding,
                            mapping=column_mapping(mapping))
    at.tell(measured.problems)
    rows = [AreaRow(each.feature_id, each.area_dm2, each.declared_dm2, each.name, each.plane_dm2)
            for each in measured.features]
    at.answer(area_document(rows, source=measured.source, sha256=measured.sha256,
                            crs=measured.crs, encoding=measured.encoding,
                            problems=measured.problems, left_out=measured.left_out),
              [area_table(rows)])


def column_mapping(pairs: list[str] | None) -> dict[str, str]:
    """``SRC=DST`` options as a mapping. Raises UsageError for one without ``=``."""
    mapping: dict[str, str] = {}
    for pair in pairs or []:
        source, sign, target = pair.rpartition("=")
        if not sign or not source or not target:
            raise UsageError("cli.map", found=pair)
        mapping[source] = target
    return mapping


def _show_import(at: Door, console: Console, result: ImportResult) -> None:
    record = result.record
    console.print(text(
        "cli.imported", at.language, role=record.role, edition=record.edition,
        source=record.source, features=record.features, quarantined=record.quarantined,
        m2=m2(record.area_dm2), ha=hectares(record.area_dm2), mu=mu(record.area_dm2),
        dropped=list(record.dropped) or ["-"],
    ), highlight=False, markup=False)


def _show_health(
    at: Door, console: Console, found: dict[str, tuple[Problem, ...]]
) -> None:
    for role, problems in found.items():
        heading = text("cli.health", at.language, role=role, count=len(problems))
        console.print(heading, style="bold", highlight=False, markup=False)
        for problem in problems:
            console.print(f"  {at.problem_line(problem)}", highlight=False, markup=False)
            if problem.code in OFFERED:
                offered = text("cli.repair_offered", at.language, repair=OFFERED[problem.code],
                               role=role)
                console.print(f"    {offered}", highlight=False, markup=False)
