"""The frame around every page: title, navigation, the two switches, what is missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st
from PIL import Image

from zoning.errors import ZoningError
from zoning.web import session, show, vendor
from zoning.web.state import Desk, current_desk

STATIC = Path(__file__).parent / "static"

Body = Callable[[Desk], None]


def frame(body: Body, *, needs_map: bool = False) -> None:
    """Show a page: the head, then the body, or a sentence where the workspace cannot be opened.

    The body is a fragment: what happens in it runs it again, not the whole page.
    """
    try:
        desk = current_desk()
    except ZoningError as error:
        head(None)
        show.failure(error)
        return
    head(desk)
    if needs_map and (absent := missing_scripts()):
        told = session.say("web.scripts_missing", files=absent[:3], count=len(absent))
        st.error(show.plain(told))
        return
    _guarded(body, desk)


@st.fragment
def _guarded(body: Body, desk: Desk) -> None:
    try:
        body(desk)
    except ZoningError as error:
        show.failure(error)


def head(desk: Desk | None) -> None:
    """One line: whose workspace this is, whether its data are synthetic, the switches."""
    name, switches = st.columns([3, 2], vertical_alignment="center")
    with name:
        st.html(_title(desk))
    with switches.container(horizontal=True, horizontal_alignment="right", gap="small"):
        session.switches()


def page_setup() -> None:
    """Window title and icon (a local picture: a named icon would be fetched from a font host)."""
    st.set_page_config(page_title=session.say("web.app"), layout="wide", page_icon=_icon(),
                       initial_sidebar_state="collapsed")
    st.html(f"<style>{_style()}</style>")


def missing_scripts() -> tuple[str, ...]:
    """Scripts of the maps that are absent; looked for again until none is."""
    return () if _scripts_are_there() else vendor.missing()


def _scripts_are_there() -> bool:
    absent = vendor.missing() if not _SEEN else ()
    if not absent:
        _SEEN.add(True)
    return not absent


_SEEN: set[bool] = set()


def _title(desk: Desk | None) -> show.Html:
    config = desk.workspace.config if desk else None
    name = config.name or config.place if config else session.say("web.app")
    label = session.say("web.synthetic") if config and config.synthetic else ""
    badge = f'<span class="badge synthetic">{show.cell(label)}</span>' if label else ""
    place = f"<small>{show.cell(config.place)}</small>" if config else ""
    return show.Html(f'<div class="title">{show.cell(name)}{place}{badge}</div>')


@cache
def _icon() -> Image.Image:
    return Image.open(STATIC / "icon.png")


@cache
def _style() -> str:
    return (STATIC / "page.css").read_text(encoding="utf-8")


__all__ = ["frame", "head", "missing_scripts", "page_setup"]
