"""The quota book: pools, lots and what made them, the year's flow, holds, deadlines, land."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

import streamlit as st

from zoning.codes.reader import QuotaKind
from zoning.ledger.deadlines import Deadline
from zoning.ledger.linkage import Loan
from zoning.ledger.model import Account, PoolBalance
from zoning.ledger.reconcile import Reconciliation
from zoning.messages import Language
from zoning.report.layout import words
from zoning.report.tables import (
    deadlines_table,
    holds_table,
    journal_tables,
    loans_table,
    reconcile_table,
)
from zoning.report.tables.words import (
    component_name,
    component_order,
    component_unit,
    pool_name,
    quota_name,
)
from zoning.web import session, show
from zoning.web.shell import frame
from zoning.web.show import Html
from zoning.web.state import Desk
from zoning.web.trace import trace, trace_hold
from zoning.web.yearly import yearly
from zoning.workspace import (
    book,
    due_in,
    linkage_loans,
    reconcile_book,
    today,
    write_sheet,
)

Kinds = Mapping[str, QuotaKind]

LOOK_AHEAD_DAYS = 60
TABS = ("web.lots", "web.flow", "web.holds", "web.deadlines", "web.land", "web.journal")
MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page() -> None:
    """The balance page."""
    frame(_body)


def _body(desk: Desk) -> None:
    space, on = desk.workspace, today()
    kinds = space.kinds
    with book(space) as quota:
        pools, lots, holds, entries = quota.pools(), quota.lots(), quota.holds(), quota.journal()
        due = due_in(space, quota, on=on, within_days=LOOK_AHEAD_DAYS)
        lent = linkage_loans(space, quota).loans
        against_land = reconcile_book(space, quota)
    if not pools:
        st.info(show.plain(session.say("web.no_balance")))
        return
    st.html(_cards(pools, kinds))
    _workbook(desk)
    named = {each.lot.lot_id: each.lot for each in lots}
    tabs = st.tabs([session.say(key) for key in TABS])
    with tabs[0]:
        trace(desk, lots, entries, kinds)
    with tabs[1]:
        yearly(entries, named, holds, kinds)
    with tabs[2]:
        show.table(holds_table(holds, kinds=kinds), hide=("unit",))
        trace_hold(desk, holds, entries, named, kinds)
    with tabs[3]:
        _duties(due, lent, on, kinds)
    with tabs[4]:
        _land(against_land, kinds)
    with tabs[5]:
        for each in journal_tables(entries, named, kinds=kinds):
            show.heading(words(each.title, session.language()))
            show.table(each)


def _duties(due: Sequence[Deadline], lent: Sequence[Loan], on: date, kinds: Kinds) -> None:
    show.note(session.say("web.due_within", days=LOOK_AHEAD_DAYS, on=on))
    show.table(deadlines_table(due, on=on, kinds=kinds), hide=("unit",))
    if lent:
        table = loans_table(lent, kind=kinds["linkage"], on=on)
        show.heading(words(table.title, session.language()))
        show.table(table)


def _land(found: Reconciliation, kinds: Kinds) -> None:
    table = reconcile_table(found, kinds=kinds)
    show.note(words(table.notes[0], session.language()))
    show.table(table, hide=("unit",))


def _cards(pools: Iterable[PoolBalance], kinds: Kinds) -> Html:
    """A card per pool: for each component what is free, of what came in, as a bar."""
    ordered = sorted(pools, key=lambda each: (
        component_order(kinds, each.account.kind, each.component)[0], each.account,
        component_order(kinds, each.account.kind, each.component)[1]))
    cards = (_card(account, list(group), kinds)
             for account, group in groupby(ordered, key=lambda each: each.account))
    return Html('<div class="cards">' + "".join(cards) + "</div>")


def _card(account: Account, pools: list[PoolBalance], kinds: Kinds) -> str:
    language = session.language()
    kind = words(quota_name(kinds, account.kind), language)
    pool = words(pool_name(kinds, account.kind, account.pool), language)
    return (f'<div class="card"><h4>{show.cell(kind)}<small>{show.cell(pool)}</small></h4>'
            + "".join(_component(each, kinds) for each in pools) + "</div>")


def _component(pool: PoolBalance, kinds: Kinds) -> str:
    language, unit = session.language(), session.unit()
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
