"""Areas of features as tables: computed beside declared, and the land two layers share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from zoning.errors import Message
from zoning.report.tables.record import Cell, Derived, DisplayUnit, Table, build, column

HA_AND_MU: tuple[DisplayUnit, ...] = ("ha", "mu")


@dataclass(frozen=True)
class AreaRow:
    """One feature: its statutory area, the declared one, the one in its projection; dm².

    `declared_dm2` is None where none is declared, `plane_dm2` where the coordinates are geographic.
    """

    feature_id: str
    area_dm2: int
    declared_dm2: int | None = None
    name: str = ""
    plane_dm2: int | None = None


class SharedLand(Protocol):
    """Land that a feature of one layer shares with a feature of another."""

    @property
    def a_id(self) -> str:
        """The feature of the first layer."""

    @property
    def b_id(self) -> str:
        """The feature of the second layer."""

    @property
    def area_dm2(self) -> int:
        """The land shared, dm²."""


class LandLeft(Protocol):
    """A feature of the first layer: how much of it lies in the second, how much does not, dm²."""

    @property
    def a_id(self) -> str:
        """The feature."""

    @property
    def area_dm2(self) -> int:
        """Its area."""

    @property
    def inside_dm2(self) -> int:
        """How much the second layer covers."""

    @property
    def outside_dm2(self) -> int:
        """How much the second layer does not cover."""

    @property
    def overlap_dm2(self) -> int:
        """How much its pairs count twice."""


def area_table(rows: Iterable[AreaRow]) -> Table:
    """Statutory area of each feature in m², 公顷 and 亩, the declared area, and the difference.

    The plane area stands last where some feature has one.
    """
    rows = list(rows)
    columns = (
        column("feature"), column("name"), column("area", "area", also=HA_AND_MU),
        column("declared", "area", also=("ha",)),
        column("difference", "area", derived=Derived(("area",), ("declared",))),
    )
    has_plane = any(row.plane_dm2 is not None for row in rows)
    plane = (column("plane", "area"),) if has_plane else ()
    cells: Iterable[dict[str, Cell]] = (
        {"feature": row.feature_id, "name": row.name, "area": row.area_dm2,
         "declared": row.declared_dm2, "plane": row.plane_dm2}
        for row in rows
    )
    notes = ("statutory", "unknown_total", *(("plane",) if has_plane else ()))
    return build("area", (*columns, *plane), cells,
                 totals=("area", "declared", "difference", *(c.key for c in plane)),
                 notes=tuple(Message(f"report.note.{note}") for note in notes))


def overlay_table(pairs: Iterable[SharedLand]) -> Table:
    """Every pair of features that shares land. Land under overlapping features counts for each."""
    columns = (column("a"), column("b"), column("shared", "area", also=HA_AND_MU))
    cells: Iterable[dict[str, Cell]] = (
        {"a": pair.a_id, "b": pair.b_id, "shared": pair.area_dm2} for pair in pairs
    )
    return build("overlay", columns, cells, totals=("shared",),
                 notes=(Message("report.note.statutory"), Message("report.note.pairs")))


def coverage_table(features: Iterable[LandLeft]) -> Table:
    """Each feature of the first layer: inside the second, outside it, and counted twice."""
    columns = (
        column("a"), column("area", "area", also=HA_AND_MU), column("inside", "area"),
        column("outside", "area"), column("overlap", "area"),
        column("check", "area", derived=Derived(("area",), ("inside", "outside"))),
    )
    cells: Iterable[dict[str, Cell]] = (
        {"a": row.a_id, "area": row.area_dm2, "inside": row.inside_dm2,
         "outside": row.outside_dm2, "overlap": row.overlap_dm2}
        for row in features
    )
    return build("coverage", columns, cells,
                 totals=("area", "inside", "outside", "overlap", "check"),
                 notes=(Message("report.note.statutory"), Message("report.note.coverage_check")))
