"""A scenario: what a planner writes in a TOML file, read strictly.

The format is described in ``docs/scenarios.md``. Every fault of a file is named at once.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from zoning.codes.project_kinds import ProjectKind, project_kinds
from zoning.errors import Message, ScenarioError
from zoning.scenario.criterion import Criterion
from zoning.scenario.design import NO_DESIGN, Design
from zoning.scenario.planned import (
    Action,
    Confusion,
    ExpectedInflow,
    FarmlandStatement,
    Identifier,
    Name,
    Place,
    PromiseStatement,
    Strict,
)
from zoning.scenario.terms import NO_TERMS, Terms

Path = Literal["batch", "separate", "linkage_new_site", "point_supply", "stock"]
PATHS: tuple[str, ...] = get_args(Path)
"""Approval paths: in batches, by itself, linkage new site, point supply, stock land."""

FORMS = ("parcels", "file", "layer", "polygon")
BELONGS = {"plot": "file", "feature": "file", "features": "layer", "crs": "polygon"}

Epsg = Annotated[str, StringConstraints(pattern=r"^EPSG:[0-9]{4,6}$", strict=True)]
Year = Annotated[int, Field(ge=1949, le=9999, strict=True)]
Worth = Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)]
Coordinate = Annotated[float, Field(allow_inf_nan=False)]


def _inside(path: str) -> str:
    parts = path.split("/")
    if ".." in parts or path.startswith(("/", "~")) or re.search(r"[\\:\0]", path):
        raise PydanticCustomError("path", "outside")
    return path


class Site(Strict):
    """Where a project lies, in exactly one form.

    Whole parcels; polygons of a file (all, or the named plot or feature); features of a layer of
    the workspace; or a ring of coordinates with its coordinate system.
    """

    parcels: tuple[Name, ...] = ()
    file: Annotated[Name, AfterValidator(_inside)] | None = None
    plot: Name | None = None
    feature: Name | None = None
    layer: Name | None = None
    features: tuple[Name, ...] = ()
    polygon: tuple[tuple[Coordinate, Coordinate], ...] = ()
    crs: Epsg | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Which polygons of the file are meant; empty for all."""
        return tuple(name for name in (self.plot, self.feature) if name is not None)

    @model_validator(mode="after")
    def _one_form(self) -> Site:
        forms = [form for form in FORMS if form in self.model_fields_set]
        stray = [key for key, form in BELONGS.items()
                 if key in self.model_fields_set and form not in forms]
        if len(forms) != 1 or stray:
            raise PydanticCustomError("site_form", "form")
        if self.plot and self.feature:
            raise PydanticCustomError("site_form", "form")
        _require_complete(self)
        return self


class Project(Strict):
    """One project: what it is, by which path it is approved, and where it lies.

    Projects draw quota in the order of `rank`, by default that of the file. `hold_due` is the day
    a reservation of its quota would lapse. `pools` limits the pools it may draw on; a pool of a
    higher place is drawn on only when named here. It cannot go before `start`, and has to have gone
    by `due`; a project that need not go at all says ``must = false``. To a portfolio it is worth
    `value`, and `later` less for every year that it goes after the first.
    """

    id: Identifier
    name: Name
    kind: Name
    path: Path = "batch"
    rank: Annotated[int, Field(ge=1, strict=True)] = 1
    hold_due: date | None = None
    pools: tuple[Name, ...] = ()
    start: date | None = None
    due: date | None = None
    must: bool = True
    value: Worth = 1
    later: Worth = 0
    design: Design = NO_DESIGN
    site: Site


class Candidate(Strict):
    """Another site that a project may go to, in a portfolio.

    Given as a site, or as `search`: the file of an answer of ``zoning search --json``, all of whose
    sites are candidates. `value` is what the project is worth there.
    """

    project: Identifier
    id: Identifier
    site: Site | None = None
    search: Annotated[Name, AfterValidator(_inside)] | None = None
    value: Worth | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Candidate:
        if (self.site is None) == (self.search is None):
            raise PydanticCustomError("candidate_form", "form")
        return self


class Scenario(Strict):
    """A decision variant: projects judged on a day at a place, and planned over years.

    `years` is the horizon, empty meaning the year of the decision. `inflows` are expected and not
    in the book; `actions` make a branch of the book, in their order; `confusions` say how wrong the
    land survey may be; `farmland` and `promises` are what the year's end is tested on;
    `criteria` what makes land suitable to the site search; `candidates` are further sites and
    `portfolio` the terms of a portfolio.
    """

    id: Identifier
    name: Name
    decision_date: date
    place: Place
    description: str = ""
    years: tuple[Year, ...] = ()
    projects: tuple[Project, ...]
    inflows: tuple[ExpectedInflow, ...] = ()
    actions: tuple[Action, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    farmland: tuple[FarmlandStatement, ...] = ()
    promises: tuple[PromiseStatement, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    portfolio: Terms = NO_TERMS

    @property
    def horizon(self) -> tuple[int, ...]:
        """The years planned, the first being that of the decision."""
        first = self.decision_date.year
        return tuple(range(first, max((first, *self.years)) + 1))

    @model_validator(mode="after")
    def _years_follow(self) -> Scenario:
        years = (self.decision_date.year, *self.years)
        if any(year < years[0] for year in years) or list(self.years) != sorted(set(self.years)):
            raise PydanticCustomError("years", "years")
        return self

    @property
    def planned(self) -> tuple[str, ...]:
        """The ids of its inflows and actions: what `zoning check` leaves out of account."""
        return tuple(each.id for each in (*self.inflows, *self.actions))

    @model_validator(mode="after")
    def _one_account_a_year(self) -> Scenario:
        told = [each.year for each in self.farmland]
        if len(told) != len(set(told)):
            raise PydanticCustomError("farmland_twice", "farmland")
        return self


def parse_scenario(
    text: str, *, source: str, kinds: Mapping[str, ProjectKind] | None = None
) -> Scenario:
    """Read a scenario from TOML text; `kinds` are the project kinds, by default the shipped ones.

    Raises ScenarioError with every fault of the text.
    """
    document = _document(text, source)
    faults: list[Message] = []
    try:
        scenario = Scenario.model_validate(_arranged(document), strict=False)
    except ValidationError as error:
        faults += [_fault(each, document) for each in error.errors(include_url=False)]
    faults += _unknown_tables(document)
    faults += _plan_faults(document)
    faults += _project_faults(document, kinds if kinds is not None else project_kinds())
    if faults:
        raise ScenarioError("scenario.invalid", source=source, faults=faults)
    return scenario


def _document(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise ScenarioError("scenario.not_toml", source=source, reason=str(error)) from error


TABLES = {"project": "projects", "inflow": "inflows", "action": "actions",
          "confusion": "confusions", "farmland": "farmland", "promise": "promises",
          "criterion": "criteria", "candidate": "candidates", "portfolio": "portfolio"}
"""Table of the file → field of the scenario."""


def _arranged(document: Mapping[str, Any]) -> dict[str, Any]:
    head = document.get("scenario", {})
    tables = {field: document[name] for name, field in TABLES.items() if document.get(name)}
    rows = tables.get("projects", [])
    if not isinstance(head, dict) or not isinstance(rows, list):
        return tables
    if rows:
        tables["projects"] = [{"rank": number, **row} if isinstance(row, dict) else row
                              for number, row in enumerate(rows, start=1)]
    return {**head, **tables}


def _unknown_tables(document: Mapping[str, Any]) -> list[Message]:
    return [Message("scenario.fault.unknown", {"where": key})
            for key in document if key != "scenario" and key not in TABLES]


def _plan_faults(document: Mapping[str, Any]) -> list[Message]:
    """Names used twice, and projects that actions name and the file has not."""
    planned = [row for name in ("inflow", "action", "promise") for row in _rows(document, name)
               if isinstance(row, dict)]
    counted = Counter(row["id"] for row in planned if isinstance(row.get("id"), str))
    known = {row.get("id") for row in _rows(document) if isinstance(row, dict)}
    return [
        *(Message("decide.fault.twice", {"name": name})
          for name, times in counted.items() if times > 1),
        *(Message("decide.fault.no_project", {"action": str(row.get("id", "?")),
                                            "project": row["project"]})
          for row in _rows(document, "action") if isinstance(row, dict)
          and isinstance(row.get("project"), str)
          and row["project"] not in known),
        *(Message("portfolio.fault.no_project", {"candidate": str(row.get("id", "?")),
                                                "project": str(row.get("project"))})
          for row in _rows(document, "candidate") if isinstance(row, dict)
          and row.get("project") not in known),
    ]


def _project_faults(
    document: Mapping[str, Any], kinds: Mapping[str, ProjectKind]
) -> list[Message]:
    rows = [row for row in _rows(document) if isinstance(row, dict)]
    counted = Counter(row["id"] for row in rows if isinstance(row.get("id"), str))
    twice = [Message("scenario.fault.twice", {"project": name})
             for name, times in counted.items() if times > 1]
    unknown = [
        Message("scenario.fault.kind", {"project": str(row.get("id", "?")), "found": row["kind"],
                                        "kinds": sorted(kinds)})
        for row in rows if isinstance(row.get("kind"), str) and row["kind"] not in kinds
    ]
    return twice + unknown


def _rows(document: Mapping[str, Any], name: str = "project") -> Sequence[Any]:
    rows = document.get(name, [])
    return rows if isinstance(rows, list) else []


def _require_complete(site: Site) -> None:
    if site.layer is not None and not site.features:
        raise PydanticCustomError("site_features", "features")
    if site.polygon and (len(site.polygon) < 3 or site.crs is None):
        raise PydanticCustomError("site_polygon", "polygon")
    if not any(getattr(site, form) for form in FORMS):
        raise PydanticCustomError("site_form", "form")


FAULTS = {
    "missing": "scenario.fault.missing",
    "extra_forbidden": "scenario.fault.unknown",
    "path": "scenario.fault.path",
    "site_form": "scenario.fault.site_form",
    "site_features": "scenario.fault.site_features",
    "site_polygon": "scenario.fault.site_polygon",
    "literal_error": "scenario.fault.choice",
    "losses": "scenario.fault.choice",
    "union_tag_invalid": "decide.fault.action",
    "union_tag_not_found": "decide.fault.action",
    "quota_kind": "decide.fault.kind",
    "amount": "decide.fault.amount",
    "shares": "decide.fault.shares",
    "years": "decide.fault.years",
    "farmland_twice": "decide.fault.farmland",
    "criterion": "siting.fault.criterion",
    "candidate_form": "portfolio.fault.candidate",
}


def _fault(error: ErrorDetails, document: Mapping[str, Any]) -> Message:
    key = FAULTS.get(error["type"], "scenario.fault.value")
    told = error.get("ctx", {})
    expected = told.get("expected", told.get("expected_tags", told.get("reason", "")))
    found = _found(error["type"], error["input"])
    return Message(key, {"where": _where(error["loc"], document), "found": found[:80],
                         "expected": expected})


def _found(kind: str, given: object) -> str:
    """What stands in the file; of a whole table, the key that is meant."""
    meant = {"quota_kind": "kind", "amount": "amounts", "shares": "truly",
             "union_tag_invalid": "do", "union_tag_not_found": "do"}.get(kind)
    if isinstance(given, Mapping) and meant:
        given = given.get(meant, "—")
    return re.sub(r"[{}]", "", str(given))


def _where(loc: Sequence[int | str], document: Mapping[str, Any]) -> str:
    """The place of a fault as the file spells it: ``project[2] P-02 site.crs``."""
    names = {field: name for name, field in TABLES.items()}
    if not loc or loc[0] not in names:
        return ".".join(["scenario", *map(str, loc)])
    table = names[str(loc[0])]
    if table == "portfolio":
        return ".".join([table, *map(str, loc[1:])])
    if len(loc) == 1 or not isinstance(loc[1], int):
        return table
    row = _rows(document, table)[loc[1]]
    name = row.get("id", "") if isinstance(row, dict) else ""
    inner = loc[3:] if table == "action" else loc[2:]
    return " ".join(filter(None, [f"{table}[{loc[1] + 1}]", str(name),
                                  ".".join(map(str, inner))]))


__all__ = ["PATHS", "Candidate", "Path", "Project", "Scenario", "Site", "parse_scenario"]
