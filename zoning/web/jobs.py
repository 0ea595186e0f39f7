"""Long work beside the page: one thread a job, with its progress, its end, and a stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread
from typing import Generic, TypeVar

from zoning.errors import ZoningError
from zoning.portfolio.highs import Progress, Watch

Found = TypeVar("Found")


def outcome(work: Callable[[], Found]) -> tuple[Found | None, ZoningError | None]:
    """What work found, or the error it ended with: a thread has nobody to raise to."""
    try:
        return work(), None
    except ZoningError as error:
        return None, error
    except Exception as error:
        return None, ZoningError("cli.unexpected", kind=type(error).__name__,
                                 reason=str(error)[:300])


@dataclass
class Job(Generic[Found]):
    """Work that runs in a thread of its own. `watch` stops it, `last` is what it told last."""

    work: Callable[[Watch], Found]
    watch: Watch
    last: Progress | None = None
    found: Found | None = None
    error: ZoningError | None = None
    _thread: Thread | None = field(default=None, repr=False)

    def start(self) -> Job[Found]:
        """Begin, and return at once."""
        self.watch.tell = self._told
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Ask it to end with what it has."""
        self.watch.stopped.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has ended."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _told(self, progress: Progress) -> None:
        self.last = progress

    def _run(self) -> None:
        self.found, self.error = outcome(lambda: self.work(self.watch))


__all__ = ["Job", "outcome"]
