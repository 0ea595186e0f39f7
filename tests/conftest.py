"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from golden import pytest_addoption, snapshot
from hypothesis import settings
from ledger_strangers import raw, standing, standing_postgresql, standing_sqlite, url
from postgres_server import new_schema, server

from zoning.ledger.database import book_url

__all__ = ["pytest_addoption", "raw", "realdata", "snapshot", "standing", "standing_postgresql",
           "standing_sqlite", "url"]

# Tests are never timed (a speed is shown in bench/); in CI the same change has the same examples.
settings.register_profile("untimed", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("untimed")

REALDATA = Path(__file__).parents[2] / "shared" / "realdata"


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real files; absent in a user's clone, never in CI."""
    if not REALDATA.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have the real files beside the checkout: {REALDATA.name}")
        pytest.skip("the real files are not beside this checkout")
    return REALDATA


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a running PostgreSQL server."""
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def book_at(request, tmp_path) -> str:
    """The URL of a book that does not exist yet, in each database there can be one in."""
    if request.param == "sqlite":
        return book_url(tmp_path / "ledger.db")
    return new_schema(request.getfixturevalue("postgres"))
