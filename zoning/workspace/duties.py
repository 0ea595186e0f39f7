"""What a workspace's book owes the calendar and the land: deadlines, returns, reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import pandas as pd

from zoning.errors import LayerError
from zoning.ledger.book import Book
from zoning.ledger.deadlines import Deadline, IdleClock, deadlines
from zoning.ledger.linkage import Loans, loans
from zoning.ledger.reconcile import Land, Polygon, Reconciliation, claims, reconcile, roles_named
from zoning.rules.book import RuleBook
from zoning.scenario.idle import IdleLaw
from zoning.workspace.data import read_features
from zoning.workspace.folder import Workspace
from zoning.workspace.quota import return_years
from zoning.workspace.rules import rule_book

IDLE_LAND = "idle_land"
UNBUILT = ("supplied_unused", "idle")
"""The kinds of stock land that have been supplied and are to be built on."""

COLUMNS = ("area_dm2", "farmland_dm2", "paddy_dm2", "capacity_kg")


def due_in(
    workspace: Workspace, quota: Book, *, on: date, within_days: int
) -> tuple[Deadline, ...]:
    """Everything of the book and of the idle-land register that falls due by a day."""
    return deadlines(
        on=on, within_days=within_days, holds=quota.holds(open_only=True), lots=quota.lots(),
        loans=linkage_loans(workspace, quota).loans, clocks=idle_clocks(workspace))


def linkage_loans(
    workspace: Workspace, quota: Book, *, as_of: date | None = None
) -> Loans:
    """The linkage quota that was lent, with its returns, by the workspace's rules."""
    entries = [entry for entry in quota.journal() if as_of is None or entry.effective <= as_of]
    return loans(quota.lots(as_of=as_of), entries, events=workspace.events,
                 years=return_years(workspace))


def idle_clocks(workspace: Workspace) -> tuple[IdleClock, ...]:
    """The supplied land of the idle-land layer that is not built on; empty without the layer."""
    if workspace.config.current(IDLE_LAND) is None:
        return ()
    rules, place = rule_book(workspace), workspace.config.place
    features = read_features(workspace, IDLE_LAND)
    rows = features.drop(columns=features.geometry.name).astype(object)
    plain = rows.where(rows.notna(), None).to_dict(orient="records")
    return tuple(_clock(row, rules, place) for row in plain if row.get("stock_kind") in UNBUILT)


def reconcile_book(workspace: Workspace, quota: Book) -> Reconciliation:
    """Every inflow and use that names polygons, compared with the layers of the workspace."""
    lots = {each.lot.lot_id: each.lot for each in quota.lots()}
    found = claims(quota.journal(), lots)
    land: Land = {role: polygons for role in roles_named(found)
                  if (polygons := _polygons(workspace, role)) is not None}
    return reconcile(found, land, kinds=workspace.kinds)


def _clock(row: Mapping[str, object], rules: RuleBook, place: str) -> IdleClock:
    """The days of one plot, by the law of the day it is counted from."""
    given = _day(row.get("delivered_on")) or _day(row.get("supplied_on"))
    start = _day(row.get("extended_to")) or _day(row.get("start_due")) or (
        given and IdleLaw(rules, given, place).years(given, "default_start"))
    law = None if start is None else IdleLaw(rules, start, place)
    idle_on, recover_on = (
        None if law is None or start is None else law.full(start, name)
        for name in ("not_started_years", "recover_years"))
    return IdleClock(f"{IDLE_LAND}/{row['feature_id']}", str(row.get("name") or ""), start,
                     idle_on, recover_on, int(str(row["area_dm2"])))


def _day(value: object) -> date | None:
    try:
        return None if value is None else date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _polygons(workspace: Workspace, role: str) -> dict[str, Polygon] | None:
    try:
        features = read_features(workspace, role)
    except LayerError:
        return None
    have = [column for column in COLUMNS if column in features]
    values: Iterable[tuple[object, ...]] = zip(*(features[column] for column in have), strict=True)
    return {
        str(name): {column: _whole(value) for column, value in zip(have, row, strict=True)}
        for name, row in zip(features["feature_id"], values, strict=True)
    }


def _whole(value: object) -> int | None:
    return None if pd.isna(value) else int(str(value))  # type: ignore[call-overload]


__all__ = ["due_in", "idle_clocks", "linkage_loans", "reconcile_book"]
