"""Golden files: what a test produced once and a person found right, kept in ``tests/golden/``.

``snapshot(value)`` compares with the stored file and fails with the difference; run pytest with
``--snapshot-update`` to store what the tests produce, then read the change in version control. A
value is text (stored as it is) or something JSON can say. Folders of this machine and today's date
are masked, so that a golden file says the same everywhere.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir

import pytest

FOLDER = Path(__file__).parent / "golden"
Snapshot = Callable[..., None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--snapshot-update", action="store_true",
                     help="store what the tests produce as the golden files")


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Snapshot:
    """Compare a value with its golden file, named after module and test.

    ``name`` tells apart several in one test; ``suffix`` is the file's ending, by default ``.json``
    or ``.txt`` after what the value is.
    """
    update = bool(request.config.getoption("--snapshot-update"))
    used: set[Path] = set()

    def compare(value: object, *, name: str = "", suffix: str = "") -> None:
        ending = suffix or (".txt" if isinstance(value, str) else ".json")
        path = golden_path(request.node, name, ending)
        assert path not in used, f"two snapshots are both called {path.name}: give them names"
        used.add(path)
        told = masked(value if isinstance(value, str) else as_json(value))
        if update:
            path.parent.mkdir(exist_ok=True)
            path.write_text(told, encoding="utf-8", newline="\n")
        elif not path.is_file():
            pytest.fail(f"no golden file {path.name}: run with --snapshot-update, then read it")
        else:
            _require_equal(path, told)

    return compare


def golden_path(node: pytest.Item, name: str, suffix: str) -> Path:
    """Where the golden file of a test lies."""
    test = node.name.replace("[", "-").rstrip("]")
    parts = [node.path.stem, test, *([name] if name else [])]
    return FOLDER / (re.sub(r"[^\w.\-]+", "_", "-".join(parts)) + suffix)


def as_json(value: object) -> str:
    """A value as JSON that version control can show line by line."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def masked(told: str) -> str:
    """Text without what differs from machine to machine and from day to day."""
    for folder, mask in ((str(FOLDER.parent.parent), "<project>"), (gettempdir(), "<tmp>")):
        told = told.replace(folder, mask)
    return told.replace(datetime.now(UTC).date().isoformat(), "<today>")


def _require_equal(path: Path, told: str) -> None:
    expected = path.read_text(encoding="utf-8")
    if told != expected:
        difference = difflib.unified_diff(
            expected.splitlines(), told.splitlines(), path.name, "this run", lineterm=""
        )
        pytest.fail("\n".join(difference) + "\n\nIf this is right, run with --snapshot-update.",
                    pytrace=False)
