"""The flow picture: one scale, every text escaped."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from zoning.web.flow import COLOURS, LEAST, Band, as_picture, flow_svg

TEXTS = st.text("aB亩<>&\"'{}", max_size=30)
BANDS = st.lists(st.builds(Band, st.sampled_from(["甲", "<b>"]),
                           st.sampled_from(sorted(set(COLOURS) - {"pool"})), TEXTS, TEXTS,
                           st.integers(0, 10**12)), max_size=5)
SVG = "{http://www.w3.org/2000/svg}"


def heights(drawn: str) -> list[float]:
    return [float(each.get("height", "0")) for each in ET.fromstring(drawn).iter(f"{SVG}rect")]


@given(BANDS, BANDS, TEXTS)
def test_the_picture_is_sound_and_holds_no_foreign_markup(
    comes: list[Band], goes: list[Band], title: str
) -> None:
    drawn = flow_svg(comes, goes, title=title)
    if not comes and not goes:
        assert drawn == ""
        return
    tree = ET.fromstring(drawn)
    assert {each.tag.removeprefix(SVG) for each in tree.iter()} <= {
        "svg", "title", "path", "rect", "text", "tspan"}
    assert len(list(tree.iter(f"{SVG}path"))) == len(comes) + len(goes)
    assert tree.find(f"{SVG}title").text in (title, None)  # type: ignore[union-attr]


def test_heights_are_the_amounts_on_one_scale() -> None:
    comes = [Band("p", "inflow", "a", "3", 3_000), Band("p", "carried", "b", "1", 1_000)]
    drawn = heights(flow_svg(comes, [Band("p", "free", "c", "4", 4_000)], title="t"))
    three, one, four, pool = drawn
    assert abs(three - 3 * one) < 0.2
    assert abs(four - (three + one)) < 0.2
    assert pool == four


def test_a_small_amount_is_still_seen() -> None:
    comes = [Band("p", "inflow", "a", "", 10**12), Band("p", "inflow", "b", "", 1)]
    assert min(heights(flow_svg(comes, comes, title="t"))) == LEAST


def test_a_picture_cannot_act() -> None:
    shown = as_picture(flow_svg([Band("p", "inflow", "<script>", "", 1)], [], title='"><x'),
                       title='"><x')
    start = '<img class="flow" alt="&quot;&gt;&lt;x" src="data:image/svg+xml;base64,'
    assert shown.startswith(start)
    assert "<script" not in shown
