"""Data: what is loaded, its editions and health, and a file looked at before it is imported."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from zoning.errors import CrsError, Problem, ZoningError
from zoning.layers.crs import zone
from zoning.layers.model import GEOMETRY
from zoning.layers.read import read_layer
from zoning.messages import say as said
from zoning.report.layout import words
from zoning.report.tables.layers import layers_table, problems_table
from zoning.report.tables.words import named
from zoning.units import hectares
from zoning.web import session, show
from zoning.web.processes import Job
from zoning.web.shell import frame
from zoning.web.show import Html
from zoning.web.siting import Upload
from zoning.web.state import Desk
from zoning.workspace.care import told_health
from zoning.workspace.inspecting import InspectedLayer, inspect_file

TYPES = ["zip", "gpkg", "geojson", "json", "parquet", "txt", "fgb"]
ROLES = ("parcel", "pbf", "eco_redline", "ugb", "idle_land", "demolition", "new_site", "offset")
ENCODINGS = ("gb18030", "utf-8", "big5")
SAMPLE = 8
UPLOAD_MB = 256
ZONES = range(25, 46)
"""The three-degree zones of the country."""

JOB = "import_job"


def page() -> None:
    """The page of data."""
    frame(_body)


def _body(desk: Desk) -> None:
    loaded, health, bring = st.tabs([session.say(f"web.data_{key}")
                                     for key in ("loaded", "health", "import")])
    with loaded:
        _command(desk, "layers")
        show.table(layers_table(desk.workspace.config))
        if editions := _editions(desk):
            show.heading(session.say("web.editions"))
            st.html(show.pairs(editions))
    with health:
        _health(desk)
    with bring:
        _import(desk)


def _editions(desk: Desk) -> list[tuple[str, object]]:
    """Roles with several editions, the one that counts first."""
    roles: dict[str, list[str]] = {}
    for record in desk.workspace.config.layer:
        roles.setdefault(record.role, []).append(record.edition)
    return [(show.role_name(role, desk.names), "、".join(reversed(have)))
            for role, have in roles.items() if len(have) > 1]


def _health(desk: Desk) -> None:
    roles = desk.workspace.config.roles()
    if not roles:
        show.note(session.say("web.no_layers"))
        return
    role = st.selectbox(session.say("web.layer"), roles, key="health_role",
                        format_func=lambda each: show.role_name(each, desk.names))
    _command(desk, "health", role)
    found = told_health(desk.workspace, role)
    risks = [each.area_dm2 for each in found[role] if each.area_dm2]
    show.heading(session.say("web.at_risk"), extra=session.say(
        "web.at_risk_told", hectares=f"{hectares(sum(risks)):,}", count=len(found[role])))
    table = problems_table(found)
    show.table(table)
    for each in table.notes:
        show.note(words(each, session.language()))
    if places := _places(found[role]):
        st.html(places)


def _places(problems: Sequence[Problem]) -> Html:
    """Links to where the problems are on the map."""
    links = []
    for problem in problems:
        for number, box in enumerate(problem.boxes[:3], start=1):
            lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            links.append(f'<a class="parcel" target="_self" href="./?at=17/{lat:.6f}/{lon:.6f}">'
                         f"{show.cell(problem.code)} · {number}</a>")
    if not links:
        return Html("")
    return Html(f'<p class="note">{show.cell(session.say("web.look_at"))} {" ".join(links)}</p>')


def _import(desk: Desk) -> None:
    job = st.session_state.get(JOB)
    if job is not None:
        _running()
        return
    show.note(session.say("web.import_about"))
    file = st.file_uploader(session.say("web.import_file"), type=TYPES, key="import_file",
                            max_upload_size=UPLOAD_MB)
    if file is None:
        return
    with tempfile.TemporaryDirectory(prefix="zoning-look-") as folder:
        path = Path(folder) / Upload(file.name, b"").safe_name
        path.write_bytes(file.getvalue())
        _looked_at(desk, path)


def _looked_at(desk: Desk, path: Path) -> None:
    """What the file holds, read as chosen; then the import."""
    one, two = st.columns(2)
    encoding = one.selectbox(session.say("web.encoding"), ["", *ENCODINGS], key="import_encoding",
                             format_func=lambda each: each or session.say("web.as_found"))
    asked = st.session_state.get("import_crs") or None
    layers = inspect_file(path, crs=asked, encoding=encoding or None)
    refused = next((each.refused for each in layers if each.refused), None)
    candidates = [asked] if asked else []
    candidates += list(dict.fromkeys(_candidates(desk, refused)))
    two.selectbox(session.say("web.crs"), list(dict.fromkeys(["", *candidates, *_zones()])),
                  key="import_crs", format_func=_crs_name)
    for each in layers:
        _layer(each)
    usable = [each for each in layers if each.refused is None]
    if refused is not None and isinstance(refused, CrsError):
        st.warning(show.plain(session.say("web.crs_choose")))
    if usable:
        _sample(path, usable[0], asked, encoding or None)
        _start(desk, path, usable, asked, encoding)


def _candidates(desk: Desk, refused: ZoningError | None) -> Iterator[str]:
    """Systems that a refusal names, as the reader would write them."""
    if refused is None:
        return
    told = refused.message.params
    remedy = told.get("remedy", [])
    for each in remedy if isinstance(remedy, (list, tuple)) else [remedy]:
        yield f"EPSG:{each}" if isinstance(each, int) else str(each)
    numbers = told.get("found", ())
    both = [told.get("declared"), *(numbers if isinstance(numbers, (list, tuple)) else ())]
    for number in both:
        if isinstance(number, int) and number in ZONES:
            yield from (f"EPSG:{zone(number, prefixed=way).epsg}" for way in (True, False))
    if desk.workspace.config.crs:
        yield str(desk.workspace.config.crs)


def _zones() -> list[str]:
    return [f"EPSG:{zone(number, prefixed=way).epsg}" for way in (True, False)
            for number in ZONES]


def _crs_name(code: str) -> str:
    if not code:
        return session.say("web.as_found")
    from pyproj import CRS
    from pyproj.exceptions import CRSError as ProjError

    try:
        return f"{code} {CRS.from_user_input(code).name}"
    except ProjError:
        return code


def _layer(layer: InspectedLayer) -> None:
    show.heading(layer.name, extra=session.say("web.features", count=f"{layer.features:,}"))
    if layer.refused is not None:
        show.failure(layer.refused)
        return
    language = session.language()
    guess = [words(named("role", each.role), language) for each in layer.guesses[:3]]
    st.html(show.pairs([
        (session.say("web.crs"), layer.crs or ""),
        (session.say("web.encoding"), layer.encoding or session.say("web.not_needed")),
        (session.say("web.may_be"), "、".join(guess) or "—"),
        (session.say("web.columns"), ", ".join(layer.columns)),
        *((problem.code, said(problem.message, language)) for problem in layer.problems)]))


def _sample(path: Path, layer: InspectedLayer, crs: str | None, encoding: str | None) -> None:
    """The first rows as they are read: broken Chinese is seen before it is stored."""
    rows = read_layer(path, layer=layer.name, crs=crs, encoding=encoding).features
    table = rows.drop(columns=GEOMETRY).head(SAMPLE).astype("string").fillna("")
    st.html(show.grid([str(name) for name in table.columns], table.values.tolist()))


def _start(desk: Desk, path: Path, layers: Sequence[InspectedLayer], crs: str | None,
           encoding: str) -> None:
    one, two, three = st.columns(3)
    layer = one.selectbox(session.say("web.layer"), [each.name for each in layers],
                          key="import_layer")
    chosen = next(each for each in layers if each.name == layer)
    guess = [each.role for each in chosen.guesses]
    roles = list(dict.fromkeys([*guess, *ROLES, *desk.names]))
    role = two.selectbox(session.say("web.role"), roles, key=f"import_role_{layer}",
                         format_func=lambda each: show.role_name(each, desk.names))
    edition = three.text_input(session.say("web.edition"), key="import_edition").strip()
    options = {"--layer": layer if len(layers) > 1 else "", "--crs": crs or "",
               "--encoding": encoding, "--edition": edition}
    more = [part for name, value in options.items() if value for part in (name, value)]
    st.code(show.command("import", path.name, "--role", str(role), *more, "--workspace",
                         desk.workspace.root), language="bash")
    if st.button(session.say("web.import_do"), key="import_do", type="primary"):
        folder = Path(tempfile.mkdtemp(prefix="zoning-import-"))
        shutil.copyfile(path, folder / path.name)
        st.session_state[JOB] = Job(
            ["import", str(folder / path.name), "--role", str(role), *more, "--workspace",
             str(desk.workspace.root), "--lang", session.language()], folder=folder)
        st.rerun()


@st.fragment(run_every=1.0)
def _running() -> None:
    """The import that runs, with its time and a way to end it; then what it said."""
    job = st.session_state.get(JOB)
    if not isinstance(job, Job):
        return
    if job.is_running:
        st.progress(min(0.95, job.seconds / 60), text=show.plain(
            session.say("web.import_running", seconds=job.seconds)))
        if st.button(session.say("web.cancel"), key="import_cancel"):
            job.cancel()
        return
    _ended(job)
    if st.button(session.say("web.import_next"), key="import_next"):
        st.session_state.pop(JOB)
        st.rerun()


def _ended(job: Job) -> None:
    told: Mapping[str, Any] = job.answer() or {}
    if job.is_cancelled:
        st.info(show.plain(session.say("web.import_cancelled")))
    elif "layer" in told:
        st.success(show.plain(session.say("web.import_done", **_counts(told))))
    else:
        sentence = told.get("text", {})
        found = sentence.get(session.language()) if isinstance(sentence, dict) else sentence
        st.error(show.plain(str(found or session.say("web.import_failed"))))


def _counts(told: Mapping[str, Any]) -> dict[str, object]:
    layer = told["layer"]
    return {"features": layer.get("features"), "role": layer.get("role"),
            "problems": len(told.get("problems", []))}


def _command(desk: Desk, *parts: str) -> None:
    st.code(show.command(*parts, "--workspace", desk.workspace.root), language="bash")


__all__ = ["page"]
