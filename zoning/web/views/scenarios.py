"""Scenarios of the workspace: run one, read the verdicts, open a project."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from zoning.report.tables.scenario import needs_table
from zoning.scenario.outcome import Outcome
from zoning.web import session, show
from zoning.web.files import scenario_files
from zoning.web.results import computed_from, project_result, verdicts
from zoning.web.shell import frame
from zoning.web.state import Desk
from zoning.workspace import check, read_scenario


def page() -> None:
    """The scenario page."""
    frame(_body)


def _body(desk: Desk) -> None:
    files = scenario_files(desk.workspace.root)
    if not files:
        st.info(show.plain(session.say("web.no_scenarios")))
        return
    choice, command = st.columns([1, 2], vertical_alignment="bottom")
    file = choice.selectbox(session.say("web.scenario"), files, key="scenario_file",
                            format_func=lambda each: each.name)
    command.code(show.command("check", file, "--workspace", desk.workspace.root), language="bash")
    _outcome(desk, file)


def _outcome(desk: Desk, file: Path) -> None:
    scenario = read_scenario(file)
    outcome = check(desk.workspace, scenario, folder=file.parent)
    left, right = st.columns([1.15, 1], gap="medium")
    with left:
        show.heading(outcome.name, extra=f"{outcome.place} · {outcome.decision_date}")
        if scenario.description:
            show.note(scenario.description)
        st.html(verdicts(outcome))
        show.heading(session.say("web.needs"))
        show.table(needs_table(outcome, kinds=desk.workspace.kinds), hide=("unit",))
        show.note(computed_from(outcome))
    with right:
        _project(desk, outcome)


def _project(desk: Desk, outcome: Outcome) -> None:
    projects = {each.project_id: each for each in outcome.projects}
    chosen = st.selectbox(session.say("web.project_detail"), projects, key="scenario_project",
                          format_func=lambda each: f"{each} {projects[each].name}")
    if chosen in projects:
        project_result(desk, projects[chosen])


__all__ = ["page", "scenario_files"]
