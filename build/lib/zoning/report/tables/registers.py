"""Registers of stock land, linkage and offset projects, from the attribute rows of their layers.

A row is a plain mapping with the normalised column names of its role; ``area_dm2`` is the
statutory area where the caller has measured it. A name that a row lacks is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from zoning.errors import Message
from zoning.report.tables.areas import HA_AND_MU
from zoning.report.tables.record import Cell, Column, Derived, Kind, Table, build, column
from zoning.report.tables.words import named

Attributes = Mapping[str, object]

STOCK_TEXTS = ("approval", "approved_on", "supplied_on", "start_due")
AMOUNTS = ("farmland", "paddy", "capacity")


def idle_land_table(rows: Iterable[Attributes]) -> Table:
    """Stock land by kind (批而未供, 供而未用, 闲置, 低效): approval, supply, start due, area."""
    columns = (
        column("feature"), column("name"), column("stock_kind"), column("approval"),
        column("approved_on", "date"), column("supplied_on", "date"), column("start_due", "date"),
        column("converted"), *_area_columns(),
    )
    cells = (
        {**_identity(row), "stock_kind": named("stock_kind", row.get("stock_kind")),
         **{key: _text(row, key) for key in STOCK_TEXTS},
         "converted": _yes_no(row.get("converted"))}
        for row in rows
    )
    return build("idle_land", columns, cells, totals=("area",), total_by=("stock_kind",),
                 notes=(Message("report.note.unknown_total"),))


def linkage_table(demolition: Iterable[Attributes], new_sites: Iterable[Attributes]) -> Table:
    """增减挂钩: demolition and new sites with what each brings or takes, totals per side."""
    sides = (("demolition", demolition), ("new_site", new_sites))
    cells = (
        {"role": named("role", role), **_project_cells(row)} for role, rows in sides for row in rows
    )
    return build("linkage", (column("role"), *_project_columns()), cells,
                 totals=("area", *AMOUNTS), total_by=("role",),
                 notes=(Message("report.note.unknown_total"),))


def linkage_balance_table(
    demolition: Iterable[Attributes], new_sites: Iterable[Attributes]
) -> Table:
    """增减挂钩 by project: demolished less built, for area, farmland, paddy and capacity alike.

    An amount that one site of a project does not state is unknown for the project.
    """
    given, taken = _by_project(demolition), _by_project(new_sites)
    columns: list[Column] = [column("project")]
    for key in ("area", *AMOUNTS):
        kind, group = _kind(key), Message(f"report.column.{key}")
        columns += [
            column(f"{key}_given", kind, title=Message("report.column.given"), group=group),
            column(f"{key}_taken", kind, title=Message("report.column.taken"), group=group),
            column(f"{key}_left", kind, title=Message("report.column.left"), group=group,
                   derived=Derived((f"{key}_given",), (f"{key}_taken",))),
        ]
    rows = [
        {"project": project, **_summed("given", given.get(project, [])),
         **_summed("taken", taken.get(project, []))}
        for project in dict.fromkeys((*given, *taken))
    ]
    return build("linkage_balance", columns, rows, totals=tuple(c.key for c in columns[1:]),
                 notes=(Message("report.note.linkage"), Message("report.note.unknown_total")))


def offset_table(rows: Iterable[Attributes]) -> Table:
    """占补平衡 补充耕地: the three indicators of each project, area, paddy, grain capacity."""
    return build("offset", _project_columns(), (_project_cells(row) for row in rows),
                 totals=("area", *AMOUNTS), notes=(Message("report.note.unknown_total"),))


def _kind(key: str) -> Kind:
    return "kg" if key == "capacity" else "area"


def _area_columns() -> tuple[Column, ...]:
    return column("area", "area", also=HA_AND_MU), column("declared", "area")


def _project_columns() -> tuple[Column, ...]:
    return (
        column("feature"), column("name"), column("project"), column("year", "int"),
        column("status_text"), *_area_columns(), column("farmland", "area", also=("ha",)),
        column("paddy", "area", also=("ha",)), column("capacity", "kg"),
    )


def _identity(row: Attributes) -> dict[str, Cell]:
    return {
        "feature": _text(row, "feature_id"), "name": _text(row, "name"),
        "area": _integer(row, "area_dm2"), "declared": _integer(row, "declared_dm2"),
    }


def _project_cells(row: Attributes) -> dict[str, Cell]:
    return {
        **_identity(row), "project": _text(row, "project"), "year": _integer(row, "year"),
        "status_text": _text(row, "status"), **_amounts(row),
    }


def _amounts(row: Attributes) -> dict[str, Cell]:
    return {key: _amount(row, key) for key in AMOUNTS}


def _amount(row: Attributes, key: str) -> int | None:
    return _integer(row, "capacity_kg" if key == "capacity" else f"{key}_dm2")


def _by_project(rows: Iterable[Attributes]) -> dict[str, list[Attributes]]:
    found: dict[str, list[Attributes]] = {}
    for row in rows:
        found.setdefault(str(row.get("project") or ""), []).append(row)
    return found


def _summed(side: str, rows: list[Attributes]) -> dict[str, Cell]:
    return {f"{key}_{side}": _sum([_amount(row, key) for row in rows])
            for key in ("area", *AMOUNTS)}


def _sum(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _text(row: Attributes, key: str) -> Cell:
    value = row.get(key)
    return value if value is None or isinstance(value, date) else str(value)


def _integer(row: Attributes, key: str) -> int | None:
    value = row.get(key)
    return None if value is None else int(str(value))


def _yes_no(value: object) -> Message | None:
    return None if value is None else Message("report.yes" if value else "report.no")
