"""Goals by rank: optima checked by hand and by trying everything, laws, limits and stops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from portfolio_cases import brute, hand, option, problem, problems, solved, source

from zoning.portfolio import highs, large, solve
from zoning.portfolio.highs import Progress, Solved, SolverError, Status, Watch, maximise
from zoning.portfolio.matrix import matrix_of
from zoning.portfolio.plans import difference, others, placed, with_less
from zoning.portfolio.problem import Problem, Task
from zoning.portfolio.realise import chosen_of, proposed_yuan
from zoning.portfolio.solve import best, broken, solve_goals, whole_values
from zoning.portfolio.synthetic import synthetic

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_the_hand_case_has_the_optimum_found_by_hand() -> None:
    """In 2026 P1 would take 9 of farmland, the cap is 8: it goes in 2027, where nothing has its
    component b. So P1 cannot go; P2 goes on s1 in 2026 (30), with 70 of lot L1."""
    found = solved(hand())
    assert found is not None
    assert [(each.goal, each.value, each.bound) for each in found.stages] == [
        ("must", 0, 0), ("value", 30, 30), ("unused", -70, -70),
        ("money", -(4 * 200_000 + 6 * 55), -(4 * 200_000 + 6 * 55)), ("early", 0, 0)]
    assert all(each.status is Status.OPTIMAL for each in found.stages)
    chosen = chosen_of(matrix_of(hand()), found)
    assert (chosen.options, chosen.acts) == ((2,), ())
    assert chosen.draws == {(0, 0, "a", 0): 55, (0, 1, "a", 0): 15}


def test_a_project_that_must_go_goes_before_value() -> None:
    asked = replace(hand(), caps={}, options=hand().options[:3])
    found = solved(asked)
    need_not = solved(replace(asked, tasks=(Task("P1"), Task("P2"))))
    assert found
    assert need_not
    assert (found.value("must"), found.value("value")) == (1, 10)
    assert need_not.value("value") == 30


def test_goals_are_reached_in_the_order_given() -> None:
    asked = problem((Task("P"),), (option(0, "near", 0, 5, 10, money_yuan=9),
                                   option(0, "far", 0, 5, 20, money_yuan=1)),
                    (source("L", 0, 1, 99),))
    quota_first = solved(asked)
    money_first = solved(replace(asked, goals=("must", "value", "money", "unused")))
    assert quota_first
    assert money_first
    assert quota_first.value("unused") == -10
    assert money_first.value("unused") == -20


def test_one_dm2_too_little_is_too_little() -> None:
    need = 123_456_789
    def value(have: int) -> int:
        found = solved(problem((Task("P"),), (option(0, "s", 0, 7, need),),
                               (source("L", 0, 1, have),)))
        assert found is not None
        return found.value("value")

    assert (value(need), value(need - 1)) == (7, 0)


@FEW
@given(problems())
def test_the_best_is_what_trying_everything_finds(asked: Problem) -> None:
    found = solved(asked, goals=("must", "value"))
    assert found is not None
    assert (found.value("must"), found.value("value")) == brute(asked)
    assert not broken(matrix_of(asked), found.values)
    assert all(each.bound == each.value for each in found.stages)


@FEW
@given(problems(), st.integers(1, 200_000))
def test_more_quota_never_lowers_the_value(asked: Problem, more: int) -> None:
    wider = replace(asked, sources=(*asked.sources, source("M", 0, 1, more, more)),
                    users=(frozenset(range(len(asked.sources) + 1)),))
    before, after = (solved(each, goals=("must", "value")) for each in (asked, wider))
    assert before
    assert after
    assert (after.value("must"), after.value("value")) >= (before.value("must"),
                                                         before.value("value"))


@FEW
@given(problems(), st.randoms(use_true_random=False))
def test_other_names_and_another_order_change_no_value(asked: Problem, chance: Any) -> None:
    order = list(range(len(asked.options)))
    chance.shuffle(order)
    other = replace(asked, options=tuple(asked.options[each] for each in order),
                    tasks=tuple(replace(each, id=f"x{each.id}") for each in asked.tasks))
    first, second = solved(asked), solved(other)
    assert first
    assert second
    assert [each.value for each in first.stages] == [each.value for each in second.stages]


@FEW
@given(problems(), st.integers(5, 10))
def test_less_coming_in_never_raises_the_value(asked: Problem, tenths: int) -> None:
    expected = replace(asked, sources=tuple(replace(each, is_expected=True)
                                            for each in asked.sources))
    before, after = (solved(each, goals=("must", "value"))
                     for each in (expected, with_less(expected, tenths)))
    assert before
    assert after
    assert (after.value("must"), after.value("value")) <= (before.value("must"),
                                                         before.value("value"))


def test_with_less_only_what_is_expected_shrinks() -> None:
    lots = (source("book", 0, 1, 101), source("hope", 0, 1, 101, is_expected=True),
            source("act", 0, 1, 101, act=0, is_expected=True))
    less = with_less(problem((), (), lots))
    assert [each.amounts["a"] for each in less.sources] == [101, 80, 101]


# ── large problems ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "LARGE", 0)


@pytest.mark.usefixtures("small_is_large")
@FEW
@given(problems())
def test_the_way_for_large_ones_finds_the_same(asked: Problem) -> None:
    found = solved(asked, goals=("must", "value"))
    assert found is not None
    assert (found.value("must"), found.value("value")) == brute(asked)


def test_neighbourhoods_only_make_a_plan_better() -> None:
    matrix = matrix_of(synthetic(12, 6, 2, 4, seed=3, acts=3))
    floats, tops = matrix.floats(), np.array(matrix.tops, float)
    counted = np.zeros(len(matrix.columns))
    for column, each in matrix.goal("value"):
        counted[column] = each
    watch = Watch(seconds=20)
    relaxed = maximise(floats, counted, tops, None, watch)
    assert relaxed.reduced is not None
    assert relaxed.values is not None
    part = large.part_of(matrix, floats, counted, tops, large.near(matrix, relaxed.reduced, 4))
    first = large.first_plan(part, relaxed.values, watch, 5.0)
    assert first is not None
    better = large.polished(part, first, watch, watch.spent + 2.0, relaxed.bound)
    assert counted @ first <= counted @ better <= relaxed.bound + 1e-6


# ── limits, stops, errors ────────────────────────────────────────────────────────────────────


def test_at_a_limit_the_bound_is_told_and_nothing_is_called_optimal() -> None:
    matrix = matrix_of(synthetic(40, 8, 3, 8, seed=2))
    found = solve_goals(matrix, Watch(seconds=1.5))
    assert found is not None
    value = next(each for each in found.stages if each.goal == "value")
    assert value.bound >= value.value
    assert (value.status is Status.OPTIMAL) == (value.bound == value.value)
    assert any(each.status is Status.FEASIBLE_AT_LIMIT for each in found.stages)
    assert not broken(matrix, found.values)


def test_a_stop_ends_a_solve_with_what_was_found() -> None:
    matrix = matrix_of(synthetic(40, 8, 3, 8, seed=2))
    watch, told = Watch(seconds=60), list[Progress]()

    def stop_at_first(progress: Progress) -> None:
        told.append(progress)
        if progress.value is not None and progress.goal == "value":
            watch.stopped.set()

    watch.tell = stop_at_first
    found = solve_goals(matrix, watch)
    assert watch.stopped.is_set()
    assert found is not None
    assert told
    assert found.stages[-1].status is Status.FEASIBLE_AT_LIMIT


def test_stopped_before_it_began_there_is_no_plan() -> None:
    watch = Watch()
    watch.stopped.set()
    assert solve_goals(matrix_of(hand()), watch) is None


def test_progress_has_a_gap_once_both_ends_are_known() -> None:
    assert Progress("value", 90.0, 100.0, 1.0).gap == pytest.approx(0.1)
    assert Progress("value", None, 100.0, 1.0).gap is None


def test_what_breaks_a_row_in_integers_is_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = matrix_of(hand())
    wrong = np.ones(len(matrix.columns))
    monkeypatch.setattr(solve, "maximise", lambda *_, **__: Solved(Status.OPTIMAL, wrong, 1.0))
    with pytest.raises(SolverError, match="not_whole"):
        whole_values(matrix, matrix.floats(), wrong, Watch())


def test_an_error_of_the_solver_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import highspy

    monkeypatch.setattr(highspy.Highs, "run", lambda _: highspy.HighsStatus.kError)
    with pytest.raises(SolverError, match="solver_failed"):
        solve_goals(matrix_of(hand()), Watch())


def test_a_model_the_solver_refuses_is_a_sentence() -> None:
    matrix = matrix_of(hand())
    goal, floats = np.zeros(len(matrix.columns)), matrix.floats()
    floats.matrix.data[:] = 1e20
    with pytest.raises(SolverError, match="solver_failed"):
        maximise(floats, goal, np.array(matrix.tops, float), None, Watch())


def test_without_a_goal_any_plan_will_do() -> None:
    matrix = matrix_of(hand())
    assert best(matrix, (), Watch()).status is Status.OPTIMAL
    assert best(matrix, (), Watch(), start=[0] * len(matrix.columns)).values is not None


def test_the_solver_tells_infeasible_from_nothing_found() -> None:
    from zoning.portfolio.matrix import Row

    matrix = matrix_of(hand()).with_rows([Row(("no",), (), None, 1)])
    assert best(matrix, matrix.goal("value"), Watch()).status is Status.INFEASIBLE
    assert best(matrix, matrix.goal("value"), Watch(seconds=0)).status is Status.NONE_AT_LIMIT


# ── several plans ────────────────────────────────────────────────────────────────────────────


def test_other_plans_are_clearly_different_and_worth_enough() -> None:
    asked = problem(tuple(Task(f"P{at}") for at in range(5)),
                    tuple(option(at, site, 0, 10 + at - (site == "t"), 10)
                          for at in range(5) for site in "st"), (source("L", 0, 1, 50),))
    matrix = matrix_of(asked)
    first = solved(asked)
    assert first is not None
    found = list(others(matrix, first, 3, Watch(), apart=0.4, loss=0.1))
    assert len(found) == 2
    plans = [placed(asked, chosen_of(matrix, each).options) for each in (first, *found)]
    assert [sum(each.value for each in plan) for plan in plans] == [60, 58, 58]
    for at, plan in enumerate(plans):
        for before in plans[:at]:
            assert len(difference(before, plan)) >= 2


def test_no_other_plan_is_told_where_none_is_good_enough() -> None:
    asked = problem((Task("P"),), (option(0, "s", 0, 100), option(0, "t", 0, 10)), ())
    first = solved(asked)
    assert first is not None
    assert list(others(matrix_of(asked), first, 5, Watch(), loss=0.05)) == []


def test_difference_names_what_changed() -> None:
    asked = problem(tuple(Task(name) for name in "ABCDE"),
                    tuple(option(task, site, slot, 1) for task in range(5) for site in "st"
                          for slot in (0, 1)), ())
    def plan(*chosen: tuple[int, str, int]):
        return placed(asked, [next(at for at, each in enumerate(asked.options)
                                   if (each.task, each.site, each.slot) == which)
                              for which in chosen])

    before = plan((0, "s", 0), (1, "s", 0), (2, "s", 0), (3, "s", 0))
    after = plan((0, "t", 0), (1, "s", 1), (2, "t", 1), (3, "s", 0), (4, "s", 0))
    assert [(each.task, each.change) for each in difference(before, after)] == [
        ("A", "site"), ("B", "year"), ("C", "both"), ("E", "in")]
    assert [each.change for each in difference(after, before)][-1] == "out"


def test_money_of_a_choice_counts_the_price_of_what_is_drawn() -> None:
    asked = problem((Task("P"),), (option(0, "s", 0, 1, 200_000, money_yuan=11),),
                    (source("L", 0, 1, 200_000, price_yuan=10),))
    found = solved(asked)
    assert found is not None
    assert proposed_yuan(asked, chosen_of(matrix_of(asked), found)) == 11 + 30


def test_highs_is_not_loaded_before_it_is_asked() -> None:
    import subprocess
    import sys

    asked = "import sys, zoning.cli, zoning.portfolio.solve; sys.exit('highspy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
    assert highs.TOLERANCE < 1e-8
