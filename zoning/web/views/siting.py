"""Siting: choose, upload or draw a site; the engine's findings stand beside the map."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
import streamlit as st
from pyproj import CRS

from zoning.codes.project_kinds import project_kinds
from zoning.errors import MeasureError, UsageError, ZoningError
from zoning.layers.crs import CGCS2000
from zoning.report.layout import words
from zoning.report.tables.words import named
from zoning.scenario.model import PATHS, Scenario
from zoning.web import session, show
from zoning.web.history import rings_of
from zoning.web.maps import Drawn, Gap, View, last_answer, show_map
from zoning.web.repairs import repairs
from zoning.web.results import computed_from, project_result
from zoning.web.shell import frame
from zoning.web.sitehistory import choose, kept_history, remember, steps_back
from zoning.web.siting import (
    PROJECT_ID,
    SCENARIO_ID,
    Plan,
    Upload,
    drawn_site,
    gaps_of,
    on_map,
    parcel_ids,
    scenario,
    scenario_text,
    toggled,
    unpacked,
)
from zoning.web.state import PARCEL, Desk
from zoning.workspace import Desk as Bench
from zoning.workspace import (
    check_at,
    measure_file,
    open_desk,
    outside_lines,
    site_from_file,
    today,
)

KEY = "siting_map"
HEIGHT = 648
UPLOAD_MB = 64
FORMS = ("parcels", "draw", "upload", "idle_land")


@dataclass(frozen=True)
class Chosen:
    """A site as a scenario says it, as the map marks it, and the file it came in."""

    site: Mapping[str, Any] | None = None
    marked: Sequence[shapely.Geometry] = ()
    upload: Upload | None = None


@dataclass(frozen=True)
class Told:
    """What an answer has to show on the map: distances to lines, land outside lines."""

    gaps: Sequence[Gap] = ()
    outside: Sequence[shapely.Geometry] = ()


def page() -> None:
    """The siting page."""
    frame(_body, needs_map=True)


def _body(desk: Desk) -> None:
    history = kept_history()
    left, right = st.columns([1.22, 1], gap="small")
    with right, st.container(height=HEIGHT, border=True, key="panel"):
        form = _form(desk)
        if form != "parcels":  # corners of a drawing are no choice of parcels
            st.session_state["site_click"] = last_answer(KEY).click
        told = Told()
        try:
            chosen = CHOOSERS[form](desk)
            told = _answer(desk, chosen)
        except ZoningError as error:
            chosen = Chosen()
            show.failure(error)
    history = kept_history()
    remember(form, history)
    with left:
        shown = [number for number, role in enumerate(desk.layers)
                 if role not in {"offset", "demolition", "new_site"}]
        view = View(shown, chosen.marked, fit=form in {"upload", "idle_land"},
                    drawing=form == "draw", gaps=told.gaps, outside=told.outside,
                    drawn=Drawn(history.serial, history.now.rings))
        show_map(desk, view, key=KEY, height=HEIGHT)


def _form(desk: Desk) -> str:
    """How the site is chosen, with the steps back and forward beside it."""
    offered = [form for form in FORMS if _offers(desk, form)]
    asked = st.query_params.get("form", FORMS[0])
    choice, steps = st.columns([1.9, 1], vertical_alignment="center")
    form = choice.segmented_control(
        session.say("web.site_from"), offered, default=asked if asked in offered else FORMS[0],
        required=True, key="site_form", label_visibility="collapsed",
        format_func=lambda each: session.say(f"web.site_{each}"))
    with steps.container(horizontal=True, gap="small", horizontal_alignment="right"):
        steps_back()
    return str(form)


def _offers(desk: Desk, form: str) -> bool:
    return form != "idle_land" or form in desk.layers


def _from_parcels(desk: Desk) -> Chosen:
    st.session_state.setdefault("site_ids", " ".join(kept_history().now.parcels))
    _take_click(desk)
    typed, button = st.columns([5, 1], vertical_alignment="bottom")
    button.button(session.say("web.clear"), on_click=_clear, width="stretch")
    ids = parcel_ids(typed.text_area(session.say("web.parcel_ids"), key="site_ids", height=68))
    choose(parcels=tuple(ids))
    known = [name for name in ids if desk.has(PARCEL, name)]
    layer = desk.layers[PARCEL]
    marked = [layer.polygons[desk.row(PARCEL, name)] for name in known]
    return Chosen({"parcels": ids} if ids else None, marked)


def _take_click(desk: Desk) -> None:
    """Add or remove the parcel of a click that was not taken yet."""
    click = last_answer(KEY).click
    if click is None or st.session_state.get("site_click") == click:
        return
    st.session_state["site_click"] = click
    row = desk.layers[PARCEL].at(*click)
    if row is not None:
        typed = str(st.session_state.get("site_ids", ""))
        st.session_state["site_ids"] = toggled(typed, desk.layers[PARCEL].ids[row])


def _clear() -> None:
    st.session_state["site_ids"] = ""


def _from_drawing(desk: Desk) -> Chosen:
    show.note(session.say("web.draw_hint"))
    told = last_answer(KEY).drawings
    if told is not None and told != st.session_state.get("site_told"):
        st.session_state["site_told"] = told
        choose(rings=rings_of(told))
    site = drawn_site(desk, kept_history().now.rings)
    ring = [shapely.Polygon(site["polygon"])] if site else []
    return Chosen(site, on_map(ring, site["crs"]) if site else [])


def _from_upload(_desk: Desk) -> Chosen:
    file = st.file_uploader(session.say("web.upload"), type=["txt", "zip", "gpkg"], key="site_file",
                            max_upload_size=UPLOAD_MB)
    if file is None:
        return Chosen()
    if file.size > UPLOAD_MB * 2**20:
        raise UsageError("web.file_too_large", file=file.name, size=file.size >> 20,
                         limit=UPLOAD_MB)
    upload = Upload(file.name, file.getvalue())
    with unpacked(upload) as folder:
        path = folder / upload.safe_name if folder else None
        if path is None:
            return Chosen()
        plot = _plot_choice({each.feature_id: each.name for each in measure_file(path).features})
        shapes, crs, _ = site_from_file(path, names=[plot] if plot else [])
    site = {"file": upload.safe_name} | ({"feature": plot} if plot else {})
    return Chosen(site, on_map(shapes, crs), upload)


def _plot_choice(plots: Mapping[str, str]) -> str | None:
    """One plot of a file, or None for all of them."""
    if len(plots) < 2:
        return None

    def told(each: str | None) -> str:
        return session.say("web.all_plots", count=len(plots)) if each is None else (
            f"{each} {plots[each]}")

    return st.selectbox(session.say("web.idle_plot"), [None, *plots], key="site_plot",
                        format_func=told)


def _from_idle_land(desk: Desk) -> Chosen:
    layer, table = desk.layers["idle_land"], desk.attributes["idle_land"]
    names = dict(zip(layer.ids, table["name"].fillna(""), strict=True))
    plot = st.selectbox(session.say("web.idle_plot"), layer.ids, key="site_idle",
                        format_func=lambda each: f"{each} {names[each]}".strip())
    if plot is None:
        return Chosen()
    return Chosen({"layer": "idle_land", "features": [plot]},
                  [layer.polygons[desk.row("idle_land", plot)]])


CHOOSERS: Mapping[str, Callable[[Desk], Chosen]] = {
    "parcels": _from_parcels, "draw": _from_drawing, "upload": _from_upload,
    "idle_land": _from_idle_land,
}


def _answer(desk: Desk, chosen: Chosen) -> Told:
    """Verdict, findings and repairs of the site chosen; returns what of them is drawn."""
    plan = _plan(desk)
    if chosen.site is None:
        show.note(session.say("web.no_site"))
        return Told()
    written = scenario_text(plan, chosen.site)
    with unpacked(chosen.upload) as folder:
        asked, bench = scenario(written), open_desk(desk.workspace, folder)
        outcome = check_at(bench, asked)
        project_result(desk, outcome.projects[0])
        outside = _outside(desk, bench, asked)
        adopted = repairs(desk, written, outcome.projects[0], folder)
    _command(desk, written + adopted)
    show.note(computed_from(outcome))
    return Told(gaps_of(desk, chosen.marked, outcome.projects[0].facts), outside)


def _outside(desk: Desk, bench: Bench, asked: Scenario) -> Sequence[shapely.Geometry]:
    """The land outside lines that the site must lie within; none where it cannot be drawn."""
    try:
        found = outside_lines(bench, asked, PROJECT_ID)
    except MeasureError as error:
        show.failure(error)
        return ()
    if found:
        lines = [show.role_name(role, desk.names) for role in found]
        show.note(session.say("web.outside_drawn", lines=lines))
    return on_map(list(found.values()), CRS.from_epsg(CGCS2000))


def _plan(desk: Desk) -> Plan:
    language = session.language()
    kinds = {kind.code: kind.zh if language == "zh" else kind.en
             for kind in project_kinds().values()}
    name, kind = st.columns(2)
    path, day = st.columns(2)
    usual = session.say("web.new_project")
    typed = name.text_input(session.say("web.project_name"), usual, key="site_name").strip()
    return Plan(
        typed or usual,
        kind.selectbox(session.say("web.project_kind"), kinds, key="site_kind",
                       format_func=kinds.__getitem__),
        path.selectbox(session.say("web.path"), PATHS, key="site_path",
                       format_func=lambda each: words(named("path", each), language)),
        day.date_input(session.say("web.decision_date"), today(), key="site_day"),
        desk.workspace.config.place,
    )


def _command(desk: Desk, written: str) -> None:
    root = desk.workspace.root
    file = root / "scenarios" / f"{SCENARIO_ID}.toml"
    show.heading(session.say("web.same_command"))
    st.code(show.command("check", file, "--workspace", root), language="bash")
    st.download_button(session.say("web.download_scenario"), written, f"{SCENARIO_ID}.toml",
                       "application/toml", on_click="ignore",
                       help=show.plain(session.say("web.save_as_first", file=file)))


__all__ = ["page"]
