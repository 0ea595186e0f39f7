"""Linkage plots, offset projects and one project site: which patches, with which papers.

At the default size about 580 mu of linkage and 320 mu of offsets are accepted in the demo year.
Every number of a document is invented and says so.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from zoning.demo.cells import Integers, Tag, is_code
from zoning.demo.control import boundary_blocks
from zoning.demo.layout import Use
from zoning.demo.names import REMARK
from zoning.demo.stock import take_until, target_dm2, where_known
from zoning.demo.survey import CRS_PREFIXED, Survey
from zoning.measure.area import statutory_dm2

LINKAGE_MU, OFFSET_MU, NEW_SITE_MU = 580, 320, 170
CAPACITY_BASE = 16
"""Grain capacity of the demo county: (16 - grade) × 100 kg per mu. An assumption, not verified."""

_SET_BACK_M = 7.0


def demolition(survey: Survey) -> gpd.GeoDataFrame:
    """Demolished hamlets: farmland again and accepted, or homesteads still to be taken down.

    The accepted plots make up the linkage quota of the demo year.
    """
    cells = survey.cells
    accepted = _plots(survey, np.flatnonzero(cells.tags == Tag.RECLAIMED), size=3)
    accepted = accepted[take_until(_sizes(survey, accepted), target_dm2(LINKAGE_MU, survey))]
    homes = (cells.tags == Tag.HAMLET) & is_code(cells.codes, "0702")
    planned = _plots(survey, np.flatnonzero(homes & (cells.groups % 7 == 3)), size=2)
    planned = planned[:max(1, len(accepted) // 2)]
    frame = _plot_frame(survey, [*accepted, *planned], "CJ")
    done = np.arange(len(frame)) < len(accepted)
    number = np.arange(len(frame)) // 4 + 1
    frame["XMBH"] = [f"演示挂钩〔2018〕{each}" for each in number]
    frame["XMMC"] = [f"示范县2018年度挂钩项目区{each}(演示)" for each in number]
    frame["DKLX"] = "拆旧地块"
    frame["ND"] = np.where(done, 2018, 2019)
    frame["XMZT"] = np.where(done, "已验收", "已立项")
    frame["YSBH"] = where_known(done, [f"演示挂钩验〔2019〕{each}号" for each in number])
    return frame


def new_sites(survey: Survey) -> gpd.GeoDataFrame:
    """New-building plots: farmland strips set aside for linkage projects.

    They lie inside the parks or, where these have none left, in the boundary's flexible part.
    """
    inside = (survey.uses == Use.PARK) & (survey.cells.tags == Tag.FIELD)
    inside &= ~_site_members(survey)
    if not (inside & _is_farmland(survey)).any():
        inside = boundary_blocks(survey)[1] & (survey.cells.tags == Tag.FIELD)
    plots = _plots(survey, np.flatnonzero(inside & _is_farmland(survey)), size=4)
    plots = plots[1::2] if len(plots) > 1 else plots
    plots = plots[take_until(_sizes(survey, plots), target_dm2(NEW_SITE_MU, survey))]
    frame = _plot_frame(survey, list(plots), "JX")
    frame["XMBH"] = "演示挂钩〔2018〕1"
    frame["XMMC"] = "示范县2018年度挂钩项目区1(演示)"
    frame["DKLX"] = "建新地块"
    frame["ND"] = 2019
    frame["XMZT"] = "已批准"
    return frame


def offsets(survey: Survey) -> gpd.GeoDataFrame:
    """Offset projects: strips among the ponds made farmland, accepted in 2018 and 2019."""
    cells = survey.cells
    strips = (survey.uses == Use.PONDS) & (cells.tags == Tag.FIELD) & _is_farmland(survey)
    plots = _plots(survey, np.flatnonzero(strips), size=7)
    plots = plots[take_until(_sizes(survey, plots), target_dm2(OFFSET_MU, survey))]
    frame = _plot_frame(survey, list(plots), "BC")
    number = np.arange(len(frame)) // 2 + 1
    year = np.where(number % 2 == 0, 2018, 2019)
    frame["XMBH"] = [f"演示补充{y}{n:02d}" for y, n in zip(year, number, strict=True)]
    frame["XMMC"] = [f"退养还耕补充耕地项目{each}(演示)" for each in number]
    frame["ND"] = year
    frame["XMZT"] = "已验收入库"
    frame["YSBH"] = [f"演示补耕验〔{y}〕{n}号" for y, n in zip(year, number, strict=True)]
    return frame


def project_site(survey: Survey) -> gpd.GeoDataFrame:
    """The land of one project, set back from the streets around it: follows no patch."""
    whole = shapely.coverage_union_all(survey.frame.geometry.to_numpy()[_site_members(survey)])
    shape = shapely.set_precision(
        shapely.buffer(whole, -_SET_BACK_M, join_style="mitre").simplify(0.4), 0.001
    )
    return gpd.GeoDataFrame(
        {"DKBH": ["BP-001"], "DKMC": ["智能装备项目地块(演示)"], "DKYT": ["工业用地"],
         "MJ": statutory_dm2([shape], CRS_PREFIXED) / 100, "BZ": [REMARK]},
        geometry=[shape], crs=CRS_PREFIXED,
    )


def _site_members(survey: Survey) -> NDArray[np.bool_]:
    """The row of strips inside the parks that counts most strips."""
    fields = (survey.uses == Use.PARK) & (survey.cells.tags == Tag.FIELD)
    groups, counts = np.unique(survey.cells.groups[fields], return_counts=True)
    members: NDArray[np.bool_] = fields & (survey.cells.groups == groups[np.argmax(counts)])
    return members


def _is_farmland(survey: Survey) -> NDArray[np.bool_]:
    return is_code(survey.cells.codes, "0101", "0102", "0103")


def _plots(survey: Survey, members: Integers, *, size: int) -> NDArray[np.object_]:
    """Runs of up to `size` patches of one row that touch one another, as lists of positions."""
    groups, boxes = survey.cells.groups[members], survey.cells.boxes[members]
    order = np.lexsort((boxes[:, 0], groups))
    members, groups, boxes = members[order], groups[order], boxes[order]
    found: list[list[int]] = []
    for place, member in enumerate(members):
        together = place > 0 and groups[place] == groups[place - 1] and (
            boxes[place, 0] == boxes[place - 1, 2]) and len(found[-1]) < size
        if together:
            found[-1].append(int(member))
        else:
            found.append([int(member)])
    plots = np.empty(len(found), dtype=object)
    plots[:] = found
    return plots


def _sizes(survey: Survey, plots: NDArray[np.object_]) -> Integers:
    return np.array([int(survey.area_dm2[plot].sum()) for plot in plots], dtype=np.int64)


def _plot_frame(survey: Survey, plots: list[list[int]], letters: str) -> gpd.GeoDataFrame:
    """Plots with area, farmland, paddy (公顷, four decimals), capacity (kg) and their patches."""
    shapes = survey.frame.geometry.to_numpy()
    united = [shapely.coverage_union_all(shapes[plot]) for plot in plots]
    rows = [_amounts(survey, plot) for plot in plots]
    columns = {
        "DKBH": [f"{letters}-{number:03d}" for number in range(1, len(plots) + 1)],
        "DKMC": [f"{survey.frame['ZLDWMC'].iat[plot[0]]}{letters}{number}号地块"
                 for number, plot in enumerate(plots, start=1)],
        "DKMJ": [row[0] for row in rows],
        "XZGDMJ": [row[1] for row in rows],
        "STMJ": [row[2] for row in rows],
        "LSCN": [row[3] for row in rows],
        "TBBSM": [",".join(survey.frame["BSM"].iloc[plot]) for plot in plots],
        "BZ": REMARK,
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=united, crs=CRS_PREFIXED)


def _amounts(survey: Survey, plot: list[int]) -> tuple[float, float, float, int]:
    area, codes = survey.area_dm2[plot], survey.cells.codes[plot]
    farmland = np.where(is_code(codes, "0101", "0102", "0103"), area, 0)
    paddy = np.where(is_code(codes, "0101"), area, 0)
    grades = survey.frame["GDDB"].iloc[plot].fillna(CAPACITY_BASE).to_numpy(dtype=np.int64)
    kilograms = int((farmland * (CAPACITY_BASE - grades)).sum() * 15 // 10_000)
    return _hectares(area), _hectares(farmland), _hectares(paddy), kilograms


def _hectares(area: Integers) -> float:
    return round(int(area.sum()) / 1_000_000, 4)
