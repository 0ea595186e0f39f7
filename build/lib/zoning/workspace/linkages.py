"""Linkage project areas of a workspace on a day: the book and the plots of each, tested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from zoning.ledger.book import Book
from zoning.ledger.model import Event, LotBalance
from zoning.scenario.linkage import COMPONENTS, LinkageArea, LinkageBalance, linkage_balance
from zoning.workspace.data import read_features
from zoning.workspace.folder import Workspace
from zoning.workspace.quota import book
from zoning.workspace.rules import rule_book

KIND = "linkage"
ACCEPTED = ("已验收", "验收合格", "已入库", "accepted")
"""States of a demolition plot whose reclaimed land has been accepted."""

Row = Mapping[Any, Any]


def linkage_areas(workspace: Workspace, on: date) -> tuple[LinkageBalance, ...]:
    """Every project area that the layers name, on a day; none without the layers.

    Its quota is what the lots made from its demolition plots have; held quota is asked for. Only
    plots told as accepted count as reclaimed, and a plot that tells no state leaves it open.
    """
    demolition, new_sites = _rows(workspace, "demolition"), _rows(workspace, "new_site")
    names = dict.fromkeys(str(row["project"]) for row in (*demolition, *new_sites)
                          if row.get("project"))
    with book(workspace) as quota:
        lots = [each for each in quota.lots(as_of=on) if each.lot.account.kind == KIND]
        issued = _issued(quota)
    areas = (_area(name, _of(demolition, name), _of(new_sites, name), lots, issued)
             for name in names)
    rules, place = rule_book(workspace), workspace.config.place
    return tuple(linkage_balance(area, rules, on=on, place=place) for area in areas)


def _area(
    name: str, given: Sequence[Row], taken: Sequence[Row], lots: Iterable[LotBalance],
    issued: Mapping[str, date],
) -> LinkageArea:
    plots = {f"demolition/{row['feature_id']}" for row in given}
    own = [each for each in lots if plots.intersection(each.lot.origin)]
    days = [issued[each.lot.lot_id] for each in own if each.lot.lot_id in issued]
    free, held, used = (_sum_vectors(getattr(each, state) for each in own)
                        for state in ("free", "held", "used"))
    accepted = [row for row in given if str(row.get("status") or "") in ACCEPTED]
    known = all(row.get("status") for row in given)
    return LinkageArea(
        name, min((each.lot.vintage for each in own), default=0),
        {code: free[code] + held[code] + used[code] for code in COMPONENTS}, used, held,
        min(days, default=None), _total(accepted, "area_dm2") if known else None,
        _total(accepted, "farmland_dm2") if known else None, _total(taken, "area_dm2"),
        _total(taken, "farmland_dm2"))


def _issued(quota: Book) -> dict[str, date]:
    """Lot → the day on which it came in."""
    return {line.lot_id: entry.effective for entry in quota.journal()
            if entry.event is Event.INFLOW for line in entry.postings}


def _rows(workspace: Workspace, role: str) -> list[Row]:
    if workspace.config.current(role) is None:
        return []
    frame = read_features(workspace, role).drop(columns="geometry").astype(object)
    return list(frame.where(frame.notna(), None).to_dict("records"))


def _of(rows: Iterable[Row], project: str) -> list[Row]:
    return [row for row in rows if str(row.get("project")) == project]


def _total(rows: Iterable[Row], column: str) -> int | None:
    values = [row.get(column) for row in rows]
    if any(value is None or pd.isna(value) for value in values):
        return None
    return sum(int(str(value)) for value in values)


def _sum_vectors(vectors: Iterable[Mapping[str, int]]) -> dict[str, int]:
    told = list(vectors)
    return {code: sum(each.get(code, 0) for each in told) for code in COMPONENTS}


__all__ = ["linkage_areas"]
