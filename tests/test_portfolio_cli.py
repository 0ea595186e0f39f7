"""``zoning portfolio`` on the demo county, end to end; the engine carries out what is proposed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from golden import Snapshot
from running import run, zoning
from schemas import require_valid

P22 = 'name = "临河码头仓储有限公司(演示)"\nkind = "warehouse"\npath = "batch"\n'
SCENARIO = Path(__file__).parents[1] / "scenarios" / "rudong-portfolio.toml"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo") / "w"
    zoning("init", root, "--demo", "--json")
    return root


@pytest.fixture(scope="module")
def answer(demo: Path) -> dict[str, Any]:
    return dict(zoning("portfolio", SCENARIO, "--no-prices", "-k", "2", "--seconds", "300",
                       "-w", demo, "--json"))


def test_the_plan_of_the_demo_county(answer: dict[str, Any], snapshot: Snapshot) -> None:
    require_valid(answer)
    snapshot([{
        "goals": [(each["goal"], each["value"], each["bound"], each["status"])
                  for each in plan["goals"]],
        "projects": [(each["id"], each["site"], each["year"], each["status"])
                     for each in plan["projects"]],
        "left_out": plan["left_out"], "actions": plan["actions"], "money": plan["money"],
        "difference": [(each["id"], each["change"]) for each in plan["difference"]],
    } for plan in (*answer["plans"], answer["less"]["plan"])])


def test_solver_and_engine_agree_on_every_number(answer: dict[str, Any]) -> None:
    for plan in (*answer["plans"], answer["less"]["plan"]):
        assert len(plan["agreement"]) > 10
        assert all(each["agrees"] for each in plan["agreement"])
        assert {each["name"] for each in plan["agreement"]} >= {"projects", "value", "money_yuan",
                                                               "offset.area"}


def test_quota_of_every_year_adds_up(answer: dict[str, Any]) -> None:
    for line in answer["plans"][0]["quota"]:
        carried, booked, expected, drawn, lapsed, left = (
            float(next(iter(line[name].values())))
            for name in ("carried", "booked", "expected", "drawn", "lapsed", "left"))
        assert carried + booked + expected == pytest.approx(drawn + lapsed + left)


def test_plans_are_different_and_projects_go_in_their_years(answer: dict[str, Any]) -> None:
    first, second = answer["plans"]
    assert second["difference"]
    assert all(each["day"].startswith(str(each["year"])) for each in first["projects"])
    assert {"P12", "P13", "P24"} <= {each["id"] for each in first["projects"]}


def test_an_earlier_answer_is_compared(demo: Path, answer: dict[str, Any], tmp_path: Path) -> None:
    earlier = json.loads(json.dumps(answer))
    gone = earlier["plans"][0]["projects"].pop()["id"]
    file = tmp_path / "earlier.json"
    file.write_text(json.dumps(earlier), encoding="utf-8")
    again = zoning("portfolio", SCENARIO, "--no-prices", "--less", "0", "--since", file,
                   "-w", demo, "--json")
    require_valid(again)
    assert [(each["id"], each["change"]) for each in again["since"]] == [(gone, "in")]
    file.write_text("{}", encoding="utf-8")
    code, _, told = run("portfolio", SCENARIO, "--since", file, "-w", demo)
    assert (code, "portfolio --json" in told) == (2, True)


def written(tmp_path: Path, *changes: tuple[str, str], more: str = "") -> Path:
    text = SCENARIO.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    shutil.copytree(SCENARIO.parent / "sites", tmp_path / "sites", dirs_exist_ok=True)
    file = tmp_path / "s.toml"
    file.write_text(text + more, encoding="utf-8")
    return file


def test_prices_and_chain_are_told_in_both_languages(demo: Path, tmp_path: Path) -> None:
    file = written(tmp_path, ("years = [2019, 2020, 2021, 2022]", "years = [2019]"),
                   ('"value", "unused", "money"', '"value"'))
    told = zoning("portfolio", file, "--less", "0", "-w", demo, "--json")
    require_valid(told)
    assert told["prices_whole"]
    assert told["prices"]
    assert any(each["spare"] and each["holds"] is None for each in told["prices"])
    assert all(each["status"] == "optimal" for each in told["prices"])
    for language, word in (("zh", "指标价目表"), ("en", "Price board")):
        assert word in zoning("portfolio", file, "--less", "0", "-w", demo, "--lang", language)


def test_a_project_that_cannot_go_is_told_why(demo: Path, tmp_path: Path) -> None:
    file = written(tmp_path, ("value = 60\n", "value = 60\ndue = 2020-12-31\n"),
                   (f"{P22}must = false", f"{P22}must = true"),
                   ('project = "P22"\nid = "存量地"', 'project = "P02"\nid = "存量地"'))
    told = zoning("portfolio", file, "--no-prices", "--less", "0", "-w", demo, "--json", expect=1)
    require_valid(told)
    assert not told["must_go"]
    assert set(told["conflict"]["rules"]) < {"line.eco_redline", "line.ugb", "must:P22"}
    assert "must:P22" in told["conflict"]["rules"]
    assert told["conflict"]["is_proven"]
    assert {each["what"] for each in told["ways_out"]} == {"law", "drop"}
    assert "P22" in zoning("portfolio", file, "--no-prices", "--less", "0", "-w", demo, expect=1)


def test_sites_of_a_search_are_candidates(demo: Path, tmp_path: Path) -> None:
    found = {"document": "search", "sites": [{"parcels": ["320623211000003169"]},
                                             {"parcels": ["320623211000003158"]}]}
    (tmp_path / "search.json").write_text(json.dumps(found), encoding="utf-8")
    own = 'site = { parcels = ["320623211000003169"] }'
    file = written(tmp_path, (own, 'search = "search.json"'))
    told = zoning("portfolio", file, "--no-prices", "--less", "0", "-w", demo, "--json")
    assert told["choices"]["sites"] == 12 + 3 + 2 + 2
    assert any(each["site"].startswith("存量地-") for each in told["plans"][0]["projects"])
    (tmp_path / "search.json").write_text("[]", encoding="utf-8")
    code, _, said = run("portfolio", file, "-w", demo)
    assert (code, "zoning search --json" in said) == (2, True)


@pytest.mark.parametrize(("change", "word"), [
    (("goals = [", "goal = ["), "goal"),
    (('goals = ["value"', 'goals = ["worth"'), "worth"),
    (('amounts = { total = "10mu", agric', 'amounts = { totl = "10mu", agric'), "totl"),
    (("budget_yuan = 600_000_000", "budget_yuan = -1"), "budget_yuan"),
    (("budget_yuan = 600_000_000", 'fixed = ["A-9"]'), "A-9"),
    (('project = "P14"\nid = "北片"', 'project = "P99"\nid = "北片"'), "P99"),
    (('id = "北片"\n', 'id = "北片"\nsearch = "x.json"\n'), "北片"),
    (('id = "北片"\n', 'id = "北片"\nvalue = -1\n'), "北片"),
])
def test_faulty_terms_are_named(
    demo: Path, tmp_path: Path, change: tuple[str, str], word: str
) -> None:
    code, _, told = run("portfolio", written(tmp_path, change), "-w", demo)
    assert code == 2
    assert word in told


def test_what_is_fixed_is_not_chosen(demo: Path, tmp_path: Path) -> None:
    file = written(tmp_path, ("budget_yuan = 600_000_000", 'fixed = ["A-3"]'))
    told = zoning("portfolio", file, "--no-prices", "--less", "0", "-w", demo, "--json")
    assert told["choices"]["actions"] == 3
    assert told["asked"]["budget_yuan"] is None
