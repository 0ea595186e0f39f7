"""What is asked of a portfolio, and everything that is answered."""

from __future__ import annotations

from dataclasses import dataclass

from zoning.measure.facts import LayerEdition
from zoning.portfolio.conflicts import Deadlock, WayOut
from zoning.portfolio.options import Setting
from zoning.portfolio.plans import Moved, Placed
from zoning.portfolio.prices import Price, Unlocked
from zoning.portfolio.realise import Carried
from zoning.portfolio.solve import Choice
from zoning.scenario.model import Scenario


@dataclass(frozen=True)
class Wish:
    """What is asked of a portfolio.

    `count` are so many plans, `gap` is what is enough (None: see `portfolio.solve.solve_goals`),
    `board` asks for the prices of quota, `unlock` for the chain of actions, `less_tenths` for the
    plan with so many tenths of the expected inflows (None: not asked).
    """

    count: int = 1
    gap: float | None = None
    seconds: float = 60.0
    board: bool = True
    unlock: bool = True
    less_tenths: int | None = 8
    loss: float = 0.05
    apart: float = 0.2


@dataclass(frozen=True)
class Answer:
    """One plan: how good it is, where everything goes, and how the engine carried it out."""

    choice: Choice
    placed: tuple[Placed, ...]
    carried: Carried
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True)
class Portfolio:
    """Everything a portfolio answers.

    `plans` are the best and the others; none where not even the projects that must go can be tried.
    `held` are the projects of the best plan that go all the same with less coming in, `less` the
    best plan then. `deadlock` and `ways` say why projects that must go do not, and what would help.
    `board_whole` says whether every price was reached in time.
    """

    scenario: Scenario
    wish: Wish
    setting: Setting
    plans: tuple[Answer, ...]
    board: tuple[Price, ...] = ()
    board_whole: bool = True
    chain: tuple[Unlocked, ...] = ()
    less: Answer | None = None
    held: tuple[str, ...] = ()
    deadlock: Deadlock | None = None
    ways: tuple[WayOut, ...] = ()
    seconds: float = 0.0
    editions: tuple[LayerEdition, ...] = ()
    rules_sha256: str = ""
    ledger_position: int = 0

    @property
    def best(self) -> Answer | None:
        """The best plan."""
        return self.plans[0] if self.plans else None

    @property
    def must_go(self) -> bool:
        """Whether every project that must go does in the best plan."""
        wanted = {each.id for each in self.scenario.projects if each.must}
        return self.best is not None and wanted <= {each.task for each in self.best.placed}


__all__ = ["Answer", "Portfolio", "Wish"]
