"""Official forms of land by class: 土地分类面积表, 三大类, 三区三线, 合规性审查, in 公顷 or 亩.

A form shows its parts with four decimals and their sums must be sums of what is shown. So the whole
is rounded once, and shared out by largest remainder: first over the rows, then over the classes of
each row. No cell is further from its exact area than one unit of its last decimal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from zoning.codes.reader import LandClasses, LandKind
from zoning.errors import Message
from zoning.report.tables.record import Cell, Column, Derived, Table, Words, build, column
from zoning.report.tables.scenario import clauses
from zoning.report.tables.words import bilingual, named
from zoning.scenario.outcome import Finding, Outcome, ProjectOutcome, Status
from zoning.units import DM2_PER_HA, MU_PER_DM2, round_half_up

FormUnit = Literal["ha", "mu"]

KINDS: tuple[LandKind, ...] = ("agricultural", "construction", "unused")
UNITS_PER_DM2: Mapping[FormUnit, Fraction] = {
    "ha": Fraction(10_000, DM2_PER_HA), "mu": 10_000 * MU_PER_DM2,
}
"""Ten-thousandths of 公顷 and of 亩 in one dm²."""
UNKNOWN = "unknown"
LINES = ("ugb", "pbf", "eco_redline")


@dataclass(frozen=True)
class LandRow:
    """One row of a form: whose land it is, and its area by class in dm² (None: class unknown).

    `unit` is the 权属单位 or the region, `code` its code, `owner` the 权属性质.
    """

    areas: Mapping[str | None, int]
    unit: str = ""
    code: str = ""
    owner: str = ""
    site: str = ""


@dataclass(frozen=True)
class LineRow:
    """A region or a site: its area and the land inside each control line, dm²."""

    name: str
    area_dm2: int
    inside: Mapping[str, int] = field(default_factory=dict)


def land_class_table(
    rows: Sequence[LandRow], *, classes: LandClasses, unit: FormUnit = "ha"
) -> Table:
    """土地分类面积表: by owner, the land of each group under 农用地, 建设用地, 未利用地.

    Closed by the sums of state-owned and collective land and of all of it.
    """
    lead = _lead("site", "owner_unit", "owner_kind")
    told: list[dict[str, Cell]] = [
        {"site": row.site, "owner_unit": row.unit, "owner_kind": owner_words(row.owner)}
        for row in rows]
    return _form("land_classes", lead, told, rows, classes=classes, unit=unit,
                 total_by=("owner_kind",))


def three_class_table(
    rows: Sequence[LandRow], *, classes: LandClasses, unit: FormUnit = "ha"
) -> Table:
    """土地利用现状三大类面积汇总表: by region, the same columns."""
    lead = _lead("region", "region_code")
    told: list[dict[str, Cell]] = [{"region": row.unit, "region_code": row.code} for row in rows]
    return _form("three_classes", lead, told, rows, classes=classes, unit=unit)


def three_line_table(
    rows: Sequence[LineRow], *, unit: FormUnit = "ha", of_sites: bool = False
) -> Table:
    """三区三线指标汇总表: the land of each region, or of each site, inside each control line."""
    name = "three_lines_sites" if of_sites else "three_lines"
    columns = (*_lead("zone_name"), column("area", unit),
               *(column(role, unit, title=_named(role)) for role in LINES))
    areas = [[row.area_dm2 for row in rows],
             *([row.inside.get(role, 0) for row in rows] for role in LINES)]
    shares = [shared(each, unit) for each in areas]
    cells: Iterable[dict[str, Cell]] = (
        {"zone_name": row.name, "area": shares[0][i],
         **{role: shares[k][i] for k, role in enumerate(LINES, start=1)}}
        for i, row in enumerate(rows)
    )
    return build(name, columns, cells, title=Message(f"papers.title.{name}"),
                 totals=("area", *LINES), notes=(Message("papers.note.shared"),))


def compliance_table(outcome: Outcome, *, classes: LandClasses) -> Table:
    """合规性审查: for each project whether and how much farmland and control lines it takes.

    The last column says which editions of which layers that was measured on.
    """
    columns = (column("project"), column("name"), *(
        col for key in ("farmland", "pbf", "eco_redline") for col in (
            column(f"takes_{key}", title=Message(f"papers.column.takes_{key}")),
            column(f"{key}_area", "area", title=Message(f"papers.column.{key}_area")))),
        column("in_ugb", title=Message("papers.column.in_ugb")),
        column("ugb_text", title=Message("papers.column.ugb_text")),
        column("verdict", "status"),
        column("compliance", title=Message("papers.column.compliance")),
        column("data_source", title=Message("papers.column.data_source")))
    rows = (_compliance(each, outcome, classes) for each in outcome.projects)
    return build("compliance", columns, rows, title=Message("papers.title.compliance"),
                 notes=(Message("report.note.statutory"),))


def shared(areas_dm2: Sequence[int], unit: FormUnit) -> list[int]:
    """Areas in ten-thousandths of a unit that sum to their total rounded once."""
    exact = [area_dm2 * UNITS_PER_DM2[unit] for area_dm2 in areas_dm2]
    return rounded_to(exact, round_half_up(sum(exact, Fraction(0))))


def shared_rows(
    rows: Sequence[Mapping[str, int]], unit: FormUnit
) -> list[dict[str, int]]:
    """Rows of areas in ten-thousandths of a unit: the whole shared over rows, those over cells."""
    step = UNITS_PER_DM2[unit]
    totals = shared([sum(row.values()) for row in rows], unit)
    return [dict(zip(row, rounded_to([area * step for area in row.values()], total), strict=True))
            for row, total in zip(rows, totals, strict=True)]


def rounded_to(exact: Sequence[Fraction], total: int) -> list[int]:
    """Each number its floor or its ceiling, so that they sum to a total: largest fractions go up.

    Equal fractions go by position. The total must lie between the sum of the floors and that of
    the ceilings, as the sum of the numbers does however it is rounded; whole numbers stay.
    """
    parts = [math.floor(each) for each in exact]
    by_need = sorted(range(len(exact)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_need[: total - sum(parts)]:
        parts[i] += 1
    return parts


def by_column(areas: Mapping[str | None, int], classes: LandClasses) -> dict[str, int]:
    """Land by class as land by column of the form; what no class is known of stands by itself."""
    found: dict[str, int] = {}
    for code, area_dm2 in areas.items():
        known = classes.get(code)
        key = f"{known.kind}_{known.group}" if known else UNKNOWN
        found[key] = found.get(key, 0) + area_dm2
    return found


def owner_words(owner: str) -> Message:
    """权属性质 of a survey code: 10 and 20 are the State's, 30 and 40 the collective's."""
    if not owner:
        return Message("papers.owner.unknown")
    return Message("papers.owner.state" if owner[:1] in {"1", "2"} else "papers.owner.collective")


def _form(
    name: str, lead: Sequence[Column], told: Sequence[Mapping[str, Cell]],
    rows: Sequence[LandRow], *, classes: LandClasses, unit: FormUnit,
    total_by: tuple[str, ...] = (),
) -> Table:
    areas = [by_column(row.areas, classes) for row in rows]
    is_unknown = any(UNKNOWN in each for each in areas)
    columns = _columns(classes, unit, is_unknown=is_unknown)
    leaves = [each.key for each in columns if each.derived is None]
    cells = shared_rows(areas, unit)
    body = [{**words, **dict.fromkeys(leaves, 0), **row}
            for words, row in zip(told, cells, strict=True)]
    return build(name, (*lead, *columns), body, title=Message(f"papers.title.{name}",
                                              {"unit": Message(f"report.unit.{unit}")}),
                 totals=tuple(each.key for each in columns), total_by=total_by,
                 notes=(Message("papers.note.shared"), Message("report.note.statutory")),
                 is_grand=bool(total_by))


def _columns(classes: LandClasses, unit: FormUnit, *, is_unknown: bool) -> list[Column]:
    groups = {kind: _groups(classes, kind) for kind in KINDS}
    leaves = [f"{kind}_{group}" for kind in KINDS for group in groups[kind]]
    leaves += [UNKNOWN] if is_unknown else []
    columns = [column("whole", unit, title=Message("papers.column.whole"),
                      derived=Derived(tuple(leaves)))]
    for kind in KINDS:
        heading = Message(f"report.land_kind.{kind}")
        columns.append(column(f"sum_{kind}", unit, group=heading,
                              title=Message("papers.column.sum"),
                              derived=Derived(tuple(f"{kind}_{g}" for g in groups[kind]))))
        columns += [column(f"{kind}_{g}", unit, group=heading,
                           title=Words(classes.groups[g].zh, classes.groups[g].en))
                    for g in groups[kind]]
    if is_unknown:
        columns.append(column(UNKNOWN, unit, title=Message("report.no_class")))
    return columns


def _lead(*keys: str) -> tuple[Column, ...]:
    return tuple(column(key, title=Message(f"papers.column.{key}")) for key in keys)


def _groups(classes: LandClasses, kind: LandKind) -> list[str]:
    return sorted({each.group for each in classes.classes.values() if each.kind == kind})


def _named(role: str) -> Message:
    found = named("role", role)
    return found if isinstance(found, Message) else bilingual(Words(role, role))


def _compliance(
    project: ProjectOutcome, outcome: Outcome, classes: LandClasses
) -> dict[str, Cell]:
    lines = {hit.role: hit.area_dm2 for hit in project.facts.lines}
    farmland = sum(line.area_dm2 for line in project.classes if not line.converted
                   and (known := classes.get(line.class_code)) and known.farmland)
    row: dict[str, Cell] = {"project": project.project_id, "name": project.name,
                            "takes_farmland": _yes(farmland), "farmland_area": farmland}
    for role in ("pbf", "eco_redline"):
        row |= {f"takes_{role}": _yes(lines.get(role)), f"{role}_area": lines.get(role)}
    inside = lines.get("ugb")
    whole = inside is not None and inside == project.facts.area_dm2
    on_lines = [each for each in project.findings if each.role is not None]
    return row | {
        "in_ugb": None if inside is None else Message("report.yes" if whole else
                                                      "report.partly" if inside else "report.no"),
        "ugb_text": tuple(each.message for each in on_lines if each.role == "ugb"),
        "verdict": worst(on_lines), "compliance": _told(on_lines),
        "data_source": tuple(_edition(each.role, each.edition) for each in outcome.editions),
    }


def _yes(area_dm2: int | None) -> Message | None:
    return None if area_dm2 is None else Message("report.yes" if area_dm2 else "report.no")


def _told(findings: Iterable[Finding]) -> tuple[Message, ...]:
    """What decides against the site, with the clauses; nothing where all lines are kept."""
    return tuple(each for finding in findings
                 if finding.status in (Status.FAIL, Status.UNDECIDED)
                 for each in (finding.message, *clauses(finding.citations)))


def worst(findings: Iterable[Finding]) -> Status | None:
    """The worst status of some findings."""
    found = {finding.status for finding in findings}
    order = (Status.FAIL, Status.UNDECIDED, Status.PASS, Status.INFO)
    return next((status for status in order if status in found), None)


def _edition(role: str, edition: str) -> Message:
    return Message("papers.edition", {"role": named("role", role), "edition": edition})


__all__ = ["FormUnit", "LandRow", "LineRow", "compliance_table", "land_class_table",
           "owner_words", "shared", "shared_rows", "three_class_table", "three_line_table", "worst"]
