"""A portfolio as integers: what may be chosen, and what it draws on.

Areas are dm², capacities kg, money yuan. A *slot* is a day on which projects are taken to go: the
last of a year, or the last before something is lost (a lot expires, the law changes, a project's
time is over), so that going later within the slot's days never has less to draw on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

Key = tuple[str, str]
"""Quota kind and component."""

GOALS = ("must", "value", "unused", "money", "early")
"""Goals by rank: projects that must go, value, quota left unused, money, going early."""

PRICE_SCALE = 200_000
"""Yuan per mu times dm² is yuan times this: one dm² is 3/200000 mu."""
PRICE_PER_DM2 = 3


@dataclass(frozen=True)
class Slot:
    """Projects of a slot go from its first day to its day."""

    first: date
    day: date

    @property
    def year(self) -> int:
        """The year it lies in."""
        return self.day.year


@dataclass(frozen=True)
class Task:
    """A project; `must` says that it has to go."""

    id: str
    must: bool = False


@dataclass(frozen=True)
class Option:
    """One way for a project to go: on a site, in a slot.

    `user` is the row of `Problem.users` that says on which lots it may draw. `act` is the action it
    hangs on. `breaks` names the rules it breaks: it is closed unless those are forgiven.
    """

    task: int
    site: str
    slot: int
    value: int
    needs: Mapping[Key, int]
    user: int = 0
    money_yuan: int = 0
    farmland_dm2: int = 0
    act: int | None = None
    breaks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Source:
    """A lot: from slot `opens` to slot `closes`. `act` is the action that brings it.

    `price_yuan` is the price of a mu of its `first` component. It may be drawn in advance in the
    slots `advance`, as far as a borrowing allows.
    """

    id: str
    kind: str
    pool: str
    opens: int
    closes: int
    amounts: Mapping[str, int]
    act: int | None = None
    price_yuan: int = 0
    first: str = "area"
    advance: tuple[int, ...] = ()
    is_expected: bool = False


@dataclass(frozen=True)
class Act:
    """An action that may be done; `plots` are the plots it speaks for."""

    id: str
    do: str
    cost_yuan: int = 0
    year: int = 0
    plots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Borrowing:
    """How much of a pool's quota of the next year may be drawn in a year, by component."""

    kind: str
    pool: str
    year: int
    limits: Mapping[str, int]


@dataclass(frozen=True)
class Problem:
    """Everything that may be chosen.

    `users` are the numbers of the lots that a group of projects may draw on. `cliques` are sites,
    as (task, site), of which at most one can be built on. `caps` limit the farmland of a year.
    `budget_yuan` and `budgets_yuan` limit the money in all and in a year; None: no limit. `units`
    are those of the components, `firsts` the component that counts for a kind.
    """

    slots: tuple[Slot, ...]
    tasks: tuple[Task, ...]
    options: tuple[Option, ...]
    sources: tuple[Source, ...] = ()
    users: tuple[frozenset[int], ...] = (frozenset(),)
    acts: tuple[Act, ...] = ()
    cliques: tuple[frozenset[tuple[int, str]], ...] = ()
    caps: Mapping[int, int] = field(default_factory=dict)
    borrowings: tuple[Borrowing, ...] = ()
    budget_yuan: int | None = None
    budgets_yuan: Mapping[int, int] = field(default_factory=dict)
    units: Mapping[Key, str] = field(default_factory=dict)
    firsts: Mapping[str, str] = field(default_factory=dict)
    goals: tuple[str, ...] = GOALS

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the slots."""
        return tuple(dict.fromkeys(slot.year for slot in self.slots))

    def saves(self, option: Option) -> int:
        """What an option draws of the first component of each kind, dm²."""
        return sum(amount for (kind, component), amount in option.needs.items()
                   if self.firsts.get(kind, component) == component
                   and self.units.get((kind, component), "dm2") == "dm2")


__all__ = ["GOALS", "Act", "Borrowing", "Key", "Option", "Problem", "Slot", "Source", "Task"]
