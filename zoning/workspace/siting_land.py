"""The county as the site search reads it: what each parcel costs, uses, and whether it is open.

Everything that the law says comes from the engine, asked about a nominal piece of land of each
class in turn; land counts are proportional to area, so a parcel's share follows. The engine decides
again on the whole site that is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from zoning.errors import UsageError
from zoning.measure.borders import shared_borders
from zoning.measure.criteria import (
    distance_kept,
    land_inside,
    levelness,
    nearness,
    share_inside,
)
from zoning.measure.facts import LineHit, Part, SiteFacts
from zoning.scenario.availability import Stock, draw
from zoning.scenario.criterion import Criterion
from zoning.scenario.engine import case_of
from zoning.scenario.findings.case import Case
from zoning.scenario.findings.lines import line_findings
from zoning.scenario.findings.quota import Needs, quota_needs
from zoning.scenario.model import Project, Scenario
from zoning.scenario.money import money_account
from zoning.scenario.outcome import NeedLine, Status
from zoning.siting.model import Borders, Land
from zoning.workspace.data import read_features
from zoning.workspace.desk import LAND_ROLES, Desk

Ints = NDArray[np.int64]
NOMINAL_DM2 = 1_000_000
"""1 ha: rates per dm² are taken from so much land."""
CENTS = 100
ROADS = ("1003", "1004", "1006")
"""Land classes that are roads one can drive in from: highway, street, rural road."""
TOUCH_DM2 = 100
"""Less than 1 m² in a control line is a sliver of the drawing, which the engine judges."""
BOUNDARY_LINE = "ugb"


@dataclass(frozen=True, eq=False)
class SitingLand:
    """The land, what its columns mean, and the maps of the criteria.

    `columns` name the quota kind and component of each budget and `available` what is free of it;
    `scores` are the values of each criterion per parcel; `missing` what the engine could not tell.
    """

    land: Land
    ids: tuple[str, ...]
    shapes: NDArray[np.object_]
    columns: tuple[tuple[str, str, str], ...]
    available: tuple[int, ...]
    scores: Mapping[str, Ints]
    missing: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Parcels:
    """The parcel layer in its own projection, and how much of each parcel lies in what (dm²)."""

    frame: geopandas.GeoDataFrame
    shapes: NDArray[np.object_]
    area_dm2: Ints
    lines: Mapping[str, Ints]
    converted: Ints


def siting_land(desk: Desk, scenario: Scenario, project: Project, have: Stock) -> SitingLand:
    """The county for one project. Raises UsageError for a parcel layer that is not projected."""
    parcels = _parcels(desk)
    rates = _rates(desk, scenario, project, parcels, have)
    scores = {each.id: score_of(desk, each, parcels.frame, parcels.shapes)
              for each in scenario.criteria}
    value = sum((each.weight * CENTS * scores[each.id] * (parcels.area_dm2 // 100) // 1000
                 for each in scenario.criteria), np.zeros(len(parcels.area_dm2), np.int64))
    land = _land(parcels, rates.cost - value, rates.quota, rates.open)
    return SitingLand(land, tuple(parcels.frame["feature_id"].astype(str)), parcels.shapes,
                      rates.columns, rates.available, scores, rates.missing)


def _parcels(desk: Desk) -> _Parcels:
    frame = read_features(desk.workspace, "parcel")
    if not frame.crs.is_projected:
        raise UsageError("siting.not_projected", crs=frame.crs.name)
    shapes = np.asarray(frame.geometry.values, dtype=object)
    area = np.asarray(frame["area_dm2"], dtype=np.int64)
    plane = np.maximum(shapely.area(shapes), 1e-9)
    roles = [role for role in desk.workspace.config.roles() if role not in LAND_ROLES]

    def dm2(drawn: NDArray[np.object_]) -> Ints:
        found: Ints = np.rint(land_inside(shapes, drawn) / plane * area).astype(np.int64)
        return found

    lines = {role: dm2(_drawn(desk, role, frame)) for role in roles}
    return _Parcels(frame, shapes, area, lines, dm2(_converted(desk, frame)))


def _drawn(desk: Desk, role: str, frame: geopandas.GeoDataFrame) -> NDArray[np.object_]:
    """The shapes of a layer in the projection of the parcels."""
    layer = read_features(desk.workspace, role).to_crs(frame.crs)
    return np.asarray(layer.geometry.values, dtype=object)


def _converted(desk: Desk, frame: geopandas.GeoDataFrame) -> NDArray[np.object_]:
    if "idle_land" not in desk.workspace.config.roles():
        return np.zeros(0, dtype=object)
    layer = read_features(desk.workspace, "idle_land").to_crs(frame.crs)
    if "converted" not in layer:
        return np.zeros(0, dtype=object)
    said = layer["converted"].fillna(False).astype(bool).to_numpy()
    drawn: NDArray[np.object_] = np.asarray(layer.geometry.values, dtype=object)[said]
    return drawn


# ── what the engine says of each kind of land ────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class _Rates:
    cost: Ints
    quota: Ints
    open: NDArray[np.bool_]
    columns: tuple[tuple[str, str, str], ...]
    available: tuple[int, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class _Nominal:
    """What 1 ha of one kind of land would cost (0.01 yuan) and need."""

    cost: int
    needs: Mapping[tuple[str, str], int]
    missing: tuple[str, ...]


def _rates(
    desk: Desk, scenario: Scenario, project: Project, parcels: _Parcels, have: Stock
) -> _Rates:
    kinds, which = _kinds_of_land(parcels.frame)
    roles = tuple(parcels.lines)

    def case(part: Part, hit: str | None) -> Case:
        facts = _facts(part, roles, hit)
        return case_of(project, facts, desk.law, on=scenario.decision_date, place=scenario.place)

    plain = [_nominal(case(part, None), project, have) for part in kinds]
    inside = [_nominal(case(part, BOUNDARY_LINE), project, have) for part in kinds]
    ready = [_nominal(case(replace(part, converted=True), None), project, have) for part in kinds]
    names = tuple(dict.fromkeys(key for each in (*plain, *inside, *ready) for key in each.needs))
    limits = {(line.kind, line.component): (line.unit, line.available)
              for each in kinds for line in _lines(case(each, BOUNDARY_LINE), project, have)}
    names = tuple(name for name in names if name in limits)
    in_line = parcels.lines.get(BOUNDARY_LINE, np.zeros(len(which), np.int64))
    in_line = np.maximum(0, in_line - parcels.converted)
    rest = np.maximum(0, parcels.area_dm2 - parcels.converted - in_line)

    def column(read: Sequence[tuple[int, int, int]]) -> Ints:
        table = np.array(read, dtype=np.float64)[which] / NOMINAL_DM2
        parts = np.stack((rest, in_line, parcels.converted), axis=1)
        summed: Ints = np.ceil((table * parts).sum(axis=1) - 1e-6).astype(np.int64)
        return summed

    trios = list(zip(plain, inside, ready, strict=True))
    quota = [column([(p.needs.get(n, 0), i.needs.get(n, 0), r.needs.get(n, 0))
                     for p, i, r in trios]) for n in names]
    missing = tuple(dict.fromkeys(token for each in (*plain, *inside) for token in each.missing))
    return _Rates(column([(p.cost, i.cost, r.cost) for p, i, r in trios]),
                  np.stack(quota, axis=1) if quota else np.zeros((len(which), 0), np.int64),
                  _open(case, kinds, which, parcels), tuple((*n, limits[n][0]) for n in names),
                  tuple(limits[n][1] for n in names), missing)


def _kinds_of_land(frame: geopandas.GeoDataFrame) -> tuple[list[Part], Ints]:
    """The distinct kinds of land (class, ridge share, grade), and which each parcel is."""
    columns = [frame[name].astype("string").fillna("") if name in frame
               else frame["feature_id"].astype("string").where(False, "")
               for name in ("class_code", "deduct_1e4", "grade_tenths")]
    told = list(zip(*columns, strict=True))
    kinds = {key: number for number, key in enumerate(dict.fromkeys(told))}
    parts = [Part("*", code or None, NOMINAL_DM2, int(float(deduct or 0)),
                  int(float(grade)) if grade else None) for code, deduct, grade in kinds]
    return parts, np.array([kinds[key] for key in told], np.int64)


def _facts(part: Part, roles: Sequence[str], hit: str | None) -> SiteFacts:
    areas = {role: NOMINAL_DM2 if role == hit else 0 for role in roles}
    lines = tuple(LineHit(role, area, area) for role, area in areas.items())
    return SiteFacts("*", NOMINAL_DM2, (part,), 0, 0, lines)


def _nominal(case: Case, project: Project, have: Stock) -> _Nominal:
    needed: Needs = quota_needs(case)
    lines = draw(project, needed.needs, have).lines
    lots = [lot for group in have.lots.values() for lot in group]
    account = money_account(case, lines, lots)
    told = sum((each.low_yuan or 0) + (each.high_yuan or 0) for each in account.lines)
    needs = {(line.kind, line.component): line.needed for line in lines if line.needed}
    missing = (*(token for each in needed.needs for token in each.missing),
               *(token for each in account.lines for token in each.missing))
    return _Nominal(told * CENTS // 2, needs, missing)


def _lines(case: Case, project: Project, have: Stock) -> Sequence[NeedLine]:
    return draw(project, quota_needs(case).needs, have).lines


def _open(
    case: Callable[[Part, str | None], Case], kinds: Sequence[Part], which: Ints, parcels: _Parcels
) -> NDArray[np.bool_]:
    """Where no control line is broken and the class of the land is known."""
    known = np.array([part.class_code is not None for part in kinds])[which]
    known &= parcels.area_dm2 > 0
    for role, inside in parcels.lines.items():
        met, free = (_fails(case(kinds[0], hit), role) for hit in (role, None))
        if met:
            known &= inside <= TOUCH_DM2
        if free:
            known &= parcels.area_dm2 - inside <= TOUCH_DM2
    found: NDArray[np.bool_] = known
    return found


def _fails(case: Case, role: str) -> bool:
    return any(each.role == role and each.status is Status.FAIL for each in line_findings(case))


# ── shapes as numbers ────────────────────────────────────────────────────────────────────────


def _land(parcels: _Parcels, cost: Ints, quota: Ints, is_open: NDArray[np.bool_]) -> Land:
    shared = shared_borders(parcels.shapes)
    borders = Borders(*shared)
    hulls = shapely.convex_hull(parcels.shapes)
    circle = shapely.minimum_bounding_circle(hulls)
    radius = np.nan_to_num(shapely.minimum_bounding_radius(hulls), nan=np.inf)
    centre = shapely.get_coordinates(shapely.centroid(circle))
    corner, owner = shapely.get_coordinates(hulls, return_index=True)
    start = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(hulls)))))
    codes = parcels.frame["class_code"].astype("string").fillna("").to_numpy()
    road = np.isin(codes, ROADS)
    rows = np.repeat(np.arange(len(cost)), np.diff(borders.start))
    access = road.copy()
    access[rows[road[borders.neighbour]]] = True
    return Land(cost.astype(np.int64), parcels.area_dm2, quota.astype(np.int64), borders,
                centre[:, 0].copy(), centre[:, 1].copy(), radius, start.astype(np.int64), corner,
                is_open, access)


# ── criteria ─────────────────────────────────────────────────────────────────────────────────


def score_of(
    desk: Desk, criterion: Criterion, frame: geopandas.GeoDataFrame, shapes: NDArray[np.object_]
) -> Ints:
    """The score of every parcel by one criterion, 0 to 1000."""
    kind = criterion.kind
    if kind == "slope":
        levels = frame["slope"].astype("Float64") if "slope" in frame else None
        told = (np.full(len(frame), np.nan) if levels is None
                else levels.to_numpy(dtype="float64", na_value=np.nan))
        return levelness(told, criterion.unknown)
    if kind == "stock":
        return share_inside(shapes, _drawn(desk, criterion.layer or "idle_land", frame))
    if kind == "inside":
        return share_inside(shapes, _drawn(desk, criterion.layer or "", frame))
    if kind == "planned_use":
        layer = read_features(desk.workspace, criterion.layer or "planned_use").to_crs(frame.crs)
        fits = layer["use_code"].astype("string").isin(criterion.codes).to_numpy(dtype=bool)
        return share_inside(shapes, np.asarray(layer.geometry.values, dtype=object)[fits])
    targets = _targets(desk, criterion, frame, shapes)
    measure = nearness if kind == "near" else distance_kept
    return measure(shapes, targets, criterion.reach_m or 1.0)


def _targets(
    desk: Desk, criterion: Criterion, frame: geopandas.GeoDataFrame, shapes: NDArray[np.object_]
) -> NDArray[np.object_]:
    if criterion.layer:
        return _drawn(desk, criterion.layer, frame)
    codes = frame["class_code"].astype("string").isin(criterion.codes).to_numpy(dtype=bool)
    own: NDArray[np.object_] = shapes[codes]
    return own
