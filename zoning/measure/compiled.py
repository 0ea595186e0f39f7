"""How the kernel is compiled: once, kept on disk, without holding Python's lock.

Only the modules that compute import this one, inside the function that needs them: a command that
measures nothing never pays for the compiler.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

MODULES = ("carry", "cells", "compiled", "distance", "flat", "index", "kernel", "rings", "sharing",
           "sweep", "wkb",
           "../siting/ascent", "../siting/branch", "../siting/connect", "../siting/cover",
           "../siting/dual", "../siting/flow", "../siting/greedy")
"""The modules that hold compiled code, or what it reads."""

CHUNK = 2048
"""Rows a thread takes at once. Rows do not know each other, so no answer depends on it."""


def compiled(function: Function) -> Function:
    """Compile a function on its first call; the next program loads it from disk."""
    return cast("Function", numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def over_rows(
    work: Callable[..., None], rows: int, *arguments: Any, least: int = CHUNK
) -> None:
    """Call ``work(start, stop, *arguments)`` for runs of rows, on all processors.

    `work` is compiled, writes row `i` of its outputs from row `i` of its inputs and nothing else.
    Plain threads over functions that release Python's lock, not the parallel loops of the compiler:
    those take seconds to compile and may not be entered by two threads of a server at once.
    Fewer rows than `least` are not worth a second thread.
    """
    chunk = min(CHUNK, max(least, rows // (2 * processors()) + 1))
    starts = range(0, rows, chunk)
    if len(starts) < 2:
        work(0, rows, *arguments)
        return
    threads = _threads(os.getpid())
    list(threads.map(lambda start: work(start, min(start + chunk, rows), *arguments), starts))


@lru_cache(maxsize=1)
def _threads(_process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(processors(), thread_name_prefix="areas")


def processors() -> int:
    """Processors this program may use; ``ZONING_THREADS`` where it shares them with others."""
    asked = os.environ.get("ZONING_THREADS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _place_for_code() -> str:
    """Where compiled code is kept: beside the package, in the user's cache, else for this run only.

    The name holds a hash of the modules compiled, because the compiler looks at one file at a time
    and these call each other. Code is never loaded from a place that another user could write.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return chosen
    here = Path(__file__).parent
    texts = b"".join((here / f"{name}.py").read_bytes() for name in MODULES)
    name = f"kernel-{hashlib.sha256(texts).hexdigest()[:12]}"
    for place in (here / "__pycache__", Path(os.path.expanduser("~")) / ".cache" / "zoning"):
        try:
            (place / name).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place / name, os.W_OK):
            return str(place / name)
    return tempfile.mkdtemp(prefix="zoning-")


numba.config.CACHE_DIR = _place_for_code()  # type: ignore[attr-defined]
