from __future__ import annotations

from datetime import date

import pytest

from zoning.errors import ScenarioError
from zoning.messages import LANGUAGES, say
from zoning.scenario.model import Project, Scenario, Site, parse_scenario

HEAD = """
[scenario]
id = "rudong-2019"
name = "如东2019"
decision_date = 2019-06-30
place = "CN/32/3206/320623"
"""
PROJECT = """
[[project]]
id = "P-01"
name = "海工装备厂房"
kind = "industry"
site = { parcels = ["32062300001", "32062300002"] }
"""


def faults(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, source="a.toml")
    for language in LANGUAGES:
        assert "{" not in say(caught.value, language)
    return say(caught.value)


def site_of(text: str) -> Site:
    return parse_scenario(HEAD + PROJECT.replace(
        'site = { parcels = ["32062300001", "32062300002"] }', text), source="a.toml"
    ).projects[0].site


def test_parse_reads_a_scenario() -> None:
    assert parse_scenario(HEAD + PROJECT, source="a.toml") == Scenario(
        id="rudong-2019", name="如东2019", decision_date=date(2019, 6, 30),
        place="CN/32/3206/320623",
        projects=(Project(id="P-01", name="海工装备厂房", kind="industry", path="batch", rank=1,
                          site=Site(parcels=("32062300001", "32062300002"))),))


def test_parse_reads_every_field_of_a_project() -> None:
    text = HEAD + 'description = "说明"\n' + PROJECT.replace("site", """path = "linkage_new_site"
rank = 7
hold_due = 2019-12-31
pools = ["reserve"]
site""")
    (project,) = parse_scenario(text, source="a.toml").projects
    assert (project.path, project.rank, project.hold_due, project.pools) == (
        "linkage_new_site", 7, date(2019, 12, 31), ("reserve",))


def test_rank_is_the_order_in_the_file() -> None:
    text = HEAD + PROJECT + PROJECT.replace("P-01", "P-02") + PROJECT.replace(
        'id = "P-01"', 'id = "P-03"\nrank = 1')
    assert [project.rank for project in parse_scenario(text, source="a.toml").projects] == [1, 2, 1]


@pytest.mark.parametrize(("text", "field", "value"), [
    ('site = { file = "sites/a.txt" }', "file", "sites/a.txt"),
    ('site = { file = "a.txt", plot = "2" }', "names", ("2",)),
    ('site = { file = "a.gpkg", feature = "甲" }', "names", ("甲",)),
    ('site = { layer = "idle_land", features = ["XZ-1"] }', "features", ("XZ-1",)),
    ('site = { polygon = [[40500000, 3580000.5], [1, 2], [3, 4]], crs = "EPSG:4528" }',
     "polygon", ((40500000.0, 3580000.5), (1.0, 2.0), (3.0, 4.0))),
])
def test_each_form_of_a_site_is_read(text: str, field: str, value: object) -> None:
    assert getattr(site_of(text), field) == value


@pytest.mark.parametrize("text", [
    "site = {}",
    "site = { parcels = [] }",
    'site = { parcels = ["a"], file = "b.txt" }',
    'site = { layer = "idle_land" }',
    'site = { features = ["a"] }',
    'site = { parcels = ["a"], crs = "EPSG:4528" }',
    'site = { file = "a.txt", plot = "1", feature = "2" }',
    "site = { polygon = [[1, 2], [3, 4], [5, 6]] }",
    'site = { polygon = [[1, 2], [3, 4]], crs = "EPSG:4528" }',
    'site = { polygon = [[1, 2, 3], [3, 4, 3], [5, 6, 3]], crs = "EPSG:4528" }',
    'site = { polygon = [[nan, 2], [3, 4], [5, 6]], crs = "EPSG:4528" }',
    'site = { polygon = [[1, 2], [3, 4], [5, 6]], crs = "Beijing" }',
    'site = { parcels = ["a"], colour = "red" }',
    "site = 3",
])
def test_site_that_means_nothing_is_named(text: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        site_of(text)
    assert "project[1] P-01 site" in say(caught.value)


@pytest.mark.parametrize("path", [
    "/etc/passwd", "../a.txt", "a/../../b.txt", "~/a.txt", "C:/a.txt", r"..\\a.txt", r"a\\b.txt",
    "",
])
def test_path_that_leaves_the_folder_is_refused(path: str) -> None:
    with pytest.raises(ScenarioError):
        site_of(f'site = {{ file = "{path}" }}')


def test_all_faults_are_named_at_once() -> None:
    told = faults("""
colour = "red"
[scenario]
id = "a"
decision_date = "soon"
place = "cn"
[[project]]
id = "P-01"
name = "甲"
kind = "castle"
path = "by_air"
site = { parcels = ["a"] }
[[project]]
id = "P-01"
name = "乙"
kind = "industry"
colour = "red"
""")
    for part in ("“colour”", "“scenario.name”", "“scenario.decision_date”", "“scenario.place”",
                 "castle", "by_air", "“P-01”重复", "project[2] P-01 colour",
                 "project[2] P-01 site"):
        assert part in told


def test_scenario_without_projects_is_refused() -> None:
    assert "缺少“project”" in faults(HEAD)


def test_empty_text_names_what_is_missing() -> None:
    told = faults("")
    assert "scenario.id" in told
    assert "scenario.place" in told


@pytest.mark.parametrize("text", [
    "project = 3", "scenario = 3\nproject = [3]", HEAD + "project = [3]",
])
def test_wrong_tables_are_faults_not_crashes(text: str) -> None:
    assert faults(text)


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ScenarioError, match="not_toml"):
        parse_scenario("[scenario", source="a.toml")


def test_kinds_may_be_a_list_of_ones_own() -> None:
    with pytest.raises(ScenarioError):
        parse_scenario(HEAD + PROJECT, source="a.toml", kinds={})


# ── plans ────────────────────────────────────────────────────────────────────────────────────

PLAN = HEAD + "years = [2019, 2021]\n" + PROJECT.replace('kind = "industry"', """kind = "industry"
start = 2020-01-01
due = 2021-12-31
must = false""") + """
[[inflow]]
id = "E-1"
kind = "offset"
pool = "县级"
amounts = { area = "1.5ha", capacity = "2t" }
effective = 2020-03-01
likelihood = 0.6
[[action]]
id = "A-1"
do = "standard_floor"
project = "P-01"
saves = "12mu"
[[action]]
id = "A-2"
do = "point_supply"
project = "P-01"
amounts = { total = "1公顷" }
conditions = [{ name = "总投资", asked = "10亿元", met = true }, { name = "亩均税收" }]
[[confusion]]
mapped = "0101"
truly = { "0101" = 0.9, "0102" = 0.1 }
"""


def test_parse_reads_a_plan() -> None:
    plan = parse_scenario(PLAN, source="a.toml")
    assert plan.horizon == (2019, 2020, 2021)
    (project,) = plan.projects
    assert (project.start, project.due, project.must) == (
        date(2020, 1, 1), date(2021, 12, 31), False)
    assert plan.inflows[0].amounts == {"area": 1_500_000, "capacity": 2_000}
    floor, point = plan.actions
    assert (floor.do, floor.saves) == ("standard_floor", 800_000)
    assert [each.met for each in point.conditions] == [True, None]
    assert point.amounts == {"total": 1_000_000}
    assert plan.confusions[0].truly == {"0101": 0.9, "0102": 0.1}


def test_scenario_without_years_has_the_year_of_its_decision() -> None:
    assert parse_scenario(HEAD + PROJECT, source="a.toml").horizon == (2019,)


@pytest.mark.parametrize(("old", "new", "told"), [
    ("years = [2019, 2021]", "years = [2018]", "years"),
    ("years = [2019, 2021]", "years = [2021, 2020]", "years"),
    ('kind = "offset"', 'kind = "magic"', "inflow[1] E-1"),
    ('area = "1.5ha"', 'area = "1.5kg"', "inflow[1] E-1"),
    ('area = "1.5ha"', 'length = "1.5ha"', "inflow[1] E-1"),
    ("likelihood = 0.6", "likelihood = 1.6", "inflow[1] E-1 likelihood"),
    ("likelihood = 0.6", "colour = 1", "inflow[1] E-1 colour"),
    ('do = "standard_floor"', 'do = "dig"', "action[1] A-1"),
    ('do = "standard_floor"', "", "action[1] A-1"),
    ('saves = "12mu"', 'saves = "12kg"', "action[1] A-1 saves"),
    ('saves = "12mu"', "", "action[1] A-1 saves"),
    ('project = "P-01"\nsaves', 'project = "P-77"\nsaves', "P-77"),
    ('id = "A-2"', 'id = "E-1"', "E-1"),
    ('"0102" = 0.1', '"0102" = 0.2', "confusion[1]"),
])
def test_fault_of_a_plan_is_named_where_it_is(old: str, new: str, told: str) -> None:
    assert old in PLAN
    assert told in faults(PLAN.replace(old, new, 1))
