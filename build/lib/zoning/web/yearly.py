"""The flow of a year on the balance page: where the quota came from and where it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from zoning.codes.reader import QuotaKind
from zoning.ledger.model import Entry, HoldBalance, Lot
from zoning.ledger.yearflow import Stream, year_flow, years_of
from zoning.report.layout import words
from zoning.report.tables.words import component_unit, pool_name
from zoning.web import session, show
from zoning.web.flow import Band, as_picture, flow_svg

Kinds = Mapping[str, QuotaKind]


def yearly(
    entries: Sequence[Entry], lots: Mapping[str, Lot], holds: Sequence[HoldBalance], kinds: Kinds
) -> None:
    """Choose year, kind and component; the picture and its numbers stand below."""
    language = session.language()
    used = [code for code in kinds if any(lot.account.kind == code for lot in lots.values())]
    at_year, at_kind, at_component = st.columns(3)
    year = at_year.selectbox(session.say("web.year"), years_of(entries),
                             key=f"flow_year_{language}")
    kind = at_kind.selectbox(session.say("web.kind"), used, key=f"flow_kind_{language}",
                             format_func=lambda code: kinds[code].zh if language == "zh"
                             else kinds[code].en)
    if year is None or kind is None:
        return
    parts = {c.code: c.zh if language == "zh" else c.en for c in kinds[kind].components}
    component = at_component.selectbox(
        session.say("web.component"), parts, key=f"flow_component_{kind}_{language}",
        format_func=lambda code: parts[code])
    if component not in parts:
        return
    flow = year_flow(entries, lots, {each.hold.hold_id: each.hold.project_id for each in holds},
                     kind=kind, component=component, year=year)
    unit = component_unit(kinds, kind, component)
    title = session.say("web.flow_of", year=year, component=parts[component])
    comes, goes = _sides(flow.comes, flow.goes)
    if not comes:
        show.note(session.say("web.no_flow"))
        return
    drawn = flow_svg([_band(each, kinds, kind, unit) for each in comes],
                     [_band(each, kinds, kind, unit) for each in goes], title=title)
    st.html(as_picture(drawn, title=title))
    show.note(session.say("web.flow_note"))
    st.html(_numbers(flow.comes + flow.goes, kinds, kind, unit))


def _sides(
    comes: Sequence[Stream], goes: Sequence[Stream]
) -> tuple[list[Stream], list[Stream]]:
    """What is below zero, from a reversal, stands on the other side with its sign turned."""
    turned = [Stream(s.way, s.name, s.pool, -s.amount, s.entries) for s in (*comes, *goes)
              if s.amount < 0]
    left = [each for each in comes if each.amount > 0]
    right = [each for each in goes if each.amount > 0]
    ways = {each.way for each in comes}
    return (left + [each for each in turned if each.way not in ways],
            right + [each for each in turned if each.way in ways])


def _band(stream: Stream, kinds: Kinds, kind: str, unit: str) -> Band:
    language = session.language()
    pool = words(pool_name(kinds, kind, stream.pool), language)
    return Band(pool, stream.way, stream.name or session.say(f"web.way.{stream.way}"),
                show.amount(stream.amount, unit, session.unit(), language), stream.amount)


def _numbers(
    streams: Sequence[Stream], kinds: Kinds, kind: str, unit: str
) -> show.Html:
    """The same as a table, each amount with the entries it is made of."""
    language = session.language()
    heads = [session.say("web.way_head"), session.say("web.name"), session.say("web.pool"),
             session.say("web.amount"), session.say("web.entries")]
    rows = [
        (session.say(f"web.way.{each.way}"), each.name,
         words(pool_name(kinds, kind, each.pool), language),
         show.amount(each.amount, unit, session.unit(), language),
         "、".join(map(str, each.entries)) if language == "zh"
         else ", ".join(map(str, each.entries)))
        for each in streams
    ]
    return show.grid(heads, rows, numeric=(3,))


__all__ = ["yearly"]
