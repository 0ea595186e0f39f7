"""Two scenarios beside each other: land by colour on the map, quota by year, every difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from zoning.report.layout import unit_name, words
from zoning.report.tables import changes_table
from zoning.report.tables.plan import quota_years_table
from zoning.scenario.model import Scenario
from zoning.scenario.outcome import Outcome
from zoning.web import session, show
from zoning.web.files import scenario_files
from zoning.web.maps import View, show_map
from zoning.web.mvt import Ints
from zoning.web.shell import frame
from zoning.web.show import Html
from zoning.web.state import PARCEL, Desk
from zoning.web.themes import THEMES, Theme
from zoning.workspace import check, compare_at, open_desk, plan_at, read_scenario

KEY = "compare_map"
HEIGHT = 430
SIDES = ("first", "second", "both")
COLOURS: Mapping[str, str] = {"first": "#e08214", "second": "#2166ac", "both": "#6d6875"}
"""Orange and blue, which the colour-blind tell apart; grey where both lie."""


def page() -> None:
    """The page of comparison."""
    frame(_body, needs_map=True)


def _body(desk: Desk) -> None:
    files = scenario_files(desk.workspace.root)
    if not files:
        st.info(show.plain(session.say("web.no_scenarios")))
        return
    one, other = st.columns(2)
    first = _chosen(one, files, "a", 0)
    second = _chosen(other, files, "b", min(1, len(files) - 1))
    st.code(show.command("compare", first, second, "--workspace", desk.workspace.root),
            language="bash")
    scenarios = read_scenario(first), read_scenario(second)
    outcomes = (check(desk.workspace, scenarios[0], folder=first.parent),
                check(desk.workspace, scenarios[1], folder=second.parent))
    left, right = st.columns([1.5, 1], gap="small")
    numbers = sides_of(desk, outcomes)
    with left:
        shown = [at for at, role in enumerate(desk.layers)
                 if role in {PARCEL, "ugb", "eco_redline"}]
        show_map(desk, View(shown, theme=_theme(desk, numbers)), key=KEY, height=HEIGHT)
    with right, st.container(height=HEIGHT, border=True, key="panel"):
        show.heading(session.say("web.compare_land"))
        st.html(_legend(outcomes, parts_of(outcomes)))
        _table(desk, scenarios, (first, second))
    _years(desk, scenarios, (first, second))


def _chosen(column: st.delta_generator.DeltaGenerator, files: list[Path], side: str,
            usual: int) -> Path:
    """A scenario by its name in the address, or as chosen."""
    names = [file.name for file in files]
    asked = st.query_params.get(side, "")
    file = column.selectbox(
        session.say(f"web.compare_{side}"), files, key=f"compare_{side}",
        index=names.index(asked) if asked in names else usual,
        format_func=lambda each: each.name)
    session.keep_in_address(side, file.name)
    return file


def parts_of(outcomes: tuple[Outcome, Outcome]) -> tuple[dict[str, int], dict[str, int]]:
    """The land that each scenario takes of each parcel, dm²."""
    found: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for areas, outcome in zip(found, outcomes, strict=True):
        for project in outcome.projects:
            for part in project.facts.parts:
                areas[part.parcel_id] = areas.get(part.parcel_id, 0) + part.area_dm2
    return found


def sides_of(desk: Desk, outcomes: tuple[Outcome, Outcome]) -> Ints:
    """For each parcel: 0 untouched, 1 the first scenario only, 2 the second only, 3 both."""
    numbers = np.zeros(len(desk.layers[PARCEL].ids), np.int64)
    for bit, areas in enumerate(parts_of(outcomes), start=1):
        rows = [desk.row(PARCEL, name) for name in areas if desk.has(PARCEL, name)]
        numbers[rows] |= bit
    return numbers


def _theme(desk: Desk, numbers: Ints) -> Theme | None:
    if not numbers.any():
        return None
    return THEMES.make(desk.layers[PARCEL], numbers, [COLOURS[side] for side in SIDES])


def _legend(outcomes: tuple[Outcome, Outcome],
            parts: tuple[Mapping[str, int], Mapping[str, int]]) -> Html:
    unit, language = session.unit(), session.language()
    first, second = parts
    names = {"first": first.keys() - second.keys(), "second": second.keys() - first.keys(),
             "both": first.keys() & second.keys()}
    titles = {"first": session.say("web.only_in", name=outcomes[0].name),
              "second": session.say("web.only_in", name=outcomes[1].name),
              "both": session.say("web.in_both")}
    lines = "".join(
        f"<li>{show.swatch(COLOURS[side])}<span>{show.cell(titles[side])}</span>"
        f"<b>{len(names[side])}</b></li>" for side in SIDES)
    sums = " / ".join(show.area(sum(each.values()), unit) for each in parts)
    told = session.say("web.compare_sum", sums=f"{sums} {unit_name(unit, language)}")
    return Html(f'<ul class="legend">{lines}</ul><p class="note">{show.cell(told)}</p>')


def _table(desk: Desk, scenarios: tuple[Scenario, Scenario], files: tuple[Path, Path]) -> None:
    table = changes_table(compare_at(
        open_desk(desk.workspace, files[0].parent), scenarios[0], scenarios[1],
        open_desk(desk.workspace, files[1].parent)))
    show.heading(words(table.title, session.language()), extra=str(len(table.rows)))
    show.table(table, hide=("unit",))


def _years(desk: Desk, scenarios: Sequence[Scenario], files: Sequence[Path]) -> None:
    """The quota of each year, the two beside each other."""
    show.heading(session.say("web.compare_years"))
    for column, scenario, file in zip(st.columns(2), scenarios, files, strict=True):
        with column:
            plan = plan_at(open_desk(desk.workspace, file.parent), scenario)
            show.note(scenario.name)
            show.table(quota_years_table(plan, kinds=desk.workspace.kinds), hide=("unit", "place"))


__all__ = ["page", "parts_of", "sides_of"]
