"""Papers to take away: memo, atlas, official forms, boundary TXT, points, map projects.

Each is made when its button is pressed, from the workspace as it is then; beside it stands the
command that makes the same file.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from zoning.errors import ZoningError
from zoning.layers.txt_dialects import DIALECTS
from zoning.messages import Language
from zoning.web import session, show, vendor
from zoning.web.shell import frame
from zoning.web.state import Desk
from zoning.web.views.scenarios import scenario_files
from zoning.workspace import open_desk, read_scenario
from zoning.workspace.folder import Workspace
from zoning.workspace.forms import write_forms
from zoning.workspace.handing import Profile, write_boundary_txt, write_points
from zoning.workspace.papers import provenance
from zoning.workspace.projects import write_geopackage, write_map_project
from zoning.workspace.reports import ReportWish, write_report
from zoning.workspace.sites import ShownSite, paper_zone, project_sites

TICK = (1980, 1, 1, 0, 0, 0)
MIMES = {".html": "text/html", ".pdf": "application/pdf", ".zip": "application/zip",
         ".txt": "text/plain", ".gpkg": "application/geopackage+sqlite3",
         ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

Writer = Callable[[Path], Sequence[Path]]


@dataclass(frozen=True)
class Offer:
    """One paper: the words on its button, the name of its file, its command, who writes it."""

    label: str
    name: str
    command: str
    write: Writer


def page() -> None:
    """The page of papers."""
    frame(_body)


def _body(desk: Desk) -> None:
    files = scenario_files(desk.workspace.root)
    space, language = desk.workspace, session.language()
    if not files:
        st.info(show.plain(session.say("web.no_scenarios")))
        _offers(map_offers(space, language))
        return
    choice, layout = st.columns([1, 1], vertical_alignment="bottom")
    file = choice.selectbox(session.say("web.scenario"), files, key="report_scenario",
                            format_func=lambda each: each.name)
    dialect = layout.selectbox(session.say("web.dialect"), list(DIALECTS), key="report_dialect",
                               format_func=lambda each: f"{each} {DIALECTS[each].zh}")
    show.heading(session.say("web.report_papers"))
    _offers(paper_offers(space, file, language))
    show.heading(session.say("web.report_files"))
    _offers([*file_offers(space, file, str(dialect), language), *map_offers(space, language)])


def paper_offers(space: Workspace, file: Path, language: Language) -> list[Offer]:
    """Memo and atlas of a scenario, as HTML and as PDF."""
    found = []
    for kind in ("memo", "atlas"):
        for suffix in (".html", ".pdf"):
            name = f"{file.stem}-{kind}{suffix}"
            extra = ("--atlas",) if kind == "atlas" else ()
            wish = ReportWish("atlas" if kind == "atlas" else "memo", language)
            found.append(Offer(
                session.say(f"web.report_{kind}", form=suffix[1:].upper()), name,
                show.command("report", file, *extra, "--out", name, "--lang", language,
                             "--workspace", space.root),
                _report_writer(space, file, name, wish)))
    return found


def file_offers(
    space: Workspace, file: Path, dialect: str, language: Language
) -> list[Offer]:
    """Official forms, boundary TXT and boundary points of a scenario's sites."""
    def export(form: str, *more: str) -> str:
        return show.command("export", "--format", form, "--scenario", file, *more, "--out",
                            "papers", "--workspace", space.root)

    def forms(folder: Path) -> Sequence[Path]:
        return (write_forms(space, folder / "official-tables.xlsx", scenario=file,
                            language=language),)

    def txt(folder: Path) -> Sequence[Path]:
        return write_boundary_txt(_sites(space, file), folder, zone=paper_zone(space),
                                  profile=Profile(dialect), stem=file.stem)

    def points(folder: Path) -> Sequence[Path]:
        told = provenance(space, None, file, folder).with_command(export("points"))
        return write_points(_sites(space, file), folder, "xlsx", zone=paper_zone(space),
                            provenance=told, language=language)

    return [
        Offer(session.say("web.report_forms"), "official-tables.xlsx", export("forms"), forms),
        Offer(session.say("web.report_txt"), f"{file.stem}-{dialect}.txt",
              export("txt", "--dialect", dialect), txt),
        Offer(session.say("web.report_points"), f"{file.stem}-points.zip", export("points"),
              points),
    ]


def map_offers(space: Workspace, language: Language) -> list[Offer]:
    """All layers as a GeoPackage, and with a QGIS project."""
    def export(form: str) -> str:
        return show.command("export", "--format", form, "--out", "papers", "--workspace",
                            space.root)

    return [
        Offer(session.say("web.report_gpkg"), "all-layers.gpkg", export("gpkg"),
              lambda folder: (write_geopackage(space, folder, language=language),)),
        Offer(session.say("web.report_qgis"), "map-project.zip", export("qgis"),
              lambda folder: write_map_project(space, folder, language=language)),
    ]


def made(offer: Offer) -> bytes:
    """The bytes of a paper: its file, or a zip of its files where it has several."""
    with tempfile.TemporaryDirectory(prefix="zoning-paper-") as folder:
        files = offer.write(Path(folder))
        return _zipped(files) if offer.name.endswith(".zip") else files[0].read_bytes()


def _report_writer(space: Workspace, file: Path, name: str, wish: ReportWish) -> Writer:
    def write(folder: Path) -> Sequence[Path]:
        library = vendor.map_library() if name.endswith(".html") else None
        return (write_report(space, file, folder / name, wish=wish, library=library),)

    return write


def _sites(space: Workspace, file: Path) -> tuple[ShownSite, ...]:
    desk = open_desk(space, file.parent)
    return project_sites(desk, read_scenario(file), paper_zone(space))


def _offers(offers: Iterable[Offer]) -> None:
    for offer in offers:
        button, command = st.columns([1, 3], vertical_alignment="center")
        if button.button(offer.label, key=f"make-{offer.name}", width="stretch"):
            _hand(offer)
        command.code(offer.command, language="bash")


def _hand(offer: Offer) -> None:
    """Make a paper and offer it; a fault is a sentence and the page goes on."""
    try:
        with st.spinner(session.say("web.report_making")):
            data = made(offer)
    except ZoningError as error:
        show.failure(error)
        return
    st.download_button(session.say("web.report_download", file=offer.name), data, offer.name,
                       MIMES[Path(offer.name).suffix], key=f"take-{offer.name}", type="primary",
                       on_click="ignore")


def _zipped(files: Iterable[Path]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.name, TICK)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return held.getvalue()


__all__ = ["Offer", "file_offers", "made", "map_offers", "page", "paper_offers"]
