"""Small sites, rule books and lots for the tests of rules and scenario, made in code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from zoning.codes.project_kinds import project_kinds
from zoning.codes.reader import land_classes, quota_kinds
from zoning.ledger.model import Account, Lot, LotBalance
from zoning.measure.facts import FeatureHit, LineHit, Part, SiteFacts
from zoning.rules.book import RuleBook
from zoning.rules.model import Rule, Text
from zoning.rules.shipped import shipped
from zoning.scenario.engine import run
from zoning.scenario.model import Project, Scenario, Site
from zoning.scenario.outcome import Finding, Outcome, ProjectOutcome

PLACE = "CN/32/3206/320623"
DAY = date(2019, 6, 30)
RATES = {str(grade): (16 - grade) * 100 for grade in range(1, 16)}
LINES = ("pbf", "eco_redline", "ugb")


def own_rule(rule_id: str, value: object, *, place: str = PLACE) -> Rule:
    """A rule that a workspace states."""
    return Rule(rule_id, place, value, "unit", Text("本县规定", "County rule"), "W")  # type: ignore[arg-type]


def book(**values: object) -> RuleBook:
    """The shipped book with a county's capacity table and other rules (dots written ``__``)."""
    own = {"zbph__capacity_per_mu": RATES, **values}
    rules = tuple(own_rule(key.replace("__", "."), value) for key, value in own.items())
    return shipped().merged(RuleBook(rules))


def site(
    *parts: Part, uncovered_dm2: int = 0, overlap_dm2: int = 0,
    inside: Mapping[str, int] | None = None, site_id: str = "P-01",
    loaded: Sequence[str] = LINES,
) -> SiteFacts:
    """Facts of a site made of parts; all of it lies inside `ugb` and outside the other lines."""
    total = sum(part.area_dm2 for part in parts) + uncovered_dm2 - overlap_dm2
    hits = {"ugb": total, **(inside or {})}
    lines = tuple(
        LineHit(role, hits.get(role, 0), hits.get(role, 0),
                (FeatureHit(f"{role}-1", hits[role]),) if hits.get(role) else ())
        for role in loaded
    )
    return SiteFacts(site_id, total, parts, uncovered_dm2, overlap_dm2, lines)


def project(project_id: str = "P-01", **more: object) -> Project:
    """A project of industry by batch, unless said otherwise."""
    told = {"name": project_id, "kind": "industry", "site": Site(parcels=(project_id,)), **more}
    return Project(id=project_id, **told)  # type: ignore[arg-type]


def scenario(*projects: Project, on: date = DAY, place: str = PLACE) -> Scenario:
    """A scenario of some projects."""
    return Scenario(id="S", name="测试方案", decision_date=on, place=place, projects=projects)


def lot(
    kind: str, free: Mapping[str, int], lot_id: str = "L1", *, pool: str = "county",
    place: str = PLACE, **more: object,
) -> LotBalance:
    """A lot with some amounts free."""
    record = Lot(lot_id, Account(place, kind, pool), 2019, "文件")
    return LotBalance(replace(record, **more), free, {}, {})  # type: ignore[arg-type]


PLENTY = (
    lot("plan_quota", {"total": 10**12, "agricultural": 10**12, "farmland": 10**12}, "L1"),
    lot("offset", {"area": 10**12, "paddy": 10**12, "capacity": 10**12}, "L2"),
    lot("linkage", {"area": 10**12, "paddy": 10**12, "capacity": 10**12}, "L3"),
    lot("boundary_increment", {"area": 10**12}, "L4"),
)


def judge(
    facts: SiteFacts | Sequence[SiteFacts], lots: Sequence[LotBalance] = PLENTY,
    rules: RuleBook | None = None, *projects: Project, on: date = DAY, place: str = PLACE,
) -> Outcome:
    """Run one scenario on some sites, one project per site."""
    sites = (facts,) if isinstance(facts, SiteFacts) else tuple(facts)
    asked = projects or tuple(project(each.site_id) for each in sites)
    return run(scenario(*asked, on=on, place=place), {each.site_id: each for each in sites}, lots,
               rules or book(), land_classes(), quota_kinds(), project_kinds=project_kinds())


def only(outcome: Outcome) -> ProjectOutcome:
    """The one project of an outcome."""
    (found,) = outcome.projects
    return found


def finding(answer: ProjectOutcome, finding_id: str) -> Finding:
    """The finding of an id."""
    (found,) = (each for each in answer.findings if each.id == finding_id)
    return found


def ids(answer: ProjectOutcome) -> set[str]:
    """The ids of all findings."""
    return {each.id for each in answer.findings}


CODES = ("0101", "0102", "0103", "0201", "0301", "0404", "0601", "0702", "1003", "1202", "1206")


@st.composite
def parts(draw: st.DrawFn, *, codes: Sequence[str | None] = CODES) -> tuple[Part, ...]:
    """Parts of different parcels, farmland with grade and ridges."""
    rows = draw(st.lists(st.tuples(
        st.sampled_from(codes), st.integers(1, 10**8), st.integers(0, 1500), st.integers(1, 15),
        st.booleans(),
    ), min_size=1, max_size=8))
    return tuple(Part(f"F{number}", code, area, deduct, grade * 10, converted=converted)
                 for number, (code, area, deduct, grade, converted) in enumerate(rows))


lots = st.lists(st.builds(
    lambda kind, amount, number, pool, uses: lot(
        kind, {component.code: amount for component in quota_kinds()[kind].components},
        f"L{number}", pool=pool, uses=uses),
    st.sampled_from(("plan_quota", "offset")), st.integers(0, 10**8), st.integers(0, 10**6),
    st.sampled_from(("county", "reserve")), st.sampled_from(((), ("industry",), ("housing",))),
), max_size=8, unique_by=lambda each: each.lot.lot_id).map(tuple)
