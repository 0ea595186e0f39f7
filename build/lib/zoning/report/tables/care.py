"""Tables about the care of layers: repairs, adjustments, editions compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from zoning.codes.reader import LandClasses
from zoning.errors import Message
from zoning.report.tables.record import Cell, Derived, Table, Words, build, column
from zoning.report.tables.words import bilingual, named


class Repaired(Protocol):
    """One feature that a repair changes, dm²."""

    @property
    def repair(self) -> str:
        """The repair."""

    @property
    def feature_id(self) -> str:
        """The feature."""

    @property
    def before_dm2(self) -> int | None:
        """Its area before; None where it could not be measured."""

    @property
    def after_dm2(self) -> int:
        """Its area after, of all its parts."""

    @property
    def parts(self) -> int:
        """How many features it becomes."""


class AdjustedArea(Protocol):
    """One feature before and after an adjustment, dm²."""

    @property
    def feature_id(self) -> str:
        """The feature."""

    @property
    def group(self) -> str:
        """The group it is adjusted in."""

    @property
    def area_dm2(self) -> int:
        """Its area before."""

    @property
    def correction_dm2(self) -> int:
        """What it takes of the residual."""

    @property
    def adjusted_dm2(self) -> int:
        """Its area after."""


class ClassChanged(Protocol):
    """A class in two editions, dm²."""

    @property
    def code(self) -> str:
        """Its code, or one of the three kinds of land."""

    @property
    def before_dm2(self) -> int:
        """Its area in the first edition."""

    @property
    def after_dm2(self) -> int:
        """Its area in the second."""

    @property
    def lost_dm2(self) -> int:
        """What became something else."""

    @property
    def gained_dm2(self) -> int:
        """What was something else."""


class ClassFlow(Protocol):
    """Land that went from a class to a class, dm²."""

    @property
    def before(self) -> str:
        """The class in the first edition."""

    @property
    def after(self) -> str:
        """The class in the second."""

    @property
    def area_dm2(self) -> int:
        """The land."""


def repairs_table(lines: Iterable[Repaired], titles: dict[str, str]) -> Table:
    """Each feature that repairs change: area before, area after, and the number of parts."""
    columns = (column("repair"), column("feature"), column("before", "area"),
               column("after", "area"), column("parts", "int"))
    rows: Iterable[dict[str, Cell]] = (
        {"repair": Message(titles[line.repair]), "feature": line.feature_id,
         "before": line.before_dm2, "after": line.after_dm2, "parts": line.parts}
        for line in lines
    )
    return build("repairs", columns, rows, notes=(Message("report.note.repairs"),))


def adjustment_table(rows: Iterable[AdjustedArea]) -> Table:
    """Each feature before the adjustment, its share of the residual, and after."""
    columns = (column("feature"), column("group"), column("area", "area"),
               column("correction", "area"),
               column("adjusted", "area", derived=Derived(("area", "correction"))))
    cells: Iterable[dict[str, Cell]] = (
        {"feature": row.feature_id, "group": row.group, "area": row.area_dm2,
         "correction": row.correction_dm2}
        for row in rows
    )
    return build("adjustment", columns, cells, totals=("area", "correction", "adjusted"),
                 notes=(Message("report.note.adjustment"),))


def editions_tables(
    by_kind: Sequence[ClassChanged], by_class: Sequence[ClassChanged], flows: Sequence[ClassFlow],
    classes: LandClasses,
) -> tuple[Table, Table, Table]:
    """The three kinds, the classes, and every flow between classes."""
    kinds = _changes("editions_kinds", by_kind, {
        row.code: named("land_kind", row.code) for row in by_kind})
    own = _changes("editions_classes", by_class, {
        row.code: _class(row.code, classes) for row in by_class})
    columns = (column("from_class"), column("to_class"), column("area", "area", also=("ha", "mu")))
    rows: Iterable[dict[str, Cell]] = (
        {"from_class": _class(flow.before, classes), "to_class": _class(flow.after, classes),
         "area": flow.area_dm2}
        for flow in flows if flow.before != flow.after
    )
    return kinds, own, build("editions_flows", columns, rows, totals=("area",))


def _changes(table: str, rows: Sequence[ClassChanged], names: dict[str, Cell]) -> Table:
    columns = (
        column("class"), column("before", "area", also=("ha",)), column("lost", "area"),
        column("gained", "area"),
        column("after", "area", also=("ha",), derived=Derived(("before", "gained"), ("lost",))),
    )
    cells: Iterable[dict[str, Cell]] = (
        {"class": names[row.code] if row.code != "?" else Message("report.no_class"),
         "before": row.before_dm2, "lost": row.lost_dm2, "gained": row.gained_dm2}
        for row in rows
    )
    return build(table, columns, cells, totals=("before", "lost", "gained", "after"),
                 notes=(Message("report.note.statutory"),))


def _class(code: str, classes: LandClasses) -> Cell:
    if code == "":
        return Message("report.outside_edition")
    found = classes.get(code)
    if found is None:
        return Message("report.no_class") if code == "?" else code
    return bilingual(Words(f"{code} {found.zh}", f"{code} {found.en}"))


__all__ = ["adjustment_table", "editions_tables", "repairs_table"]
