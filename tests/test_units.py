"""Areas are integers; sharing keeps the total; display rounds once, half up. Accounting §1."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoning.units import dm2_from, dm2_from_m2, hectares, m2, mu, round_half_up, share_out

AREAS = st.integers(min_value=0, max_value=10**15)
WEIGHTS = st.lists(
    st.floats(min_value=0, max_value=1e12, allow_nan=False), min_size=1, max_size=30
).filter(any)


@pytest.mark.parametrize(("text", "dm2"), [
    ("666.6724", 66667), ("0.005", 1), ("0.0049999", 0), ("-0.005", -1), ("12345.67", 1234567),
])
def test_metres_are_rounded_half_away_from_zero(text: str, dm2: int) -> None:
    assert dm2_from_m2(Decimal(text)) == dm2
    assert dm2_from_m2(float(text)) == dm2


def test_one_mu_is_two_thousand_thirds_of_a_square_metre() -> None:
    assert dm2_from("3", "mu") == 200_000
    assert mu(200_000) == Decimal("3.0000")
    assert dm2_from("1", "mu") == 66_667


def test_display_units_are_rounded_to_the_decimals_of_official_tables() -> None:
    assert hectares(1_234_567) == Decimal("1.2346")
    assert m2(1_234_567) == Decimal("12345.67")
    assert str(m2(100)) == "1.00"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "twelve"])
def test_what_is_no_number_is_refused(value: float | str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        dm2_from_m2(value)


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(KeyError):
        dm2_from(1, "acre")


@given(AREAS)
def test_square_metres_and_back_is_the_same(area: int) -> None:
    assert dm2_from_m2(m2(area)) == area


@given(AREAS, WEIGHTS)
def test_shares_sum_to_the_total_and_are_next_to_exact(total: int, weights: list[float]) -> None:
    parts = share_out(total, weights)
    whole = sum(map(Fraction, map(repr, weights)))
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * Fraction(repr(weight)) / whole) < 1


@given(AREAS, WEIGHTS)
def test_shares_do_not_depend_on_order(total: int, weights: list[float]) -> None:
    order = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
    shuffled = share_out(total, [weights[i] for i in order])
    assert sorted(shuffled) == sorted(share_out(total, weights))


def test_nothing_can_be_shared_over_nothing() -> None:
    assert share_out(0, [0.0, 0.0]) == [0, 0]
    with pytest.raises(ValueError, match="zero"):
        share_out(1, [0.0])
    with pytest.raises(ValueError, match="negative"):
        share_out(1, [2.0, -1.0])


@given(st.fractions())
def test_rounding_is_symmetric_and_at_most_half_off(value: Fraction) -> None:
    assert round_half_up(-value) == -round_half_up(value)
    assert abs(round_half_up(value) - value) <= Fraction(1, 2)
