"""The stock land of a workspace on a day: the clock of each plot, what disposing of it earns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast, get_args

import pandas as pd

from zoning.report.tables.stock import StockRow
from zoning.rules.book import RuleBook
from zoning.scenario.idle import IdleLaw, IdlePlot, idle_clock
from zoning.scenario.renewal import StockKind, StockPlot, earned
from zoning.workspace.data import read_features
from zoning.workspace.folder import Workspace
from zoning.workspace.rules import rule_book

ON_A_CLOCK = ("supplied_unused", "idle")
"""Land supplied and to be built on: the order on idle land counts from its start."""


def stock_on(workspace: Workspace, on: date) -> tuple[StockRow, ...]:
    """Every plot of the stock-land layer on a day, in the layer's order.

    The layer tells the agreed start and no delivery, works, investment or confirmation, so a plot
    without an agreed start is undecided and none is told as confirmed. Raises LayerError where
    there is no such layer.
    """
    rules, place = rule_book(workspace), workspace.config.place
    frame = read_features(workspace, "idle_land").drop(columns="geometry")
    return tuple(_row(row, rules, on, place) for row in frame.to_dict("records"))


def _row(row: Mapping[Any, Any], rules: RuleBook, on: date, place: str) -> StockRow:
    plot_id, area_dm2, kind = str(row["feature_id"]), int(row["area_dm2"]), row.get("stock_kind")
    clock = None
    if kind in ON_A_CLOCK:
        plot = IdlePlot(plot_id, area_dm2, start_due=_day(row.get("start_due")))
        clock = idle_clock(plot, IdleLaw(rules, on, place))
    if kind not in get_args(StockKind):
        return StockRow(plot_id, None, area_dm2, clock, None)
    stock = StockPlot(plot_id, cast("StockKind", kind), area_dm2, _day(row.get("approved_on")))
    return StockRow(plot_id, kind, area_dm2, clock, earned(stock, rules, on=on, place=place))


def _day(value: object) -> date | None:
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    return date.fromisoformat(str(value)[:10])
