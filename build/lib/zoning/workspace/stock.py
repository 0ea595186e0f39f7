"""The stock land of a workspace on a day: the clock of each plot, what disposing of it earns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, cast

import pandas as pd

from zoning.report.tables.stock import StockRow
from zoning.rules.book import RuleBook
from zoning.scenario.idle import Cause, IdleLaw, IdlePlot, idle_clock, lawful_disposal
from zoning.scenario.renewal import StockPlot, earned
from zoning.workspace.data import read_features
from zoning.workspace.folder import Workspace
from zoning.workspace.rules import rule_book

ON_A_CLOCK = ("supplied_unused", "idle")
"""Land supplied and to be built on: the order on idle land counts from its start."""

Row = Mapping[Any, Any]


def stock_on(workspace: Workspace, on: date) -> tuple[StockRow, ...]:
    """Every plot of the stock-land layer on a day, in the layer's order.

    What the layer does not tell is not guessed: without an agreed start or a delivery a plot is
    undecided, without a date of confirmation none is told as confirmed, without a cause no way of
    disposal is named. Raises LayerError where there is no such layer.
    """
    rules, place = rule_book(workspace), workspace.config.place
    frame = read_features(workspace, "idle_land").drop(columns="geometry")
    return tuple(_row(row, rules, on, place) for row in frame.to_dict("records"))


def stock_plot(row: Row) -> StockPlot:
    """A row of the stock-land layer as what disposing of it is counted on."""
    return StockPlot(str(row["feature_id"]), _text(row.get("stock_kind")) or "",
                     int(row["area_dm2"]), _day(row.get("approved_on")))


def idle_plot(row: Row) -> IdlePlot:
    """A row of the stock-land layer as the order on idle land sees it; None for what it lacks."""
    days = {name: _day(row.get(name)) for name in (
        "start_due", "delivered_on", "extended_to", "started_on", "stopped_on", "investigated_on",
        "confirmed_on", "disposed_on")}
    price, cause = row.get("price_yuan"), _text(row.get("idle_cause"))
    return IdlePlot(
        str(row["feature_id"]), int(row["area_dm2"]), **days,
        built=share_of(row.get("built_share")), invested=share_of(row.get("invested_share")),
        cause=cast("Cause | None", cause),
        price_yuan=None if _is_absent(price) else int(cast("int", price)),
        is_monitored={"yes": True, "no": False}.get(_text(row.get("is_monitored")) or ""))


def share_of(value: object) -> Fraction | None:
    """A share as people write it: ``0.25``, ``25%``, ``1/4``; None for anything but 0 to 1."""
    text = (_text(value) or "").replace("％", "%")
    try:
        share = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        return None
    return share if 0 <= share <= 1 else None


def _row(row: Row, rules: RuleBook, on: date, place: str) -> StockRow:
    stock = stock_plot(row)
    found = earned(stock, rules, on=on, place=place)
    if stock.kind not in ON_A_CLOCK:
        return StockRow(stock.plot_id, stock.kind or None, stock.area_dm2, None, found)
    plot, law = idle_plot(row), IdleLaw(rules, on, place)
    return StockRow(stock.plot_id, stock.kind, stock.area_dm2, idle_clock(plot, law), found,
                    lawful_disposal(plot, law))


def _is_absent(value: object) -> bool:
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]


def _text(value: object) -> str | None:
    return None if _is_absent(value) else str(value).strip() or None


def _day(value: object) -> date | None:
    text = _text(value)
    return date.fromisoformat(text[:10]) if text else None


__all__ = ["idle_plot", "share_of", "stock_on", "stock_plot"]
