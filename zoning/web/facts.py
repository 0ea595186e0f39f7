"""What is told about a feature that was clicked: its attributes, and what lies over it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from zoning.errors import ZoningError
from zoning.ledger.model import Entry
from zoning.ledger.reconcile import polygons_in
from zoning.messages import Language, text
from zoning.report.layout import words
from zoning.report.tables.words import named
from zoning.units import hectares, m2, mu
from zoning.web import session, show
from zoning.web.files import scenario_files
from zoning.web.state import PARCEL, Desk
from zoning.workspace import book, measure_features, read_scenario

Pair = tuple[str, object]

OTHER_FACTS = {"village": "web.village", "name": "web.name", "slope": "web.slope",
               "owner_kind": "web.owner_kind"}
"""Columns shown as they are, with the message that names them."""


def feature_facts(desk: Desk, role: str, feature_id: str) -> list[Pair]:
    """The attributes of a feature worth reading, areas in all three units."""
    facts = desk.fact(role, feature_id)
    return [*_class_facts(desk, facts.get("class_code")), *_areas(facts), *_others(facts)]


def surroundings_facts(desk: Desk, parcel_id: str) -> list[Pair]:
    """Each control line over a parcel and its idle land, with the land inside."""
    site = measure_features(desk.workspace, "parcel", [parcel_id], parcel_id)
    language, unit = session.language(), session.unit()
    rows: list[Pair] = [
        (show.role_name(line.role, desk.names),
         show.area_with_unit(line.area_dm2, unit, language) if line.area_dm2
         else session.say("web.not_touched"))
        for line in site.lines
    ]
    stock = show.role_name("idle_land")
    return rows + [
        (f"{stock} {part.stock_id}", show.area_with_unit(part.area_dm2, unit, language))
        for part in site.parts if part.stock_id is not None
    ]


def story(desk: Desk, parcel_id: str) -> list[Pair]:
    """Where a parcel comes from, what the book says of it, and which scenarios use it."""
    space = desk.workspace
    record = space.config.require(PARCEL)
    language = session.language()
    rows: list[Pair] = [(session.say("web.story_source"), show.Html(
        f"{show.cell(record.source)}<br><small>{show.cell(record.edition)} · "
        f"{show.cell(record.imported)} · SHA-256 {show.cell(record.sha256[:12])}…</small>"))]
    name = f"{PARCEL}/{parcel_id}"
    with book(space) as quota:
        lots = {each.lot.lot_id: each.lot for each in quota.lots()}
        entries = [entry for entry in quota.journal()
                   if name in polygons_in(entry.note)
                   or any(name in lots[line.lot_id].origin for line in entry.postings
                          if line.lot_id in lots)]
    rows += [(session.say("web.story_entry", entry=entry.entry_id),
              f"{entry.effective} {_event(entry, language)} {entry.document}")
             for entry in entries]
    rows += [(session.say("web.story_scenario"), f"{file}: {project}")
             for file, project in _projects_on(desk, parcel_id)]
    if len(rows) == 1:
        rows.append((session.say("web.story_book"), session.say("web.story_nothing")))
    return rows


def _event(entry: Entry, language: Language) -> str:
    return entry.official_type or text(f"report.event.{entry.event.value}", language)


def _projects_on(desk: Desk, parcel_id: str) -> Iterator[tuple[str, str]]:
    for file in scenario_files(desk.workspace.root):
        with contextlib.suppress(ZoningError):
            for project in read_scenario(file).projects:
                if parcel_id in project.site.parcels:
                    yield file.name, project.name


def _class_facts(desk: Desk, code: object) -> Iterator[Pair]:
    found = desk.workspace.classes.get(None if code is None else str(code))
    if found is None:
        yield session.say("web.class"), code or session.say("web.class_unknown")
        return
    language = session.language()
    name = found.zh if language == "zh" else found.en
    yield session.say("web.class"), f"{found.code} {name}"
    yield session.say("web.land_kind"), words(named("land_kind", found.kind), language)


def _areas(facts: Mapping[str, object]) -> Iterator[Pair]:
    area_dm2 = int(str(facts["area_dm2"]))
    yield session.say("web.area"), show.Html(
        f"<strong>{mu(area_dm2, places=2):,}</strong> {session.say('web.unit_mu')}<br>"
        f"{hectares(area_dm2):,} {session.say('web.unit_ha')}<br>"
        f"{m2(area_dm2):,} {session.say('web.unit_m2')}")
    if facts.get("declared_dm2") is not None:
        difference = area_dm2 - int(str(facts["declared_dm2"]))
        yield session.say("web.declared"), f"{m2(int(str(facts['declared_dm2']))):,} m²"
        yield session.say("web.difference"), f"{m2(difference):+,} m²"


def _others(facts: Mapping[str, object]) -> Iterator[Pair]:
    grade, ridge = facts.get("grade_tenths"), facts.get("deduct_1e4")
    if grade is not None:
        yield session.say("web.grade"), f"{int(str(grade)) / 10:g}"
    if ridge:
        yield session.say("web.ridge"), f"{int(str(ridge)) / 100:.2f}%"
    for name, title in OTHER_FACTS.items():
        value = facts.get(name)
        if value not in {None, ""}:
            yield session.say(title), value


__all__ = ["feature_facts", "story", "surroundings_facts"]
