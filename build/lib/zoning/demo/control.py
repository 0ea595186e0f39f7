"""The three control lines of the county, under their official layer and field names.

Fields that would hold personal data (responsible person, number, phone) are not made at all.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from zoning.codes.reader import land_classes
from zoning.demo.cells import Integers, Tag
from zoning.demo.layout import Use
from zoning.demo.names import COUNTY, COUNTY_CODE, REMARK
from zoning.demo.shapes import Polygons, merge_groups
from zoning.demo.survey import CRS_PREFIXED, SURVEY_YEAR, Survey
from zoning.measure.area import statutory_dm2

_PROTECTED_SHARE = 0.95
_MERGED_SHARE = 0.45
_CLASSES = land_classes("sd2020").classes
_COPIED = ("DLBM", "DLMC", "QSXZ", "QSDWDM", "QSDWMC", "ZLDWDM", "ZLDWMC", "KCDLBM", "KCXS",
           "GDLX", "GDPDJB", "GDDB")


def boundary_blocks(survey: Survey) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which patches lie inside the development boundary: in its core, in its flexible part.

    The core is town and parks; the flexible part is the farm block nearest to the parks' middle.
    """
    uses = survey.layout.uses
    core = np.isin(survey.uses, (Use.PARK, Use.TOWN)) & (survey.cells.tags != Tag.BANK)
    columns, rows = np.arange(uses.shape[0])[:, None], np.arange(uses.shape[1])[None, :]
    parks = uses == Use.PARK
    middle = np.argwhere(parks).mean(axis=0)
    distance = np.hypot(columns - middle[0], 0.75 * (rows - middle[1]))
    distance[uses != Use.FARM] = np.inf
    if not np.isfinite(distance).any():
        return core, np.zeros(len(core), dtype=bool)
    nearest = survey.cells.blocks == int(np.argmin(distance))
    return core, nearest & (survey.cells.tags != Tag.BANK)


def farmland_protection(rng: np.random.Generator, survey: Survey) -> gpd.GeoDataFrame:
    """Permanent basic farmland (YJJBNTBHTB): 19 of 20 rows of strips outside the boundary.

    Some rows are one feature per strip, others one for all farmland that hangs together.
    """
    cells = survey.cells
    core, flexible = boundary_blocks(survey)
    farmland = survey.frame["DLBM"].map(lambda code: bool(_CLASSES[code].farmland)).to_numpy(bool)
    fields = farmland & np.isin(cells.tags, (Tag.FIELD, Tag.RECLAIMED)) & ~core & ~flexible
    fields &= survey.uses != Use.PONDS
    groups = int(cells.groups.max()) + 1
    kept = fields & (rng.random(groups) < _PROTECTED_SHARE)[cells.groups]
    merged = kept & (rng.random(groups) < _MERGED_SHARE)[cells.groups]
    alone = np.flatnonzero(kept & ~merged)
    together = np.flatnonzero(merged)
    shapes = survey.frame.geometry.to_numpy()
    united, first = merge_groups(shapes[together], cells.groups[together])
    members = np.concatenate((alone, together[first]))
    return _farmland_frame(survey, members, np.concatenate((shapes[alone], united)))


def _farmland_frame(survey: Survey, members: Integers, shapes: Polygons) -> gpd.GeoDataFrame:
    area = statutory_dm2(shapes, CRS_PREFIXED)
    copied = survey.frame.iloc[members][list(_COPIED)].reset_index(drop=True)
    share = np.rint(copied["KCXS"].to_numpy() * 10_000).astype(np.int64)
    deducted = (area * share + 5000) // 10_000
    serial = pd.Series(np.arange(1, len(members) + 1)).astype(str).str.zfill(8)
    official = pd.DataFrame({
        "BSM": COUNTY_CODE + "5001" + serial,
        "XZQDM": COUNTY_CODE,
        "XZQMC": COUNTY,
        "YJJBNTTBBH": "JBNT" + serial,
        "TBBH": survey.frame["TBBH"].to_numpy()[members],
        "YJJBNTTBMJ": area / 100,
        "KCMJ": deducted / 100,
        "YJJBNTMJ": (area - deducted) / 100,
        "SJNF": np.full(len(members), SURVEY_YEAR, dtype=np.int32),
        "BZ": REMARK,
    })
    return gpd.GeoDataFrame(
        pd.concat([official, copied], axis=1), geometry=shapes, crs=CRS_PREFIXED
    )


def ecological_red_line(survey: Survey) -> gpd.GeoDataFrame:
    """The ecological red line (STBHHX): the river with its banks, and the tidal flat."""
    shapes, names, kinds = [], [], []
    for tag, name, kind in (
        (Tag.BANK, "演示河清水通道维护区", "清水通道维护区"),
        (Tag.FLAT, "演示滩涂重要湿地", "重要湿地"),
    ):
        members = survey.frame.geometry.to_numpy()[survey.cells.tags == tag]
        pieces = shapely.get_parts(shapely.coverage_union_all(members))
        shapes.extend(pieces)
        names.extend([name] * len(pieces))
        kinds.extend([kind] * len(pieces))
    return _line_frame(shapes, "5002", {"HXMC": names, "HXLX": kinds, "SHENG": "江苏省(演示)",
                                        "XIAN": COUNTY})


def development_boundary(survey: Survey) -> gpd.GeoDataFrame:
    """The development boundary (CZKFBJ): core of town and parks, and its flexible part."""
    shapes, codes, names = [], [], []
    for inside, code, name in zip(
        boundary_blocks(survey), ("110", "120"), ("城镇集中建设区", "城镇弹性发展区"), strict=True
    ):
        members = survey.frame.geometry.to_numpy()[inside]
        pieces = shapely.get_parts(shapely.coverage_union_all(members))
        shapes.extend(pieces)
        codes.extend([code] * len(pieces))
        names.extend([name] * len(pieces))
    return _line_frame(shapes, "5003", {"GHFQDM": codes, "GHFQMC": names})


def _line_frame(
    shapes: list[shapely.Geometry], layer: str, own: dict[str, object]
) -> gpd.GeoDataFrame:
    serial = [f"{COUNTY_CODE}{layer}{number:08d}" for number in range(1, len(shapes) + 1)]
    columns = {
        "BSM": serial, "XZQDM": COUNTY_CODE, "XZQMC": COUNTY, **own,
        "MJ": statutory_dm2(shapes, CRS_PREFIXED) / 100, "BZ": REMARK,
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapes, crs=CRS_PREFIXED)
