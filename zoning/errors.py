"""What can go wrong, drawn as a tree, and the record of a fault in somebody's data.

::

    ZoningError                  exit code 2 unless said otherwise
    ├── UsageError               a command or call that cannot mean anything
    ├── InputError               a file or value from outside that cannot be used
    │   ├── LayerError           a layer: unreadable, missing columns, wrong content
    │   ├── CrsError             coordinates whose system is unknown, contradictory or unusable
    │   ├── ScenarioError        a scenario file
    │   └── RuleBookError        a rule file
    ├── MeasureError             an area that cannot be trusted (conservation broken)
    ├── WorkspaceError           a workspace folder: absent, damaged, of another version
    └── LedgerError              the book refuses (exit code 1)
        ├── OverdraftError       more than is free or held
        └── UnbalancedError      postings that do not sum to zero

Bad user data is returned as `Problem` records; an exception is raised only where nothing can go on.
Both carry a message key and its parameters; the sentence is made at the door, in the reader's
language, from `zoning.messages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a problem in the data weighs."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Message:
    """A sentence not yet in any language: its key in the catalogue and what to fill in."""

    key: str
    params: Mapping[str, object] = field(default_factory=dict)


Box = tuple[float, float, float, float]
"""West, south, east, north in degrees of the layer's own datum: where to look on a map."""


@dataclass(frozen=True)
class Problem:
    """One fault found in somebody's data: what, where, how many, and how much land it touches.

    `code` is stable (``GEO003``); `message` holds the fact and the remedy; `where` names the
    features, at most five; `area_dm2` is the land at risk, None where it cannot be measured;
    `boxes` is where the named features lie, as far as that is known.
    """

    code: str
    message: Message
    severity: Severity = Severity.ERROR
    count: int = 1
    where: tuple[str, ...] = ()
    area_dm2: int | None = None
    boxes: tuple[Box, ...] = ()


class ZoningError(Exception):
    """A request that failed, as a sentence of fact and one of remedy.

    Parameters fill the placeholders of the message `key` in `zoning.messages`.
    """

    exit_code = 2

    def __init__(self, key: str, /, **params: object) -> None:
        super().__init__(key, params)
        self.message = Message(key, params)

    def __reduce__(self) -> tuple[object, ...]:
        """An error of another process arrives with its sentence."""
        return _again, (type(self), self.message.key, dict(self.message.params))

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.message.params.items())
        return f"{self.message.key}({told})"


def _again(kind: type[ZoningError], key: str, params: Mapping[str, object]) -> ZoningError:
    return kind(key, **params)


class UsageError(ZoningError):
    """A command or call that cannot mean anything."""


class InputError(ZoningError):
    """A file or value from outside that cannot be used."""


class LayerError(InputError):
    """A layer that is unreadable, lacks columns, or holds something else than its role asks."""


class CrsError(InputError):
    """Coordinates whose reference system is unknown, contradictory or unusable."""


class ScenarioError(InputError):
    """A scenario file that cannot be read or names what does not exist."""


class RuleBookError(InputError):
    """A rule file that cannot be read, or records that contradict each other."""


class MeasureError(ZoningError):
    """An area that cannot be trusted: parts that do not sum to the whole."""


class WorkspaceError(ZoningError):
    """A workspace folder that is absent, damaged, or of another version."""


class LedgerError(ZoningError):
    """The book refuses."""

    exit_code = 1


class OverdraftError(LedgerError):
    """More was asked than is free, or than is held."""


class UnbalancedError(LedgerError):
    """Postings that do not sum to zero in every component."""
