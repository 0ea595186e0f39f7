"""Steps back and forward, and the text that keeps a choice in the page's address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_county import HOSTILE

from zoning.web.history import DEEPEST, LONGEST, Choice, History, packed, rings_of, unpacked

RING = ((121.2, 32.3), (121.21, 32.3), (121.21, 32.31))
POINTS = st.tuples(st.floats(-180, 180).map(lambda x: round(x, 7)),
                   st.floats(-90, 90).map(lambda y: round(y, 7)))
CHOICES = st.builds(
    Choice, st.lists(st.text(min_size=1, max_size=12), max_size=5).map(tuple),
    st.lists(st.lists(POINTS, min_size=3, max_size=8).map(tuple), max_size=2).map(tuple))


@given(st.lists(CHOICES, max_size=12))
def test_every_step_is_taken_back_and_forward_again(choices: list[Choice]) -> None:
    history = History()
    kept = [history.now]
    for choice in choices:
        history = history.with_choice(choice)
        if choice != kept[-1]:
            kept.append(choice)
    back = []
    while history.before:
        back.append(history.now)
        history = history.undone()
    assert [history.now, *reversed(back)] == kept
    forward = [history.now]
    while history.after:
        history = history.redone()
        forward.append(history.now)
    assert forward == kept


def test_the_map_is_told_only_of_what_it_did_not_draw_itself() -> None:
    drawn = History().with_choice(Choice(rings=(RING,)))
    assert drawn.serial == History().serial
    assert drawn.undone().serial > drawn.serial
    assert drawn.placed(Choice()).serial > drawn.serial
    assert drawn.undone().redone().now == drawn.now


def test_a_new_choice_forgets_what_was_taken_back() -> None:
    history = History().with_choice(Choice(("a",))).undone().with_choice(Choice(("b",)))
    assert history.redone() is history
    assert History().undone() == History()


def test_no_more_steps_are_kept_than_promised() -> None:
    history = History()
    for number in range(3 * DEEPEST):
        history = history.with_choice(Choice((str(number),)))
    assert len(history.before) == DEEPEST


@given(CHOICES)
def test_a_choice_comes_back_from_the_address(choice: Choice) -> None:
    text = packed(choice)
    assert text is not None
    assert text.replace("-", "").replace("_", "").isalnum() or not text
    assert unpacked(text) == choice


@given(st.text(max_size=80) | st.sampled_from(HOSTILE))
def test_an_address_of_anything_else_is_no_choice(text: str) -> None:
    assert unpacked(text).rings == ()


def test_hostile_ids_come_back_as_text() -> None:
    assert unpacked(packed(Choice(HOSTILE)) or "") == Choice(HOSTILE)


def test_a_choice_too_long_for_an_address_is_left_out() -> None:
    ring = tuple((121 + n * 0.0137 % 1, 32 + n * 0.0071 % 1) for n in range(2000))
    assert packed(Choice(rings=(ring,))) is None
    assert len(packed(Choice(("A",) * 100)) or "") < LONGEST


def test_a_bomb_in_the_address_is_no_choice() -> None:
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 50_000_000, 9)).decode()
    assert unpacked(bomb) == Choice()


@pytest.mark.parametrize("feature", [
    {}, {"geometry": {"type": "Point", "coordinates": [1, 2]}}, {"geometry": {}}])
def test_only_polygons_are_drawings(feature: dict[str, object]) -> None:
    polygon = {"geometry": {"type": "Polygon", "coordinates": [[*map(list, RING), [121.2, 32.3]]]}}
    assert rings_of([feature, polygon]) == (RING,)
