"""The quota book: pools by component, lots, holds, journal, and the sheet to take away."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from zoning.codes.reader import quota_kinds
from zoning.ledger.model import PoolBalance
from zoning.report.layout import words
from zoning.report.tables.ledger import balance_table, holds_table, journal_tables, lots_table
from zoning.report.tables.words import component_name, component_unit, quota_name
from zoning.web import session, show
from zoning.web.show import Html
from zoning.web.shell import frame
from zoning.web.state import Desk
from zoning.workspace.papers import write_sheet
from zoning.workspace.quota import book

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page() -> None:
    """The balance page."""
    frame(_body)


def _body(desk: Desk) -> None:
    kinds = quota_kinds()
    with book(desk.workspace) as quota:
        pools, lots, holds, entries = quota.pools(), quota.lots(), quota.holds(), quota.journal()
    if not pools:
        st.info(show.plain(session.say("no_balance")))
        return
    st.html(_cards(pools))
    _workbook(desk)
    named = {each.lot.lot_id: each.lot for each in lots}
    tabs = st.tabs([session.say(key) for key in ("pools", "lots", "holds", "journal")])
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


def _cards(pools: tuple[PoolBalance, ...]) -> Html:
    """For each pool and component: what is free, of what came in, as a bar."""
    return Html('<div class="cards">' + "".join(_card(each) for each in pools) + "</div>")


def _card(pool: PoolBalance) -> str:
    kinds, language, unit = quota_kinds(), session.language(), session.unit()
    own = component_unit(kinds, pool.account.kind, pool.component)
    kind = words(quota_name(kinds, pool.account.kind), language)
    component = words(component_name(kinds, pool.account.kind, pool.component), language)
    parts = "".join(
        f'<i class="{state}" style="width:{100 * value / max(pool.inflow, 1):.2f}%"></i>'
        for state, value in (("used", pool.used), ("held", pool.held), ("free", pool.free)))
    inflow = session.say("free_of", inflow=show.amount(pool.inflow, own, unit, language))
    return (f'<div class="card"><small>{show.cell(kind)} · {show.cell(pool.account.pool)}</small>'
            f"<span>{show.cell(component)}</span>"
            f"<b>{show.cell(show.amount(pool.free, own, unit, language))}</b>"
            f'<div class="bar">{parts}</div><small>{show.cell(inflow)}</small></div>')


def _workbook(desk: Desk) -> None:
    made, command = st.columns([1, 3], vertical_alignment="center")
    made.download_button(session.say("download_workbook"), lambda: _sheet(desk), "balance.xlsx",
                         MIME, type="primary", on_click="ignore")
    command.code(f"zoning sheet --out balance.xlsx --workspace {desk.workspace.root}",
                 language="bash")


def _sheet(desk: Desk) -> bytes:
    with tempfile.TemporaryDirectory(prefix="zoning-sheet-") as folder:
        file = Path(folder) / "balance.xlsx"
        write_sheet(desk.workspace, file)
        return file.read_bytes()


__all__ = ["page"]
