"""The page of papers: every offer can be made, beside the command that makes the same file."""

from __future__ import annotations

import io
import shlex
import zipfile
from pathlib import Path

import pytest
from out_county import hostile_scenario
from running import zoning
from streamlit.testing.v1 import AppTest

from zoning.web.server import PAGES
from zoning.web.settings import WORKSPACE_VARIABLE
from zoning.web.views import reports
from zoning.web.views.reports import Offer, file_offers, made, map_offers, paper_offers
from zoning.workspace import Workspace


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Path]:
    return hostile_scenario(tmp_path_factory.mktemp("reports"))


def offers(county: tuple[Workspace, Path]) -> dict[str, Offer]:
    workspace, file = county
    found = [*paper_offers(workspace, file, "zh"), *file_offers(workspace, file, "one_map", "zh"),
             *map_offers(workspace, "zh")]
    return {each.name: each for each in found}


def page(root: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(root))
    monkeypatch.chdir(root)
    app = AppTest.from_string(
        "from zoning.web.views import reports\nreports.page()", default_timeout=60)
    return app.run()


def test_the_page_offers_every_paper_with_its_command(
    county: tuple[Workspace, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page(county[0].root, monkeypatch)
    assert not app.exception
    assert len(app.button) == 9
    commands = [each.value for each in app.code]
    assert len(commands) == 9
    assert all(shlex.split(each)[0] == "zoning" for each in commands)
    (forms,) = [each for each in app.button if "XLSX" in each.label and "官方" in each.label]
    forms.click().run()
    assert not app.exception
    assert len(app.get("download_button")) == 1


def test_a_fault_is_a_sentence_and_the_page_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, file = hostile_scenario(tmp_path)
    told = file.read_text(encoding="utf-8").replace("{{7*7}}", "甲,乙", 1)
    file.write_text(told, encoding="utf-8")
    app = page(workspace.root, monkeypatch)
    (txt,) = [each for each in app.button if each.label == "界址点 TXT"]
    txt.click().run()
    assert not app.exception
    (error,) = app.error
    assert "甲" in error.value
    assert not app.get("download_button")


def test_the_page_is_in_the_app() -> None:
    assert "reports.page" in Path(PAGES).read_text(encoding="utf-8")


def test_a_county_without_scenarios_still_hands_over_its_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, file = hostile_scenario(tmp_path)
    file.unlink()
    app = page(workspace.root, monkeypatch)
    assert not app.exception
    assert len(app.button) == 2


@pytest.mark.parametrize("name", ["hostile-atlas.html", "hostile-memo.html", "all-layers.gpkg"])
def test_the_command_makes_the_same_file(
    name: str, county: tuple[Workspace, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = offers(county)[name]
    monkeypatch.chdir(tmp_path)
    words = shlex.split(offer.command)[1:]
    zoning(*words)
    (file,) = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert file.read_bytes() == made(offer)


def test_several_files_come_as_one_archive_that_does_not_change(
    county: tuple[Workspace, Path]
) -> None:
    for name, count in (("hostile-points.zip", 3), ("map-project.zip", 2)):
        offer = offers(county)[name]
        data = made(offer)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert len(archive.namelist()) == count
            assert all(Path(each).name == each for each in archive.namelist())
        assert made(offer) == data
    assert set(reports.MIMES) >= {Path(name).suffix for name in offers(county)}
