"""What every command has: a workspace, a language, JSON or a table, and errors as sentences."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.exceptions import TyperException

from zoning.errors import Problem, Severity, UsageError, ZoningError
from zoning.messages import LANGUAGES, Language, say, text
from zoning.report.documents import error_document, files_document
from zoning.report.tables import Table
from zoning.report.text import print_table
from zoning.units import hectares
from zoning.workspace import Workspace, open_workspace

Folder = Annotated[
    Path | None, typer.Option("--workspace", "-w", help="The workspace folder; '.' by default.")
]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")
]
Tongue = Annotated[
    str | None, typer.Option("--lang", help="zh or en; ZONING_LANG, else zh, by default.")
]


@dataclass
class Defaults:
    """Options given before the command; a command's own go first."""

    folder: Path | None = None
    as_json: bool = False
    language: str | None = None


DEFAULTS = Defaults()
MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.NOTE: "·"}


@dataclass(frozen=True)
class Door:
    """How one call of one command answers."""

    folder: Path
    as_json: bool
    language: Language

    def workspace(self) -> Workspace:
        """The workspace asked for. Raises WorkspaceError where the folder is none."""
        return open_workspace(self.folder)

    def workspace_if_any(self) -> Workspace | None:
        """The workspace, or None where the folder is none."""
        try:
            return open_workspace(self.folder)
        except ZoningError:
            return None

    def answer(
        self, document: Mapping[str, Any], tables: Sequence[Table] = (),
        *, show: Callable[[Console], None] | None = None,
    ) -> None:
        """Leave an answer: the document as JSON, else what `show` prints and the tables."""
        if self.as_json:
            emit(document)
            return
        console = Console(soft_wrap=False)
        if show:
            show(console)
        for table in tables:
            print_table(table, self.language, console)

    def say(self, key: str, /, **params: object) -> None:
        """A sentence on standard error, so that standard output stays the answer."""
        typer.echo(text(key, self.language, **params), err=True)

    def tell(self, problems: Sequence[Problem]) -> None:
        """Problems in somebody's data, one sentence each, on standard error."""
        for problem in problems:
            typer.echo(self.problem_line(problem), err=True)

    def problem_line(self, problem: Problem) -> str:
        """A problem as one line: its weight, its code, its sentence, the land at risk."""
        told = f"{MARKS[problem.severity]} {problem.code} {say(problem.message, self.language)}"
        if problem.area_dm2 is None:
            return told
        return told + text("cli.at_risk", self.language, ha=hectares(problem.area_dm2))


def wrote(at: Door, command: str, files: Sequence[Path]) -> None:
    """Answer with the files a command wrote: path, size and SHA-256 of each."""
    told = [(str(file), file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest())
            for file in files]
    at.answer(files_document(command, told), show=lambda console: console.print(
        "\n".join(text("cli.written", at.language, file=name) for name, _, _ in told),
        highlight=False, markup=False))


def emit(document: Mapping[str, Any]) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json_text(document))


def json_text(document: Mapping[str, Any]) -> str:
    """A document as it is written: the same document gives the same bytes."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def door(folder: Path | None, as_json: bool, language: str | None) -> Door:
    """The door of a call, from its own options and those given before the command."""
    DEFAULTS.language = language or DEFAULTS.language
    return Door(folder or DEFAULTS.folder or Path(), as_json or DEFAULTS.as_json,
                chosen_language())


def chosen_language() -> Language:
    """The language asked for. Raises UsageError for one the catalogue does not have."""
    asked = DEFAULTS.language or os.environ.get("ZONING_LANG") or "zh"
    for known in LANGUAGES:
        if asked == known:
            return known
    raise UsageError("cli.language", found=asked, known=list(LANGUAGES))


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """Turn an error into a sentence on standard error and an exit code; no traceback."""
    try:
        yield
    except ZoningError as error:
        _fail(error)
    except BrokenPipeError:
        os._exit(1)
    except TyperException as error:
        _fail_usage(error)
    except OSError as error:
        name = error.filename or type(error).__name__
        _fail(ZoningError("cli.system", name=str(name), reason=error.strerror or str(error)))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        if os.environ.get("ZONING_DEBUG"):
            raise
        _fail(ZoningError("cli.unexpected", kind=type(error).__name__, reason=str(error)[:300]))


def _fail_usage(error: TyperException) -> None:
    """A command that is not well formed; without any words the help has been printed already."""
    told = getattr(error, "format_message", None)
    reason = str(told()) if told is not None else str(error)
    if not reason.strip() or reason.lstrip().startswith("Usage"):
        raise SystemExit(2)
    _fail(UsageError("cli.usage", reason=reason.strip().rstrip(".")))


def _fail(error: ZoningError) -> None:
    if "--json" in sys.argv:
        emit(error_document(error))
    typer.echo(say(error, _language_of_words()), err=True)
    raise SystemExit(error.exit_code)


def _language_of_words() -> Language:
    """The language asked for, also where the command was refused before its options were read."""
    words = sys.argv
    if "--lang" in words[:-1]:
        DEFAULTS.language = words[words.index("--lang") + 1]
    try:
        return chosen_language()
    except UsageError:
        return "zh"
