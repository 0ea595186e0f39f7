"""Official forms of a workspace and of a scenario: their rows gathered, the workbook written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoning.errors import UsageError
from zoning.measure.area import rounded_dm2
from zoning.measure.overlap import counted_again_m2
from zoning.messages import Language
from zoning.report.names import appear
from zoning.report.tables import Table
from zoning.report.tables.forms import (
    LandRow,
    LineRow,
    compliance_table,
    land_class_table,
    three_class_table,
    three_line_table,
)
from zoning.report.tables.registers_official import (
    demolition_register,
    idle_register,
    linkage_register,
    offset_register,
)
from zoning.report.xlsx import workbook_bytes
from zoning.scenario.outcome import Outcome
from zoning.workspace.data import measured_layer
from zoning.workspace.decide import check, read_scenario
from zoning.workspace.folder import Workspace
from zoning.workspace.papers import layer_rows, provenance

OWNER_UNIT = ("QSDWMC", "village")
"""Where the owner's name stands: the survey's own column, else the village."""
REGION_CODE = ("ZLDWDM", "QSDWDM")
LINES = ("ugb", "pbf", "eco_redline")

Areas = dict[str | None, int]


def write_forms(
    workspace: Workspace, out: Path, *, scenario: Path | None = None, language: Language = "zh"
) -> Path:
    """Write the official forms as a workbook: in 公顷, then in 亩; with a scenario, its sites'.

    Raises UsageError for another extension than .xlsx.
    """
    if out.suffix.lower() != ".xlsx":
        raise UsageError("cli.out_kind", file=out.name, known=[".xlsx"])
    outcome = None
    if scenario is not None:
        outcome = check(workspace, read_scenario(scenario), folder=scenario.parent)
    told = provenance(workspace, outcome, scenario, out)
    extra = f" --scenario {scenario.name}" if scenario else ""
    command = f"zoning export --format forms{extra} --out {out.parent.name or '.'}"
    data = workbook_bytes(form_tables(workspace, outcome), language=language,
                          provenance=told.with_command(command))
    return appear(out, data)


def form_tables(workspace: Workspace, outcome: Outcome | None = None) -> tuple[Table, ...]:
    """All forms that a workspace has rows for, those of the scenario's sites first."""
    tables: list[Table] = []
    if outcome is not None:
        tables += _scenario_forms(workspace, outcome)
    if workspace.config.current("parcel"):
        regions = region_rows(workspace)
        tables += [three_class_table(regions, classes=workspace.classes, unit=unit)
                   for unit in ("ha", "mu")]
        tables.append(three_line_table(_zone_rows(workspace)))
    return (*tables, *_registers(workspace))


def _scenario_forms(workspace: Workspace, outcome: Outcome) -> list[Table]:
    rows = site_rows(workspace, outcome)
    return [
        *(land_class_table(rows, classes=workspace.classes, unit=unit) for unit in ("ha", "mu")),
        three_line_table([_line_row(each.project_id, each.name, each.facts)
                          for each in outcome.projects], of_sites=True),
        compliance_table(outcome, classes=workspace.classes),
    ]


def site_rows(workspace: Workspace, outcome: Outcome) -> tuple[LandRow, ...]:
    """The land of each project's site by owner and class; what no parcel covers is unknown."""
    layer = measured_layer(workspace, "parcel")
    wanted = {part.parcel_id for each in outcome.projects for part in each.facts.parts}
    owners = {str(row["feature_id"]): _owner(row)
              for row in layer.attributes.to_dict(orient="records") if row["feature_id"] in wanted}
    rows: list[LandRow] = []
    for project in outcome.projects:
        found: dict[tuple[str, str], Areas] = {}
        for part in project.facts.parts:
            _add(found.setdefault(owners.get(part.parcel_id, ("", "")), {}), part.class_code,
                 part.area_dm2)
        if project.facts.uncovered_dm2:
            _add(found.setdefault(("", ""), {}), None, project.facts.uncovered_dm2)
        rows += [LandRow(areas, unit, "", owner, project.project_id)
                 for (unit, owner), areas in found.items()]
    return tuple(rows)


def region_rows(workspace: Workspace) -> tuple[LandRow, ...]:
    """The parcels of the survey by village and class."""
    layer = measured_layer(workspace, "parcel")
    found: dict[tuple[str, str], Areas] = {}
    for row, area_dm2 in zip(layer.attributes.to_dict(orient="records"), layer.area_dm2.tolist(),
                             strict=True):
        key = _told(row, "village"), _first(row, REGION_CODE)[:12]
        _add(found.setdefault(key, {}), _told(row, "class_code") or None, area_dm2)
    return tuple(LandRow(areas, name, code) for (name, code), areas in sorted(
        found.items(), key=lambda each: (each[0][1], each[0][0])))


def _zone_rows(workspace: Workspace) -> list[LineRow]:
    """The land of the survey, and what each control line covers, counted once."""
    parcels = measured_layer(workspace, "parcel")
    inside = {role: _union_dm2(workspace, role) for role in LINES
              if workspace.config.current(role)}
    name = workspace.config.name or workspace.config.place
    return [LineRow(name, int(np.sum(parcels.area_dm2)), inside)]


def _union_dm2(workspace: Workspace, role: str) -> int:
    layer = measured_layer(workspace, role)
    union = layer.flat.areas.sum() - counted_again_m2(layer.flat, layer.overlaps)
    return int(rounded_dm2(np.array([union]))[0])


def _line_row(project_id: str, name: str, facts: Any) -> LineRow:
    return LineRow(f"{project_id} {name}", facts.area_dm2,
                   {hit.role: hit.area_dm2 for hit in facts.lines})


def _registers(workspace: Workspace) -> Iterable[Table]:
    rows = {role: layer_rows(workspace, role)
            for role in ("idle_land", "demolition", "new_site", "offset")
            if workspace.config.current(role)}
    place = workspace.config.name or workspace.config.place
    if "idle_land" in rows:
        yield idle_register(rows["idle_land"])
    if "demolition" in rows:
        yield demolition_register(rows["demolition"], place=place)
    if "demolition" in rows or "new_site" in rows:
        yield linkage_register(rows.get("demolition", []), rows.get("new_site", []))
    if "offset" in rows:
        yield offset_register(rows["offset"], place=place)


def _add(areas: Areas, code: str | None, area_dm2: int) -> None:
    areas[code] = areas.get(code, 0) + area_dm2


def _owner(row: Mapping[Any, Any]) -> tuple[str, str]:
    return _first(row, OWNER_UNIT), _told(row, "owner_kind")


def _first(row: Mapping[Any, Any], columns: Sequence[str]) -> str:
    return next((told for name in columns if (told := _told(row, name))), "")


def _told(row: Mapping[Any, Any], column: str) -> str:
    value = row.get(column)
    return value.strip() if isinstance(value, str) else ""


__all__ = ["form_tables", "region_rows", "site_rows", "write_forms"]
