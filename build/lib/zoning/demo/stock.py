"""Idle land of the county: which lots, in which state, with which papers.

Amounts follow the public figures of a demo year and shrink or grow with the county: about 400 mu of
idle land are revived at the default size. Every number of a document is invented and says so.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from zoning.demo.cells import Integers, Tag, is_code
from zoning.demo.layout import Use
from zoning.demo.names import REMARK
from zoning.demo.shapes import Polygons
from zoning.demo.survey import CRS_PREFIXED, Survey
from zoning.measure.area import statutory_dm2
from zoning.units import dm2_from

Days = NDArray[np.datetime64]
DEFAULT_PARCELS = 6000
REVIVED_MU = 400
PARKS = ("智造产业园", "新能源装备园", "生命健康园", "新材料园", "电子信息园", "海工装备园")


def target_dm2(mu: int, survey: Survey) -> int:
    """A yearly amount of the default county, scaled to this one."""
    return round(dm2_from(mu, "mu") * survey.layout.parcels / DEFAULT_PARCELS)


def take_until(area: Integers, target: int) -> Integers:
    """Positions taken in order while they fit under the target; at least the smallest."""
    taken, total = [], 0
    for number, one in enumerate(area):
        if total + one <= target:
            taken.append(number)
            total += int(one)
    if not taken and len(area):
        taken.append(int(np.argmin(area)))
    return np.array(taken, dtype=np.int64)


def park_names(survey: Survey) -> NDArray[np.object_]:
    """The sub-park (区中园) of each patch by its block, empty outside the parks."""
    blocks = np.flatnonzero(survey.layout.uses.ravel() == Use.PARK)
    names = np.full(survey.layout.uses.size, "", dtype=object)
    for number, block in enumerate(blocks):
        cycle = number // len(PARKS)
        names[block] = PARKS[number % len(PARKS)] + (f"{cycle + 1}区" if cycle else "")
    return names[survey.cells.blocks]


def idle_land(rng: np.random.Generator, survey: Survey) -> gpd.GeoDataFrame:
    """Stock land of four kinds; about every sixth feature is a part of its lot."""
    cells = survey.cells
    built_up = np.isin(survey.uses, (Use.PARK, Use.TOWN))
    vacant = np.flatnonzero((cells.tags == Tag.VACANT) & built_up)
    industry = (cells.tags == Tag.LOT) & is_code(cells.codes, "0601") & (survey.uses == Use.PARK)
    poor = np.flatnonzero(industry & (rng.random(len(industry)) < 0.14))
    members = np.concatenate((vacant, poor))
    kinds = np.concatenate((_vacant_kinds(rng, survey, vacant), np.full(len(poor), 3)))
    shapes = survey.frame.geometry.to_numpy()[members]
    partial = (rng.random(len(members)) < 0.16) & (kinds != 3)
    shapes = np.where(partial, _southern_part(shapes), shapes)
    return _idle_frame(rng, survey, members, kinds, shapes)


_KINDS = ("批而未供", "供而未用", "闲置土地", "低效用地")
_CAUSES = ("征地拆迁未完成", "项目资金未到位", "企业原因", "亩均税收低于园区标准")


def _vacant_kinds(rng: np.random.Generator, survey: Survey, members: Integers) -> Integers:
    """Land still farmed or grown over was never supplied; bare land is in any of three states."""
    bare = is_code(survey.cells.codes[members], "1201")
    drawn = rng.choice(3, len(members), p=(0.14, 0.43, 0.43))
    return np.where(bare, drawn, 0).astype(np.int64)


def _southern_part(shapes: Polygons) -> Polygons:
    """What of each lot lies in the southern 55 % of its extent, on the millimetre grid."""
    bounds = shapely.bounds(shapes)
    north = bounds[:, 1] + 0.55 * (bounds[:, 3] - bounds[:, 1])
    cut = shapely.intersection(
        shapes, shapely.box(bounds[:, 0] - 1, bounds[:, 1] - 1, bounds[:, 2] + 1, north)
    )
    found: Polygons = shapely.set_precision(cut, 0.001)
    return found


def _idle_frame(
    rng: np.random.Generator, survey: Survey, members: Integers, kinds: Integers, shapes: Polygons
) -> gpd.GeoDataFrame:
    count = len(members)
    area = statutory_dm2(shapes, CRS_PREFIXED)
    order = np.flatnonzero(kinds != 3)
    order = order[rng.permutation(len(order))]
    revived = np.zeros(count, dtype=bool)
    revived[order[take_until(area[order], target_dm2(REVIVED_MU, survey))]] = True
    approved, supplied, starts = _history(rng, kinds)
    is_supplied = np.isin(kinds, (1, 2))
    serial = np.arange(1, count + 1)
    batch = [f"演示{day.year}年度第{number % 9 + 1}批次" for day, number in
             zip(pd.DatetimeIndex(approved), serial, strict=True)]
    columns = {
        "DKBH": [f"CL-{number:03d}" for number in serial],
        "XMMC": [f"{park or '城区'}{_KINDS[kind]}地块{number}(演示)" for park, kind, number in
                 zip(park_names(survey)[members], kinds, serial, strict=True)],
        "CLLX": [_KINDS[kind] for kind in kinds],
        "PCMC": where_known(kinds != 3, batch),
        "PZWH": where_known(kinds != 3, [f"演示地批〔{day.year}〕{number}号" for day, number in
                                    zip(pd.DatetimeIndex(approved), serial, strict=True)]),
        "PZRQ": _dates(approved, kinds != 3),
        "GDRQ": _dates(supplied, is_supplied),
        "YDKGRQ": _dates(starts, is_supplied),
        "YY": [_CAUSES[kind] for kind in kinds],
        "CZZT": np.where(revived, "已盘活", "待处置"),
        "CZRQ": _dates(_days(rng, count, "2019-02-01", 300), revived),
        "TBBSM": survey.frame["BSM"].to_numpy()[members],
        "MJ": area / 100,
        "BZ": REMARK,
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapes, crs=CRS_PREFIXED)


def _history(rng: np.random.Generator, kinds: Integers) -> tuple[Days, Days, Days]:
    """Days of approval, of supply and of agreed start.

    Idle land is a year and more behind its start by the end of 2019; land merely unused is not yet.
    """
    first = np.array(["2014-02-01", "2017-09-01", "2013-03-01", "2013-03-01"], "M8[D]")[kinds]
    approved = first + rng.integers(0, np.array([1500, 200, 900, 900])[kinds])
    supplied = approved + rng.integers(150, 300, len(kinds))
    starts = supplied + rng.integers(330, 400, len(kinds))
    return approved.astype("M8[D]"), supplied.astype("M8[D]"), starts.astype("M8[D]")


def _days(rng: np.random.Generator, count: int, first: str, span: int) -> Days:
    days: Days = np.datetime64(first, "D") + rng.integers(0, span, count)
    return days


def _dates(days: Days, known: NDArray[np.bool_]) -> pd.Series:
    return pd.Series(where_known(known, [str(day) for day in days]))


def where_known(known: NDArray[np.bool_], texts: list[str]) -> list[str | None]:
    """The texts where they are known, None elsewhere."""
    return [text if is_known else None for text, is_known in zip(texts, known, strict=True)]
