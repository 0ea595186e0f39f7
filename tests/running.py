"""The command line run in this process, its JSON read; tests of a fresh process are apart."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from zoning.cli import main


def zoning(*words: str | Path, expect: int = 0) -> Any:
    """Run ``zoning WORDS`` and return its JSON document, or its text without ``--json``."""
    code, out, told = run(*words)
    assert code == expect, f"exit code {code}, expected {expect}: {told}"
    return json.loads(out) if "--json" in map(str, words) else out


def run(*words: str | Path) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``zoning WORDS``."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with (patch("sys.argv", ["zoning", *map(str, words)]),
          contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)):
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    return code, out.getvalue(), err.getvalue()
