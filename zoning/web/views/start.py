"""Five minutes on the demo county: the desk in six steps, each a link to the page that does it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import streamlit as st

from zoning.web import session, show
from zoning.web.files import scenario_files
from zoning.web.history import Choice, packed
from zoning.web.shell import frame
from zoning.web.show import Html
from zoning.web.state import PARCEL, Desk

DAY = ("data", "map", "siting", "scenarios", "balance", "compare")


def page() -> None:
    """The page of the guided start."""
    frame(_body)


def _body(desk: Desk) -> None:
    show.heading(session.say("web.start"), extra=session.say("web.start_minutes"))
    show.note(session.say("web.start_about"))
    st.html(_list([_step(name, link) for name, link in _links(desk).items()]))
    show.heading(session.say("web.start_day"))
    st.html(_list([show.cell(session.say(f"web.day_{name}")) for name in DAY]))
    show.note(session.say("web.start_keys"))
    if scenario_files(desk.workspace.root):
        st.code(show.command("check", scenario_files(desk.workspace.root)[0], "--workspace",
                             desk.workspace.root), language="bash")


def _step(name: str, link: str) -> str:
    title, text = session.say(f"web.start_{name}"), session.say(f"web.start_{name}_text")
    return f'<a href="{link}" target="_self">{show.cell(title)}</a> {show.cell(text)}'


def _list(steps: Sequence[str]) -> Html:
    return Html('<ol class="steps">' + "".join(f"<li>{step}</li>" for step in steps) + "</ol>")


def _links(desk: Desk) -> dict[str, str]:
    kept = f"&lang={session.language()}&unit={session.unit()}"
    table = desk.attributes.get(PARCEL)
    first = "" if table is None or not len(table) else str(
        table["feature_id"].iloc[int(table["area_dm2"].to_numpy().argmax())])
    site = packed(Choice((first,))) if first else ""
    return {
        "map": f"./?feature={PARCEL}/{quote(first, safe='')}{kept}",
        "idle": f"./?panel=idle{kept}", "filter": f"./?panel=filter{kept}",
        "siting": f"./siting?site={site}{kept}", "balance": f"./balance?{kept[1:]}",
        "rules": f"./rules?{kept[1:]}",
    }


__all__ = ["page"]
