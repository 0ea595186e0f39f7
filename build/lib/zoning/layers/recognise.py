"""What a layer is, by its columns first: names of layers mislead, columns seldom.

A column speaks for a role where it is an official field of that role and of no other. A name alone
never makes a role; it is told beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from zoning.codes.roles import role as role_of
from zoning.codes.roles import roles
from zoning.errors import Message, Problem, Severity

_SURE = 2
"""Columns that speak for another role, before the one asked for is doubted."""


@dataclass(frozen=True)
class RoleGuess:
    """A role a layer may have: the columns that speak for it, and whether its name does."""

    role: str
    columns: tuple[str, ...]
    by_name: bool


def guess_roles(names: Sequence[str], layer: str) -> tuple[RoleGuess, ...]:
    """The roles that the columns or the name of a layer speak for, the likeliest first."""
    guesses = []
    for code, known in roles().items():
        own = _own_columns()[code]
        columns = tuple(name for name in names if name.casefold() in own)
        by_name = any(official.casefold() == layer.casefold() for official in known.layers)
        if columns or by_name:
            guesses.append(RoleGuess(code, columns, by_name))
    return tuple(sorted(guesses, key=_likelihood))


def _likelihood(guess: RoleGuess) -> tuple[float, bool]:
    """How much of what is peculiar to the role is there: survey fields recur in other layers."""
    return (-len(guess.columns) / max(len(_own_columns()[guess.role]), 1), not guess.by_name)


def role_doubts(names: Sequence[str], layer: str, asked: str) -> tuple[Problem, ...]:
    """``ROL001``: the columns are those of another role; ``ROL002``: only the name says it."""
    guesses = guess_roles(names, layer)
    own = next((guess for guess in guesses if guess.role == asked), None)
    other = next((guess for guess in guesses if guess.role != asked), None)
    mine = len(own.columns) if own else 0
    if other is not None and len(other.columns) >= _SURE and not mine:
        message = Message("layers.role_doubted", {
            "role": asked, "other": other.role, "columns": other.columns[:5]})
        return (Problem("ROL001", message, Severity.WARNING),)
    if own is not None and own.by_name and not mine and _own_columns()[asked]:
        message = Message("layers.role_by_name", {"role": asked, "layer": layer})
        return (Problem("ROL002", message, Severity.NOTE),)
    return ()


@cache
def _own_columns() -> dict[str, frozenset[str]]:
    """For each role the source names that no other role has."""
    named = {code: frozenset(name.casefold()
                             for name in (*(alias for field in role_of(code).fields
                                            for alias in field.aliases), *known.survey))
             for code, known in roles().items()}
    plots = ("demolition", "new_site", "offset")
    return {code: frozenset(
        name for name in own
        if not any(name in others for other, others in named.items()
                   if other != code and not (code in plots and other in plots)))
        for code, own in named.items()}


__all__ = ["RoleGuess", "guess_roles", "role_doubts"]
