"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from golden import pytest_addoption, snapshot

__all__ = ["pytest_addoption", "realdata", "snapshot"]

REALDATA = Path(__file__).parents[2] / "shared" / "realdata"


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real files; absent in a user's clone, never in CI."""
    if not REALDATA.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have the real files beside the checkout: {REALDATA.name}")
        pytest.skip("the real files are not beside this checkout")
    return REALDATA
