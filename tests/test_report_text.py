from __future__ import annotations

import io
from functools import partial
from unicodedata import east_asian_width

import pytest
import report_examples as examples
from rich.console import Console

from zoning.messages import LANGUAGES
from zoning.report.layout import clean
from zoning.report.tables import (
    AreaRow,
    area_table,
    balance_table,
    needs_table,
    verdicts_table,
)
from zoning.report.text import print_outcome, print_table

KINDS = examples.KINDS


def printed(show, width: int) -> str:
    file = io.StringIO()
    show(Console(file=file, width=width, force_terminal=False, color_system=None))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def widest(told: str) -> int:
    return max(sum(2 if east_asian_width(c) in "WF" else 1 for c in line)
               for line in told.splitlines())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [80, 120])
def test_verdicts_on_a_terminal(language, width, snapshot):
    told = printed(lambda console: print_outcome(
        examples.outcome(), language, console, kinds=KINDS), width)
    assert widest(told) <= width
    snapshot(told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_balance_on_a_terminal(language, snapshot):
    table = balance_table(examples.balances(), kinds=KINDS)
    told = printed(lambda console: print_table(table, language, console), 120)
    assert widest(told) <= 120
    snapshot(told)


@pytest.mark.parametrize("width", [20, 80, 100, 200])
def test_numbers_are_never_cut(width):
    table = area_table(examples.area_rows())
    told = printed(lambda console: print_table(table, "zh", console), width)
    for number in ("320,000.50", "32.0001", "480.0008", "443,456.00", "665.1840", "320,101.31"):
        assert number in told


def test_repeated_units_go_where_room_is_short():
    table = area_table(examples.area_rows())
    told = {width: printed(partial(print_table, table, "zh"), width) for width in (100, 200)}
    assert "申报面积 (公顷)" in told[200]
    assert "申报面积 (公顷)" not in told[100]
    assert widest(told[100].partition("面积为")[0]) <= 100


def test_table_without_rows_says_so():
    told = printed(lambda console: print_table(area_table([]), "en", console), 80)
    assert "No records" in told


@pytest.mark.parametrize("text", examples.INJECTIONS)
def test_attribute_text_is_printed_as_it_is(text):
    table = area_table([AreaRow(text, 1, name=text)])
    told = printed(lambda console: print_table(table, "en", console), 200)
    assert clean(text) in told
    assert "\x1b" not in told


def test_total_carries_no_verdict():
    told = printed(lambda c: print_table(verdicts_table(examples.outcome()), "en", c), 160)
    (total,) = [line for line in told.splitlines() if line.lstrip().startswith("Total")]
    assert "fail" not in total
    assert "386,667.17" in total


@pytest.mark.parametrize("width", [80, 120])
def test_needs_on_a_terminal(width, snapshot):
    table = needs_table(examples.outcome(), kinds=KINDS)
    told = printed(lambda console: print_table(table, "zh", console), width)
    assert widest(told) <= width
    snapshot(told)
