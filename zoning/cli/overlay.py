"""The command ``overlay``: two layers in memory, or by tile on this machine or a cluster."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from zoning.cli.doors import AsJson, Door, Folder, Tongue, door
from zoning.cli.layers import Crs
from zoning.errors import Severity, UsageError
from zoning.messages import text
from zoning.report.documents import files_document, overlay_document
from zoning.report.documents.layers import Overlay
from zoning.report.tables import Provenance, Table, coverage_table, overlay_table
from zoning.report.xlsx import write_workbook
from zoning.units import m2
from zoning.workspace import overlay, today

if TYPE_CHECKING:
    from zoning.measure.large import Result


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("overlay")(overlay_)


def overlay_(
    a: Annotated[str, typer.Argument(metavar="A")],
    b: Annotated[str, typer.Argument(metavar="B")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the tables, .xlsx; or .parquet, by tile.")
    ] = None,
    crs: Crs = None,
    engine: Annotated[str, typer.Option(help="local or dask.")] = "local",
    scheduler: Annotated[
        str | None, typer.Option(help="tcp://… of a Dask cluster; without, one is started here.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Workers to start.")] = None,
    tile: Annotated[
        int | None, typer.Option(min=1, help="About how many vertices of A at once.")
    ] = None,
    work: Annotated[
        Path | None, typer.Option(help="Folder for intermediate files, seen by all workers.")
    ] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Area table of two layers, each a role of the workspace or a file.

    The numbers do not depend on engine, workers and tile.
    """
    at = door(workspace, as_json, lang)
    from zoning.workspace.large import (
        Places,
        is_large,
        overlay_by_tile,
        overlay_to_files,
        problems_of,
    )

    inside, places = at.workspace_if_any(), Places(engine, scheduler, workers, work, tile)
    if out is not None and out.suffix.lower() == ".parquet":
        made = overlay_to_files(inside, a, b, out, places, crs=crs, progress=_steps(at))
        _answer_files(made, at)
        return
    if out is not None and out.suffix.lower() != ".xlsx":
        raise UsageError("cli.out_kind", file=out.name, known=[".xlsx", ".parquet"])
    if places != Places() or is_large(inside, a, b):
        tiled = overlay_by_tile(inside, a, b, places, crs=crs, progress=_steps(at))
        table: Overlay = tiled
        problems, left_out = problems_of(inside, a, b), tiled.left_out
        _tell_left_out(left_out, at)
    else:
        found = overlay(inside, a, b, crs=crs)
        table, problems, left_out = found.table, found.problems, found.left_out
        at.tell([problem for problem in (*problems[0], *problems[1])
                 if problem.severity is Severity.ERROR])
    shown = [overlay_table(table.pairs), coverage_table(table.features)]
    if out is not None:
        _write_tables(shown, out, at)
    at.answer(overlay_document(table, a=a, b=b, problems=problems, left_out=left_out), shown)


def _tell_left_out(left_out: Sequence[Sequence[tuple[str, str]]], at: Door) -> None:
    """Name on standard error what could not be measured: the numbers are of the rest."""
    for side, named in zip("AB", left_out, strict=True):
        if named:
            told = tuple(f"{name} ({code})" for name, code in named[:5])
            at.say("cli.left_out", side=side, count=len(named), where=told)


def _steps(at: Door) -> Callable[[str, int, int], None]:
    """Tell on a terminal, every tenth of a step, how far the work is."""
    def tell(step: str, done: int, of: int) -> None:
        if sys.stderr.isatty() and done * 10 // of > (done - 1) * 10 // of:
            at.say(f"cli.step_{step}", done=done, of=of)
    return tell


def _answer_files(made: Result, at: Door) -> None:
    paths = [made.pairs, made.features]
    files = [(str(path), path.stat().st_size, _sha256(path)) for path in paths]

    def show(console: Console) -> None:
        console.print(text(
            "cli.overlay_written", at.language, pairs=str(paths[0]), features=str(paths[1]),
            area=m2(made.area_dm2), inside=m2(made.inside_dm2), shared=m2(made.shared_dm2),
        ), highlight=False, markup=False)

    _tell_left_out(made.left_out, at)
    at.answer(files_document("overlay", files), show=show)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_tables(tables: Sequence[Table], out: Path, at: Door) -> None:
    told = Provenance(made_on=today(), command=f"zoning overlay --out {out.name}")
    write_workbook(tables, out, language=at.language, provenance=told)
