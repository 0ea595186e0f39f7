"""The quota book of the demo year: every lot that came in, with its invented document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import geopandas as gpd

from zoning.units import DM2_PER_HA, hectares, mu

DEMO_PLACE = "CN/32/3206/320623/demo"
PROVINCE = "CN/32"
COUNTY_POOL, PROVINCE_POOL = "县级指标库", "省级点供库"
_NOTE = "演示数据,非真实文件"

Row = Mapping[str, Any]


def opening_book(demolition: gpd.GeoDataFrame, offsets: gpd.GeoDataFrame) -> tuple[Row, ...]:
    """The inflows, one lot each, in the form `zoning.ledger.opening` reads.

    Plan quota, point supply and boundary increment are set by hand to suit the demo scenarios; the
    lots of offsets and linkage add up the accepted plots they come from.
    """
    accepted = demolition[demolition["XMZT"] == "已验收"]
    return (
        *_planned(), *_later(),
        *(_from_plots("offset", plots, expires=None) for _, plots in offsets.groupby("XMBH")),
        *(_from_plots("linkage", plots, expires=date(2021, 12, 31))
          for _, plots in accepted.groupby("XMBH")),
    )


def _planned() -> tuple[Row, ...]:
    return (
        _row("plan_quota", 2019, "演示自然资计〔2019〕1号", date(2019, 3, 15), "年初下达",
             {"total": "360mu", "agricultural": "330mu", "farmland": "270mu"},
             expires=date(2019, 12, 31)),
        _row("plan_quota", 2019, "演示自然资计〔2019〕7号", date(2019, 10, 18), "增存挂钩核算",
             {"total": "120mu", "agricultural": "110mu", "farmland": "90mu"}),
        _row("point_supply", 2019, "演示省点供〔2019〕3号", date(2019, 9, 2), "省级点供",
             {"total": "150mu", "agricultural": "150mu", "farmland": "150mu"},
             place=PROVINCE, pool=PROVINCE_POOL, uses=["industry"], expires=date(2020, 12, 31)),
        _row("boundary_increment", 2019, "演示规划〔2019〕2号", date(2019, 6, 28), "边界增量核定",
             {"area": "1600mu"}),
    )


def _later() -> tuple[Row, ...]:
    """What comes in for the scenario of 2026."""
    return (
        _row("plan_quota", 2026, "演示自然资计〔2026〕1号", date(2026, 4, 10), "年初下达",
             {"total": "200mu", "agricultural": "190mu", "farmland": "170mu"},
             expires=date(2026, 12, 31)),
    )


def _from_plots(kind: str, plots: gpd.GeoDataFrame, *, expires: date | None) -> Row:
    first = plots.iloc[0]
    area = sum(_dm2(value) for value in plots["XZGDMJ" if kind == "offset" else "DKMJ"])
    paddy = sum(_dm2(value) for value in plots["STMJ"])
    amounts = {"area": _ha(area), "paddy": _ha(paddy), "capacity": f"{plots['LSCN'].sum()}kg"}
    role = "offset" if kind == "offset" else "demolition"
    year = int(first["ND"])
    effective = date(2019, 5, 20) if year == 2019 else date(2019, 1, 10)
    row = _row(kind, year, str(first["YSBH"]), effective, "项目入库指标",
               {name: amount for name, amount in amounts.items() if amount[:6] != "0.0000"},
               expires=expires)
    return {**row, "origin": [f"{role}/{each}" for each in plots["DKBH"]],
            "note": f"{first['XMMC']};{_NOTE};合{mu(area, places=1)}亩"}


def _row(
    kind: str, vintage: int, document: str, day: date, official: str, amounts: Mapping[str, str],
    **more: object,
) -> Row:
    """An inflow into the county's pool; what is in `more` stands beside or instead."""
    row = {
        "kind": kind, "pool": COUNTY_POOL, "place": DEMO_PLACE, "vintage": vintage,
        "document": document, "document_date": day, "effective": day, "official_type": official,
        "uses": [], "note": _NOTE, "amounts": dict(amounts), **more,
    }
    return {name: value for name, value in row.items() if value is not None}


def _dm2(hectare: float) -> int:
    return round(hectare * DM2_PER_HA)


def _ha(area_dm2: int) -> str:
    return f"{hectares(area_dm2)}ha"
