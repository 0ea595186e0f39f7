"""The book against the land (accounting §15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from zoning.codes.reader import quota_kinds
from zoning.ledger.entries import inflow_postings, reverse_postings, settle_postings
from zoning.ledger.model import Account, Draw, Entry, Event, Lot
from zoning.ledger.reconcile import (
    Land,
    Reason,
    Reconciliation,
    claims,
    noted,
    polygons_in,
    reconcile,
    roles_named,
)

KINDS = quota_kinds()
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
LAND: Land = {"offset": {
    "B-1": {"area_dm2": 1000, "paddy_dm2": 400, "capacity_kg": 90},
    "B-2": {"area_dm2": 500, "paddy_dm2": None, "capacity_kg": 30},
}}


def lot(*origin: str, number: int = 1, kind: str = "offset") -> Lot:
    return Lot(f"L{number}", Account("CN", kind, "county"), 2026, "D", origin=origin)


def inflow(of: Lot, number: int = 1, **amounts: int) -> Entry:
    return Entry(number, Event.INFLOW, date(2026, 1, 1), MOMENT,
                 inflow_postings(of.lot_id, amounts))


def compare(entries: list[Entry], *lots: Lot) -> Reconciliation:
    found = claims(entries, {each.lot_id: each for each in lots})
    return reconcile(found, LAND, kinds=KINDS)


def test_a_lot_that_agrees_to_the_last_dm2_is_silent() -> None:
    """accounting §15"""
    made = lot("offset/B-1")
    found = compare([inflow(made, area=1000, paddy=400, capacity=90)], made)
    assert (len(found.claims), found.agreeing, found.differences) == (1, 1, ())


def test_one_dm2_is_a_difference() -> None:
    """accounting §15"""
    made = lot("offset/B-1")
    found = compare([inflow(made, area=1001, paddy=400, capacity=90)], made)
    (gap,) = found.differences
    assert (gap.reason, gap.component, gap.difference) == (Reason.AMOUNT, "area", 1)
    assert gap.is_rounding
    assert found.agreeing == 0


def test_every_component_is_compared_with_the_sum_of_its_column() -> None:
    """accounting §15: a component of which nothing was booked too."""
    made = lot("offset/B-1", "offset/B-2")
    found = compare([inflow(made, area=1700, capacity=120)], made)
    told = {(each.component, each.reason, each.difference) for each in found.differences}
    assert told == {("area", Reason.AMOUNT, 200), ("paddy", Reason.AMOUNT, -400),
                    ("paddy", Reason.NOT_STATED, None)}
    assert not any(each.is_rounding for each in found.differences if each.component == "area")


def test_a_missing_polygon_and_a_missing_layer_are_listed() -> None:
    """accounting §15"""
    made = lot("offset/B-1", "offset/B-9", "demolition/C-1")
    found = compare([inflow(made, area=1000, paddy=400, capacity=90)], made)
    assert [(each.reason, each.polygons) for each in found.differences] == [
        (Reason.NO_POLYGON, ("offset/B-9",)), (Reason.NO_LAYER, ("demolition/C-1",))]
    assert roles_named(found.claims) == ("demolition", "offset")


def test_a_polygon_two_lots_were_made_of_is_listed() -> None:
    """accounting §15"""
    one, two = lot("offset/B-1"), lot("offset/B-1", number=2)
    amounts = {"area": 1000, "paddy": 400, "capacity": 90}
    found = compare([inflow(one, **amounts), inflow(two, 2, **amounts)], one, two)
    assert [(each.reason, each.other) for each in found.differences] == [(Reason.TWICE, 1)]


def test_a_reversed_inflow_claims_nothing() -> None:
    """accounting §15"""
    made = lot("offset/B-9")
    entry = inflow(made, area=1)
    undone = replace(entry, entry_id=2, event=Event.REVERSE, reverses=1,
                     postings=reverse_postings(entry))
    assert compare([entry, undone], made) == Reconciliation((), ())


def test_a_use_is_compared_with_the_polygons_its_note_names() -> None:
    """accounting §15"""
    made = lot()
    used = Entry(2, Event.SETTLE, date(2026, 1, 1), MOMENT,
                 settle_postings("H1", [Draw("L1", "area", 600)]), note=noted("x", ["offset/B-2"]))
    found = compare([used], made)
    told = [(each.claim.subject, each.component, each.difference) for each in found.differences]
    assert told == [
        ("H1", "area", 100), ("H1", "capacity", -30)]


def test_an_address_in_a_note_is_no_polygon() -> None:
    """accounting §15"""
    assert polygons_in("问 zhang@example.org/desk @parcel/1") == ("parcel/1",)


@given(note=st.text(st.characters(exclude_characters="@"), max_size=20),
       features=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
                         max_size=4, unique=True))
def test_a_note_tells_the_polygons_it_was_given(note: str, features: list[str]) -> None:
    """accounting §15"""
    polygons = tuple(f"new_site/{each}" for each in features)
    assert polygons_in(noted(note, polygons)) == polygons


@given(booked=st.integers(0, 3000), area=st.integers(0, 3000))
def test_the_gap_is_booked_less_measured(booked: int, area: int) -> None:
    """accounting §15"""
    made = lot("site/X", kind="boundary_increment")
    found = reconcile(claims([inflow(made, area=booked or 1)], {"L1": made}),
                      {"site": {"X": {"area_dm2": area}}}, kinds=KINDS)
    assert sum(each.difference or 0 for each in found.differences) == (booked or 1) - area
