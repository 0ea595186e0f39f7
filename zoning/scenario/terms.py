"""``[portfolio]`` of a scenario file: on what terms the plan of many projects is chosen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from zoning.scenario.planned import Amounting, Identifier, Name, Strict, Yuan

Goal = Literal["value", "unused", "money"]


class Borrow(Amounting):
    """How much of a pool's quota of the next year may be drawn in a year already, by component.

    Only expected inflows are drawn in advance: nobody lends what an action may bring.
    """

    kind: Name
    pool: Name
    year: Annotated[int, Field(ge=1949, le=9999, strict=True)]


class Terms(Strict):
    """Terms of a portfolio.

    `budget_yuan` limits the money in all, `budgets_yuan` that of a year. `goals` are reached in
    their order, after the projects that must go. `fixed` are actions that are decided and not to be
    chosen.
    """

    budget_yuan: Yuan | None = None
    budgets_yuan: dict[str, Yuan] = Field(default_factory=dict)
    goals: tuple[Goal, ...] = ("value", "unused", "money")
    fixed: tuple[Identifier, ...] = ()
    borrow: tuple[Borrow, ...] = ()


NO_TERMS = Terms()

__all__ = ["NO_TERMS", "Borrow", "Terms"]
