"""``zoning search`` on the demo county, end to end."""

from __future__ import annotations

from pathlib import Path

import pytest
from golden import Snapshot
from running import run, zoning
from schemas import require_valid

SCENARIO = """
[scenario]
id = "search"
name = "选址测试"
decision_date = 2026-06-30
place = "CN/32/3206/320623/demo"

[[criterion]]
id = "road"
kind = "near"
codes = ["1003", "1004"]
reach_m = 500
weight = 20

[[criterion]]
id = "quiet"
kind = "apart"
codes = ["0701", "0702"]
reach_m = 300
weight = 10

[[criterion]]
id = "stock"
kind = "stock"
weight = 50

[[criterion]]
id = "level"
kind = "slope"
unknown = 500
weight = 5

[[project]]
id = "Q02"
name = "二期"
kind = "industry"
path = "batch"
[project.design]
least_width_m = 60
[project.site]
parcels = ["320623211000003514", "320623211000003515"]
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search") / "demo"
    run("init", folder, "--demo")
    (folder / "s.toml").write_text(SCENARIO, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def answer(workspace: Path):
    return zoning("-w", workspace, "search", workspace / "s.toml", "--project", "Q02", "-k", "3",
                  "--min", "60mu", "--max", "90mu", "--json")


def test_answer_follows_its_schema(answer) -> None:
    require_valid(answer)


def test_every_site_is_proven_checked_and_judged(answer) -> None:
    assert len(answer["sites"]) == 3
    for site in answer["sites"]:
        assert site["status"] == "optimal"
        assert site["value_yuan"] == site["bound_yuan"]
        assert site["checked"] == {"passed": True, "faults": []}
        assert site["verdict"] in ("pass", "undecided")
        assert 40_000 <= float(site["area"]["m2"]) <= 60_000.01
        assert site["width"]["value"] >= 600


def test_sites_differ_and_come_in_order_of_cost(answer) -> None:
    parcels = [set(site["parcels"]) for site in answer["sites"]]
    assert not parcels[0] & parcels[1]
    assert not (parcels[0] | parcels[1]) & parcels[2]
    values = [float(site["value_yuan"]) for site in answer["sites"]]
    assert values == sorted(values)


def test_each_criterion_has_its_map(answer) -> None:
    maps = {each["id"]: {row["parcel"]: row["score"] for row in each["scores"]}
            for each in answer["criteria"]}
    assert set(maps) == {"road", "quiet", "stock", "level"}
    assert all(len(scores) == 6387 for scores in maps.values())
    assert 0 < sum(maps["stock"].values()) < 1000 * 6387
    assert set(maps["level"].values()) <= {0, 250, 500, 750, 1000}


def test_unmeetable_demand_is_proven_so(workspace: Path) -> None:
    code, out, _ = run("-w", workspace, "--lang", "en", "search", workspace / "s.toml",
                       "--project", "Q02", "--min", "90000mu", "--max", "90001mu")
    assert code == 1
    assert "proven that no further site" in out


@pytest.mark.parametrize(("words", "said"), [
    (("--project", "none"), "no project 'none'"),
    (("--project", "Q02", "--min", "much"), "cannot be read"),
    (("--project", "Q02", "--min", "9mu", "--max", "8mu"), "range of areas"),
])
def test_faulty_question_is_a_sentence(workspace: Path, words, said: str) -> None:
    code, _, told = run("-w", workspace, "--lang", "en", "search", workspace / "s.toml", *words)
    assert code == 2
    assert said in told


def test_incomplete_criterion_is_named(workspace: Path) -> None:
    bad = workspace / "bad.toml"
    bad.write_text(SCENARIO.replace("reach_m = 500\n", ""), encoding="utf-8")
    code, _, told = run("-w", workspace, "--lang", "en", "search", bad, "--project", "Q02")
    assert code == 2
    assert "criterion[1] road" in told


def test_sites_of_the_demo_county_stay_the_same(answer, snapshot: Snapshot) -> None:
    kept = ("parcels", "area", "perimeter", "width", "value_yuan", "bound_yuan", "status", "used",
            "checked", "verdict")
    snapshot({"demand": answer["demand"], "budgets": answer["budgets"],
              "sites": [{name: site[name] for name in kept} for site in answer["sites"]]})
