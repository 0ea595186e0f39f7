"""Plans: the years of a scenario, why a project cannot go, and the difference of two scenarios."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from zoning.report.layout import words
from zoning.report.tables import (
    Table,
    changes_table,
    conflicts_table,
    openings_table,
    plan_tables,
    remedies_table,
    repair_table,
)
from zoning.scenario.model import Scenario
from zoning.web import session, show
from zoning.web.shell import frame
from zoning.web.state import Desk
from zoning.web.views.scenarios import scenario_files
from zoning.workspace import compare_at, open_desk, plan_at, read_scenario, why_at

HIDDEN = ("unit",)


def page() -> None:
    """The page of plans."""
    frame(_body)


def _body(desk: Desk) -> None:
    files = scenario_files(desk.workspace.root)
    if not files:
        st.info(show.plain(session.say("web.no_scenarios")))
        return
    file = st.selectbox(session.say("web.scenario"), files, key="plan_file",
                        format_func=lambda each: each.name)
    scenario = read_scenario(file)
    years, why, difference = st.tabs([session.say(f"web.plan_{key}")
                                      for key in ("years", "why", "compare")])
    with years:
        _command(desk, "plan", file)
        for table in plan_tables(plan_at(open_desk(desk.workspace, file.parent), scenario),
                                 kinds=desk.workspace.kinds):
            _shown(table)
    with why:
        _why(desk, file, scenario)
    with difference:
        _compare(desk, file, scenario, files)


def _why(desk: Desk, file: Path, scenario: Scenario) -> None:
    names = ["", *(each.id for each in scenario.projects)]
    chosen = st.selectbox(session.say("web.why_project"), names, key="why_project",
                          format_func=lambda each: each or session.say("web.whole_plan"))
    about = ("--project", chosen) if chosen else ()
    _command(desk, "why", file, *about)
    if not st.button(session.say("web.why_ask"), key="why_ask", type="primary"):
        return
    found = why_at(open_desk(desk.workspace, file.parent), scenario, chosen or None)
    _shown(conflicts_table(found.conflicts))
    if found.repair:
        _shown(repair_table(found.repair))
        return
    _shown(remedies_table(found.remedies))
    _shown(openings_table(found.openings))


def _compare(desk: Desk, file: Path, scenario: Scenario, files: list[Path]) -> None:
    other = st.selectbox(session.say("web.other_scenario"), files, key="compare_file",
                         format_func=lambda each: each.name)
    _command(desk, "compare", file, other)
    if not st.button(session.say("web.compare_ask"), key="compare_ask", type="primary"):
        return
    _shown(changes_table(compare_at(
        open_desk(desk.workspace, file.parent), scenario, read_scenario(other),
        open_desk(desk.workspace, other.parent))))


def _command(desk: Desk, *parts: str | Path) -> None:
    st.code(show.command(*parts, "--workspace", desk.workspace.root), language="bash")


def _shown(table: Table) -> None:
    show.heading(words(table.title, session.language()))
    show.table(table, hide=HIDDEN)
    for each in table.notes:
        show.note(words(each, session.language()))


__all__ = ["page"]
