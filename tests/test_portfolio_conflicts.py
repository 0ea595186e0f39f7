"""Planted conflicts are found, least and exactly; the cheapest ways out are what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from portfolio_cases import brute, option, problem, problems, source

from zoning.portfolio.conflicts import (
    groups_of,
    infeasible_rows,
    kept_matrix,
    least_deadlock,
    ways_out,
)
from zoning.portfolio.highs import Watch
from zoning.portfolio.problem import Problem, Task
from zoning.portfolio.solve import best

LAWS = ("line.pbf", "line.ugb", "plan.conformity")


def peaceful(chance: np.random.Generator) -> Problem:
    """A portfolio in which everything that must go can: much quota, own sites, no laws broken."""
    tasks = tuple(Task(f"P{at}", True) for at in range(int(chance.integers(3, 7))))
    options = tuple(
        option(task, f"s{site}", int(chance.integers(0, 2)), 1, int(chance.integers(1, 900)),
               int(chance.integers(1, 900)), money_yuan=int(chance.integers(1, 90)))
        for task in range(len(tasks)) for site in range(int(chance.integers(1, 4))))
    return problem(tasks, options, (source("L", 0, 1, 10_000, 10_000),), budget_yuan=10_000)


def quota(asked: Problem, chance: np.random.Generator) -> tuple[Problem, set[str]]:
    """A project needs more of one component than there is."""
    task, part = int(chance.integers(0, len(asked.tasks))), str(chance.choice(["a", "b"]))
    options = tuple(replace(each, needs={**each.needs, ("q", part): 50_000})
                    if each.task == task else each for each in asked.options)
    return replace(asked, options=options), {f"quota:q.{part}", f"must:P{task}"}


def sharing(asked: Problem, chance: np.random.Generator) -> tuple[Problem, set[str]]:
    """Two projects have one site each, on the same land."""
    first, second = (int(each) for each in chance.choice(len(asked.tasks), 2, replace=False))
    options = [each for each in asked.options if each.task not in (first, second)]
    options += [option(first, "x", 0, 1, 5), option(second, "y", 1, 1, 5)]
    return replace(asked, options=tuple(options), cliques=(frozenset(
        {(first, "x"), (second, "y")}),)), {"land", f"must:P{first}", f"must:P{second}"}


def law(asked: Problem, chance: np.random.Generator) -> tuple[Problem, set[str]]:
    """Every site of a project breaks the same rule."""
    task, name = int(chance.integers(0, len(asked.tasks))), str(chance.choice(LAWS))
    options = tuple(replace(each, breaks=frozenset({name})) if each.task == task else each
                    for each in asked.options)
    return replace(asked, options=options), {name, f"must:P{task}"}


def late(asked: Problem, chance: np.random.Generator) -> tuple[Problem, set[str]]:
    """A project has to have gone before its quota comes in."""
    task = int(chance.integers(0, len(asked.tasks)))
    options = [each for each in asked.options if each.task != task]
    options += [option(task, "s", 0, 1, 20_000),
                replace(option(task, "s", 1, 1, 20_000), breaks=frozenset({f"due:P{task}"}))]
    lots = (*asked.sources, source("later", 1, 1, 20_000))
    return replace(asked, options=tuple(options), sources=lots, users=(frozenset((0, 1)),)), {
        "quota:q.a", f"due:P{task}", f"must:P{task}"}


def money(asked: Problem, chance: np.random.Generator) -> tuple[Problem, set[str]]:
    """A project costs more than there is."""
    task = int(chance.integers(0, len(asked.tasks)))
    options = tuple(replace(each, money_yuan=20_000) if each.task == task else each
                    for each in asked.options)
    return replace(asked, options=options), {"budget", f"must:P{task}"}


PLANTS = (quota, sharing, law, late, money)


@pytest.mark.parametrize("seed", range(100))
def test_a_planted_conflict_is_found(seed: int) -> None:
    chance = np.random.default_rng(seed)
    before = peaceful(chance)
    planted, expected = PLANTS[seed % len(PLANTS)](before, chance)
    if seed % 10 == 0:
        assert least_deadlock(before, Watch()) is None
    found = least_deadlock(planted, Watch())
    assert found is not None
    assert found.is_proven
    assert set(found.groups) == expected


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_a_conflict_is_one_and_least(asked: Problem) -> None:
    answer = brute(asked)
    wanted = sum(each.must for each in asked.tasks)
    found = least_deadlock(asked, Watch())
    if found is None:
        assert answer is not None
        assert answer[0] == wanted
        return
    assert answer is None or answer[0] < wanted

    def can(groups: tuple[str, ...]) -> bool:
        return best(kept_matrix(asked, groups), (), Watch()).values is not None

    assert not can(found.groups)
    for each in found.groups:
        assert can(tuple(other for other in found.groups if other != each))


def test_groups_are_named_rules() -> None:
    asked, _ = law(peaceful(np.random.default_rng(1)), np.random.default_rng(1))
    found = groups_of(asked)
    assert {"quota:q.a", "quota:q.b", "budget"} < set(found)
    assert found[-1].startswith("must:")


def test_the_solvers_own_conflict_is_a_hint_among_rows() -> None:
    asked, expected = quota(peaceful(np.random.default_rng(0)), np.random.default_rng(0))
    rows = infeasible_rows(kept_matrix(asked, groups_of(asked)))
    assert {row[0] for row in rows} & {"draw", "must", "supply"}
    assert expected


def test_ways_out_are_the_least_of_their_kind() -> None:
    asked = problem((Task("P", True), Task("Q", True)),
                    (option(0, "s", 0, 1, 60), option(1, "s", 0, 1, 50),
                     replace(option(1, "t", 1, 1, 10), breaks=frozenset({"due:Q"})),
                     replace(option(0, "u", 0, 1, 5), breaks=frozenset({"line.pbf"}))),
                    (source("L", 0, 1, 100),), budget_yuan=10)
    found = {each.what: (each.total, each.more) for each in ways_out(asked, Watch())}
    assert found == {"quota": (10, (("q.a@2026", 10),)), "late": (1, (("Q/due:Q", 1),)),
                     "law": (1, (("P/line.pbf", 1),)), "drop": (1, found["drop"][1])}


def test_more_money_is_a_way_out_where_money_is_short() -> None:
    asked = problem((Task("P", True),), (option(0, "s", 0, 1, money_yuan=60),), (), budget_yuan=10)
    found = {each.what: (each.total, each.more) for each in ways_out(asked, Watch())}
    assert found["budget"] == (50, (("budget@all", 50),))


def test_where_time_is_up_the_set_is_not_called_least() -> None:
    asked, _ = quota(peaceful(np.random.default_rng(0)), np.random.default_rng(0))
    found = least_deadlock(asked, Watch(seconds=0))
    assert found is not None
    assert not found.is_proven
