"""Long work beside the page: a command of this program in a process of its own, to be cancelled.

The pages stay quick while it runs, and ending it ends nothing else.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Job:
    """A command that runs; its answer is the JSON document that the command writes.

    `folder` holds what the command reads, and goes with it.
    """

    def __init__(self, arguments: Sequence[str], *, folder: Path | None = None) -> None:
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the job
        self._folder = folder
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "zoning", *arguments, "--json"], stdout=self._output,
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.is_cancelled = False
        self._answer: Mapping[str, Any] | None = None

    @property
    def seconds(self) -> int:
        """How long it has been running."""
        return int(time.monotonic() - self._started)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def cancel(self) -> None:
        """End it. Nothing is stored: an import stores its layer as the last thing it does."""
        self.is_cancelled = True
        with contextlib.suppress(OSError):
            self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.answer()

    def answer(self) -> Mapping[str, Any] | None:
        """The document written; None where there is none. Only after it has ended."""
        if not self._output.closed:
            self._output.seek(0)
            with contextlib.suppress(ValueError):
                told = json.loads(self._output.read() or b"null")
                self._answer = told if isinstance(told, dict) else None
            self._output.close()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
        return self._answer


__all__ = ["Job"]
