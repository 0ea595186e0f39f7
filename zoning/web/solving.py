"""Long work beside the page: one thread for each visitor's search, followed and stopped from it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread

from zoning.errors import ZoningError
from zoning.siting.model import Watch
from zoning.web.jobs import outcome
from zoning.workspace.search import SiteSearch


@dataclass
class Solve:
    """A search at work: `answer` or `error` is there once it is done."""

    watch: Watch = field(default_factory=Watch)
    begun: float = field(default_factory=time.monotonic)
    answer: SiteSearch | None = None
    error: ZoningError | None = None
    thread: Thread | None = None

    @property
    def seconds(self) -> float:
        """How long it has been at work."""
        return time.monotonic() - self.begun

    @property
    def done(self) -> bool:
        """Whether the thread has ended."""
        return self.thread is not None and not self.thread.is_alive()

    def stop(self) -> None:
        """Ask it to end with what it has."""
        self.watch.stopped = True


def start(work: Callable[[Watch], SiteSearch]) -> Solve:
    """Begin a search in a thread that does not keep the server alive."""
    solve = Solve()

    def run() -> None:
        solve.answer, solve.error = outcome(lambda: work(solve.watch))

    solve.thread = Thread(target=run, daemon=True, name="site search")
    solve.thread.start()
    return solve


__all__ = ["Solve", "start"]
