"""What holds for every finding, whatever the project, its design, the land, the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from deciding import CODES, PLENTY, book, judge, lots, only, parts, project, site
from hypothesis import given, settings
from hypothesis import strategies as st
from schemas import require_valid

from zoning.ledger.model import LotBalance
from zoning.measure.facts import Part, SiteFacts, UsePart
from zoning.messages import LANGUAGES, say
from zoning.report.documents import check_document
from zoning.scenario.design import Design, SeaUse
from zoning.scenario.model import PATHS
from zoning.scenario.outcome import Certainty, ProjectOutcome, Status
from zoning.scenario.words import say_missing

BOOK = book()
BADNESS = {Status.PASS: 0, Status.UNDECIDED: 1, Status.FAIL: 2}
DAYS = st.dates(date(2004, 9, 1), date(2026, 12, 31))
SHARES = st.none() | st.decimals(0, 1, places=4)
NUMBERS = st.none() | st.decimals(0, 10**6, places=2)
DESIGNS = st.builds(
    Design, industry_code=st.sampled_from((None, "13", "26", "99")),
    far=st.none() | st.decimals(0, 5, places=2), coverage=SHARES, office_land_share=SHARES,
    office_floor_share=SHARES, investment_wan=NUMBERS,
    planned_uses=st.sampled_from(((), ("10",), ("1001", "07"))), least_width_m=NUMBERS,
    road_access=st.booleans(), is_park=st.none() | st.booleans(),
    takes_collective=st.none() | st.booleans(),
    forest_kind=st.sampled_from((None, "protective", "timber", "other")),
    sea=st.none() | st.builds(SeaUse, fill_ha=st.decimals(0, 100, places=1)),
    demolition_wan=NUMBERS,
)
PROJECTS = st.builds(
    lambda kind, path, design: project(kind=kind, path=path, design=design),
    st.sampled_from(("industry", "housing", "public", "transport", "military")),
    st.sampled_from(PATHS), DESIGNS,
)


@st.composite
def sites(draw: st.DrawFn) -> SiteFacts:
    facts = site(*draw(parts(codes=(*CODES, "0301", "1105", None))))
    inside = {line.role: draw(st.integers(0, facts.area_dm2)) for line in facts.lines}
    lines = tuple(replace(line, area_dm2=inside[line.role]) for line in facts.lines)
    uses = draw(st.none() | st.just((UsePart("1001", facts.area_dm2),))
                | st.just((UsePart("07", 1),)))
    return replace(facts, lines=lines, planned_use=uses,
                   width_dm=draw(st.none() | st.integers(0, 10_000)),
                   road_contact_dm=draw(st.none() | st.integers(0, 10)))


def decided(facts: SiteFacts, asked: Any, on: date, have: Any = PLENTY) -> ProjectOutcome:
    return only(judge(facts, have, BOOK, asked, on=on))


@settings(deadline=None, max_examples=120)
@given(sites(), PROJECTS, DAYS)
def test_every_finding_is_told_and_consistent(facts: SiteFacts, asked: Any, on: date) -> None:
    answer = decided(facts, asked, on)
    names = [each.id for each in answer.findings]
    assert len(names) == len(set(names))
    for each in answer.findings:
        for language in LANGUAGES:
            assert say(each.message, language).strip()
            assert all(say(say_missing(token), language) for token in each.missing)
        assert each.status is not Status.UNDECIDED or each.missing
        if each.margin is not None:
            assert each.status is not Status.PASS or each.margin.value >= 0
            assert each.status is not Status.FAIL or each.margin.value <= 0
    states = [each.status for each in answer.findings if each.status in BADNESS]
    assert answer.verdict is max(states, key=BADNESS.__getitem__, default=Status.PASS)


@settings(deadline=None, max_examples=60)
@given(sites(), PROJECTS, DAYS)
def test_money_is_told_and_consistent(facts: SiteFacts, asked: Any, on: date) -> None:
    for line in decided(facts, asked, on).money.lines:
        assert all(say(line.name, language) for language in LANGUAGES)
        assert (line.certainty is Certainty.OPEN) is (line.low_yuan is None)
        assert (line.low_yuan is None) is (line.high_yuan is None)
        assert line.low_yuan is None or 0 <= line.low_yuan <= (line.high_yuan or 0)
        assert (line.certainty is Certainty.KNOWN) is (not line.missing)


@settings(deadline=None, max_examples=40)
@given(sites(), PROJECTS, DAYS, lots, st.integers(0, 10**8))
def test_more_quota_never_makes_a_verdict_worse(
    facts: SiteFacts, asked: Any, on: date, have: tuple[LotBalance, ...], more: int
) -> None:
    richer = tuple(replace(each, free={name: free + more for name, free in each.free.items()})
                   for each in have)
    poor, rich = decided(facts, asked, on, have), decided(facts, asked, on, richer)
    assert BADNESS[rich.verdict] <= BADNESS[poor.verdict]


@settings(deadline=None, max_examples=40)
@given(sites(), PROJECTS, DAYS, st.sampled_from(("pbf", "eco_redline")), st.integers(1, 10**8))
def test_a_larger_line_to_avoid_never_makes_a_verdict_better(
    facts: SiteFacts, asked: Any, on: date, role: str, more: int
) -> None:
    lines = tuple(replace(line, area_dm2=min(facts.area_dm2, line.area_dm2 + more))
                  if line.role == role else line for line in facts.lines)
    small, large = decided(facts, asked, on), decided(replace(facts, lines=lines), asked, on)
    assert BADNESS[small.verdict] <= BADNESS[large.verdict]


@settings(deadline=None, max_examples=20)
@given(sites(), PROJECTS, DAYS)
def test_every_answer_is_a_valid_document(facts: SiteFacts, asked: Any, on: date) -> None:
    require_valid(check_document(judge(facts, PLENTY, BOOK, asked, on=on)))


def test_part_of_a_forest_is_agricultural() -> None:
    answer = decided(site(Part("F", "0301", 10)), project(), date(2024, 1, 1))
    assert "approval.forest" in {each.id for each in answer.findings}
