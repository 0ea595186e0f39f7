from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from zoning.errors import RuleBookError
from zoning.messages import LANGUAGES, say
from zoning.rules.model import ControlLine, Rule, Text
from zoning.rules.parse import parse_rules, read_rules

RULE = """
[[rule]]
id = "fee.example"
place = "CN/32"
valid_from = 2020-01-01
valid_to = 2020-12-31
value = 1.50
unit = "yuan"
confidence = "T"
citation = { zh = "某条例第一条", en = "Some regulation, Art. 1" }
note = { zh = "说明" }
"""
LINE = """
[[line]]
role = "flood"
place = "US/DC"
zh = "洪泛区"
en = "Flood area"
relation = "avoid"
"""


def codes(text: str) -> list[str]:
    return [problem.code for problem in read_rules(text, source="a.toml").problems]


def test_parse_reads_every_field() -> None:
    file = parse_rules(RULE + LINE, source="a.toml")
    assert file.rules == (Rule(
        "fee.example", "CN/32", Decimal("1.50"), "yuan",
        Text("某条例第一条", "Some regulation, Art. 1"), "T", date(2020, 1, 1),
        date(2020, 12, 31), Text("说明", "说明")),)
    assert file.lines == (
        ControlLine("flood", "US/DC", Text("洪泛区", "Flood area"), "avoid"),)


def test_parse_of_nothing_is_empty() -> None:
    assert parse_rules("", source="a.toml").rules == ()


def test_value_may_be_a_list_or_a_table() -> None:
    text = RULE.replace("1.50", '["a", "b"]') + RULE.replace("1.50", "{ a = 1 }").replace(
        "2020-", "2021-")
    assert [rule.value for rule in parse_rules(text, source="a.toml").rules] == [
        ("a", "b"), {"a": 1}]


@pytest.mark.parametrize(("old", "new", "code"), [
    ('unit = "yuan"', 'unit = "yuan"\ncolour = 1', "RUL001"),
    ('unit = "yuan"', "", "RUL002"),
    ('place = "CN/32"', "", "RUL002"),
    ('id = "fee.example"', 'id = "Fee"', "RUL003"),
    ('place = "CN/32"', 'place = "cn//32"', "RUL003"),
    ('place = "CN/32"', "place = 32", "RUL003"),
    ("2020-01-01", '"2020"', "RUL004"),
    ("2020-01-01", "2020-01-01T00:00:00", "RUL004"),
    ("2020-01-01", "2021-01-01", "RUL004"),
    ('zh = "某条例第一条", ', "", "RUL005"),
    ('{ zh = "说明" }', '"说明"', "RUL005"),
    ('unit = "yuan"', 'unit = " "', "RUL005"),
    ('"T"', '"X"', "RUL006"),
    ('"T"', '"T/X"', "RUL006"),
    ('"T"', '"M+"', "RUL007"),
    ('"T"', '"T/M?"', "RUL007"),
    ("value = 1.50\n", "", "RUL007"),
    ("value = 1.50", "value = nan", "RUL008"),
    ("value = 1.50", "value = [[1]]", "RUL008"),
    ("value = 1.50", "value = {}", "RUL008"),
    ('confidence = "T"\n', "", "RUL002"),
])
def test_faulty_rule_is_named(old: str, new: str, code: str) -> None:
    assert old in RULE
    text = RULE.replace(old, new)
    assert codes(text) == [code]
    assert read_rules(text, source="a.toml").rules == ()


@pytest.mark.parametrize(("rule_id", "bad", "good"), [
    ("pbf.allowed_kinds", '"energy"', '["energy"]'),
    ("ugb.outside_allowed_kinds", "[1]", "[]"),
    ("debit.batch.farmland", '["offset", "offset"]', '["offset"]'),
    ("pbf.tolerance_dm2", "-1", "0"),
    ("pbf.tolerance_dm2", "true", "100"),
    ("appr.sc_farmland_ha", '"35"', "35.0"),
    ("pbf.approver", "[1]", '"省政府"'),
    ("zbph.capacity_per_mu", "{ first = 1 }", '{ 5 = 1100, "5.5" = 1050.5 }'),
    ("zbph.capacity_per_mu", "{ 5 = -1 }", "{ 15 = 0 }"),
    ("zbph.capacity_between_grades", '"nearest"', '"linear"'),
])
def test_values_the_engine_computes_with_have_a_shape(rule_id: str, bad: str, good: str) -> None:
    named = RULE.replace("fee.example", rule_id)
    assert codes(named.replace("1.50", bad)) == ["RUL008"]
    assert codes(named.replace("1.50", good)) == []


@pytest.mark.parametrize(("old", "new", "code"), [
    ('relation = "avoid"', 'relation = "above"', "RUL008"),
    ('zh = "洪泛区"', 'zh = ""', "RUL005"),
    ('role = "flood"', 'role = "Flood!"', "RUL003"),
    ('en = "Flood area"', "", "RUL002"),
])
def test_faulty_line_is_named(old: str, new: str, code: str) -> None:
    assert old in LINE
    assert codes(LINE.replace(old, new)) == [code]


def test_blank_rule_has_no_value() -> None:
    text = RULE.replace("value = 1.50\n", "").replace('"T"', '"none"')
    (rule,) = parse_rules(text, source="a.toml").rules
    assert rule.is_blank


def test_overlap_in_time_names_both_records() -> None:
    later = RULE.replace("2020-12-31", "2021-12-31").replace("2020-01-01", "2020-12-31")
    (problem,) = read_rules(RULE + later, source="a.toml").problems
    told = say(problem.message)
    assert problem.code == "RUL009"
    assert "2020-01-01 – 2020-12-31" in told
    assert "2020-12-31 – 2021-12-31" in told


def test_records_that_follow_each_other_do_not_overlap() -> None:
    later = RULE.replace("2020-", "2021-")
    assert codes(RULE + later) == []


def test_open_ends_overlap_everything() -> None:
    forever = RULE.replace("valid_from = 2020-01-01\n", "").replace("valid_to = 2020-12-31\n", "")
    assert codes(RULE + forever) == ["RUL009"]
    assert codes(RULE + forever.replace("CN/32", "CN/33")) == []


def test_line_described_twice_is_named() -> None:
    assert codes(LINE + LINE) == ["RUL009"]


def test_unknown_table_is_named() -> None:
    assert codes("[colour]\na = 1\n") == ["RUL001"]
    assert codes("rule = 3\n") == ["RUL001"]


def test_parse_refuses_faults_naming_all() -> None:
    text = RULE.replace('unit = "yuan"', "") + LINE.replace("avoid", "above")
    with pytest.raises(RuleBookError) as caught:
        parse_rules(text, source="county.toml")
    for language in LANGUAGES:
        told = say(caught.value, language)
        assert "county.toml" in told
        assert "unit" in told
        assert "above" in told
        assert "[[rule]] 1 fee.example" in told


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(RuleBookError, match="not_toml"):
        parse_rules("[[rule", source="a.toml")


def test_faults_can_be_said_in_both_languages() -> None:
    text = RULE.replace("1.50", "nan") + LINE.replace("avoid", "above") + "[colour]\n"
    for problem in read_rules(text, source="a.toml").problems:
        for language in LANGUAGES:
            assert "{" not in say(problem.message, language)
