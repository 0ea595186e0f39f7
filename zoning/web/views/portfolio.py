"""The portfolio: who goes where and when, chosen beside the page, with progress and a stop."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from zoning.errors import Message
from zoning.messages import say as said
from zoning.portfolio.answer import Answer, Portfolio, Wish
from zoning.portfolio.highs import Progress, Watch
from zoning.portfolio.problem import PRICE_SCALE
from zoning.report.layout import words
from zoning.report.portfolio import (
    agreement_table,
    board_table,
    chain_table,
    conflict_table,
    goals_table,
    less_words,
    moved_table,
    projects_table,
    ways_table,
)
from zoning.report.tables.record import Table
from zoning.report.tables.words import component_name, quota_name
from zoning.scenario.model import Scenario
from zoning.web import session, show
from zoning.web.flow import as_picture
from zoning.web.jobs import Job
from zoning.web.shell import frame
from zoning.web.state import Desk
from zoning.web.timeline import PARTS, Bar, Year, timeline_svg, years_svg
from zoning.web.views.scenarios import scenario_files
from zoning.workspace import open_desk, read_scenario
from zoning.workspace.portfolio import portfolio_at

JOB, TABS = "portfolio_job", ("timeline", "flow", "board", "others", "proof")


def page() -> None:
    """The page of the portfolio."""
    frame(_body)


def _body(desk: Desk) -> None:
    files = scenario_files(desk.workspace.root)
    if not files:
        st.info(show.plain(session.say("web.no_scenarios")))
        return
    choice, plans, limit = st.columns([3, 1, 1], vertical_alignment="bottom")
    file = choice.selectbox(session.say("web.scenario"), files, key="portfolio_file",
                            index=_first(files), format_func=lambda each: each.name)
    count = int(plans.number_input(session.say("portfolio.page.plans"), 1, 10, 2,
                                   key="portfolio_count"))
    seconds = int(limit.number_input(session.say("portfolio.page.seconds"), 1, 3600, 60,
                                     key="portfolio_seconds"))
    st.code(show.command("portfolio", file, "-k", str(count), "--seconds", str(seconds),
                         "--workspace", desk.workspace.root), language="bash")
    _ask(desk, file, Wish(count=count, seconds=float(seconds)))
    job = st.session_state.get(JOB)
    if job is None:
        show.note(session.say("portfolio.page.intro"))
    elif job.is_running:
        _running()
    elif job.error is not None:
        show.failure(job.error)
    elif job.found is not None:
        _found(job.found, desk)


def _first(files: list[Path]) -> int:
    """The first scenario with terms of a portfolio, else the first."""
    return next((at for at, each in enumerate(files) if "portfolio" in each.name), 0)


def _ask(desk: Desk, file: Path, wish: Wish) -> None:
    """The button that starts a search; not while one runs."""
    job = st.session_state.get(JOB)
    running = job is not None and job.is_running
    if not st.button(session.say("portfolio.page.ask"), key="portfolio_ask", type="primary",
                     disabled=running) or running:
        return
    scenario = read_scenario(file)
    root = desk.workspace

    def work(watch: Watch) -> Portfolio:
        return portfolio_at(open_desk(root, file.parent), scenario, wish, watch)

    st.session_state[JOB] = Job(work, Watch(seconds=wish.seconds)).start()


@st.fragment(run_every=1.0)
def _running() -> None:
    """How far it is, anew every second; when it has ended, the page."""
    job = st.session_state.get(JOB)
    if job is None or not job.is_running:
        st.rerun()
    told, stop = st.columns([4, 1], vertical_alignment="center")
    with told:
        show.note(_progress(job.last) if job.last else session.say("portfolio.page.measuring"))
        st.progress(min(1.0, job.watch.spent / max(1.0, job.watch.seconds)))
    if stop.button(session.say("portfolio.page.stop"), key="portfolio_stop"):
        job.stop()
        show.note(session.say("portfolio.page.stopping"))


def _progress(told: Progress) -> str:
    scale = PRICE_SCALE if told.goal == "money" else 1
    value, bound = (None if each is None else each / scale for each in (told.value, told.bound))
    return session.say(
        "portfolio.progress", goal=Message(f"portfolio.goal.{told.goal or 'value'}"),
        value="—" if value is None else f"{value:,.0f}",
        bound="—" if bound is None else f"{bound:,.0f}",
        gap="—" if told.gap is None else f"{told.gap:.3%}", seconds=f"{told.seconds:.0f}")


def _found(found: Portfolio, desk: Desk) -> None:
    if found.deadlock is not None:
        _shown(conflict_table(found))
        _shown(ways_table(found))
    if found.best is None:
        show.note(session.say("portfolio.none"))
        return
    _shown(goals_table(found.best))
    tabs = st.tabs([session.say(f"portfolio.page.{each}") for each in TABS])
    with tabs[0]:
        _timeline(found, found.best)
    with tabs[1]:
        _flow(found.best, desk)
    with tabs[2]:
        _board(found, desk)
    with tabs[3]:
        _others(found)
    with tabs[4]:
        _shown(agreement_table(found.best))


def _timeline(found: Portfolio, answer: Answer) -> None:
    title = session.say("portfolio.page.timeline")
    drawn = timeline_svg(_bars(found.scenario, answer), found.scenario.horizon, title=title)
    st.html(as_picture(drawn, title=title))
    _shown(projects_table(found, answer, 1))


def _bars(scenario: Scenario, answer: Answer) -> list[Bar]:
    there = {each.task: each for each in answer.placed}
    bars = []
    for each in sorted(scenario.projects, key=lambda each: (
            each.id not in there, there[each.id].year if each.id in there else 0, each.id)):
        going = answer.carried.timeline.of(each.id) if each.id in there else None
        told = (f"{going.day} · {there[each.id].site}" if going else
                session.say("portfolio.page.left_out"))
        bars.append(Bar(f"{each.id} {each.name}", told, going.day if going else None,
                        going.status.value if going else "out", each.must))
    return bars


def _flow(answer: Answer, desk: Desk) -> None:
    """The years of one component of a kind, all its pools together."""
    kinds, language = desk.workspace.kinds, session.language()
    lines = answer.carried.timeline.years
    keys = list(dict.fromkeys((each.kind, each.component) for each in lines))
    if not keys:
        return

    def told(key: tuple[str, str]) -> str:
        return " · ".join(words(each, language) for each in (
            quota_name(kinds, key[0]), component_name(kinds, *key)))

    key = st.selectbox(session.say("web.component"), keys, key=f"portfolio_flow_{language}",
                       format_func=told) or keys[0]
    names = {name: session.say(f"decide.column.{name}") if name != "drawn" else
             session.say("report.column.drawn") for name in PARTS}
    years = [Year(year, {name: sum(getattr(each, name) for each in lines
                                   if each.year == year and (each.kind, each.component) == key)
                         for name in PARTS})
             for year in dict.fromkeys(each.year for each in lines)]
    drawn = years_svg(years, names, title=told(key))
    if drawn:
        st.html(as_picture(drawn, title=told(key)))
    unit = next(part.unit for part in kinds[key[0]].components if part.code == key[1])
    st.html(show.grid(
        [session.say("web.year"), *names.values()],
        [(each.year, *(show.amount(each.amounts[name], unit, session.unit(), language)
                       for name in names)) for each in years], numeric=range(1, 7)))


def _board(found: Portfolio, desk: Desk) -> None:
    if found.chain:
        _shown(chain_table(found))
    if found.board:
        _shown(board_table(found, dict(desk.workspace.kinds)))


def _others(found: Portfolio) -> None:
    for number, each in enumerate(found.plans[1:], start=2):
        _shown(goals_table(each))
        _shown(moved_table(each.moved, "moved", number=number))
    if found.less is not None:
        show.note(said(less_words(found), session.language()))
        _shown(moved_table(found.less.moved, "moved_less"))


def _shown(table: Table) -> None:
    show.heading(words(table.title, session.language()))
    show.table(table, hide=("unit",))
    for each in table.notes:
        show.note(words(each, session.language()))


__all__ = ["page"]
