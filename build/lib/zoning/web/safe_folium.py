"""Folium made safe to hold data; import this before anything builds a map.

branca renders a map's script and then wraps the text in ``Element(text)``, which compiles its
argument as a Jinja template once more: text that came from somebody's attribute table
(``{{ … }}``) would run as code in this process, and ``{#`` or ``{%`` would break the page.
`install` makes such an element hold its text literally, also after a copy.

The policy stands beside the fix: only integer ids and numbers reach a folium object, and attribute
text is shown in Streamlit's own widgets.
"""

from __future__ import annotations

from typing import Any

import branca.element


class Literal:
    """Stands where a compiled template would, and renders the text as it is."""

    module = None

    def __init__(self, text: str) -> None:
        self._text = text

    def render(self, *_args: object, **_kwargs: object) -> str:
        """The text, untouched."""
        return self._text


def install() -> None:
    """Make every `branca.element.Element` given a text hold it literally; twice is once."""
    original = branca.element.Element.__init__
    if getattr(original, "literal", False):
        return

    def init(self: Any, template: str | None = None, template_name: str | None = None) -> None:
        original(self, None, template_name)
        if template is not None:
            self._template_str = template
            self._template = Literal(template)

    def restore(self: Any, state: dict[str, Any]) -> None:
        text = state.get("_template_str")
        if text is not None:
            state["_template"] = Literal(text)
        elif state.get("_template_name") is not None:
            state["_template"] = branca.element.ENV.get_template(state["_template_name"])
        self.__dict__.update(state)

    init.literal = True  # type: ignore[attr-defined]
    setattr(branca.element.Element, "__init__", init)  # noqa: B010 - a method is replaced on purpose
    setattr(branca.element.Element, "__setstate__", restore)  # noqa: B010


install()

__all__ = ["Literal", "install"]
