"""The pages without a browser: they run, speak both languages, and a fault is a sentence."""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from streamlit.testing.v1 import AppTest
from web_county import HOSTILE, demo_county, hostile_county

from zoning.web import settings, shell, show
from zoning.web.server import PAGES
from zoning.web.settings import SETTINGS, WORKSPACE_VARIABLE
from zoning.web.state import Desk, open_desk
from zoning.web.views import balance

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_county(tmp_path_factory.mktemp("pages") / "demo").root


@pytest.fixture
def desk(county: Path) -> Desk:
    return open_desk(county)


def opened(root: Path, monkeypatch: pytest.MonkeyPatch, **state: Any) -> AppTest:
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(root))
    monkeypatch.chdir(root.parent)
    app = AppTest.from_file(str(PAGES), default_timeout=30)
    for name, value in state.items():
        app.session_state[name] = value
    return app


def text_of(app: AppTest) -> str:
    """Everything a page shows as text."""
    parts = [element.proto.body for element in app.get("html")]
    parts += [each.value for kind in ("error", "info", "code", "caption") for each in app.get(kind)]
    return "\n".join(parts)


def component(app: AppTest) -> dict[str, Any]:
    (found,) = app.get("component_instance")
    return dict(json.loads(found.proto.json_args))


def function_app(name: str, root: Path, monkeypatch: pytest.MonkeyPatch, **state: Any) -> AppTest:
    """One page by itself, as the app runs it."""
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(root))
    monkeypatch.chdir(root.parent)
    app = AppTest.from_string(
        f"from zoning.web.shell import page_setup\nfrom zoning.web.views import {name}\n"
        f"page_setup()\n{name}.page()\n", default_timeout=30)
    for key, value in state.items():
        app.session_state[key] = value
    return app.run()


def test_the_app_opens_on_the_map(county: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(county, monkeypatch).run()
    assert not app.exception
    told = component(app)
    assert all(link.startswith("../../") for link in told["js_links"] + told["css_links"])
    assert "http" not in told["script"]
    assert "合成演示数据" in text_of(app)
    assert "永久基本农田" in text_of(app)


def test_a_click_tells_the_facts_of_the_parcel(
    county: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zoning.web.tiles import to_latlng

    layer = desk.layers["parcel"]
    inside = layer.polygons[5].representative_point()
    lat, lng = to_latlng(inside.x, inside.y)
    app = function_app("mapping", county, monkeypatch,
                       map={"last_clicked": {"lat": lat, "lng": lng}})
    assert not app.exception
    facts = desk.fact("parcel", layer.ids[5])
    assert layer.ids[5] in text_of(app)
    assert str(facts["class_code"]) in text_of(app)
    assert show.area(int(str(facts["area_dm2"])), "m2") in text_of(app)
    assert '"marked": [{' in component(app)["feature_group"]


def test_a_click_does_not_change_the_script_of_the_map(
    county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = component(function_app("mapping", county, monkeypatch))
    clicked = component(function_app("mapping", county, monkeypatch,
                                     map={"last_clicked": {"lat": 32.3, "lng": 121.2}}))
    assert plain["script"] == clicked["script"]


def test_chosen_parcels_are_judged(
    county: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = " ".join(desk.layers["parcel"].ids[:3])
    app = function_app("siting", county, monkeypatch, site_ids=ids)
    assert not app.exception
    assert 'class="verdict' in text_of(app)
    assert "zoning check" in text_of(app)
    assert "审查意见" in text_of(app)


def test_the_land_outside_the_development_boundary_is_on_the_map_and_named(
    county: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    boundary = shapely.union_all(list(desk.layers["ugb"].polygons)).buffer(1e-9)
    rows = range(0, len(desk.layers["parcel"].ids), 7)
    inside, outside = (next(desk.layers["parcel"].ids[row] for row in rows if wanted(
        boundary, desk.layers["parcel"].polygons[row])) for wanted in (
            shapely.covers, shapely.disjoint))
    app = function_app("siting", county, monkeypatch, site_ids=outside)
    assert '"outside": [{' in component(app)["feature_group"]
    assert "线外用地：城镇开发边界" in text_of(app)
    app = function_app("siting", county, monkeypatch, site_ids=inside)
    assert '"outside": []' in component(app)["feature_group"]
    assert "线外用地" not in text_of(app)


def test_an_unknown_parcel_is_a_sentence(county: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = function_app("siting", county, monkeypatch, site_ids="no-such-parcel")
    assert not app.exception
    assert "no\\-such\\-parcel" in app.error[0].value


def test_a_drawn_polygon_is_judged(
    county: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zoning.web.tiles import to_geojson

    drawing = {"type": "Feature", "properties": {},
               "geometry": to_geojson(desk.layers["parcel"].polygons[40].buffer(1e-6).envelope)}
    app = function_app("siting", county, monkeypatch, site_form="draw",
                       siting_map={"last_clicked": None, "all_drawings": [drawing]})
    assert not app.exception
    assert 'class="verdict' in text_of(app)


def test_an_idle_plot_is_judged(county: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = function_app("siting", county, monkeypatch, site_form="idle_land", site_path="stock")
    assert not app.exception
    assert 'class="verdict' in text_of(app)


def test_the_scenario_page_gives_verdicts(county: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = function_app("scenarios", county, monkeypatch)
    assert not app.exception
    assert "小方案" in text_of(app)
    assert "{{7*7}} 厂房" in text_of(app)
    assert app.code[0].value.startswith("zoning check ")


def test_a_faulty_scenario_is_a_sentence(
    tmp_path: Path, county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = county / "scenarios" / "broken.toml"
    broken.write_text("[scenario", encoding="utf-8")
    try:
        app = function_app("scenarios", county, monkeypatch)
    finally:
        broken.unlink()
    assert not app.exception
    assert len(app.error) == 1


def test_the_balance_page_shows_the_book(county: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = function_app("balance", county, monkeypatch)
    assert not app.exception
    tabs = [tab.label for tab in app.tabs]
    assert tabs == ["批次", "年度来去", "冻结", "到期", "账地核对", "明细账"]
    assert "新增建设用地计划指标" in text_of(app)


def test_the_sheet_to_download_is_a_workbook(desk: Desk) -> None:
    made = openpyxl.load_workbook(io.BytesIO(balance._sheet(desk, "zh")))
    assert len(made.sheetnames) > 3


@pytest.mark.parametrize("name", ["mapping", "data", "siting", "scenarios", "compare", "balance",
                                  "start"])
def test_a_page_speaks_english_and_other_units(
    name: str, county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = function_app(name, county, monkeypatch, lang="en", unit="ha")
    assert not app.exception
    assert "Synthetic demo data" in text_of(app)
    assert {"lang": "en", "unit": "ha"}.items() <= {
        name: value if isinstance(value, str) else value[0]
        for name, value in app.query_params.items()}.items()


@pytest.mark.parametrize("name", ["mapping", "data", "siting", "compare", "start"])
def test_a_folder_that_is_no_workspace_is_a_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = function_app(name, tmp_path / "nothing", monkeypatch)
    assert not app.exception
    assert "zoning init" in app.error[0].value


def test_missing_scripts_are_named_instead_of_a_blank_map(
    county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "missing_scripts", lambda: ("leaflet/leaflet.js",))
    app = function_app("mapping", county, monkeypatch)
    assert not app.get("component_instance")
    assert "zoning\\.web\\.vendor" in app.error[0].value


def test_hostile_attributes_are_shown_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = hostile_county(tmp_path).root
    layer = open_desk(root).layers["parcel"]
    from zoning.web.tiles import to_latlng

    for row, text in enumerate(layer.ids):
        inside = layer.polygons[row].representative_point()
        lat, lng = to_latlng(inside.x, inside.y)
        app = function_app("mapping", root, monkeypatch,
                           map={"last_clicked": {"lat": lat, "lng": lng}})
        assert not app.exception
        assert show.cell(text) in text_of(app)
        told = component(app)
        assert not [each for each in HOSTILE if each in told["script"] + told["feature_group"]]


def test_html_and_markdown_are_disarmed() -> None:
    assert show.cell("<b>&") == "&lt;b&gt;&amp;"
    assert show.cell(show.Html("<b>")) == "<b>"
    assert "](" not in show.plain("![x](http://example.invalid)").replace("\\]\\(", "")
    assert show.command("check", "a b.toml") == "zoning check 'a b.toml'"


def test_numbers_are_in_the_unit_asked() -> None:
    assert show.area(66_666_667, "mu") == "1,000.00"
    assert show.area(66_666_667, "ha") == "66.6667"
    assert show.area(66_666_667, "m2") == "666,666.67"
    assert show.amount(1234, "kg", "mu", "en") == "1,234 kg"


def leaves(table: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{before}{name}.")
        else:
            yield before + name, value


def test_the_settings_file_says_what_the_server_passes() -> None:
    text = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    flat = dict(leaves(tomllib.loads(text)))
    assert flat == dict(SETTINGS)


def test_nothing_is_loaded_from_another_host() -> None:
    policy = settings.CONTENT_SECURITY_POLICY
    assert "http" not in policy
    assert "*" not in policy
    assert "default-src 'self'" in policy
    for file in (ROOT / "zoning" / "web" / "static").glob("*.[cj]s*"):
        assert "http" not in file.read_text(encoding="utf-8")


def test_app_py_is_found_by_streamlit_run() -> None:
    from streamlit.web.server.app_discovery import discover_asgi_app

    found = discover_asgi_app(ROOT / "app.py")
    assert (found.is_asgi_app, found.import_string) == (True, "app:app")


def test_rules_page_lists_the_law_of_the_day_and_its_history(
    county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = function_app("rules", county, monkeypatch, rules_topic="pbf",
                       rules_history="pbf.approver")
    assert not app.exception
    told = text_of(app)
    assert "pbf.approver" in told
    assert "idle.not_started_years" not in told
    assert any("zoning rules --topic pbf --at" in each.value for each in app.get("code"))
    blank = function_app("rules", county, monkeypatch, rules_sure="blank", lang="en")
    assert "idle.not_started_years" not in text_of(blank).split("History")[0]


def test_rules_page_at_a_place_that_is_none_has_no_rules(
    county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = function_app("rules", county, monkeypatch, rules_place="<script>")
    assert not app.exception
    assert "<script>" not in "".join(each.proto.body for each in app.get("html"))
    assert "显示 0 条" in text_of(app)


def test_plan_page_answers_each_question_with_its_command(
    county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = function_app("plan", county, monkeypatch)
    assert not app.exception
    assert "各项目最早可落地年份" in text_of(app)
    app.button(key="why_ask").click().run()
    assert not app.exception
    assert "整个方案的调整" in text_of(app)
    app.button(key="compare_ask").click().run()
    assert "两方案之差" in text_of(app)
    commands = [each.value for each in app.get("code")]
    assert [each.split()[1] for each in commands] == ["plan", "why", "compare"]


def test_the_panel_of_idle_land_and_of_filters_make_themes(
    county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = function_app("mapping", county, monkeypatch, map_panel="idle")
    assert not idle.exception
    assert '"theme": {' in component(idle)["feature_group"]
    assert any(each.value.startswith("zoning idle --at") for each in idle.code)
    asked = function_app("mapping", county, monkeypatch, map_panel="filter", filter_word="32062")
    assert not asked.exception
    assert '"theme": {' in component(asked)["feature_group"]
    none = function_app("mapping", county, monkeypatch, map_panel="filter", filter_word="{{7*7}}")
    assert not none.exception
    assert '"theme": null' in component(none)["feature_group"]


def test_the_data_page_tells_editions_and_hectares_at_risk(
    county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = function_app("data", county, monkeypatch, health_role="parcel")
    assert not app.exception
    assert "DLTB.shp" in text_of(app)
    assert "公顷" in text_of(app)
    assert [each.value.split()[1] for each in app.code][:2] == ["layers", "health"]


def test_a_file_is_looked_at_before_it_is_imported(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import geopandas
    import shapely

    file = tmp_path / "x.geojson"
    geopandas.GeoDataFrame({"DLBM": ["0101"], "BSM": ["{{7*7}}<b>"]},
                           geometry=[shapely.box(40519000, 3573000, 40519100, 3573100)],
                           crs=4528).to_file(file)
    raw = json.loads(file.read_text(encoding="utf-8"))
    raw["crs"]["properties"]["name"] = "urn:ogc:def:crs:EPSG::4527"  # another zone than it has
    raw["features"][0]["geometry"]["coordinates"] = [[
        [40519000, 3573000], [40519100, 3573000], [40519100, 3573100], [40519000, 3573000]]]
    file.write_text(json.dumps(raw), encoding="utf-8")
    script = ("from pathlib import Path\nfrom zoning.web.shell import page_setup\n"
              "from zoning.web.state import current_desk\nfrom zoning.web.views import data\n"
              f"page_setup()\ndata._looked_at(current_desk(), Path({str(file)!r}))\n")
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(county))
    app = AppTest.from_string(script, default_timeout=30).run()
    assert not app.exception
    assert app.error
    assert app.warning
    assert "EPSG:4528" in app.selectbox(key="import_crs").options[1:3][0] + str(
        app.selectbox(key="import_crs").options[1:6])
    app.selectbox(key="import_crs").set_value("EPSG:4528").run()
    assert not app.error
    assert "{{7*7}}&lt;b&gt;" in text_of(app)
    assert any(each.value.startswith("zoning import") for each in app.code)


def test_a_job_runs_beside_the_page_and_can_be_ended(county: Path, tmp_path: Path) -> None:
    from zoning.web.processes import Job

    job = Job(["layers", "--workspace", str(county)])
    job._process.wait(60)
    assert not job.is_running
    assert (job.answer() or {}).get("document") == "layers"
    kept = tmp_path / "kept"
    kept.mkdir()
    other = Job(["serve", "--workspace", str(county), "--port", "1"], folder=kept)
    other.cancel()
    assert not kept.exists()
    assert other.answer() is None
    assert not other.is_running
    assert other.is_cancelled


def test_the_compare_page_colours_the_land_of_both(
    county: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zoning.web.views.compare import sides_of
    from zoning.workspace import check, read_scenario

    app = function_app("compare", county, monkeypatch)
    assert not app.exception
    assert "占用图斑" in text_of(app)
    assert '"theme": {' in component(app)["feature_group"]
    outcome = check(desk.workspace, read_scenario(county / "scenarios" / "small.toml"))
    assert set(sides_of(desk, (outcome, outcome)).tolist()) == {0, 3}


def test_an_applied_repair_changes_the_site_and_can_be_taken_back(
    county: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shapely

    lines = shapely.union_all(desk.layers["pbf"].polygons)
    touching = [name for name, shape in zip(desk.layers["parcel"].ids,
                                            desk.layers["parcel"].polygons, strict=True)
                if lines.contains(shape.representative_point())][:1]
    free = [name for name, shape in zip(desk.layers["parcel"].ids,
                                        desk.layers["parcel"].polygons, strict=True)
            if not lines.intersects(shape)][:1]
    app = function_app("siting", county, monkeypatch, site_ids=" ".join([*free, *touching]))
    assert not app.exception
    app.button(key="site_why").click().run()
    assert not app.exception
    assert "可采用的调整" in text_of(app)
