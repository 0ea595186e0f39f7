"""Names for the codes that stand in tables; a code without a name stands for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from zoning.codes.project_kinds import project_kinds
from zoning.codes.reader import LandClasses, QuotaKind
from zoning.codes.roles import roles
from zoning.errors import Message
from zoning.report.tables.record import Words

NAMED: Mapping[str, frozenset[str]] = {
    "land_kind": frozenset({"agricultural", "construction", "unused"}),
    "path": frozenset({"batch", "separate", "linkage_new_site", "point_supply", "stock"}),
    "severity": frozenset({"note", "warning", "error"}),
    "stock_kind": frozenset(
        {"approved_unsupplied", "supplied_unused", "idle", "low_efficiency"}
    ),
    "unit": frozenset({"dm2", "kg"}),
}
"""The codes that the catalogue names, by list."""


class _Named(Protocol):
    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


CODE_LISTS: Mapping[str, Callable[[], Mapping[str, _Named]]] = {
    "project_kind": project_kinds, "role": roles,
}
"""The lists whose names stand beside the codes."""


def named(code_list: str, code: object) -> Message | str | None:
    """The name of a code of a list; the code itself where it has none, None for None.

    Lists are ``role`` and ``project_kind`` (from the code lists), ``land_kind``, ``severity``,
    ``stock_kind``, ``unit`` and ``path`` (from the catalogue).
    """
    if code is None:
        return None
    if code_list in CODE_LISTS:
        found = CODE_LISTS[code_list]().get(str(code))
        return bilingual(Words(found.zh, found.en)) if found else str(code)
    if code not in NAMED[code_list]:
        return str(code)
    return Message(f"scenario.path.{code}" if code_list == "path" else f"report.{code_list}.{code}")


def bilingual(name: Words) -> Message:
    """A name of a code list as a message, to stand in a sentence."""
    return Message("report.words", {"zh": name.zh, "en": name.en})


def quota_name(kinds: Mapping[str, QuotaKind], kind: str) -> Words | str:
    """The name of a quota kind."""
    found = kinds.get(kind)
    return Words(found.zh, found.en) if found else kind


def pool_name(kinds: Mapping[str, QuotaKind], kind: str, pool: str) -> Words | str:
    """The name of a pool of a kind; a pool that the code list does not name stands for itself."""
    for found in kinds[kind].pools if kind in kinds else ():
        if found.code == pool:
            return Words(found.zh, found.en)
    return pool


def component_name(kinds: Mapping[str, QuotaKind], kind: str, component: str) -> Words | str:
    """The name of one component of a quota kind."""
    for found in kinds[kind].components if kind in kinds else ():
        if found.code == component:
            return Words(found.zh, found.en)
    return component


def component_unit(kinds: Mapping[str, QuotaKind], kind: str, component: str) -> str:
    """``dm2`` or ``kg``. Raises KeyError for a component that no code list has."""
    return kinds[kind].component(component).unit


def component_order(kinds: Mapping[str, QuotaKind], kind: str, component: str) -> tuple[int, int]:
    """A sort key: kinds and components as the code list has them, strangers last."""
    codes = [c.code for c in kinds[kind].components] if kind in kinds else []
    return (
        list(kinds).index(kind) if kind in kinds else len(kinds),
        codes.index(component) if component in codes else len(codes),
    )


def class_name(classes: LandClasses, code: str | None) -> Words | Message | str:
    """The name of a land class; says so where the land carries none."""
    found = classes.get(code)
    if found:
        return Words(found.zh, found.en)
    return code if code is not None else Message("report.no_class")
