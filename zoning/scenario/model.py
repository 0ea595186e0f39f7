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
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from zoning.codes.project_kinds import ProjectKind, project_kinds
from zoning.errors import Message, ScenarioError

Path = Literal["batch", "separate", "linkage_new_site", "point_supply", "stock"]
PATHS: tuple[str, ...] = get_args(Path)
"""Approval paths: in batches, by itself, linkage new site, point supply, stock land."""

FORMS = ("parcels", "file", "layer", "polygon")
BELONGS = {"plot": "file", "feature": "file", "features": "layer", "crs": "polygon"}

Name = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True, strict=True)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[^\s,;:/\\]{1,64}$", strict=True)]
Place = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(/[0-9A-Za-z_-]+)*$", strict=True)]
Epsg = Annotated[str, StringConstraints(pattern=r"^EPSG:[0-9]{4,6}$", strict=True)]
Coordinate = Annotated[float, Field(allow_inf_nan=False)]


def _inside(path: str) -> str:
    parts = path.split("/")
    if ".." in parts or path.startswith(("/", "~")) or re.search(r"[\\:\0]", path):
        raise PydanticCustomError("path", "outside")
    return path


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Site(_Strict):
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


class Project(_Strict):
    """One project: what it is, by which path it is approved, and where it lies.

    Projects draw quota in the order of `rank`, by default that of the file. `hold_due` is the day
    a reservation of its quota would lapse. `pools` limits the pools it may draw on; a pool of a
    higher place is drawn on only when named here.
    """

    id: Identifier
    name: Name
    kind: Name
    path: Path = "batch"
    rank: Annotated[int, Field(ge=1, strict=True)] = 1
    hold_due: date | None = None
    pools: tuple[Name, ...] = ()
    site: Site


class Scenario(_Strict):
    """A decision variant: projects judged on a day at a place."""

    id: Identifier
    name: Name
    decision_date: date
    place: Place
    description: str = ""
    projects: tuple[Project, ...]


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
    faults += _project_faults(document, kinds if kinds is not None else project_kinds())
    if faults:
        raise ScenarioError("scenario.invalid", source=source, faults=faults)
    return scenario


def _document(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise ScenarioError("scenario.not_toml", source=source, reason=str(error)) from error


def _arranged(document: Mapping[str, Any]) -> dict[str, Any]:
    head = document.get("scenario", {})
    rows = document.get("project", [])
    if not isinstance(head, dict) or not isinstance(rows, list):
        return {"projects": rows}
    ranked = [{"rank": number, **row} if isinstance(row, dict) else row
              for number, row in enumerate(rows, start=1)]
    return {**head, "projects": ranked} if rows else dict(head)


def _unknown_tables(document: Mapping[str, Any]) -> list[Message]:
    return [Message("scenario.fault.unknown", {"where": key})
            for key in document if key not in ("scenario", "project")]


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


def _rows(document: Mapping[str, Any]) -> Sequence[Any]:
    rows = document.get("project", [])
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
}


def _fault(error: ErrorDetails, document: Mapping[str, Any]) -> Message:
    key = FAULTS.get(error["type"], "scenario.fault.value")
    expected = error.get("ctx", {}).get("expected", "")
    return Message(key, {"where": _where(error["loc"], document), "found": str(error["input"])[:80],
                         "expected": expected})


def _where(loc: Sequence[int | str], document: Mapping[str, Any]) -> str:
    """The place of a fault as the file spells it: ``project[2] P-02 site.crs``."""
    if not loc or loc[0] != "projects":
        return ".".join(["scenario", *map(str, loc)])
    if len(loc) == 1 or not isinstance(loc[1], int):
        return "project"
    row = _rows(document)[loc[1]]
    name = row.get("id", "") if isinstance(row, dict) else ""
    return " ".join(filter(None, [f"project[{loc[1] + 1}]", str(name),
                                  ".".join(map(str, loc[2:]))]))


__all__ = ["PATHS", "Path", "Project", "Scenario", "Site", "parse_scenario"]
