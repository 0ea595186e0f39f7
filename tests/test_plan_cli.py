"""Plans at the command line, on the demo county: years, why, compare, sensitivity, verify."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import geopandas
import pytest
from running import run, zoning
from schemas import require_valid
from shapely.geometry import box

SCENARIO = Path(__file__).parents[1] / "scenarios" / "rudong-2019.toml"
MORE = """

[[inflow]]
id = "E-20"
kind = "offset"
pool = "补充耕地储备库"
amounts = { area = "300mu", paddy = "100mu", capacity = "400t" }
effective = 2020-03-01
likelihood = 0.6

[[action]]
id = "A-1"
do = "start_later"
project = "P03"
start = 2020-05-01

[[confusion]]
mapped = "0101"
truly = { "0101" = 0.9, "0102" = 0.1 }
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo") / "w"
    zoning("init", root, "--demo", "--json")
    return root


@pytest.fixture(scope="module")
def planned(demo: Path) -> Path:
    file = demo / "scenarios" / "plan.toml"
    text = SCENARIO.read_text(encoding="utf-8")
    file.write_text(text.replace("description =", "years = [2019, 2020, 2021]\ndescription =", 1)
                    + MORE, encoding="utf-8")
    return file


def by_id(document: dict[str, Any], line: str) -> dict[str, Any]:
    return {each["id"]: each for each in document[line]["projects"]}


def test_years_on_the_book_and_with_what_is_expected(demo: Path, planned: Path) -> None:
    answer = zoning("plan", planned, "-w", demo, "--json", expect=1)
    require_valid(answer)
    book, expected = by_id(answer, "book"), by_id(answer, "expected")
    assert (book["P20"]["first_year"], expected["P20"]["first_year"]) == (None, 2020)
    assert expected["P20"]["first_day"] == "2020-03-01"
    assert expected["P20"]["relies_on"] == ["E-20"]
    assert [each["id"] for each in expected["P20"]["waits"][0]["findings"]] == ["quota.offset"]
    assert expected["P03"]["first_day"] == "2020-05-01"
    assert expected["P22"]["first_year"] is None
    assert answer["sources"] == [{"id": "E-20", "likelihood": "0.6000"}]


def test_plan_of_the_first_day_agrees_with_check(demo: Path, planned: Path) -> None:
    plan = by_id(zoning("plan", planned, "-w", demo, "--json", expect=1), "book")
    check = zoning("check", SCENARIO, "-w", demo, "--json", expect=1)
    for project in check["projects"]:
        if project["id"] != "P03":
            goes = plan[project["id"]]["first_day"] == check["decision_date"]
            assert goes == (project["verdict"] != "fail"), project["id"]


def test_why_names_the_conflict_and_remedies_that_hold(demo: Path, planned: Path) -> None:
    answer = zoning("why", planned, "--project", "P20", "-w", demo, "--json", expect=1)
    require_valid(answer)
    assert answer["conflicts"][0]["demands"][0] == "quota.offset"
    remedies = {each["family"]: each for each in answer["remedies"]}
    assert {"wait", "drop", "buy", "floor"} <= set(remedies)
    for family in ("drop", "buy", "floor"):
        file = planned.with_name(f"{family}.toml")
        file.write_text(planned.read_text(encoding="utf-8") + "\n" + remedies[family]["toml"],
                        encoding="utf-8")
        again = zoning("plan", file, "-w", demo, "--json", expect=1)
        assert by_id(again, "expected")["P20"]["first_day"] == remedies[family]["day"]


def test_why_of_the_whole_plan_names_each_stopped_project(demo: Path, planned: Path) -> None:
    answer = zoning("why", planned, "-w", demo, "--json", expect=1)
    require_valid(answer)
    told = {demand for each in answer["conflicts"] for demand in each["demands"]}
    assert {"must:P21", "must:P22", "must:P19"} <= told
    assert answer["remedies"] == []


def test_why_refuses_a_project_that_is_not_there(demo: Path, planned: Path) -> None:
    code, _, told = run("why", planned, "--project", "P99", "-w", demo)
    assert code == 2
    assert "P99" in told


def test_compare_tells_what_the_actions_change(demo: Path, planned: Path) -> None:
    same = zoning("compare", SCENARIO, SCENARIO, "-w", demo, "--json")
    require_valid(same)
    assert same["is_same"]
    answer = zoning("compare", SCENARIO, planned, "-w", demo, "--json")
    require_valid(answer)
    told = {(each["subject"], each["project"], each["item"], each["field"]):
            (each["before"], each["after"]) for each in answer["changes"]}
    assert told["year", "P03", "expected", "first_year"] == (2019, 2020)
    assert told["year", "P20", "expected", "first_year"] == (None, 2020)


def test_sensitivity_is_the_same_for_the_same_seed(demo: Path, planned: Path) -> None:
    words = ("sensitivity", planned, "--samples", "6", "-w", demo, "--json")
    first = zoning(*words, "--seed", "3")
    require_valid(first)
    assert first == zoning(*words, "--seed", "3")
    assert first["uncertain_parcels"] > 0
    assert {each["source"] for each in first["inflow_margins"]} == {"E-20"}
    assert {(each["mapped"], each["truly"]) for each in first["class_margins"]} == {
        ("0101", "0102")}
    assert all(sum(year["times"] for year in each["years"]) + each["never"] == 6
               for each in first["odds"])


def test_answer_is_recomputed_to_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    _, out, _ = run("check", SCENARIO, "-w", demo, "--json")
    file = tmp_path / "answer.json"
    file.write_text(out, encoding="utf-8")
    answer = zoning("check", SCENARIO, "-w", demo, "--verify", file, "--json")
    require_valid(answer)
    assert answer["is_same"]


def test_answer_that_was_changed_is_found_out(demo: Path, tmp_path: Path) -> None:
    told = zoning("check", SCENARIO, "-w", demo, "--json", expect=1)
    told["projects"][18]["verdict"] = "pass"
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
    answer = zoning("check", SCENARIO, "-w", demo, "--verify", file, "--json", expect=1)
    assert answer["differs"] == ["projects[18]"]


def test_answer_holds_after_the_book_has_moved_on(demo: Path, tmp_path: Path) -> None:
    copy = tmp_path / "w"
    shutil.copytree(demo, copy)
    _, out, _ = run("check", SCENARIO, "-w", copy, "--json")
    (tmp_path / "answer.json").write_text(out, encoding="utf-8")
    zoning("ledger", "hold", SCENARIO, "--project", "P17", "-w", copy, "--json")
    answer = zoning("check", SCENARIO, "-w", copy, "--verify", tmp_path / "answer.json", "--json")
    assert answer["is_same"]


@pytest.mark.parametrize("text", ["{", "[]", '{"document": "plan"}'])
def test_file_that_is_no_answer_is_refused(demo: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "answer.json"
    file.write_text(text, encoding="utf-8")
    code, _, told = run("check", SCENARIO, "-w", demo, "--verify", file)
    assert code == 2
    assert "check --json" in told


@pytest.mark.parametrize("command", ["plan", "why", "sensitivity"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_are_printed(demo: Path, planned: Path, command: str, language: str) -> None:
    more = ("--samples", "2") if command == "sensitivity" else ()
    _, out, told = run(command, planned, *more, "-w", demo, "--lang", language)
    assert ("P22" if command == "why" else "P20") in out
    assert not told


def imported_again(root: Path, edition: str) -> None:
    source = Path(__file__).parents[1] / "data" / "parcels" / "存量土地.gpkg"
    zoning("import", source, "--role", "idle_land", "--edition", edition, "-w", root, "--json")


def test_answer_is_recomputed_from_old_editions_of_layers(demo: Path, tmp_path: Path) -> None:
    copy = tmp_path / "w"
    shutil.copytree(demo, copy)
    _, out, _ = run("check", SCENARIO, "-w", copy, "--json")
    (tmp_path / "answer.json").write_text(out, encoding="utf-8")
    imported_again(copy, "newer")
    flood = tmp_path / "flood.gpkg"
    geopandas.GeoDataFrame({"DKBH": ["1"]}, geometry=[box(40519000, 3575000, 40519010, 3575010)],
                           crs="EPSG:4528").to_file(flood)
    zoning("import", flood, "--role", "flood", "-w", copy, "--json")
    _, now, _ = run("check", SCENARIO, "-w", copy, "--json")
    assert now != out
    answer = zoning("check", SCENARIO, "-w", copy, "--verify", tmp_path / "answer.json", "--json")
    require_valid(answer)
    assert (answer["is_same"], answer["gone"]) == (True, [])


def test_what_an_answer_cites_and_is_gone_is_named(demo: Path, tmp_path: Path) -> None:
    copy = tmp_path / "w"
    shutil.copytree(demo, copy)
    told = zoning("check", SCENARIO, "-w", copy, "--json", expect=1)
    for each in told["editions"]:
        if each["role"] == "idle_land":
            each["sha256"] = "0" * 64
            edition = each["edition"]
    told["ledger_position"], told["rules_sha256"] = 10**6, "0" * 64
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
    (copy / "rules" / "own.toml").write_text(
        '[[rule]]\nid = "fee.tax_rate"\nplace = "CN/32/3206/320623/demo"\nvalue = 30\n'
        'unit = "yuan/m2"\nconfidence = "W"\ncitation = { zh = "演示" }\n', encoding="utf-8")
    answer = zoning("check", SCENARIO, "-w", copy, "--verify", file, "--json", expect=1)
    require_valid(answer)
    assert answer["gone"] == [f"layer:idle_land@{edition}", "rules", "ledger"]
    _, out, _ = run("check", SCENARIO, "-w", copy, "--verify", file)
    assert "rules" in out


def test_check_names_the_inflows_and_actions_it_leaves_out(demo: Path, planned: Path) -> None:
    answer = zoning("check", planned, "-w", demo, "--json", expect=1)
    require_valid(answer)
    assert answer["ignored"] == ["E-20", "A-1"]
    assert zoning("check", SCENARIO, "-w", demo, "--json", expect=1)["ignored"] == []
    _, out, _ = run("check", planned, "-w", demo, "--lang", "en")
    assert "E-20, A-1" in out
    assert "items open" in out


def test_why_of_the_whole_plan_repairs_it_as_the_engine_confirms(
    demo: Path, planned: Path
) -> None:
    answer = zoning("why", planned, "-w", demo, "--json", expect=1)
    require_valid(answer)
    repair = answer["repair"]
    assert {"P21", "P22"} <= set(repair["stopped"])
    file = planned.with_name("repaired.toml")
    file.write_text(planned.read_text(encoding="utf-8") + "\n" + repair["toml"], encoding="utf-8")
    again = by_id(zoning("plan", file, "-w", demo, "--json", expect=1), "expected")
    assert [name for name, each in again.items() if each["first_day"]] == repair["goes"]


def test_why_of_an_undecided_project_names_what_would_decide_it(
    demo: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "w"
    shutil.copytree(demo, copy)
    rules = copy / "rules" / "demo.toml"
    text = rules.read_text(encoding="utf-8")
    start = text.index('id = "ugb.outside_allowed_kinds"')
    cut = text.rindex("[[rule]]", 0, start)
    end = text.find("[[rule]]", start)
    rules.write_text(text[:cut] + text[end:], encoding="utf-8")
    answer = zoning("why", SCENARIO, "--project", "P21", "-w", copy, "--json", expect=1)
    require_valid(answer)
    told = {each["token"].split("@")[0]: each for each in answer["openings"]}
    ways = told["rule:ugb.outside_allowed_kinds"]["ways"]
    assert [(each["verdict"], each["failing"]) for each in ways] == [
        ("fail", ["line.pbf", "line.ugb"]), ("fail", ["line.pbf"])]


def test_linkage_areas_are_tested_from_book_and_layers(demo: Path) -> None:
    answer = zoning("linkage", "--at", "2019-12-20", "-w", demo, "--json")
    require_valid(answer)
    assert {test["status"] for area in answer["areas"] for test in area["tests"]} == {"pass"}
    assert {area["return_by"] for area in answer["areas"]} == {"2022-01-10", None}
    late = zoning("linkage", "--at", "2018-01-01", "-w", demo, "--json")
    assert all(area["left"]["area"] == {"m2": "0.00"} for area in late["areas"])
    _, out, _ = run("linkage", "--at", "2019-12-20", "-w", demo, "--lang", "en")
    assert "Linkage project areas tested" in out


def test_plan_tells_money_and_the_years_end(demo: Path, planned: Path) -> None:
    answer = zoning("plan", planned, "-w", demo, "--json", expect=1)
    sums = [sum(each[word] for each in answer["money"]["projects"])
            for word in ("low_yuan", "high_yuan")]
    assert sums == [answer["money"]["low_yuan"], answer["money"]["high_yuan"]]
    assert answer["money"]["actions"] == []
    assert [each["tests"][0]["missing"] for each in answer["year_ends"]] == [
        [f"fact:farmland_year:{year}"] for year in (2019, 2020, 2021)]


def test_answer_is_recomputed_after_layer_rules_and_site_file_were_replaced(
    demo: Path, tmp_path: Path
) -> None:
    copy, file = tmp_path / "w", tmp_path / "w" / "scenarios" / "drawn.toml"
    shutil.copytree(demo, copy)
    site = geopandas.read_parquet(next((copy / "layers").glob("parcel@*[0-9a-f].parquet")))
    west, south, *_ = site.geometry.iloc[len(site) // 2].bounds
    drawn = geopandas.GeoDataFrame({"DKBH": ["1"]}, geometry=[
        box(west, south, west + 90, south + 60)], crs=site.crs)
    drawn.to_file(copy / "scenarios" / "site.shp")
    file.write_text('[scenario]\nid = "D"\nname = "D"\ndecision_date = 2019-06-30\n'
                    'place = "CN/32/3206/320623/demo"\n[[project]]\nid = "P"\nname = "P"\n'
                    'kind = "industry"\nsite = { file = "site.shp" }\n', encoding="utf-8")
    _, out, _ = run("check", file, "-w", copy, "--json")
    (tmp_path / "answer.json").write_text(out, encoding="utf-8")
    record = next(each for each in json.loads(out)["editions"] if each["role"] == "pbf")
    imported = tmp_path / "pbf.gpkg"
    drawn.to_file(imported)
    zoning("import", imported, "--role", "pbf", "--edition", record["edition"], "-w", copy,
           "--json")
    drawn.set_geometry(drawn.buffer(5)).to_file(copy / "scenarios" / "site.shp")
    (copy / "rules" / "own.toml").write_text(
        '[[rule]]\nid = "fee.tax_rate"\nplace = "CN/32/3206/320623/demo"\nvalue = 30\n'
        'unit = "yuan/m2"\nconfidence = "W"\ncitation = { zh = "演示" }\n', encoding="utf-8")
    _, now, _ = run("check", file, "-w", copy, "--json")
    assert {each["rules_sha256"] for each in (json.loads(out), json.loads(now))} > {
        json.loads(out)["rules_sha256"]}
    answer = zoning("check", file, "-w", copy, "--verify", tmp_path / "answer.json", "--json")
    require_valid(answer)
    assert (answer["is_same"], answer["gone"]) == (True, [])
    shutil.rmtree(copy / "archive")
    lost = zoning("check", file, "-w", copy, "--verify", tmp_path / "answer.json", "--json",
                  expect=1)
    assert lost["gone"] == [f"layer:pbf@{record['edition']}", "site:site.shp", "rules"]


def test_drawn_sites_on_the_same_land_are_told_with_the_area(demo: Path, tmp_path: Path) -> None:
    parcels = geopandas.read_parquet(next((demo / "layers").glob("parcel@*[0-9a-f].parquet")))
    at = parcels[parcels["class_code"] == "1003"].geometry.iloc[0].representative_point()
    text = ('[scenario]\nid = "D"\nname = "D"\ndecision_date = 2019-06-30\n'
            'place = "CN/32/3206/320623/demo"\n')
    for number, east in enumerate((0, 30, 100)):
        ring = [[at.x + east + x, at.y + y] for x, y in ((0, 0), (100, 0), (100, 50), (0, 50))]
        text += (f'[[project]]\nid = "P{number}"\nname = "P"\nkind = "transport"\n'
                 f'site = {{ polygon = {ring}, crs = "EPSG:4528" }}\n')
    file = tmp_path / "two.toml"
    file.write_text(text, encoding="utf-8")
    answer = zoning("check", file, "-w", demo, "--json", expect=1)
    shared = {each["id"]: [f["measured"]["m2"] for f in each["findings"]
                           if f["id"] == "site.shared"] for each in answer["projects"]}
    assert shared["P0"] == shared["P2"] == []
    assert 3490 < float(shared["P1"][0]) < 3510
    why = zoning("why", file, "--project", "P1", "-w", demo, "--json", expect=1)
    assert {"site.shared", "must:P0"} <= set(why["conflicts"][0]["demands"])


def test_classes_inside_a_line_sum_to_the_land_inside(demo: Path) -> None:
    answer = zoning("check", SCENARIO, "-w", demo, "--json", expect=1)
    lines = [line for each in answer["projects"] for line in each["lines"]]
    assert any(line["classes"] for line in lines)
    for line in lines:
        inside = sum(float(cell["area"]["m2"]) for cell in line["classes"])
        assert abs(inside - float(line["area"]["m2"])) < 0.005
        crosses = float(line["area"]["m2"]) > 0 and line["margin"]["value"] >= 0
        assert line["margin"]["unit"] == "mm"
        assert not crosses or line["margin"]["value"] == 0
    _, out, _ = run("check", SCENARIO, "-w", demo, "--lang", "en")
    plain = " ".join(out.split())
    assert "Classes inside" in plain
    assert "inside " in plain
    assert " m from its border" in plain
