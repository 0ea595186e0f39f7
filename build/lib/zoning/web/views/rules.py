"""The rule book: what counts on a day at a place, by topic and confidence, and its history."""

from __future__ import annotations

from datetime import date

import streamlit as st

from zoning.report.tables.rules import rules_table
from zoning.rules.book import RuleBook
from zoning.rules.model import BLANK_MARKS
from zoning.rules.pages import RuleEntry, RulePage, rule_page, topics
from zoning.web import session, show
from zoning.web.shell import frame
from zoning.web.state import Desk
from zoning.workspace import rule_book, today

SURE = ("all", "known", "blank")
"""Which records are shown: all, those with a value, those nobody verified."""


def page() -> None:
    """The page of rules."""
    frame(_body)


def _body(desk: Desk) -> None:
    rules = rule_book(desk.workspace)
    topic_at, day_at, place_at, sure_at = st.columns([1, 1, 2, 1.4], vertical_alignment="bottom")
    topic = topic_at.selectbox(session.say("web.topic"), ["", *topics(rules)], key="rules_topic",
                               format_func=lambda each: each or session.say("web.all_topics"))
    on = day_at.date_input(session.say("web.day"), today(), key="rules_day",
                           min_value=date(1986, 1, 1), max_value=date(2099, 12, 31))
    place = place_at.text_input(session.say("web.place"), desk.workspace.config.place,
                                key="rules_place").strip()
    sure = sure_at.segmented_control(
        session.say("web.sure"), SURE, default="all", required=True, key="rules_sure",
        format_func=lambda each: session.say(f"web.sure_{each}"))
    _command(desk, topic, on, place)
    found = rule_page(rules, on=on, place=place, topic=topic or None)
    kept = [each for each in found.entries if _is_asked(each, str(sure))]
    show.note(session.say("web.rules_shown", count=len(kept), whole=len(found.entries)))
    show.table(rules_table(RulePage(on, place, topic or None, tuple(kept))), hide=("records",))
    _history(rules, place, kept)


def _command(desk: Desk, topic: str, on: date, place: str) -> None:
    about = ("--topic", topic) if topic else ()
    st.code(show.command("rules", *about, "--at", on.isoformat(), "--place", place, "--workspace",
                         desk.workspace.root), language="bash")


def _is_asked(entry: RuleEntry, sure: str) -> bool:
    if sure == "all":
        return True
    return entry.rule is not None and entry.rule.is_blank == (sure == "blank")


def _history(rules: RuleBook, place: str, entries: list[RuleEntry]) -> None:
    names = [each.id for each in entries]
    chosen = st.selectbox(session.say("web.rule_history"), names, key="rules_history")
    if chosen is None:
        return
    told = rule_page(rules, place=place, topic=chosen)
    one = tuple(each for each in told.entries if each.id == chosen)
    show.table(rules_table(RulePage(None, place, chosen, one)), hide=("records",))
    notes = dict.fromkeys(each.rule.note for each in one if each.rule and each.rule.note)
    for note in notes:
        show.note(note.zh if session.language() == "zh" else note.en)
    if any(each.rule and each.rule.confidence in BLANK_MARKS for each in one):
        show.note(session.say("web.rule_fill"))


__all__ = ["page"]
