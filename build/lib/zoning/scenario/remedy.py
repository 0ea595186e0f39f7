"""What a search for remedies hands back, and what it tries on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from zoning.errors import Message
from zoning.scenario.outcome import Quantity
from zoning.scenario.planned import Action


@dataclass(frozen=True)
class Remedy:
    """Actions after which the project passes, and what they cost.

    `family` names the step of the search that found it, joined where two were needed. `cost` is
    what the search held down: land left out, metres moved, plots' area cleared, quota bought, days
    waited. `day` is the first day the project goes then. `assumes` says what has to be granted by
    others. `delays` are other projects that would go later, or not at all.
    """

    family: str
    actions: tuple[Action, ...]
    cost: Quantity
    day: date
    message: Message
    assumes: tuple[Message, ...] = ()
    delays: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A proposal not yet proven."""

    family: str
    action: Action
    cost: Quantity
    message: Message
    assumes: tuple[Message, ...] = ()


__all__ = ["Remedy", "Step"]
