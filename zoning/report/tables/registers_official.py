"""Registers in the columns of the systems that receive them: stock land, linkage, offset.

公顷 with four decimals that sum to the total rounded once, 产能 in whole 公斤. A column that nobody
filled in stays empty: it is asked for by the form and not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from zoning.errors import Message
from zoning.report.tables.forms import FormUnit, shared
from zoning.report.tables.record import Cell, Column, Derived, Table, build, column
from zoning.report.tables.words import named

Attributes = Mapping[str, object]


def idle_register(rows: Sequence[Attributes]) -> Table:
    """批而未供、闲置土地台账: year, kind, project, approval, dates, area in 公顷 and in 亩."""
    areas = [_integer(row, "area_dm2") for row in rows]
    told = [{"number": i, "year": _year(row),
             "stock_kind": named("stock_kind", row.get("stock_kind")), "name": _text(row, "name"),
             "feature": _text(row, "feature_id"), "approval": _text(row, "approval"),
             "approved_on": _text(row, "approved_on"),
             "supplied_on": _text(row, "supplied_on"), "start_due": _text(row, "start_due"),
             "disposed_on": _text(row, "disposed_on")} for i, row in enumerate(rows, start=1)]
    columns = (column("number", "int"), *_texts("year", "stock_kind", "name", "feature", "approval",
                                                "approved_on", "supplied_on", "start_due"),
               column("disposed_on", title=Message("papers.column.disposed_on")),
               column("area", "ha"), column("area_mu", "mu", title=Message("report.column.area")))
    return _register("idle_register", columns, told,
                     {"area": (areas, "ha"), "area_mu": (areas, "mu")})


def demolition_register(rows: Sequence[Attributes], *, place: str) -> Table:
    """增减挂钩 拆旧地块台账: plot, project, progress, scale, new farmland, paddy, capacity."""
    told = [{"number": i, "plot": _text(row, "feature_id"), "place": place,
             "project": _text(row, "project"), "progress": _text(row, "status"),
             "year": _text(row, "year"), "capacity": _integer(row, "capacity_kg")}
            for i, row in enumerate(rows, start=1)]
    columns = (column("number", "int"), *_titled("plot"), *_texts("place", "project", "year"),
               *_titled("progress"), column("scale", "ha", title=Message("papers.column.scale")),
               column("new_farmland", "ha", title=Message("papers.column.new_farmland")),
               column("new_paddy", "ha", title=Message("papers.column.new_paddy")),
               column("capacity", "kg"))
    return _register("demolition_register", columns, told, {
        "scale": (_all(rows, "area_dm2"), "ha"),
        "new_farmland": (_all(rows, "farmland_dm2"), "ha"),
        "new_paddy": (_all(rows, "paddy_dm2"), "ha")}, kg=("capacity",))


def linkage_register(
    demolition: Sequence[Attributes], new_sites: Sequence[Attributes]
) -> Table:
    """增减挂钩 项目区台账: demolished, built, and what is left of the turnover quota by project."""
    projects = list(dict.fromkeys(str(row.get("project") or "") for row in
                                  (*demolition, *new_sites)))
    given = [_summed(demolition, project) for project in projects]
    taken = [_summed(new_sites, project) for project in projects]
    told: list[dict[str, Cell]] = [{"number": i, "project": project}
                                   for i, project in enumerate(projects, start=1)]
    columns: list[Column] = [column("number", "int"), column("project")]
    values: dict[str, tuple[list[int | None], FormUnit]] = {}
    for key, attribute in (("area", "area_dm2"), ("farmland", "farmland_dm2"),
                           ("paddy", "paddy_dm2")):
        group = Message(f"report.column.{key}")
        columns += [
            column(f"{key}_given", "ha", title=Message("papers.column.demolished"), group=group),
            column(f"{key}_taken", "ha", title=Message("papers.column.built"), group=group),
            column(f"{key}_left", "ha", title=Message("report.column.left"), group=group,
                   derived=Derived((f"{key}_given",), (f"{key}_taken",)))]
        values[f"{key}_given"] = ([each[attribute] for each in given], "ha")
        values[f"{key}_taken"] = ([each[attribute] for each in taken], "ha")
    return _register("linkage_register", columns, told, values,
                     more=("area_left", "farmland_left", "paddy_left"))


def offset_register(rows: Sequence[Attributes], *, place: str) -> Table:
    """补充耕地项目台账: 耕地数量（公顷）, 水田规模（公顷）, 粮食产能（公斤） of each project."""
    told = [{"number": i, "feature": _text(row, "feature_id"), "name": _text(row, "name"),
             "project": _text(row, "project"), "place": place, "year": _text(row, "year"),
             "status_text": _text(row, "status"), "capacity": _integer(row, "capacity_kg")}
            for i, row in enumerate(rows, start=1)]
    columns = (column("number", "int"),
               *_texts("project", "name", "feature", "place", "year", "status_text"),
               column("farmland_ha", "ha", title=Message("papers.column.farmland_amount")),
               column("paddy_ha", "ha", title=Message("papers.column.paddy_amount")),
               column("capacity", "kg"))
    return _register("offset_register", columns, told, {
        "farmland_ha": (_all(rows, "farmland_dm2"), "ha"),
        "paddy_ha": (_all(rows, "paddy_dm2"), "ha")}, kg=("capacity",))


def _register(
    name: str, columns: Sequence[Column], told: Sequence[Mapping[str, Cell]],
    values: Mapping[str, tuple[Sequence[int | None], FormUnit]],
    *, kg: tuple[str, ...] = (), more: tuple[str, ...] = (),
) -> Table:
    parts = {key: _shared(areas, unit) for key, (areas, unit) in values.items()}
    rows = [{**row, **{key: part[i] for key, part in parts.items()}} for i, row in enumerate(told)]
    return build(name, columns, rows, title=Message(f"papers.title.{name}"),
                 totals=(*values, *more, *kg), notes=(Message("papers.note.shared"),))


def _shared(areas: Sequence[int | None], unit: FormUnit) -> list[int | None]:
    """Areas in ten-thousandths of a unit that sum to the rounded total; unknown ones stay so."""
    known = iter(shared([area for area in areas if area is not None], unit))
    return [None if area is None else next(known) for area in areas]


def _summed(rows: Iterable[Attributes], project: str) -> dict[str, int | None]:
    mine = [row for row in rows if str(row.get("project") or "") == project]
    return {key: _sum([_integer(row, key) for row in mine])
            for key in ("area_dm2", "farmland_dm2", "paddy_dm2")}


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _all(rows: Sequence[Attributes], key: str) -> list[int | None]:
    return [_integer(row, key) for row in rows]


def _texts(*keys: str) -> tuple[Column, ...]:
    return tuple(column(key) for key in keys)


def _titled(*keys: str) -> tuple[Column, ...]:
    return tuple(column(key, title=Message(f"papers.column.{key}")) for key in keys)


def _year(row: Attributes) -> str | None:
    approved = _text(row, "approved_on")
    return approved[:4] if isinstance(approved, str) else None


def _text(row: Attributes, key: str) -> str | None:
    value = row.get(key)
    return None if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _integer(row: Attributes, key: str) -> int | None:
    value = row.get(key)
    return None if value is None else int(str(value))


__all__ = ["demolition_register", "idle_register", "linkage_register", "offset_register"]
