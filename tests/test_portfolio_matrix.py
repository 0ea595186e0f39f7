"""The rows of a portfolio, one by one on a case written by hand, before anything is solved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from portfolio_cases import hand, option, problem, source

from zoning.portfolio.cliques import cliques_of
from zoning.portfolio.matrix import Matrix, Row, matrix_of
from zoning.portfolio.problem import Task


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return matrix_of(hand())


def told(matrix: Matrix, *name: object) -> tuple[dict[tuple[object, ...], int], int | None,
                                                  int | None]:
    row = matrix.row[name]
    return {matrix.columns[at]: each for at, each in row.entries}, row.least, row.most


X1, X2, X3, X4 = (("x", at) for at in range(4))
KEY_A, KEY_B = ("q", "a"), ("q", "b")


def u(lot: int, part: str, slot: int) -> tuple[object, ...]:
    return ("u", 0, lot, part, slot)


def test_columns_are_options_actions_and_draws(matrix: Matrix) -> None:
    assert matrix.columns[:6] == (X1, X2, X3, X4, ("y", 0), ("y", 1))
    assert set(matrix.columns[6:]) == {
        u(0, "a", 0), u(1, "a", 0), u(0, "b", 0), u(1, "b", 0),
        u(1, "a", 1), u(2, "a", 1), u(1, "b", 1), u(2, "b", 1)}
    assert matrix.tops[matrix.at[u(0, "a", 0)]] == 100


def test_each_project_goes_once(matrix: Matrix) -> None:
    assert told(matrix, "once", 0) == ({X1: 1, X2: 1}, None, 1)
    assert told(matrix, "once", 1) == ({X3: 1, X4: 1}, None, 1)


def test_land_is_built_on_once_in_whatever_year(matrix: Matrix) -> None:
    assert told(matrix, "overlap", 0) == ({X1: 1, X2: 1, X3: 1}, None, 1)


def test_what_is_needed_is_drawn(matrix: Matrix) -> None:
    assert told(matrix, "draw", 0, KEY_A, 0) == (
        {X1: 60, X3: 70, u(0, "a", 0): -1, u(1, "a", 0): -1}, 0, 0)
    assert told(matrix, "draw", 0, KEY_B, 0) == (
        {X1: 20, u(0, "b", 0): -1, u(1, "b", 0): -1}, 0, 0)
    assert told(matrix, "draw", 0, KEY_A, 1) == (
        {X2: 60, X4: 130, u(1, "a", 1): -1, u(2, "a", 1): -1}, 0, 0)
    assert told(matrix, "draw", 0, KEY_B, 1) == (
        {X2: 20, u(1, "b", 1): -1, u(2, "b", 1): -1}, 0, 0)


def test_a_lot_gives_what_it_has_in_all_its_years(matrix: Matrix) -> None:
    assert told(matrix, "supply", 0, "a") == ({u(0, "a", 0): 1}, None, 100)
    assert told(matrix, "supply", 1, "a") == ({u(1, "a", 0): 1, u(1, "a", 1): 1}, None, 80)


def test_a_lot_of_an_action_is_there_once_it_is_done(matrix: Matrix) -> None:
    assert told(matrix, "supply", 2, "a") == ({u(2, "a", 1): 1, ("y", 0): -50}, None, 0)


def test_what_is_drawn_in_advance_is_limited(matrix: Matrix) -> None:
    assert told(matrix, "borrow", 0, "a") == ({u(1, "a", 0): 1}, None, 15)


def test_options_hang_on_their_action_and_plots_count_once(matrix: Matrix) -> None:
    assert told(matrix, "hangs", 0) == ({X4: 1, ("y", 0): -1}, None, 0)
    assert told(matrix, "plot", "clear:x") == ({("y", 0): 1, ("y", 1): 1}, None, 1)


def test_farmland_of_a_year_is_capped(matrix: Matrix) -> None:
    assert told(matrix, "cap", 2026) == ({X1: 9}, None, 8)


def test_money_counts_projects_actions_and_the_price_of_lots(matrix: Matrix) -> None:
    scale = 200_000
    assert told(matrix, "budget", 0) == (
        {X1: 5 * scale, X2: 5 * scale, X3: 4 * scale, X4: 3 * scale, ("y", 0): 7 * scale,
         ("y", 1): 9 * scale, u(0, "a", 0): 6}, None, 20 * scale)


def test_there_are_no_other_rows(matrix: Matrix) -> None:
    words = [row.name[0] for row in matrix.rows]
    assert sorted(words) == sorted(
        ["once"] * 2 + ["overlap"] + ["draw"] * 4 + ["supply"] * 6 + ["borrow", "hangs", "plot",
                                                                    "cap", "budget"])


def test_goals_count_each_column(matrix: Matrix) -> None:
    def counts(name: str) -> dict[tuple[object, ...], int]:
        return {matrix.columns[at]: each for at, each in matrix.goal(name)}

    assert counts("must") == {X1: 1, X2: 1}
    assert counts("value") == {X1: 10, X2: 9, X3: 30, X4: 20}
    assert counts("unused") == {X1: -60, X2: -60, X3: -70, X4: -130}
    assert counts("money")[u(0, "a", 0)] == -6


def test_a_closed_option_has_no_column_unless_forgiven() -> None:
    asked = hand()
    closed = replace(asked, options=(replace(asked.options[0], breaks=frozenset({"line.pbf"})),
                                     *asked.options[1:]))
    assert X1 not in matrix_of(closed).at
    assert X1 in matrix_of(closed, forgiven=["line.pbf"]).at


def test_scaling_for_the_solver_changes_no_digit(matrix: Matrix) -> None:
    floats = matrix.floats()
    dense = floats.matrix.toarray()
    for at, row in enumerate(matrix.rows):
        exact = {column: each * float(matrix.units[column]) for column, each in row.entries}
        factors = {dense[at, column] / each for column, each in exact.items()}
        (by,) = factors
        assert np.frexp(by)[0] == 0.5
        assert abs(dense[at]).max() <= 1
        if row.most is not None:
            assert floats.most[at] == row.most * by


def test_a_need_without_any_lot_closes_the_option() -> None:
    asked = problem((Task("P"),), (option(0, "s", 0, 1, 5),), ())
    assert told(matrix_of(asked), "draw", 0, KEY_A, 0) == ({("x", 0): 5}, 0, 0)


def test_a_row_tells_by_how_much_it_is_broken() -> None:
    row = Row(("r",), ((0, 2), (1, -1)), 3, -1)
    assert [row.excess(each) for each in ((1, 0), (3, 1), (0, 4))] == [0, 2, 3]


def test_lots_are_drawn_in_their_own_years_only() -> None:
    asked = problem((Task("P"),), (option(0, "s", 1, 1, 5),), (source("L", 0, 0, 9),))
    assert not [each for each in matrix_of(asked).columns if each[0] == "u"]


def test_cliques_cover_every_pair_and_no_other() -> None:
    pairs = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")]
    found = cliques_of([frozenset({"e", "f"}), frozenset({"e"})], pairs)
    assert set(found) == {frozenset("abc"), frozenset("cd"), frozenset("ef")}
    covered = {frozenset((x, y)) for each in found for x in each for y in each if x != y}
    assert covered == {frozenset(each) for each in (*pairs, ("e", "f"))}
