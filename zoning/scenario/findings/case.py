"""What every finding looks at: one project with its facts, on a day, at a place, under rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from zoning.codes.project_kinds import ProjectKind
from zoning.codes.reader import QuotaKind
from zoning.errors import Message
from zoning.measure.facts import LineHit, SiteFacts
from zoning.rules.book import RuleBook
from zoning.rules.model import Rule
from zoning.scenario.land import LANDS, Land, Taken, is_converted
from zoning.scenario.model import Project
from zoning.scenario.outcome import Citation
from zoning.scenario.words import bilingual, missing_rule


@dataclass(frozen=True)
class Case:
    """One project to be judged. `asked` remembers the rules that were looked up, by id."""

    project: Project
    facts: SiteFacts
    taken: Taken
    on: date
    place: str
    rules: RuleBook
    quota_kinds: Mapping[str, QuotaKind]
    project_kinds: Mapping[str, ProjectKind]
    asked: dict[str, Rule | None] = field(default_factory=dict, repr=False, compare=False)

    def rule(self, rule_id: str) -> Rule | None:
        """The record in force for this case."""
        if rule_id not in self.asked:
            self.asked[rule_id] = self.rules.look_up(rule_id, on=self.on, place=self.place)
        return self.asked[rule_id]

    def is_same_on(self, on: date) -> bool:
        """Whether every rule asked so far, and what is converted, is the same on another day."""
        return all(is_converted(part, on) == is_converted(part, self.on)
                   for part in self.facts.parts) and all(
            self.rules.look_up(rule_id, on=on, place=self.place) is rule
            for rule_id, rule in self.asked.items())

    def missing(self, rule_id: str) -> str:
        """The token of a rule that is blank or not in force for this case."""
        return missing_rule(rule_id, self.place, self.on)

    def hit(self, role: str) -> LineHit | None:
        """What the site has inside a control line; None where that layer was not measured."""
        return next((hit for hit in self.facts.lines if hit.role == role), None)

    @property
    def kind_name(self) -> Message | str:
        """The project's kind in words."""
        kind = self.project_kinds.get(self.project.kind)
        return bilingual(kind) if kind else self.project.kind

    @cached_property
    def debits(self) -> Mapping[Land, Rule | None]:
        """The debit rule of each kind of land on this project's path."""
        return {land: self.rule(self.debit_id(land)) for land in LANDS}

    def debit_id(self, land: Land) -> str:
        """The id of the debit rule of one kind of land."""
        return f"debit.{self.project.path}.{land}"

    @property
    def does_class_matter(self) -> bool:
        """Whether any kind of land would draw quota, as far as the rules say.

        Where the rules of a place say that no land draws any, a site needs no land survey.
        """
        return any(rule is None or rule.value != () for rule in self.debits.values())


def cite(*rules: Rule | None) -> tuple[Citation, ...]:
    """The citations of rules, each once; None is left out."""
    found = tuple(
        Citation(rule.id, rule.place, rule.valid_from, rule.valid_to, rule.citation.zh,
                 rule.confidence, rule.citation.en)
        for rule in rules if rule is not None
    )
    return found if len(found) < 2 else tuple(dict.fromkeys(found))


__all__ = ["Case", "cite"]
