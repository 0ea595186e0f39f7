"""An atlas of a layer: a page for each feature with its map and its facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zoning.codes.reader import LandClasses
from zoning.messages import Language, text
from zoning.report.layout import words
from zoning.report.paper.memo import sources, stamp_of
from zoning.report.paper.model import Block, Facts, Heading, NewPage, Paper, SiteMap
from zoning.report.tables import Provenance
from zoning.report.tables.words import class_name
from zoning.units import hectares, m2, mu


@dataclass(frozen=True)
class LandPage:
    """One piece of land: its id and name, its area, its class, its map."""

    id: str
    name: str
    area_dm2: int
    class_code: str
    shown: SiteMap


def land_atlas(
    title: str, pages: Sequence[LandPage], provenance: Provenance, *, language: Language,
    classes: LandClasses,
) -> Paper:
    """The atlas of some land, its sources last."""
    blocks: list[Block] = []
    for page in pages:
        blocks += [Heading(" ".join(filter(None, (page.id, page.name)))), page.shown,
                   _facts(page, language, classes), NewPage()]
    return Paper(title, provenance.place, language, provenance.made_on.isoformat(),
                 (*blocks, *sources(provenance, language)), stamp=stamp_of(provenance, language))


def _facts(page: LandPage, language: Language, classes: LandClasses) -> Facts:
    pairs = [(text("report.column.area", language),
              text("papers.memo.area", language, m2=f"{m2(page.area_dm2):,}",
                   ha=hectares(page.area_dm2), mu=mu(page.area_dm2)))]
    if page.class_code:
        name = words(class_name(classes, page.class_code), language)
        pairs.append((text("report.column.class_name", language), f"{page.class_code} {name}"))
    return Facts(tuple(pairs))


__all__ = ["LandPage", "land_atlas"]
