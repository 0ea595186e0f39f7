"""Paying for ways: reduced costs after the charge never exceed those before, on connected sites."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_cases import squares

from zoning.siting.ascent import charge
from zoning.siting.cover import Window, reverse


def board(across: int, down: int) -> Window:
    """A chessboard as a window; only who borders whom matters."""
    land = squares(across, down, [0] * (across * down))
    n, start, to = len(land), land.borders.start, land.borders.neighbour
    none = np.zeros(n, np.int64)
    return Window(np.arange(n), none, none, np.zeros((n, 0), np.int64), start, to,
                  np.zeros(len(to), np.int64), reverse(start, to), np.zeros(len(to), np.int64),
                  land.x, land.y, land.radius, land.access)


def connected_sets(w: Window, root: int, state: np.ndarray):
    """Every connected set with the root, all that is taken and nothing left out; as flags."""
    n = len(state)
    for bits in range(1 << n):
        chosen = np.array([bits >> i & 1 for i in range(n)], bool)
        if not chosen[root] or not chosen[state == 1].all() or chosen[state == -1].any():
            continue
        reached, todo = {root}, [root]
        while todo:
            i = todo.pop()
            near = {int(j) for j in w.to[w.start[i]:w.start[i + 1]] if chosen[j]} - reached
            reached |= near
            todo += near
        if len(reached) == chosen.sum():
            yield chosen


@settings(max_examples=60)
@given(st.data())
def test_charge_is_a_bound_of_every_connected_site(data) -> None:
    w = board(3, 3)
    r = np.array(data.draw(st.lists(st.integers(-9, 9), min_size=9, max_size=9)), np.int64)
    state = np.array(data.draw(st.lists(st.sampled_from([0, 0, 0, 1, -1]), min_size=9,
                                        max_size=9)), np.int64)
    root = data.draw(st.integers(0, 8))
    state[root] = 1
    after = r.copy()
    sites = list(connected_sets(w, root, state))
    if not charge(w, state, root, after):
        assert not sites
        return
    for chosen in sites:
        assert after[chosen].sum() <= r[chosen].sum()
    free = state == 0
    before = np.minimum(r[free], 0).sum() + r[state == 1].sum()
    assert np.minimum(after[free], 0).sum() + after[state == 1].sum() >= before


def test_far_profit_pays_for_the_way() -> None:
    w = board(3, 1)
    r = np.array([-5, 3, -2], np.int64)
    assert charge(w, np.array([1, 0, 0]), 0, r)
    assert r.tolist() == [-5, 1, 0]
