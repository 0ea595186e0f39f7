"""The land survey of the county: every patch with the official DLTB columns, consistent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from zoning.codes.reader import land_classes
from zoning.demo.cells import CODES, Cells, Integers, Tag, is_code
from zoning.demo.layout import Layout, Use
from zoning.demo.names import COUNTY, COUNTY_CODE, REMARK, village_code, village_name, villages
from zoning.demo.shapes import Polygons
from zoning.measure.area import statutory_dm2

CRS_PREFIXED = CRS.from_epsg(4528)
SURVEY_YEAR = 2019
RIDGE_SHARE_1E4 = 680
"""Field-ridge coefficient of slope grade 2, ten-thousandths; seen in public survey software."""

_CLASSES = land_classes("sd2020").classes
_FARMLAND = tuple(code for code in CODES if _CLASSES[code].farmland)
_WITH_WIDTH = ("1001", "1002", "1003", "1004", "1006", "1009", "1101", "1107", "1107A")
_BUILT_UP = tuple(
    code for code in CODES
    if code[:2] in ("05", "06", "07", "08", "09") or code in ("1004", "1005", "1201")
)
_STATE = ("1003", "1101", "1105", "1106", "1107A", "1109")
_PLANTS = (("LS", "粮食"), ("LYFL", "粮与非粮轮作"), ("FLS", "非粮食"), ("WG", "未耕种"))


@dataclass(frozen=True, eq=False)
class Survey:
    """The patches and, beside them, what the plan knew of each: tag, block and group."""

    frame: gpd.GeoDataFrame
    cells: Cells
    area_dm2: Integers
    layout: Layout

    @property
    def uses(self) -> Integers:
        """What the block of each patch is, as `Use`."""
        found: Integers = self.layout.uses.ravel()[self.cells.blocks]
        return found


def make_survey(
    rng: np.random.Generator, cells: Cells, shapes: Polygons, layout: Layout
) -> Survey:
    """Number, measure and describe the patches; they are sorted by village."""
    village = villages(cells.blocks, layout.uses.shape[1])
    order = np.argsort(village, kind="stable")
    cells = Cells(*(column[order] for column in cells))
    shapes, village = shapes[order], village[order]
    area = statutory_dm2(shapes, CRS_PREFIXED)
    columns = {
        **_identity(cells, village),
        **_owner(cells, village, layout),
        **_amounts(cells, area, layout),
        **_farming(rng, cells, layout),
        **_remarks(cells, layout),
    }
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS_PREFIXED)
    return Survey(frame[[*FIELDS, "geometry"]], cells, area, layout)


def _identity(cells: Cells, village: Integers) -> dict[str, object]:
    count = len(village)
    starts = np.searchsorted(village, village)
    numbers = pd.Series(np.arange(count) - starts + 1).astype(str)
    serial = pd.Series(np.arange(1, count + 1)).astype(str).str.zfill(8)
    return {
        "BSM": COUNTY_CODE + "2110" + serial,
        "YSDM": _same("2001010100", count),
        "TBYBH": numbers,
        "TBBH": numbers,
        "DLBM": _picked(list(CODES), cells.codes),
        "DLMC": _picked([_CLASSES[code].zh for code in CODES], cells.codes),
    }


def _owner(cells: Cells, village: Integers, layout: Layout) -> dict[str, object]:
    built = np.isin(layout.uses.ravel()[cells.blocks], (Use.PARK, Use.TOWN))
    is_state = is_code(cells.codes, *_STATE) | (built & is_code(cells.codes, *_BUILT_UP, "0810"))
    distinct, which = np.unique(village, return_inverse=True)
    names = [village_name(int(each)) for each in distinct]
    codes = [village_code(int(each)) for each in distinct]
    owners = [f"{name}农民集体" for name in names]
    return {
        "QSXZ": _picked(["30", "20"], is_state.astype(np.int64)),
        "QSDWDM": _picked(codes, which),
        "QSDWMC": _picked([*owners, f"{COUNTY}国有土地"],
                          np.where(is_state, len(owners), which)),
        "ZLDWDM": _picked(codes, which),
        "ZLDWMC": _picked(names, which),
    }


def _amounts(cells: Cells, area: Integers, layout: Layout) -> dict[str, object]:
    """Area, ridge deduction and width. The deducted part is rounded half up, the rest is exact."""
    sloping = _sloping(cells, layout)
    deducted = np.where(sloping, (area * RIDGE_SHARE_1E4 + 5000) // 10_000, 0)
    width = (cells.boxes[:, 2:] - cells.boxes[:, :2]).min(axis=1) / 1000
    has_width = is_code(cells.codes, *_WITH_WIDTH)
    return {
        "TBMJ": area / 100,
        "KCDLBM": _picked([None, "1203"], sloping.astype(np.int64)),
        "KCXS": np.where(sloping, RIDGE_SHARE_1E4 / 10_000, 0.0),
        "KCMJ": deducted / 100,
        "TBDLMJ": (area - deducted) / 100,
        "XZDWKD": np.where(has_width, np.floor(width * 10 + 0.5) / 10, np.nan),
    }


def _farming(rng: np.random.Generator, cells: Cells, layout: Layout) -> dict[str, object]:
    farmland = is_code(cells.codes, *_FARMLAND)
    sloping = _sloping(cells, layout)
    planted = np.where(farmland, rng.choice(4, len(farmland), p=(0.8, 0.12, 0.06, 0.02)), 4)
    planted = np.where(farmland & (cells.tags == Tag.VACANT), 3, planted)
    spare = is_code(cells.codes, "0201", "0204", "0307", "0404", "1104", "1104A")
    planted = np.where(spare & (rng.random(len(spare)) < 0.2), 5, planted)
    names = [*_PLANTS, (None, None), ("JKHF", "即可恢复")]
    by_river = farmland & (_from_river(cells, layout) < 210_000)
    return {
        "GDLX": _picked([None, "PD"], sloping.astype(np.int64)),
        "GDPDJB": _picked([None, "1", "2"], np.where(farmland, 1 + sloping, 0)),
        "TBXHDM": _picked([None, "HDGD"], by_river.astype(np.int64)),
        "TBXHMC": _picked([None, "河道耕地"], by_river.astype(np.int64)),
        "ZZSXDM": _picked([code for code, _ in names], planted),
        "ZZSXMC": _picked([name for _, name in names], planted),
        "GDDB": pd.arrays.IntegerArray(_grades(cells), ~farmland),
    }


def _remarks(cells: Cells, layout: Layout) -> dict[str, object]:
    count = len(cells.codes)
    uses = layout.uses.ravel()[cells.blocks]
    place = np.select(
        [~is_code(cells.codes, *_BUILT_UP), is_code(cells.codes, "09"), uses == Use.PARK,
         uses == Use.TOWN], [0, 4, 2, 1], default=3,
    )
    return {
        "FRDBS": _same("0", count),
        "CZCSXM": _picked([None, "202", "202A", "203", "205"], place),
        "SJNF": np.full(count, SURVEY_YEAR, dtype=np.int32),
        "MSSM": _same("00", count),
        "BZ": _picked([REMARK, f"{REMARK};增减挂钩拆旧复垦"],
                      (cells.tags == Tag.RECLAIMED).astype(np.int64)),
    }


def _sloping(cells: Cells, layout: Layout) -> NDArray[np.bool_]:
    """Farmland of slope grade 2: here only dry fields and every sixth row near the river."""
    near = _from_river(cells, layout) < 420_000
    some = is_code(cells.codes, "0103") | (is_code(cells.codes, "0102") & (cells.groups % 6 == 0))
    sloping: NDArray[np.bool_] = near & some
    return sloping


def _from_river(cells: Cells, layout: Layout) -> Integers:
    middle = (cells.boxes[:, 1] + cells.boxes[:, 3]) // 2
    distance: Integers = np.abs(middle - layout.river_v)
    return distance


def _grades(cells: Cells) -> NDArray[np.int16]:
    """Farmland grade 3 to 8, alike within a row of strips and drifting over the county."""
    u = (cells.boxes[:, 0] + cells.boxes[:, 2]) / 2e6
    v = (cells.boxes[:, 1] + cells.boxes[:, 3]) / 2e6
    drift = 5.3 + 1.2 * np.sin(u * 0.9 + 0.6) * np.cos(v * 0.7) + 0.18 * u.clip(-6, 6)
    return np.clip(np.rint(drift + (cells.groups % 5) * 0.2 - 0.4), 3, 8).astype(np.int16)


def _picked(choices: Sequence[str | None], which: Integers) -> pd.Categorical[str]:
    """A text column of few distinct values; None is no text."""
    texts = list(dict.fromkeys(text for text in choices if text is not None))
    codes = np.array([-1 if text is None else texts.index(text) for text in choices])
    return pd.Categorical.from_codes(codes[which], categories=pd.Index(texts))


def _same(text: str, count: int) -> pd.Categorical[str]:
    return _picked([text], np.zeros(count, dtype=np.int64))


FIELDS = (
    "BSM", "YSDM", "TBYBH", "TBBH", "DLBM", "DLMC", "QSXZ", "QSDWDM", "QSDWMC", "ZLDWDM",
    "ZLDWMC", "TBMJ", "KCDLBM", "KCXS", "KCMJ", "TBDLMJ", "GDLX", "GDPDJB", "XZDWKD", "TBXHDM",
    "TBXHMC", "ZZSXDM", "ZZSXMC", "GDDB", "FRDBS", "CZCSXM", "SJNF", "MSSM", "BZ",
)
