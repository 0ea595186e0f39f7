"""What one visitor has chosen: language and unit of area, kept in the page's address."""

from __future__ import annotations

from typing import Literal, cast

import streamlit as st

from zoning.messages import LANGUAGES, Language, text

Unit = Literal["mu", "ha", "m2"]
UNITS: tuple[Unit, ...] = ("mu", "ha", "m2")


def language() -> Language:
    """The visitor's language; Chinese where none was chosen."""
    return cast("Language", _chosen("lang", LANGUAGES))


def unit() -> Unit:
    """The visitor's unit of area; 亩 where none was chosen."""
    return cast("Unit", _chosen("unit", UNITS))


def say(key: str, /, **params: object) -> str:
    """A sentence of the catalogue in the visitor's language."""
    return text(key, language(), **params)


def switches() -> None:
    """The two switches of the page head, and the address that remembers them."""
    lang, area = language(), unit()
    st.segmented_control(
        say("web.unit"), UNITS, default=area, required=True, key="unit_switch",
        format_func=lambda each: say(f"web.unit_{each}"), label_visibility="collapsed",
        on_change=_keep, args=("unit",))
    st.segmented_control(
        say("web.language"), LANGUAGES, default=lang, required=True, key="lang_switch",
        format_func=lambda each: text("web.language_name", each), label_visibility="collapsed",
        on_change=_keep, args=("lang",))
    keep_in_address("lang", lang, usual=LANGUAGES[0])
    keep_in_address("unit", area, usual=UNITS[0])


def keep_in_address(name: str, value: str, *, usual: str = "") -> None:
    """Remember a choice in the page's address; the usual one is left out."""
    if value and value != usual:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def _chosen(name: str, choices: tuple[str, ...]) -> str:
    if name not in st.session_state:
        asked = st.query_params.get(name, choices[0])
        st.session_state[name] = asked if asked in choices else choices[0]
    return str(st.session_state[name])


def _keep(name: str) -> None:
    st.session_state[name] = st.session_state[f"{name}_switch"]


__all__ = ["UNITS", "Unit", "keep_in_address", "language", "say", "switches", "unit"]
