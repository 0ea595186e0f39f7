"""The quota book: pools by component, lots, holds, journal, and the sheet to take away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import streamlit as st

from zoning.codes.reader import quota_kinds
from zoning.ledger.model import Account, PoolBalance
from zoning.messages import Language
from zoning.report.layout import words
from zoning.report.tables.ledger import balance_table, holds_table, journal_tables, lots_table
from zoning.report.tables.words import (
    component_name,
    component_order,
    component_unit,
    quota_name,
)
from zoning.web import session, show
from zoning.web.shell import frame
from zoning.web.show import Html
from zoning.web.state import Desk
from zoning.workspace import book, write_sheet

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page() -> None:
    """The balance page."""
    frame(_body)


def _body(desk: Desk) -> None:
    kinds = quota_kinds()
    with book(desk.workspace) as quota:
        pools, lots, holds, entries = quota.pools(), quota.lots(), quota.holds(), quota.journal()
    if not pools:
        st.info(show.plain(session.say("web.no_balance")))
        return
    st.html(_cards(pools))
    _workbook(desk)
    named = {each.lot.lot_id: each.lot for each in lots}
    tabs = st.tabs([session.say(key) for key in
                    ("web.pools", "web.lots", "web.holds", "web.journal")])
    with tabs[0]:
        show.table(balance_table(pools, kinds=kinds), hide=("unit",))
    with tabs[1]:
        show.table(lots_table(lots, kinds=kinds), hide=("unit",))
    with tabs[2]:
        show.table(holds_table(holds, kinds=kinds), hide=("unit",))
    with tabs[3]:
        for each in journal_tables(entries, named, kinds=kinds):
            show.heading(words(each.title, session.language()))
            show.table(each)


def _cards(pools: Iterable[PoolBalance]) -> Html:
    """A card per pool: for each component what is free, of what came in, as a bar."""
    kinds = quota_kinds()
    ordered = sorted(pools, key=lambda each: (
        component_order(kinds, each.account.kind, each.component)[0], each.account,
        component_order(kinds, each.account.kind, each.component)[1]))
    cards = (_card(account, list(group))
             for account, group in groupby(ordered, key=lambda each: each.account))
    return Html('<div class="cards">' + "".join(cards) + "</div>")


def _card(account: Account, pools: list[PoolBalance]) -> str:
    kind = words(quota_name(quota_kinds(), account.kind), session.language())
    return (f'<div class="card"><h4>{show.cell(kind)}<small>{show.cell(account.pool)}</small></h4>'
            + "".join(_component(each) for each in pools) + "</div>")


def _component(pool: PoolBalance) -> str:
    kinds, language, unit = quota_kinds(), session.language(), session.unit()
    own = component_unit(kinds, pool.account.kind, pool.component)
    name = words(component_name(kinds, pool.account.kind, pool.component), language)
    parts = "".join(
        f'<i class="{state}" style="width:{100 * value / max(pool.inflow, 1):.2f}%"></i>'
        for state, value in (("used", pool.used), ("held", pool.held), ("free", pool.free)))
    inflow = session.say("web.free_of", inflow=show.amount(pool.inflow, own, unit, language))
    return (f"<p><span>{show.cell(name)}</span>"
            f"<b>{show.cell(show.amount(pool.free, own, unit, language))}</b></p>"
            f'<div class="bar">{parts}</div><small>{show.cell(inflow)}</small>')


def _workbook(desk: Desk) -> None:
    language = session.language()
    made, command = st.columns([1, 3], vertical_alignment="center")
    made.download_button(session.say("web.download_workbook"), lambda: _sheet(desk, language),
                         "balance.xlsx", MIME, type="primary", on_click="ignore")
    command.code(show.command("sheet", "--out", "balance.xlsx", "--workspace",
                              desk.workspace.root), language="bash")


def _sheet(desk: Desk, language: Language) -> bytes:
    with tempfile.TemporaryDirectory(prefix="zoning-sheet-") as folder:
        file = Path(folder) / "balance.xlsx"
        write_sheet(desk.workspace, file, language=language)
        return file.read_bytes()


__all__ = ["page"]
