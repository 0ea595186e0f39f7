"""The choice of a site in a visitor's session: its steps, and its place in the page's address."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import streamlit as st

from zoning.web import session
from zoning.web.history import Choice, History, Ring, packed, unpacked

STATE = "site_history"


def kept_history() -> History:
    """The steps so far; at first what the address names."""
    if STATE not in st.session_state:
        st.session_state[STATE] = History(unpacked(st.query_params.get("site", "")), serial=1)
    return cast("History", st.session_state[STATE])


def choose(
    *, parcels: tuple[str, ...] | None = None, rings: tuple[Ring, ...] | None = None,
    is_shown: bool = True,
) -> None:
    """Another choice of parcels or rings, as a step that can be taken back.

    `is_shown` says that the map shows it already.
    """
    history = kept_history()
    now = history.now
    made = replace(now, parcels=now.parcels if parcels is None else parcels,
                   rings=now.rings if rings is None else rings)
    put(history.with_choice(made) if is_shown else history.placed(made))


def put(history: History) -> None:
    """Make these the steps, and the typed ids those of the choice of now."""
    st.session_state[STATE] = history


def steps_back() -> None:
    """The buttons for one step back and one forward again."""
    history = kept_history()
    st.button("↶", key="site_undo", on_click=_step, args=(-1,), shortcut="Ctrl+Z",
              disabled=not history.before, help=session.say("web.undo"))
    st.button("↷", key="site_redo", on_click=_step, args=(1,), shortcut="Ctrl+Y",
              disabled=not history.after, help=session.say("web.redo"))


def remember(form: str, history: History) -> None:
    """Put the form and the choice into the address; one too long is left out."""
    session.keep_in_address("form", form, usual="parcels")
    session.keep_in_address("site", packed(history.now) or "")


def adopt(choice: Choice) -> None:
    """Take a proposal: the map and the typed ids follow."""
    put(kept_history().placed(choice))
    st.session_state["site_ids"] = " ".join(choice.parcels)


def _step(way: int) -> None:
    history = kept_history()
    moved = history.undone() if way < 0 else history.redone()
    put(moved)
    st.session_state["site_ids"] = " ".join(moved.now.parcels)


__all__ = ["adopt", "choose", "kept_history", "put", "remember", "steps_back"]
