"""An answer recomputed from what it cites: editions of layers, rules, position of the book."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from zoning.errors import InputError
from zoning.layers.read import read_layer
from zoning.ledger.balances import (
    flows,
    lot_balances,
    lowest_from,
    spendable,
    tally,
)
from zoning.ledger.model import LotBalance, State
from zoning.measure.facts import LayerEdition
from zoning.scenario.engine import run
from zoning.scenario.model import Scenario
from zoning.scenario.outcome import Outcome
from zoning.workspace.archive import edition_of, kept_file, kept_layers, kept_rules
from zoning.workspace.desk import Desk, open_desk
from zoning.workspace.folder import Workspace
from zoning.workspace.quota import book
from zoning.workspace.rules import rule_book


@dataclass(frozen=True)
class Cited:
    """What an answer says it was computed from: layers and site files, rules, book."""

    editions: tuple[LayerEdition, ...]
    rules_sha256: str
    ledger_position: int


def cited(document: Mapping[str, Any]) -> Cited:
    """What a document of `is_answer_to` cites."""
    return Cited(tuple(LayerEdition(each["role"], each["edition"], each["sha256"])
                       for each in document.get("editions", ())),
                 document.get("rules_sha256", ""), document["ledger_position"])


def desk_as_cited(
    workspace: Workspace, scenario: Scenario, folder: Path, told: Cited
) -> tuple[Desk, tuple[str, ...]]:
    """A desk with what an answer cites, taken from the archive where it was replaced since.

    Layers that came since are left out, and an older edition stands in the place of a newer one. An
    edition is the same where role, name and hash of its source are. Also returns what is gone, in
    the workspace and in the archive: ``layer:<role>@<edition>``, ``site:<file>``, ``rules``,
    ``ledger``.
    """
    root, layers = workspace.root, [each for each in told.editions if each.role != "site"]
    have = {edition_of(each): each for each in (*kept_layers(root), *workspace.config.layer)}
    found = tuple(have[each] for each in layers if each in have)
    config = workspace.config.model_copy(update={"layer": found})
    files = dict(_replaced(root, scenario, folder, told.editions))
    rules = rule_book(workspace)
    as_cited = rules if rules.digest == told.rules_sha256 else kept_rules(root, told.rules_sha256)
    desk = replace(open_desk(replace(workspace, config=config), folder), rules=as_cited,
                   files=files)
    gone = [f"layer:{each.role}@{each.edition}" for each in layers if each not in have]
    gone += [f"site:{each.edition}" for each in told.editions if each.role == "site"
             and each.edition not in {file.name for file in files.values()}
             and not _is_there(each, folder)]
    if as_cited is None:
        gone.append("rules")
    with book(workspace) as quota:
        if told.ledger_position > quota.position():
            gone.append("ledger")
    return desk, tuple(gone)


def _replaced(
    root: Path, scenario: Scenario, folder: Path, editions: Sequence[LayerEdition]
) -> Iterator[tuple[str, Path]]:
    """Site files that are gone or have another content, by their name in the scenario: the copy."""
    cited_files = {each.edition: each for each in editions if each.role == "site"}
    for name in {each.site.file for each in scenario.projects if each.site.file}:
        edition = cited_files.get(Path(name).name)
        kept = kept_file(root, edition) if edition else None
        if kept and edition and _digest(folder / name) != edition.sha256:
            yield name, kept


def _digest(file: Path) -> str:
    try:
        return read_layer(file, role="site").source.sha256
    except (InputError, OSError):
        return ""


def _is_there(edition: LayerEdition, folder: Path) -> bool:
    """Whether a site file of this name, here or in a folder below, has the hash cited."""
    return any(hashlib.sha256(file.read_bytes()).hexdigest() == edition.sha256
               for file in folder.rglob(glob.escape(edition.edition)) if file.is_file())


def recompute(desk: Desk, scenario: Scenario, position: int) -> Outcome:
    """A scenario judged as it was when the book was at a position, whatever came since."""
    lots, facts = lots_known_at(desk, scenario, position), desk.facts(scenario)
    law = desk.law
    return run(scenario, facts, lots, law.rules, law.classes, law.quota_kinds,
               project_kinds=law.project_kinds, ledger_position=position,
               shared=desk.shared(facts))


def lots_known_at(desk: Desk, scenario: Scenario, position: int) -> tuple[LotBalance, ...]:
    """What the scenario could draw on when the book had so many entries."""
    with book(desk.workspace) as quota:
        entries = [each for each in quota.journal() if each.entry_id <= position]
        lots = [each.lot for each in quota.lots()]
        own = {each.hold.hold_id for each in quota.holds()
               if each.hold.scenario_id == scenario.id}
    on = scenario.decision_date
    found = spendable(lot_balances(lots, tally(entries, as_of=on)),
                      lowest_from((flow for flow in flows(entries)
                                   if flow.cell.state is State.FREE), on))
    taken: dict[tuple[str, str], int] = {}
    for line in (line for entry in entries for line in entry.postings):
        if line.hold_id in own and line.state in (State.HELD, State.USED):
            key = line.lot_id, line.component
            taken[key] = taken.get(key, 0) + line.amount
    return tuple(_with_own(each, taken) for each in found)


def differences(
    told: Mapping[str, Any], again: Mapping[str, Any], path: str = ""
) -> tuple[str, ...]:
    """The parts in which two documents differ, by their first two levels."""
    found: list[str] = []
    for key in dict.fromkeys((*told, *again)):
        one, two = told.get(key), again.get(key)
        if one == two:
            continue
        name = f"{path}{key}"
        if isinstance(one, Mapping) and isinstance(two, Mapping) and not path:
            found += differences(one, two, f"{name}.")
        elif isinstance(one, list) and isinstance(two, list) and not path:
            found += [f"{name}[{i}]" for i, (a, b) in enumerate(zip(one, two, strict=False))
                      if a != b]
            found += [f"{name}[]"] if len(one) != len(two) else []
        else:
            found.append(name)
    return tuple(found)


def is_answer_to(document: Mapping[str, Any], scenario: Scenario) -> bool:
    """Whether a document is an answer to a scenario of this name on this day."""
    said = document.get("scenario")
    return (document.get("document") == "check" and isinstance(said, Mapping)
            and isinstance(document.get("ledger_position"), int)
            and _day(document.get("decision_date")) is not None
            and said.get("id") == scenario.id)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _with_own(each: LotBalance, taken: Mapping[tuple[str, str], int]) -> LotBalance:
    lot_id = each.lot.lot_id
    codes = {**each.free, **{code: 0 for lot, code in taken if lot == lot_id}}
    return replace(each, free={
        code: each.free.get(code, 0) + taken.get((lot_id, code), 0) for code in codes})


__all__ = ["Cited", "cited", "desk_as_cited", "differences", "is_answer_to", "lots_known_at",
           "recompute"]
