"""From a number to what it is made of: a pool's lots, a lot's entries, the polygons they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import streamlit as st

from zoning.codes.reader import QuotaKind
from zoning.ledger.model import Account, Entry, HoldBalance, Lot, LotBalance
from zoning.ledger.reconcile import polygons_in
from zoning.report.layout import words
from zoning.report.tables.ledger import journal_table, lots_table
from zoning.report.tables.words import pool_name, quota_name
from zoning.web import session, show
from zoning.web.show import Html
from zoning.web.state import Desk

Kinds = Mapping[str, QuotaKind]


def trace(
    desk: Desk, balances: Sequence[LotBalance], entries: Sequence[Entry], kinds: Kinds
) -> None:
    """Choose a pool, then a lot; its entries and polygons stand below."""
    accounts = list(dict.fromkeys(each.lot.account for each in balances))
    language = session.language()
    left, right = st.columns(2)
    account = left.selectbox(session.say("web.pool"), accounts, key=f"trace_pool_{language}",
                             format_func=lambda each: account_name(each, kinds))
    mine = [each for each in balances if each.lot.account == account]
    chosen = right.selectbox(
        session.say("web.lot"), ["", *(each.lot.lot_id for each in mine)],
        key=f"trace_lot_{language}_{account}",
        format_func=lambda each: _lot_name(each, mine)) or None
    show.table(lots_table([each for each in mine if chosen in (None, each.lot.lot_id)],
                          kinds=kinds), hide=("unit", "place", "kind", "pool"))
    if chosen is None or account is None:
        show.note(session.say("web.choose_lot"))
        return
    lots = {each.lot.lot_id: each.lot for each in mine}
    touching = [entry for entry in entries
                if any(line.lot_id == chosen for line in entry.postings)]
    show.heading(session.say("web.entries_of", lot=chosen), extra=str(len(touching)))
    show.table(journal_table(_of_lot(touching, chosen), lots, kind=kinds[account.kind]),
               hide=("place", "pool", "lot"))
    polygons(desk, polygons_of(lots[chosen], touching))


def trace_hold(
    desk: Desk, holds: Sequence[HoldBalance], entries: Sequence[Entry], lots: Mapping[str, Lot],
    kinds: Kinds,
) -> None:
    """Choose a hold; its entries and the polygons it is for stand below."""
    by_id = {each.hold.hold_id: each.hold for each in holds}
    chosen = st.selectbox(
        session.say("web.hold"), ["", *by_id], key=f"trace_hold_{session.language()}",
        format_func=lambda name: f"{name} · {by_id[name].project_id}" if name else "")
    if not chosen:
        show.note(session.say("web.choose_hold"))
        return
    touching = [entry for entry in entries
                if any(line.hold_id == chosen for line in entry.postings)]
    show.heading(session.say("web.entries_of_hold", hold=chosen), extra=str(len(touching)))
    show.table(journal_table(touching, lots, kind=kinds[by_id[chosen].kind]))
    polygons(desk, tuple(dict.fromkeys(
        name for entry in touching for name in polygons_in(entry.note))))


def polygons_of(lot: Lot, entries: Sequence[Entry]) -> tuple[str, ...]:
    """The polygons a lot was made of, and those its uses name."""
    used = (name for entry in entries for name in polygons_in(entry.note))
    return tuple(dict.fromkeys((*lot.origin, *used)))


def polygons(desk: Desk, names: Sequence[str]) -> None:
    """Polygons with their measured area, each with a link to the map."""
    show.heading(session.say("web.polygons"), extra=str(len(names)))
    if not names:
        show.note(session.say("web.no_polygons"))
        return
    heads = [session.say("web.layer"), session.say("web.name"), session.say("web.area"), ""]
    st.html(show.grid(heads, [_polygon(desk, name) for name in names], numeric=(2,)))


def account_name(account: Account | None, kinds: Kinds) -> str:
    """A pool by its kind, its own name and its place."""
    if account is None:
        return ""
    language = session.language()
    kind = words(quota_name(kinds, account.kind), language)
    pool = words(pool_name(kinds, account.kind, account.pool), language)
    return f"{kind} · {pool} · {account.place}"


def _lot_name(lot_id: str, mine: Sequence[LotBalance]) -> str:
    if not lot_id:
        return session.say("web.all_lots", count=len(mine))
    (lot,) = (each.lot for each in mine if each.lot.lot_id == lot_id)
    return f"{lot_id} · {lot.document}"


def _of_lot(entries: Sequence[Entry], lot_id: str) -> list[Entry]:
    """The entries with their postings of one lot only."""
    return [
        Entry(each.entry_id, each.event, each.effective, each.recorded,
              tuple(line for line in each.postings if line.lot_id == lot_id), each.document,
              each.note, each.reverses, each.official_type, each.key)
        for each in entries
    ]


def _polygon(desk: Desk, name: str) -> tuple[object, ...]:
    role, _, feature = name.partition("/")
    layer = show.role_name(role, desk.names)
    if role not in desk.attributes or not desk.has(role, feature):
        return layer, feature, session.say("web.not_on_map"), ""
    area_dm2 = int(str(desk.fact(role, feature)["area_dm2"]))
    told = show.cell(session.say("web.on_map"))
    link = Html(f'<a href="./?feature={quote(name)}" target="_self">{told}</a>')
    return layer, feature, show.area_with_unit(area_dm2, session.unit(), session.language()), link


__all__ = ["account_name", "polygons", "polygons_of", "trace", "trace_hold"]
