"""The page of the rule book: what counts where and when, with history; the same on every door."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console
from running import run, zoning
from schemas import require_valid

from zoning.messages import LANGUAGES
from zoning.report.documents.rules import rules_document
from zoning.report.tables.rules import rules_table, value_text
from zoning.report.text import print_table
from zoning.rules.pages import rule_page, topics
from zoning.rules.shipped import shipped

COUNTY = "CN/32/3206/320623"
BOOK = shipped()


def test_without_a_question_every_record_is_listed() -> None:
    page = rule_page(BOOK)
    assert len(page.entries) == len(BOOK.rules)
    assert {id(each.rule) for each in page.entries} == {id(rule) for rule in BOOK.rules}


def test_a_day_and_a_place_pick_the_record_the_engine_would_use() -> None:
    on = date(2024, 6, 30)
    for entry in rule_page(BOOK, on=on, place=COUNTY).entries:
        assert entry.rule == BOOK.look_up(entry.id, on=on, place=COUNTY)
        assert all(each in BOOK.history(entry.id) for each in entry.history)


def test_an_id_without_a_record_on_the_day_is_told_with_its_history() -> None:
    (entry,) = rule_page(BOOK, on=date(1990, 1, 1), place=COUNTY, topic="pbf.approver").entries
    assert entry.rule is None
    assert [each.valid_from for each in entry.history] == [date(1999, 1, 1), date(2020, 1, 1)]


def test_a_rule_of_another_place_is_not_told() -> None:
    names = {each.id for each in rule_page(BOOK, on=date(2024, 1, 1), place=COUNTY).entries}
    assert "ind.separate_land_min" not in names
    elsewhere = rule_page(BOOK, on=date(2024, 1, 1), place="CN/32/3205/320585")
    assert {"ind.separate_land_min"} <= {each.id for each in elsewhere.entries}


@pytest.mark.parametrize("topic", topics(BOOK))
def test_topics_part_the_book(topic: str) -> None:
    entries = rule_page(BOOK, topic=topic).entries
    assert entries
    assert {each.topic for each in entries} == {topic}


def test_a_topic_is_whole_parts_of_an_id() -> None:
    assert {each.id for each in rule_page(BOOK, topic="plan.earn").entries} == {
        "plan.earn.pewg_old", "plan.earn.pewg_new", "plan.earn.idle", "plan.earn.bonus"}
    assert rule_page(BOOK, topic="plan.ea").entries == ()


def test_document_follows_its_schema() -> None:
    require_valid(rules_document(rule_page(BOOK)))
    require_valid(rules_document(rule_page(BOOK, on=date(1990, 1, 1), place=COUNTY)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_shown_in_both_languages(language: str) -> None:
    table = rules_table(rule_page(BOOK))
    assert len(table.rows) == len(BOOK.rules)
    shown = io.StringIO()
    print_table(table, language, Console(file=shown, width=400))  # type: ignore[arg-type]
    assert "pbf.reserve_zone_first" in shown.getvalue()


@pytest.mark.parametrize(("value", "told"), [
    (("a", "b"), "a, b"), ((), "[]"), ({"fill": 50}, "fill = 50"), (True, "true"), ("1/3", "1/3"),
])
def test_a_value_on_one_line(value: object, told: str) -> None:
    assert value_text(value) == told


def test_command_lists_rules_of_a_day(tmp_path: Path) -> None:
    page = zoning("rules", "--at", "2019-06-30", "--place", COUNTY, "--topic", "pbf", "--json",
                  "-w", tmp_path)
    require_valid(page)
    found = {entry["id"]: entry["rule"] for entry in page["entries"]}
    assert found["pbf.approver"]["valid_to"] == "2019-12-31"
    assert found["pbf.reserve_zone_first"] is None
    assert "1.5" in zoning("rules", "--topic", "fee.tax_pbf_mult", "--lang", "en", "-w", tmp_path)


@pytest.mark.parametrize("words", [
    ("--at", "yesterday"), ("--topic", "weather"), ("diff", "x.toml", "--at", "2019-01-01"),
])
def test_command_refuses_what_means_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
    code, out, told = run("rules", *words, "-w", tmp_path)
    assert (code, out) == (2, "")
    assert told.strip()
