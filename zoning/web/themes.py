"""Themes: some features of a layer in colours of their own, such as a filter or idle land by age.

A theme is named by a hash of what it is made of, and served as tiles under that name. The pages
make it anew whenever they run, so it is there again after the server was started anew.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np

from zoning.web.mvt import Ints
from zoning.web.tiles import MapLayer

KEPT = 64
"""How many themes the server remembers; a page that is looked at brings its own back."""


@dataclass(frozen=True, eq=False)
class Theme:
    """A layer whose features carry the numbers of a theme; 0 is not drawn.

    `colours` holds a colour for each number, the first of them empty.
    """

    key: str
    layer: MapLayer
    colours: tuple[str, ...]


class Themes:
    """The themes that were made last, for all sessions."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._themes: OrderedDict[str, Theme] = OrderedDict()
        self._lock = Lock()

    def make(self, layer: MapLayer, numbers: Ints, colours: Sequence[str]) -> Theme:
        """The theme of these numbers, one per feature of the layer; the same for the same."""
        told = np.ascontiguousarray(numbers, np.int64)
        parts = (layer.role, layer.version, *colours)
        mixed = hashlib.sha256("\0".join(parts).encode())
        mixed.update(told.tobytes())
        key = mixed.hexdigest()[:24]
        with self._lock:
            if key not in self._themes:
                shown = replace(layer, numbers=told)
                shown.__dict__.update(_ready(layer))
                self._themes[key] = Theme(key, shown, ("", *colours))
            self._themes.move_to_end(key)
            while len(self._themes) > self._kept:
                self._themes.popitem(last=False)
            return self._themes[key]

    def get(self, key: str) -> Theme | None:
        """A theme by its name; None where nobody made it, or long ago."""
        with self._lock:
            return self._themes.get(key)


def _ready(layer: MapLayer) -> dict[str, object]:
    """What the layer has worked out already and a theme of it shares."""
    layer.vector_from  # noqa: B018 - worked out once for all themes
    if layer.vector_from > layer.first_zoom:
        layer.county  # noqa: B018
    return {name: layer.__dict__[name] for name in ("bounds", "vector_from", "county")
            if name in layer.__dict__}


THEMES = Themes()

__all__ = ["THEMES", "Theme", "Themes"]
