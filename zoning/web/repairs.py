"""Why a site cannot go, and what would help: each repair proven by the engine, each to be taken."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from zoning.messages import say as said
from zoning.report.documents.plan import actions_text
from zoning.report.layout import words
from zoning.report.tables import conflicts_table, openings_table
from zoning.scenario.outcome import ProjectOutcome, Status
from zoning.scenario.planned import DropParcels, Move
from zoning.scenario.remedy import Remedy
from zoning.web import session, show
from zoning.web.history import Choice
from zoning.web.sitehistory import adopt, kept_history
from zoning.web.siting import PROJECT_ID, moved_ring, scenario
from zoning.web.state import Desk
from zoning.workspace import open_desk, why_at

ASKED, TAKEN = "why_asked", "site_actions"


def repairs(desk: Desk, written: str, project: ProjectOutcome, folder: Path | None) -> str:
    """Ask why and show repairs; returns the actions taken so far, as a scenario writes them.

    What was asked or taken for another site or another plan counts no more.
    """
    taken = st.session_state.get(TAKEN)
    adopted = taken[1] if taken and taken[0] == written else ""
    if project.verdict is Status.PASS:
        return adopted
    show.heading(session.say("web.why_not"))
    if st.button(session.say("web.why_ask"), key="site_why", type="primary"):
        st.session_state[ASKED] = written
    if st.session_state.get(ASKED) == written:
        _shown(desk, written, folder)
    if adopted:
        st.code(adopted, language="toml")
    return f"\n{adopted}" if adopted else ""


def _shown(desk: Desk, written: str, folder: Path | None) -> None:
    with st.spinner(session.say("web.searching")):
        found = why_at(open_desk(desk.workspace, folder), scenario(written), PROJECT_ID)
    for table in (conflicts_table(found.conflicts), openings_table(found.openings)):
        if table.rows:
            show.heading(words(table.title, session.language()))
            show.table(table, hide=("unit",))
    show.heading(session.say("web.repairs"), extra=str(len(found.remedies)))
    if not found.remedies:
        show.note(session.say("web.no_repairs"))
    for number, remedy in enumerate(found.remedies):
        _offer(desk, written, remedy, number)


def _offer(desk: Desk, written: str, remedy: Remedy, number: int) -> None:
    language = session.language()
    told, button = st.columns([4, 1], vertical_alignment="center")
    assumed = "".join(f"<small>{show.cell(said(each, language))}</small>"
                      for each in remedy.assumes)
    day = show.cell(session.say("web.goes_on", day=remedy.day))
    what = show.cell(said(remedy.message, language))
    told.html(f"<div>{what}<small> {day}</small>{assumed}</div>")
    button.button(session.say("web.take"), key=f"take_{number}", on_click=_take, width="stretch",
                  args=(desk, written, remedy))


def _take(desk: Desk, written: str, remedy: Remedy) -> None:
    """Change the site where a repair changes it; keep its other actions for the scenario."""
    now = kept_history().now
    parcels, rings = now.parcels, now.rings
    rest = []
    for action in remedy.actions:
        if isinstance(action, DropParcels):
            parcels = tuple(name for name in parcels if name not in action.parcels)
        elif isinstance(action, Move) and rings:
            rings = (*rings[:-1], moved_ring(desk, rings[-1], action.east, action.north))
        else:
            rest.append(action)
    changed = Choice(parcels, rings)
    if changed != now:
        adopt(changed)
    if rest:
        st.session_state[TAKEN] = (written, actions_text(rest))


__all__ = ["repairs"]
