"""Site search: ask for the best sites, follow the search, read each with its proof and its maps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import shapely
import streamlit as st
from PIL import Image, ImageDraw

from zoning.errors import Message
from zoning.messages import say as said
from zoning.scenario.model import Scenario
from zoning.siting.model import Watch
from zoning.web import session, show
from zoning.web.maps import View, show_map
from zoning.web.shell import frame
from zoning.web.show import Html
from zoning.web.solving import Solve, start
from zoning.web.state import PARCEL, Desk
from zoning.web.views.scenarios import scenario_files
from zoning.workspace import open_desk, read_scenario
from zoning.workspace.search import JudgedSite, SiteSearch, Wish, area_asked, search_at

KEY, JOB = "search_map", "search_job"
HEIGHT = 460
WIDE = 900
"""Pixels across a map of scores."""
LOW, HIGH = (236, 240, 233), (20, 96, 60)


@dataclass(frozen=True)
class Asked:
    """What the visitor asks for; `words` is the same as options of the command line."""

    file: Path
    scenario: Scenario
    project: str
    wish: Wish
    words: tuple[str, ...]


def page() -> None:
    """The search page."""
    frame(_body, needs_map=True)


def _body(desk: Desk) -> None:
    files = scenario_files(desk.workspace.root)
    if not files:
        st.info(show.plain(session.say("web.no_scenarios")))
        return
    asked = _asked(files)
    if asked is None:
        return
    st.code(show.command("search", asked.file, *asked.words, "--workspace", desk.workspace.root),
            language="bash")
    if st.button(session.say("web.search_start"), type="primary", key="search_start"):
        at = open_desk(desk.workspace, asked.file.parent)

        def work(watch: Watch) -> SiteSearch:
            return search_at(at, asked.scenario, asked.project, asked.wish, watch)

        st.session_state[JOB] = start(work)
    solve = st.session_state.get(JOB)
    if solve is None:
        return
    if solve.done:
        _done(desk, solve)
    else:
        _progress()


def _asked(files: list[Path]) -> Asked | None:
    """The form: scenario, project, how many sites, the range of areas, time and overlap."""
    one, two, three = st.columns([2, 2, 1])
    file = one.selectbox(session.say("web.scenario"), files, key="search_file",
                         format_func=lambda each: each.name)
    scenario = read_scenario(file)
    names = {each.id: each.name for each in scenario.projects}
    project = two.selectbox(session.say("web.project_detail"), names, key="search_project",
                            format_func=lambda each: f"{each} {names.get(each, '')}")
    if project not in names:
        return None
    count = three.number_input(session.say("web.search_count"), 1, 10, 3, key="search_k")
    least, most, limit, overlap = st.columns(4)
    low = least.text_input(session.say("web.search_least"), key="search_min", placeholder="100mu")
    high = most.text_input(session.say("web.search_most"), key="search_max", placeholder="110mu")
    seconds = limit.number_input(session.say("web.search_seconds"), 1, 3600, 60, key="search_s")
    share = overlap.number_input(session.say("web.search_overlap"), 0, 90, 0, step=10,
                                 key="search_overlap") / 100
    words = ["--project", project, "-k", str(count), "--seconds", str(seconds)]
    words += ["--min", low] if low else []
    words += ["--max", high] if high else []
    words += ["--overlap", str(share)] if share else []
    wish = Wish(int(count), area_asked(low), area_asked(high),
                overlap=share, seconds=float(seconds))
    return Asked(file, scenario, project, wish, tuple(words))


@st.fragment(run_every=1.0)
def _progress() -> None:
    """How far the search is, every second, and the button that stops it."""
    solve: Solve = st.session_state[JOB]
    if solve.done:
        st.rerun()
    watch = solve.watch
    told, button = st.columns([5, 1], vertical_alignment="center")
    gap = ("…" if watch.value is None or watch.bound is None
           else f"{(watch.value - watch.bound) / max(1, abs(watch.value)):.2%}")
    told.info(show.plain(session.say(
        "web.search_progress", seconds=f"{solve.seconds:.0f}", sites=watch.sites,
        value=_yuan(watch.value), bound=_yuan(watch.bound), gap=gap)))
    button.button(session.say("web.search_stop"), key="search_stop", on_click=solve.stop,
                  disabled=watch.stopped)


def _yuan(cents: int | None) -> str:
    return "…" if cents is None else f"{cents / 100:,.0f}"


def _done(desk: Desk, solve: Solve) -> None:
    if solve.error is not None:
        show.failure(solve.error)
        return
    found = solve.answer
    if found is None:
        return
    _end(found)
    layer = desk.layers[PARCEL]
    marked = [shapely.union_all([layer.polygons[desk.row(PARCEL, name)]
                                for name in each.parcel_ids])
              for each in found.sites]
    if found.sites:
        st.html(Html('<div class="cards">' + "".join(
            _card(number, each) for number, each in enumerate(found.sites, 1)) + "</div>"))
    show_map(desk, View([0], marked, fit=True), key=KEY, height=HEIGHT)
    _maps(desk, found, marked)


def _end(found: SiteSearch) -> None:
    """What a search says of itself: how it ended, and the terms that hold for every site."""
    status = found.found.status.value
    if len(found.sites) < found.wish.count:
        st.warning(show.plain(session.say(f"siting.end.{status}", found=len(found.sites),
                                          asked=found.wish.count)))
    show.note(session.say("siting.terms", shape=found.demand.shape,
                          radius=round(found.demand.radius_m), overlap=found.wish.overlap))


def _card(number: int, each: JudgedSite) -> str:
    """One site: its value beside its bound, how it was proven and checked, the verdict."""
    site, language, unit = each.site, session.language(), session.unit()
    rows = (
        ("web.search_area", show.area_with_unit(site.area_dm2, unit, language)),
        ("web.search_value", _yuan(site.value)), ("web.search_bound", _yuan(site.bound)),
        ("web.search_gap", f"{site.gap:.3%}"), ("web.search_time", f"{site.seconds:.1f} s"),
        ("web.search_width", "…" if each.width_dm is None else f"{each.width_dm / 10:.0f} m"),
        ("web.search_parcels", len(site.parcels)),
    )
    inner = "".join(f"<p>{show.cell(session.say(key))} <b>{show.cell(value)}</b></p>"
                    for key, value in rows)
    proof = said(Message(f"siting.status.{site.status.value}"), language)
    check = said(Message("siting.checked" if not each.faults else "siting.check_failed"), language)
    return (f'<div class="card"><h4>{number} {show.badge(each.verdict.verdict, language)}'
            f"<small>{show.cell(proof)} · {show.cell(check)}</small></h4>{inner}</div>")


def _maps(desk: Desk, found: SiteSearch, marked: list[shapely.Geometry]) -> None:
    """The map of one criterion: every parcel by its score, the sites outlined."""
    criteria = {each.id: each for each in found.scenario.criteria}
    if not criteria:
        show.note(session.say("web.search_no_criteria"))
        return
    show.heading(session.say("web.search_maps"))
    chosen = st.segmented_control(
        session.say("web.search_maps"), list(criteria), default=next(iter(criteria)),
        required=True, key="search_criterion", label_visibility="collapsed",
        format_func=lambda each: criteria[each].name or each)
    each = criteria[str(chosen)]
    show.note(session.say("web.search_map_note", kind=each.kind, weight=each.weight))
    scores = dict(zip(found.siting.ids, found.siting.scores[each.id].tolist(), strict=True))
    st.image(score_map(desk, scores, marked), width="stretch")


def score_map(desk: Desk, scores: dict[str, int], marked: list[shapely.Geometry]) -> Image.Image:
    """Every parcel from pale (0) to dark (1000), north up, with outlines over it."""
    layer = desk.layers[PARCEL]
    west, north, east, south = layer.bounds
    scale = WIDE / max(east - west, 1e-12)
    drawn = Image.new("RGB", (WIDE, max(1, min(WIDE, round((south - north) * scale)))), "white")
    pen = ImageDraw.Draw(drawn)

    def ring(shape: shapely.Geometry) -> list[tuple[float, float]]:
        return [((x - west) * scale, (y - north) * scale)
                for x, y in shapely.get_coordinates(shape.exterior).tolist()]

    for name, polygon in zip(layer.ids, layer.polygons, strict=True):
        share = scores.get(name, 0) / 1000
        colour = tuple(round(a + (b - a) * share) for a, b in zip(LOW, HIGH, strict=True))
        for part in shapely.get_parts(polygon):
            pen.polygon(ring(part), fill=colour)
    for shape in marked:
        for part in shapely.get_parts(shape):
            pen.line(ring(part), fill=(198, 47, 37), width=3)
    return drawn


__all__ = ["page", "score_map"]
