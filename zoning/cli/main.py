"""The command ``zoning``: its commands, and the options that may stand before them."""

from __future__ import annotations

from typing import Annotated

import typer

from zoning import __version__
from zoning.cli import (
    care,
    decide,
    export,
    idle,
    layers,
    ledger,
    overlay,
    papers,
    portfolio,
    rules,
    search,
)
from zoning.cli.doors import DEFAULTS, AsJson, Folder, Tongue, errors_as_sentences

app = typer.Typer(
    name="zoning", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="建设用地指标与选址 · Land quota and siting for a county development zone.",
)
app.add_typer(ledger.app, name="ledger")
app.add_typer(rules.app, name="rules")
for register in (layers.register, overlay.register, care.register, decide.register, idle.register,
                 search.register, portfolio.register, export.register, papers.register):
    register(app)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version)
    ] = False,
) -> None:
    """Options before the command hold for it unless it has its own."""
    DEFAULTS.folder, DEFAULTS.as_json, DEFAULTS.language = workspace, as_json, lang


def main() -> None:
    """Run the command line; errors leave as sentences with an exit code."""
    with errors_as_sentences():
        raise SystemExit(app(standalone_mode=False))
