"""What one more mu changes and for how many, and which actions unlock most: by hand and by laws."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from portfolio_cases import option, problem, problems, solved, source

from zoning.portfolio.highs import Status, Watch
from zoning.portfolio.prices import MU_DM2, Step, cells, open_goal, prices, unlock_chain, with_more
from zoning.portfolio.problem import Act, Problem, Task

CELL = ("q", "a", "p", 2026)


def priced(asked: Problem, cell: tuple[str, str, str, int] = CELL):
    choice = solved(asked)
    assert choice is not None
    (found,) = prices(asked, choice, Watch(), asked=[cell])
    return found


def stairs() -> Problem:
    """100 of quota; P1 takes 60 and goes, P2 would take 50 for 7, P3 130000 for 9."""
    return problem((Task("P1"), Task("P2"), Task("P3")),
                   (option(0, "s", 0, 5, 60), option(1, "s", 0, 4, 50),
                    option(2, "s", 0, 9, 130_000)),
                   (source("L", 0, 0, 100),))


def test_steps_are_found_exactly_where_they_are() -> None:
    found = priced(stairs())
    assert found.steps == (Step(10, 4), Step(129_950, 8))
    assert (found.gain, found.holds, found.spare) == (4, 129_950, 40)
    assert found.status is Status.OPTIMAL


def test_a_step_beyond_one_mu_is_told_as_what_it_holds_to() -> None:
    asked = problem((Task("P"),), (option(0, "s", 0, 5, 2 * MU_DM2),), (source("L", 0, 0, 0),))
    found = priced(asked)
    assert (found.gain, found.holds) == (0, 2 * MU_DM2)


def test_quota_that_nobody_waits_for_is_worth_nothing_however_much() -> None:
    asked = problem((Task("P"),), (option(0, "s", 0, 5, 60),), (source("L", 0, 0, 100),))
    found = priced(asked)
    assert (found.gain, found.holds, found.steps, found.spare) == (0, None, (), 40)


def test_one_more_of_a_later_year_helps_later_only() -> None:
    asked = problem((Task("P"),), (option(0, "s", 0, 9, 50), option(0, "s", 1, 7, 50)),
                    (source("L", 0, 0, 40), source("M", 1, 1, 40)))
    assert [priced(asked, ("q", "a", "p", year)).gain for year in (2026, 2027)] == [9, 7]


def test_prices_count_projects_that_must_go_where_some_do_not() -> None:
    asked = problem((Task("P", True), Task("Q")),
                    (option(0, "s", 0, 1, 50), option(1, "s", 0, 100, 40)),
                    (source("L", 0, 0, 45),))
    found = priced(asked)
    assert (found.goal, found.gain, found.steps) == ("must", 1, (Step(5, 1),))


def test_cells_are_the_parts_that_some_project_draws_on() -> None:
    assert cells(stairs()) == (("q", "a", "p", 2026), ("q", "a", "p", 2027))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.integers(0, 2 * MU_DM2))
def test_the_staircase_is_what_solving_anew_finds(asked: Problem, more: int) -> None:
    if not asked.sources:
        return
    choice = solved(asked)
    assert choice is not None
    found = priced(asked)
    again = solved(with_more(asked, CELL, more))
    assert again is not None
    if found.goal == "must" or again.value("must") != choice.value("must"):
        return
    if found.holds is not None and more >= found.holds:
        return
    gain = max((each.gain for each in found.steps if each.more <= more), default=0)
    assert again.value("value") - choice.value("value") == gain
    assert open_goal(asked, choice) == found.goal


def unlocking() -> Problem:
    """Three actions: the second alone frees most, the first and third only together."""
    return problem(
        tuple(Task(name) for name in ("small", "large", "both")),
        (option(0, "s", 0, 3, 30), option(1, "s", 0, 8, 60), option(2, "s", 0, 5, 70)),
        (source("A", 0, 0, 35, act=0), source("B", 0, 0, 60, act=1), source("C", 0, 0, 35, act=2)),
        acts=(Act("a", "clear_idle"), Act("b", "clear_idle"), Act("c", "run_linkage")))


def test_the_chain_begins_with_what_sets_most_free() -> None:
    chain = list(unlock_chain(unlocking(), Watch()))
    assert (chain[0].acts, chain[0].gain, chain[0].tasks) == ((1,), 8, (1,))
    assert sum(each.gain for each in chain) == 8 + 5
    assert chain[-1].tasks == (2,) or {task for each in chain for task in each.tasks} == {0, 1, 2}


def test_two_actions_that_only_help_together_are_one_step() -> None:
    asked = unlocking()
    asked = replace(asked, tasks=asked.tasks, options=asked.options[1:])
    asked = replace(asked, options=(option(1, "s", 0, 8, 60), option(2, "s", 0, 5, 70)))
    chain = list(unlock_chain(asked, Watch()))
    assert [each.acts for each in chain] == [(1,), (0, 2)]
    assert [each.gain for each in chain] == [8, 5]


def test_actions_that_set_nothing_free_are_not_in_the_chain() -> None:
    asked = problem((Task("P"),), (option(0, "s", 0, 5, 10),),
                    (source("L", 0, 0, 10), source("A", 0, 0, 10, act=0)),
                    acts=(Act("a", "clear_idle"),))
    assert list(unlock_chain(asked, Watch())) == []


def test_prices_end_when_time_is_up() -> None:
    choice = solved(stairs())
    assert choice is not None
    assert list(prices(stairs(), choice, Watch(seconds=0), asked=cells(stairs()))) == []
