"""The maps' scripts: a lock file that names hashes and no host, and copies that are verified."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from zoning.errors import UsageError
from zoning.web import vendor

LOCK = json.loads((vendor.HERE / "package-lock.json").read_text(encoding="utf-8"))


def installed(folder: Path) -> Path:
    """A node_modules with the listed files, taken from what was fetched."""
    for script in vendor.scripts():
        target = folder / "node_modules" / script.package
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((vendor.DIST / script.served).read_bytes())
    return folder / "node_modules"


def test_every_package_is_locked_by_its_content() -> None:
    packages = {name: each for name, each in LOCK["packages"].items() if name}
    assert {"node_modules/leaflet", "node_modules/leaflet-draw",
            "node_modules/leaflet.vectorgrid"} <= set(packages)
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
    assert not any("resolved" in each for each in packages.values())


@pytest.mark.parametrize("name", ["package.json", "package-lock.json", "files.toml"])
def test_no_host_is_named(name: str) -> None:
    assert not re.search(r"https?:|//", (vendor.HERE / name).read_text(encoding="utf-8"))


def test_what_set_up_fetched_is_what_is_listed() -> None:
    assert vendor.missing() == ()
    assert vendor.fetch() == ()


def test_only_what_is_missing_or_changed_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor, "_install", lambda _folder: installed(tmp_path))
    dist = tmp_path / "dist"
    assert len(vendor.fetch(dist)) == len(vendor.scripts())
    (dist / "leaflet" / "leaflet.js").write_text("alert(1)")
    assert vendor.fetch(dist) == ("leaflet/leaflet.js",)
    assert vendor.missing(dist) == ()


def test_another_content_is_refused_and_nothing_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = installed(tmp_path)
    (modules / "leaflet-draw/dist/leaflet.draw.js").write_text("alert(1)")
    monkeypatch.setattr(vendor, "_install", lambda _folder: modules)
    with pytest.raises(UsageError, match=r"leaflet\.draw\.js"):
        vendor.fetch(tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


def test_without_npm_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor.shutil, "which", lambda _name: None)
    monkeypatch.setattr(vendor, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match="vendor_no_npm"):
        vendor.fetch(tmp_path)


def test_an_npm_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "_npm", lambda: ["sh", "-c", "echo no network; exit 7"])
    with pytest.raises(UsageError) as failed:
        vendor.fetch(tmp_path)
    assert failed.value.message.params["code"] == 7
    assert failed.value.message.params["output"] == "no network"


def test_the_module_runs_as_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    from zoning.web.vendor.__main__ import main

    assert main() == 0
    assert "complete" in capsys.readouterr().out
