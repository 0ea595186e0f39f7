"""Command on many projects: ``portfolio``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoning.cli.doors import AsJson, Door, Folder, Tongue, door
from zoning.errors import InputError, Message
from zoning.workspace import open_desk, read_scenario

if TYPE_CHECKING:
    from zoning.portfolio.highs import Progress
    from zoning.portfolio.plans import Placed


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(portfolio)


def portfolio(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, TOML.")],
    count: Annotated[int, typer.Option("-k", min=1, max=20, help="How many good plans.")] = 1,
    gap: Annotated[float | None, typer.Option(min=0.0, max=1.0, help="The gap that is enough; 0 by "
                                              "default, 0.001 for large problems.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Time limit.")] = 60.0,
    prices: Annotated[bool, typer.Option(help="The price board and the unlock chain.")] = True,
    less: Annotated[int, typer.Option(min=0, max=9, help="Tenths of the expected inflows that "
                                      "the plan is tried with; 0: not.")] = 8,
    apart: Annotated[float, typer.Option(min=0.0, max=1.0, help="Part of a plan's projects that "
                                         "another places otherwise.")] = 0.2,
    loss: Annotated[float, typer.Option(min=0.0, max=1.0, help="How much less another plan may "
                                        "be worth.")] = 0.05,
    since: Annotated[Path | None, typer.Option(help="An earlier answer of portfolio --json: tell "
                                               "the difference.")] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Choose who goes where and when: ranked goals, each with value, bound and gap.

    Ctrl-C ends the search with the best plan so far and its bound. Exit code 1 where a project that
    must go does not.
    """
    from zoning.portfolio.answer import Wish
    from zoning.portfolio.highs import Watch
    from zoning.portfolio.plans import difference
    from zoning.report.documents.portfolio import portfolio_document
    from zoning.report.portfolio import portfolio_tables
    from zoning.workspace.portfolio import portfolio_at

    at = door(workspace, as_json, lang)
    asked, desk = read_scenario(scenario), open_desk(at.workspace(), scenario.parent)
    before = _placed_before(since) if since else None
    wish = Wish(count, gap, seconds, prices, prices, less or None, loss, apart)
    watch = Watch(tell=_telling(at), seconds=seconds)
    with _stopping(watch.stopped.set):
        found = portfolio_at(desk, asked, wish, watch)
    moved = difference(before, found.best.placed if found.best else ()) if before is not None \
        else None
    kinds = desk.workspace.kinds
    units = {(kind.code, each.code): each.unit for kind in kinds.values()
             for each in kind.components}
    at.answer(portfolio_document(found, units=units, since=moved),
              portfolio_tables(found, kinds=dict(kinds), since=moved))
    if not found.plans:
        at.say("portfolio.none")
    if not found.must_go:
        raise typer.Exit(1)


class _stopping:
    """While it lasts, the first Ctrl-C asks the search to end; a second ends the program."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self.stop = stop

    def __enter__(self) -> None:
        import signal
        import threading

        self.before = None
        if threading.current_thread() is threading.main_thread():
            self.before = signal.signal(signal.SIGINT, self._asked)

    def _asked(self, *_: object) -> None:
        import signal

        self.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def __exit__(self, *_: object) -> None:
        import signal

        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)


def _telling(at: Door) -> Callable[[Progress], None]:
    """Progress on a terminal, one line that is written over; nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda _: None
    from zoning.messages import text

    def tell(progress: Progress) -> None:
        gap = "—" if progress.gap is None else f"{progress.gap:.3%}"
        line = text("portfolio.progress", at.language, gap=gap,
                    goal=Message(f"portfolio.goal.{progress.goal}"),
                    value=_number(progress, progress.value),
                    bound=_number(progress, progress.bound),
                    seconds=f"{progress.seconds:.0f}")
        sys.stderr.write(f"\r\033[K{line}")
        sys.stderr.flush()

    return tell


def _number(progress: Progress, value: float | None) -> str:
    from zoning.portfolio.problem import PRICE_SCALE

    scale = PRICE_SCALE if progress.goal == "money" else 1
    return "—" if value is None else f"{value / scale:,.0f}"


def _placed_before(file: Path) -> Sequence[Placed]:
    """The best plan of an earlier answer. Raises InputError for a file that is none."""
    from zoning.portfolio.plans import Placed

    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        if document["document"] != "portfolio":
            raise KeyError("document")
        plans = document["plans"]
        return [Placed(each["id"], each["site"], each["year"], each["value"])
                for each in (plans[0]["projects"] if plans else [])]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("portfolio.old_answer", file=file.name) from error
