"""Branches: things are tried on a copy, the official book is never touched (accounting §17)."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest
import shapely
from ledger_books import COUNTY, JANUARY, bring_in, hold, open_book
from running import run, zoning
from schemas import require_valid
from test_cli import CM_120, SURVEY, patch, shapefile

from zoning.errors import OverdraftError
from zoning.ledger.branches import branch
from zoning.ledger.model import Inflow, Lot, Voucher


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_branch_picks_and_refuses_as_the_book_does(tmp_path: Path) -> None:
    """accounting §17"""
    with open_book(tmp_path) as official:
        late = bring_in(official, {"area": 100}, expires=date(2027, 1, 1))
        bring_in(official, {"area": 100})
        before = official.journal()
        with branch(official) as tried:
            assert tried.journal() == before
            made = hold(tried, {"area": 50})
            assert [each.lots for each in tried.holds()] == [(late,)]
            with pytest.raises(OverdraftError):
                hold(tried, {"area": 151}, "P2")
            tried.settle(made.hold_id)
            assert tried.verify().is_sound
        assert official.journal() == before


def test_quota_that_may_come_is_there_on_the_branch_only(tmp_path: Path) -> None:
    """accounting §17"""
    with open_book(tmp_path) as official:
        bring_in(official, {"area": 10})
        with branch(official) as tried:
            more = Inflow(Lot("", COUNTY, 2026, "maybe"), {"area": 90}, Voucher(JANUARY))
            tried.post_inflow(more)
            hold(tried, {"area": 100})
        with pytest.raises(OverdraftError):
            hold(official, {"area": 100})


def test_the_official_file_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """accounting §17"""
    with open_book(tmp_path) as official:
        bring_in(official, {"area": 100})
    before = digest(tmp_path / "ledger.db")
    with open_book(tmp_path) as official, branch(official) as tried:
        hold(tried, {"area": 60})
        bring_in(tried, {"paddy": 5})
    assert digest(tmp_path / "ledger.db") == before
    assert not [each for each in tmp_path.iterdir() if each.name.startswith("zoning-branch")]


def test_a_scenario_is_tried_with_quota_that_may_come(tmp_path: Path) -> None:
    """accounting §17: from the command line; the book's file stays the same to the byte."""
    space = tmp_path / "w"
    zoning("init", space, "--place", "CN/32/3206/320623")
    beside = shapely.affinity.translate(patch()["geometry"], 200)
    parcels = shapefile(tmp_path / "g", [patch(), patch(BSM="2", geometry=beside)], crs=CM_120)
    zoning("import", parcels, "--role", "parcel", "--workspace", space, "--json")
    zoning("ledger", "post", "total=1.5ha", "agricultural=1.5ha", "farmland=1.5ha", "--kind",
           "plan_quota", "--vintage", "2019", "--document", "D1", "--effective", "2019-01-01",
           "--workspace", space, "--json")
    one, other = (_scenario(tmp_path, name, parcel) for name, parcel in
                  (("one", SURVEY["BSM"]), ("other", "2")))
    maybe = tmp_path / "maybe.toml"
    maybe.write_text(
        '[[inflow]]\nkind = "plan_quota"\nplace = "CN/32/3206/320623"\npool = "maybe"\n'
        'vintage = 2019\ndocument = "?"\neffective = 2019-02-01\n[inflow.amounts]\ntotal = "9ha"\n'
        'agricultural = "9ha"\nfarmland = "9ha"\n', encoding="utf-8")
    before = digest(space / "ledger.db")
    alone = _plan(space, one)
    more = _plan(space, one, "--what-if", maybe)
    assert more["available"]["m2"] == f"{float(alone['available']['m2']) + 90_000:.2f}"
    assert _plan(space, other, "--after", one)["available"]["m2"] <= alone["available"]["m2"]
    assert digest(space / "ledger.db") == before


def _scenario(folder: Path, name: str, parcel: str) -> Path:
    file = folder / f"{name}.toml"
    file.write_text(
        f'[scenario]\nid = "{name}"\nname = "s"\ndecision_date = 2019-12-20\n'
        'place = "CN/32/3206/320623"\n[[project]]\nid = "P1"\nname = "P1"\nkind = "industry"\n'
        f"site = {{ parcels = {json.dumps([parcel])} }}\n", encoding="utf-8")
    return file


def _plan(space: Path, scenario: Path, *more: str | Path) -> dict[str, dict[str, str]]:
    code, out, told = run("check", scenario, *more, "--workspace", space, "--json")
    assert code in (0, 1), told
    answer = json.loads(out)
    require_valid(answer)
    needs = answer["projects"][0]["needs"]
    plan = next(each for each in needs if each["kind"] == "plan_quota")
    return plan["components"][0]  # type: ignore[no-any-return]
