"""Commands on the rule book: ``rules``, ``rules diff``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from zoning.cli.doors import AsJson, Door, Folder, Tongue, door
from zoning.errors import UsageError
from zoning.report.documents.rules import rules_diff_document, rules_document
from zoning.report.tables.rules import rules_diff_table, rules_table
from zoning.rules.book import RuleBook
from zoning.rules.pages import rule_page, topics
from zoning.rules.shipped import shipped
from zoning.workspace import open_desk, read_scenario, rule_book
from zoning.workspace.rule_dates import check_under_two_dates

app = typer.Typer(help="The rule book: dated, placed, cited.", invoke_without_command=True)

Topic = Annotated[str | None, typer.Option(help="The beginning of an id: pbf, plan.earn, idle …")]
At = Annotated[str | None, typer.Option("--at", metavar="DATE", help="The day, as 2020-01-01.")]
TwoDays = Annotated[list[str] | None,
                    typer.Option("--at", metavar="DATE", help="A day; give it twice.")]


@app.callback()
def rules(
    context: typer.Context,
    at: At = None,
    place: Annotated[str | None, typer.Option(help="As CN/32/3206/320623.")] = None,
    topic: Topic = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """List the rules of a topic: what counts on a day at a place, its source, how sure it is.

    Without --at and --place every record is listed. A workspace's own rules are included.
    """
    if context.invoked_subcommand is not None:
        return
    here = door(workspace, as_json, lang)
    book = _book(here)
    if topic is not None and topic.split(".")[0] not in topics(book):
        raise UsageError("rules.no_topic", found=topic, known=list(topics(book)))
    page = rule_page(book, on=_day(at) if at else None, place=place, topic=topic)
    here.answer(rules_document(page), (rules_table(page),))


@app.command()
def diff(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, TOML.")],
    at: TwoDays = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """The findings of a scenario that differ between the rules of two days."""
    here = door(workspace, as_json, lang)
    days = [_day(each) for each in at or ()]
    if len(days) != 2:
        raise UsageError("rules.two_days", found=len(days))
    asked = read_scenario(scenario)
    found = check_under_two_dates(open_desk(here.workspace(), scenario.parent), asked, *days)
    here.answer(rules_diff_document(found, scenario_id=asked.id), (rules_diff_table(found),))


def _book(here: Door) -> RuleBook:
    space = here.workspace_if_any()
    return rule_book(space) if space else shipped()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("rules.no_day", found=text) from error
