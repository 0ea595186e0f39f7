"""Code lists as data: land classes by survey system, quota kinds with their components.

The lists are TOML files beside this module; this reader gives them types. Every list is read once
and frozen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal

LandKind = Literal["agricultural", "construction", "unused"]
FarmlandKind = Literal["paddy", "irrigated", "dry"]
ComponentUnit = Literal["dm2", "kg"]


@dataclass(frozen=True)
class LandClass:
    """One class of a land survey; `farmland` says which farmland it is, None where it is none.

    `road` says that land of the class gives access to what borders it.
    """

    code: str
    zh: str
    en: str
    group: str
    kind: LandKind
    colour: str
    farmland: FarmlandKind | None = None
    road: bool = False


@dataclass(frozen=True)
class LandClasses:
    """A land-class system: the same code means something else in another system."""

    system: str
    zh: str
    en: str
    classes: Mapping[str, LandClass]
    groups: Mapping[str, LandClass]

    def get(self, code: str | None) -> LandClass | None:
        """The class of a code; None for an unknown or missing code."""
        return self.classes.get(code) if code is not None else None

    @cached_property
    def roads(self) -> frozenset[str]:
        """The codes of the classes that give access."""
        return frozenset(code for code, each in self.classes.items() if each.road)


@dataclass(frozen=True)
class Component:
    """One component of a quota vector and the unit it is counted in.

    `measured` is the column of a layer that the component is compared with, where the polygons
    that a quota was made from are named; empty for none.
    """

    code: str
    zh: str
    en: str
    unit: ComponentUnit
    measured: str = ""


@dataclass(frozen=True)
class QuotaPool:
    """The name of a pool that a kind of quota commonly lies in; others stand for themselves."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class QuotaKind:
    """A kind of quota: a vector of components, each tested by itself.

    What is not `drawn` is only counted: nothing can be held from it.
    """

    code: str
    zh: str
    en: str
    components: tuple[Component, ...]
    pools: tuple[QuotaPool, ...] = ()
    drawn: bool = True

    def component(self, code: str) -> Component:
        """The component of a code. Raises KeyError where the kind has none of that code."""
        return {component.code: component for component in self.components}[code]


@cache
def land_classes(system: str = "sd2020") -> LandClasses:
    """The classes of one survey system. Raises FileNotFoundError for an unknown system."""
    return parse_land_classes(_read(f"land_classes_{system}.toml"))


@cache
def quota_kinds() -> Mapping[str, QuotaKind]:
    """The shipped quota kinds, by code."""
    return parse_quota_kinds(_read("quota.toml"))


def parse_land_classes(document: Mapping[str, Any]) -> LandClasses:
    """Land classes from a parsed TOML document; a class without colour takes its group's."""
    groups = {
        row["code"]: LandClass(row["code"], row["zh"], row["en"], row["code"], "unused",
                               row["colour"])
        for row in document["group"]
    }
    classes = {
        row["code"]: LandClass(
            row["code"], row["zh"], row["en"], row["group"], row["kind"],
            row.get("colour", groups[row["group"]].colour), row.get("farmland"),
            row.get("road", False),
        )
        for row in document["class"]
    }
    return LandClasses(document["system"], document["zh"], document["en"], classes, groups)


def parse_quota_kinds(document: Mapping[str, Any]) -> dict[str, QuotaKind]:
    """Quota kinds from a parsed TOML document, by code."""
    return {
        row["code"]: QuotaKind(
            row["code"], row["zh"], row["en"],
            tuple(Component(c["code"], c["zh"], c["en"], c["unit"], c.get("measured", ""))
                  for c in row["component"]),
            tuple(QuotaPool(p["code"], p["zh"], p["en"]) for p in row.get("pool", ())),
            row.get("drawn", True),
        )
        for row in document["kind"]
    }


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((files("zoning.codes") / name).read_text(encoding="utf-8"))
