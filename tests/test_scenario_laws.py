"""What holds for every site, book and rule file."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from deciding import CODES, PLENTY, book, judge, lots, only, parts, project, site
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.codes.reader import land_classes
from zoning.ledger.model import LotBalance
from zoning.measure.facts import Part, SiteFacts
from zoning.scenario.outcome import ProjectOutcome, Status
from zoning.units import round_half_up

CLASSES = land_classes().classes
BADNESS = {Status.PASS: 0, Status.UNDECIDED: 1, Status.FAIL: 2}
ANY_CODE = (*CODES, None, "9999")
BOOK = book()
a_law = settings(deadline=None, max_examples=60)


def badness(answer: ProjectOutcome) -> int:
    return BADNESS[answer.verdict]


def clipped(facts: SiteFacts, role: str, area_dm2: int) -> SiteFacts:
    lines = tuple(replace(each, area_dm2=min(area_dm2, facts.area_dm2)) if each.role == role
                  else each for each in facts.lines)
    return replace(facts, lines=lines)


@a_law
@given(parts(codes=ANY_CODE), lots, st.integers(0, 10**8))
def test_engine_is_deterministic_and_changes_no_input(
    given_parts: tuple[Part, ...], have: tuple[LotBalance, ...], hit_dm2: int
) -> None:
    facts = clipped(site(*given_parts), "pbf", hit_dm2)
    before = copy.deepcopy((facts, have))
    first, second = judge(facts, have, BOOK), judge(facts, have, BOOK)
    assert first == second
    assert repr(first) == repr(second)
    assert (facts, have) == before


@a_law
@given(parts())
def test_needs_are_the_formula_by_hand(given_parts: tuple[Part, ...]) -> None:
    total = agricultural = farmland = paddy = 0
    capacity = Fraction(0)
    for part in given_parts:
        found = CLASSES[part.class_code or ""]
        if part.converted or found.kind == "construction":
            continue
        total += part.area_dm2
        agricultural += part.area_dm2 if found.kind == "agricultural" else 0
        if found.farmland and part.grade_tenths:
            net = part.area_dm2 - round_half_up(Fraction(part.area_dm2 * part.deduct_1e4, 10_000))
            farmland += net
            paddy += net if found.farmland == "paddy" else 0
            capacity += Fraction(net * 15, 10**6) * (16 - Fraction(part.grade_tenths, 10)) * 100
    expected = {("plan_quota", "total"): total, ("plan_quota", "agricultural"): agricultural,
                ("plan_quota", "farmland"): farmland, ("offset", "area"): farmland,
                ("offset", "paddy"): paddy, ("offset", "capacity"): round_half_up(capacity)}
    found = {(line.kind, line.component): line.needed
             for line in only(judge(site(*given_parts), PLENTY, BOOK)).needs}
    assert found == {key: value for key, value in expected.items() if key in found}
    assert {kind for kind, _ in found} == ({"plan_quota"} if total else set()) | (
        {"offset"} if farmland else set())


@a_law
@given(parts(codes=ANY_CODE), st.sampled_from(("pbf", "eco_redline")), st.integers(0, 10**9),
       st.integers(0, 10**9), st.sampled_from(("industry", "energy")))
def test_larger_line_to_avoid_never_makes_it_better(
    given_parts: tuple[Part, ...], role: str, one: int, two: int, kind: str
) -> None:
    small, large = sorted((one, two))
    facts = site(*given_parts)
    answers = [only(judge(clipped(facts, role, each), PLENTY, BOOK, project(kind=kind)))
               for each in (small, large)]
    assert badness(answers[0]) <= badness(answers[1])


@a_law
@given(parts(codes=ANY_CODE), st.integers(0, 10**9), st.integers(0, 10**9))
def test_more_land_outside_a_line_to_stay_within_never_makes_it_better(
    given_parts: tuple[Part, ...], one: int, two: int
) -> None:
    small, large = sorted((one, two))
    facts = site(*given_parts)
    answers = [only(judge(clipped(facts, "ugb", each), PLENTY, BOOK)) for each in (large, small)]
    assert badness(answers[0]) <= badness(answers[1])


@a_law
@given(parts(codes=ANY_CODE), lots, st.integers(0, 7), st.integers(0, 10**8))
def test_more_quota_never_makes_a_project_alone_worse(
    given_parts: tuple[Part, ...], have: tuple[LotBalance, ...], which: int, more: int
) -> None:
    if not have:
        return
    changed = have[which % len(have)]
    richer = replace(changed, free={name: each + more for name, each in changed.free.items()})
    lots_after = tuple(richer if each is changed else each for each in have)
    facts = site(*given_parts)
    poor, rich = judge(facts, have, BOOK), judge(facts, lots_after, BOOK)
    assert badness(only(rich)) <= badness(only(poor))


@a_law
@given(parts(codes=ANY_CODE), lots)
def test_relabelling_parcels_changes_only_labels(
    given_parts: tuple[Part, ...], have: tuple[LotBalance, ...]
) -> None:
    renamed = tuple(replace(part, parcel_id=part.parcel_id.replace("F", "图斑-"))
                    for part in given_parts)
    before = only(judge(site(*given_parts), have, BOOK))
    after = only(judge(site(*renamed), have, BOOK))
    assert after.verdict is before.verdict
    assert after.classes == before.classes
    assert after.needs == before.needs
    assert [each.status for each in after.findings] == [each.status for each in before.findings]
    assert list(after.missing) == [
        token.replace("parcel=F", "parcel=图斑-").replace("grade:F", "grade:图斑-")
        for token in before.missing]


@a_law
@given(parts(codes=ANY_CODE), st.randoms(use_true_random=False))
def test_order_of_parcels_changes_no_number(
    given_parts: tuple[Part, ...], random: object
) -> None:
    shuffled = list(given_parts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    before = only(judge(site(*given_parts), PLENTY, BOOK))
    after = only(judge(site(*shuffled), PLENTY, BOOK))
    assert (after.classes, after.needs, after.verdict) == (
        before.classes, before.needs, before.verdict)


@a_law
@given(st.lists(parts(codes=ANY_CODE), min_size=1, max_size=4), lots)
def test_relabelling_projects_changes_only_labels(
    sites: Sequence[tuple[Part, ...]], have: tuple[LotBalance, ...]
) -> None:
    named = [judge([site(*each, site_id=f"{letter}-{number}")
                    for number, each in enumerate(sites)], have, BOOK).projects
             for letter in ("P", "Z")]
    for before, after in zip(*named, strict=True):
        plain = replace(after, project_id=before.project_id, name=before.name,
                        facts=before.facts)
        assert plain == before


@a_law
@given(st.lists(parts(), min_size=1, max_size=4), lots)
def test_projects_together_never_draw_more_than_there_is(
    sites: Sequence[tuple[Part, ...]], have: tuple[LotBalance, ...]
) -> None:
    facts = [site(*each, site_id=f"P-{number}") for number, each in enumerate(sites)]
    drawn: dict[tuple[str, str, str], int] = {}
    for answer in judge(facts, have, BOOK).projects:
        if answer.verdict is Status.FAIL:
            continue
        for line in answer.needs:
            for pool in line.pools:
                key = (line.kind, line.component, pool.pool)
                drawn[key] = drawn.get(key, 0) + pool.drawn
    for (kind, component, pool), total in drawn.items():
        assert total <= sum(each.free[component] for each in have
                            if (each.lot.account.kind, each.lot.account.pool) == (kind, pool))


@a_law
@given(st.lists(parts(codes=ANY_CODE), min_size=2, max_size=4))
def test_order_of_projects_without_contention_does_not_matter(
    sites: Sequence[tuple[Part, ...]]
) -> None:
    facts = [site(*each, site_id=f"P-{number}") for number, each in enumerate(sites)]
    there = judge(facts, PLENTY, BOOK, *(project(each.site_id, rank=1) for each in facts))
    back = judge(facts, PLENTY, BOOK, *(project(each.site_id, rank=1) for each in facts[::-1]))
    assert [(a.verdict, a.findings[:-1]) for a in there.projects if not a.needs] == [
        (b.verdict, b.findings[:-1]) for b in back.projects[::-1] if not b.needs]
    assert [a.verdict for a in there.projects] == [b.verdict for b in back.projects[::-1]]


@a_law
@given(parts(codes=ANY_CODE), lots)
def test_verdict_is_the_worst_finding_and_missing_is_told(
    given_parts: tuple[Part, ...], have: tuple[LotBalance, ...]
) -> None:
    answer = only(judge(site(*given_parts), have, BOOK))
    states = {each.status for each in answer.findings}
    assert badness(answer) == max((BADNESS.get(state, 0) for state in states), default=0)
    assert bool(answer.missing) == (Status.UNDECIDED in states)
    assert {line.status for line in answer.needs} <= states
