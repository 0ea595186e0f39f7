"""The command line on bad input: a sentence, an exit code, and nothing changed; and its form."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from running import run, zoning
from schemas import require_valid
from typer.testing import CliRunner

from zoning.cli.main import app
from zoning.messages import LANGUAGES, catalogue

CM_120 = 4549
BOX = shapely.box(613000, 3575000, 613100, 3575100)
SURVEY = {"BSM": "320600000000000001", "DLBM": "0101", "TBMJ": 9996.85}


def shapefile(folder: Path, rows: list[dict[str, Any]], *, crs: int | None = CM_120,
              name: str = "DLTB.shp", encoding: str = "UTF-8") -> Path:
    folder.mkdir(exist_ok=True)
    frame = geopandas.GeoDataFrame(rows, geometry="geometry", crs=crs)
    file = folder / name
    pyogrio.write_dataframe(frame, file, driver="ESRI Shapefile", encoding=encoding)
    return file


def patch(**more: Any) -> dict[str, Any]:
    return {**SURVEY, "geometry": BOX, **more}


@pytest.fixture
def space(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    zoning("init", root, "--place", "CN/32/3206/320623")
    good = shapefile(tmp_path / "good", [patch()])
    zoning("import", good, "--role", "parcel", "--workspace", root, "--json")
    return root


def fingerprint(root: Path) -> dict[str, str]:
    return {str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(root.rglob("*")) if file.is_file() and "ledger.db" not in file.name}


def refused(space: Path, *words: str | Path, code: int = 2) -> str:
    """Run, expect a refusal in one or two sentences, and the workspace as it was."""
    before = fingerprint(space)
    exit_code, out, told = run(*words, "--workspace", space)
    assert exit_code == code, told
    assert out == ""
    assert told.strip()
    assert "Traceback" not in told
    assert fingerprint(space) == before
    return told


def test_a_file_without_coordinate_system_is_asked_about(space: Path, tmp_path: Path) -> None:
    file = shapefile(tmp_path / "bad", [patch()])
    file.with_suffix(".prj").unlink()
    assert "--crs" in refused(space, "import", file, "--role", "parcel")
    answer = zoning("import", file, "--role", "parcel", "--crs", "EPSG:4549", "--workspace", space,
                    "--json")
    assert answer["layer"]["features"] == 1


def test_a_wrong_zone_is_refused_with_what_was_found(space: Path, tmp_path: Path) -> None:
    east = shapely.transform(BOX, lambda xy: np.add(xy, (40_000_000, 0)))
    file = shapefile(tmp_path / "bad", [patch(geometry=east)], crs=CM_120)
    assert "4549" in refused(space, "import", file, "--role", "parcel")


def test_all_missing_columns_are_named_at_once(space: Path, tmp_path: Path) -> None:
    file = shapefile(tmp_path / "bad", [{"BSM": "1", "QSXZ": "20", "geometry": BOX}])
    told = refused(space, "import", file, "--role", "parcel")
    assert "DLBM" in told
    assert "TBMJ" in told


def test_gbk_without_a_word_about_it_is_read_as_chinese(space: Path, tmp_path: Path) -> None:
    file = shapefile(tmp_path / "gbk", [patch(DLMC="水田", ZLDWMC="示范镇甲村")], encoding="GBK")
    file.with_suffix(".cpg").unlink()
    dbf = bytearray(file.with_suffix(".dbf").read_bytes())
    dbf[29] = 0
    file.with_suffix(".dbf").write_bytes(dbf)
    answer = zoning("import", file, "--role", "parcel", "--workspace", space, "--json")
    assert answer["layer"]["encoding"] == "gb18030"
    stored = geopandas.read_parquet(next((space / "layers").glob("parcel@*.parquet")))
    assert "水田" in stored["DLMC"].tolist()


def test_faulty_geometry_is_named_and_kept_apart(space: Path, tmp_path: Path) -> None:
    bow_tie = shapely.Polygon([(613000, 3575000), (613100, 3575100), (613100, 3575000),
                               (613000, 3575100)])
    rows = [patch(BSM="good"), patch(BSM="bow-tie", geometry=bow_tie),
            patch(BSM="empty", geometry=shapely.Polygon())]
    file = shapefile(tmp_path / "bad", rows)
    answer = zoning("import", file, "--role", "parcel", "--workspace", space, "--json")
    require_valid(answer)
    assert answer["layer"]["features"] == 1
    assert answer["layer"]["quarantined"]["features"] == 2
    told = json.dumps(answer["problems"], ensure_ascii=False)
    assert "bow-tie" in told
    assert "empty" in told
    code, out, _ = run("health", "parcel", "--workspace", space)
    assert code == 1
    assert "GEO003" in out


def test_an_unknown_class_code_is_named_and_leaves_the_verdict_open(
    space: Path, tmp_path: Path
) -> None:
    file = shapefile(tmp_path / "bad", [patch(DLBM="9999")])
    answer = zoning("import", file, "--role", "parcel", "--workspace", space, "--json")
    assert any("9999" in json.dumps(problem) for problem in answer["problems"])
    checked = zoning("check", scenario_file(tmp_path, [SURVEY["BSM"]]), "--workspace", space,
                     "--json")
    assert checked["projects"][0]["verdict"] == "undecided"
    assert any("land_class" in each for each in checked["projects"][0]["missing"])


def scenario_file(folder: Path, parcels: list[str], more: str = "") -> Path:
    file = folder / "s.toml"
    file.write_text(
        '[scenario]\nid = "s"\nname = "s"\ndecision_date = 2019-12-20\n'
        'place = "CN/32/3206/320623"\n[[project]]\nid = "P1"\nname = "P1"\nkind = "industry"\n'
        f"site = {{ parcels = {json.dumps(parcels)} }}\n{more}", encoding="utf-8")
    return file


def test_a_scenario_that_names_a_missing_parcel_says_which(space: Path, tmp_path: Path) -> None:
    told = refused(space, "check", scenario_file(tmp_path, ["nowhere"]))
    assert "nowhere" in told
    assert "P1" in told


def test_a_scenario_with_faults_names_them_all(space: Path, tmp_path: Path) -> None:
    file = scenario_file(tmp_path, ["A"], 'nonsense = 1\nrank = "x"\n')
    told = refused(space, "check", file)
    assert "nonsense" in told
    assert "rank" in told


@pytest.mark.parametrize("text", ["not toml [", "", "[scenario]\nid='x'\n", "\ufeff[scenario]"])
def test_a_scenario_that_is_none_is_refused(space: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "s.toml"
    file.write_text(text, encoding="utf-8")
    refused(space, "check", file)


def test_an_overdraft_is_refused_and_the_book_stays(space: Path) -> None:
    at = ("--workspace", space)
    require_valid(zoning(
        "ledger", "post", "total=1ha", "agricultural=1ha", "farmland=0.5ha", "--kind", "plan_quota",
        "--vintage", "2019", "--document", "D1", "--effective", "2019-01-01", *at, "--json"))
    before = zoning("ledger", "journal", *at, "--json")
    told = refused(space, "ledger", "hold", "--kind", "plan_quota", "--project", "P1",
                   "--amount", "farmland=0.6ha", code=1)
    assert "P1" in told
    assert "0.6" in told
    assert zoning("ledger", "journal", *at, "--json") == before


def test_hold_settle_and_void_from_the_command_line(space: Path) -> None:
    at = ("--workspace", space, "--json")
    zoning("ledger", "post", "area=3mu", "paddy=1.5mu", "capacity=900kg", "--kind", "offset",
           "--vintage", "2018", "--document", "D2", "--origin", "offset/B-1", *at)
    held = zoning("ledger", "hold", "--kind", "offset", "--project", "P1", "--amount", "area=2mu",
                  "--amount", "capacity=600kg", "--due", "2099-01-01", *at)
    require_valid(held)
    hold = held["holds"][0]["hold_id"]
    require_valid(zoning("ledger", "settle", hold, "area=1mu", *at))
    require_valid(zoning("ledger", "void", hold, *at))
    for listing in ("balance", "journal", "lots", "holds"):
        require_valid(zoning("ledger", listing, *at))
    pools = zoning("ledger", "balance", *at)["pools"]
    (area,) = (component for pool in pools for component in pool["components"]
               if component["component"] == "area")
    assert (area["inflow"], area["held"], area["used"], area["free"]) == (
        {"m2": "2000.00"}, {"m2": "0.00"}, {"m2": "666.67"}, {"m2": "1333.33"})


@pytest.mark.parametrize("words", [
    ("ledger", "post", "area=3acre", "--kind", "offset", "--vintage", "2018", "--document", "D"),
    ("ledger", "post", "length=3mu", "--kind", "offset", "--vintage", "2018", "--document", "D"),
    ("ledger", "post", "area=3mu", "--kind", "forest", "--vintage", "2018", "--document", "D"),
    ("ledger", "post", "area=-3mu", "--kind", "offset", "--vintage", "2018", "--document", "D"),
    ("ledger", "post"), ("ledger", "settle", "H9"), ("ledger", "reverse", "9"),
    ("ledger", "balance", "--as-of", "yesterday"), ("health", "pbf"), ("overlay", "a", "b"),
    ("import", "no-such-file.shp", "--role", "parcel"), ("area", "no-such-file.txt"),
    ("sheet", "--out", "x.docx"), ("check", "no-such-file.toml"),
    ("import", "x", "--role", "parcel", "--map", "broken"),
])
def test_nonsense_is_refused_in_a_sentence_in_both_languages(
    space: Path, words: tuple[str, ...]
) -> None:
    for language in LANGUAGES:
        code, out, told = run(*words, "--workspace", space, "--lang", language)
        assert code in (1, 2)
        assert out == ""
        assert "Traceback" not in told
        assert told.strip()


def test_an_error_is_one_json_document_when_asked(space: Path) -> None:
    code, out, told = run("health", "pbf", "--workspace", space, "--json")
    document = json.loads(out)
    require_valid(document)
    assert code == document["exit_code"] == 2
    assert document["text"]["zh"] in told


def test_layers_and_health_are_valid_documents(space: Path) -> None:
    for words in (("layers",), ("health",)):
        require_valid(zoning(*words, "--workspace", space, "--json"))


def test_the_six_real_plots_agree_with_what_they_declare(realdata: Path) -> None:
    """Declared are areas in the projection; the statutory ones are smaller by up to 4e-4."""
    files = sorted((realdata / "cn_txt").glob("*.txt"))
    assert len(files) == 6
    for file in files:
        answer = zoning("area", file, "--json")
        require_valid(answer)
        for plot in answer["features"]:
            declared, plane, statutory = (float(plot[key]["m2"])
                                          for key in ("declared", "plane", "area"))
            assert abs(plane - declared) <= 1.0  # 0.0001 ha
            assert 0 <= plane - statutory <= plane * 4e-4


def test_every_command_takes_workspace_json_and_language() -> None:
    runner = CliRunner()
    for words in ([], ["ledger"]):
        listed = runner.invoke(app, [*words, "--help"], env={"COLUMNS": "200"}).output
        assert "Usage" in listed
    for command in (*_commands(app), *(("ledger", *rest) for rest in _commands(_ledger()))):
        told = runner.invoke(app, [*command, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
        for option in ("--workspace", "--json", "--lang"):
            assert option in told.output, (command, option)


def _ledger() -> Any:
    return next(group.typer_instance for group in app.registered_groups if group.name == "ledger")


def _commands(group: Any) -> list[tuple[str, ...]]:
    return [(command.name or command.callback.__name__.strip("_"),)
            for command in group.registered_commands]


def test_a_fresh_process_answers_with_its_exit_code(space: Path) -> None:
    words = [sys.executable, "-m", "zoning", "layers", "--workspace", str(space), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["document"] == "layers"
    wrong = subprocess.run([*words[:3], "area", "nowhere.txt"], capture_output=True, text=True,
                           check=False)
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert "Traceback" not in wrong.stderr


def test_messages_of_the_command_line_exist_in_both_languages() -> None:
    assert {key for key in catalogue() if key.startswith("cli.")}
