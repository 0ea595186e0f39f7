"""The plan of many projects: the solver proposes, the engine decides.

Sites are measured and overlaps found here; from then on everything is ids and integers. `Wish` says
what is asked, `portfolio_at` answers, and a `Watch` tells how far it is and stops it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from zoning.errors import ScenarioError
from zoning.measure.facts import LayerEdition
from zoning.measure.flat import flatten
from zoning.measure.meeting import land_in_common
from zoning.measure.shape import one_feature
from zoning.portfolio.answer import Answer, Portfolio, Wish
from zoning.portfolio.cliques import cliques_of
from zoning.portfolio.conflicts import least_deadlock, ways_out
from zoning.portfolio.highs import Watch
from zoning.portfolio.matrix import Matrix, matrix_of
from zoning.portfolio.options import OWN, Setting, Variant, setting_of
from zoning.portfolio.plans import Placed, difference, others, placed, with_less
from zoning.portfolio.prices import cells, prices, unlock_chain
from zoning.portfolio.realise import carry_out, chosen_of, proposal
from zoning.portfolio.solve import Choice, enough_gap, solve_goals
from zoning.scenario.actions import Branch, branch_of
from zoning.scenario.horizon import horizon
from zoning.scenario.model import Candidate, Project, Scenario, Site
from zoning.scenario.planned import StartLater
from zoning.workspace.desk import Desk
from zoning.workspace.plan import DeskGround, book_supplies, fresh_examine

PLAN_SHARE = 0.5
"""How much of the time the plan itself may take where more is asked."""


def portfolio_at(desk: Desk, scenario: Scenario, wish: Wish, watch: Watch) -> Portfolio:
    """Choose, carry out and explain.

    The time of the watch begins when the sites are measured.

    Raises ScenarioError for a faulty candidate, SolverError where the solver fails or the engine
    does not carry out what it proposed.
    """
    setting, position = setting_at(desk, scenario)
    watch.begin()
    matrix = matrix_of(setting.problem)
    asks_more = wish.board or wish.unlock or wish.count > 1 or wish.less_tenths is not None
    first = replace(watch, seconds=watch.seconds * PLAN_SHARE) if asks_more else watch
    choice = solve_goals(matrix, first, gap=wish.gap)
    found = Portfolio(scenario, wish, setting, (), rules_sha256=desk.law.rules.digest,
                      ledger_position=position, editions=_editions(setting))
    if choice is not None:
        found = replace(found, plans=(_answer(desk, setting, matrix, choice),))
    if not found.must_go:
        found = replace(found, deadlock=least_deadlock(setting.problem, watch),
                        ways=tuple(ways_out(setting.problem, watch)))
    if choice is not None:
        found = _more(desk, found, matrix, choice, watch)
    return replace(found, seconds=watch.spent)


def _more(
    desk: Desk, found: Portfolio, matrix: Matrix, choice: Choice, watch: Watch
) -> Portfolio:
    """Other plans, less coming in, the chain of actions and the prices, as time allows."""
    wish, setting = found.wish, found.setting
    best = found.plans[0]
    again = [_answer(desk, setting, matrix, each, best.placed)
             for each in others(matrix, choice, wish.count, watch,
                                gap=enough_gap(matrix, wish.gap), loss=wish.loss,
                                apart=wish.apart)]
    found = replace(found, plans=(best, *again))
    if wish.less_tenths is not None and watch.left > 0:
        found = _with_less(desk, found, wish.less_tenths, watch)
    if wish.unlock:
        found = replace(found, chain=tuple(unlock_chain(setting.problem, watch)))
    if wish.board:
        asked = cells(setting.problem)
        board = tuple(prices(setting.problem, choice, watch, asked=asked))
        found = replace(found, board=board, board_whole=len(board) == len(asked))
    return found


def _with_less(desk: Desk, found: Portfolio, tenths: int, watch: Watch) -> Portfolio:
    """The best plan with less coming in, and what of the first plan still goes."""
    problem = with_less(found.setting.problem, tenths)
    supplies = tuple(
        replace(supply, amounts=dict(source.amounts))
        for supply, source in zip(found.setting.supplies, problem.sources, strict=True))
    own = len(found.setting.branch.supplies)
    setting = replace(found.setting, problem=problem, supplies=supplies, branch=replace(
        found.setting.branch, supplies=supplies[:own]))
    matrix = matrix_of(problem)
    choice = solve_goals(matrix, watch, gap=found.wish.gap)
    if choice is None:
        return found
    answer = _answer(desk, setting, matrix, choice, found.plans[0].placed)
    return replace(found, less=answer, held=_held(desk, setting, found.plans[0]))


def _held(desk: Desk, setting: Setting, best: Answer) -> tuple[str, ...]:
    """The projects of a plan that the engine still lets go, with other supplies under it."""
    branch = proposal(setting, best.carried.chosen, desk.law, DeskGround(desk), best.carried.way)
    line = horizon(branch, setting.scenario.horizon, desk.law.rules, fresh_examine(desk))
    return tuple(each.project_id for each in line.going if each.day is not None)


def _answer(
    desk: Desk, setting: Setting, matrix: Matrix, choice: Choice,
    beside: Sequence[Placed] | None = None,
) -> Answer:
    chosen = chosen_of(matrix, choice)
    carried = carry_out(setting, chosen, desk.law, DeskGround(desk), fresh_examine(desk))
    where = placed(setting.problem, chosen.options)
    return Answer(choice, where, carried,
                  difference(beside, where) if beside is not None else ())


# ── the setting ──────────────────────────────────────────────────────────────────────────────


def setting_at(desk: Desk, scenario: Scenario) -> tuple[Setting, int]:
    """A scenario ready to be chosen from, and the position of the book it was taken from."""
    supplies, position = book_supplies(desk, scenario)
    ground = DeskGround(desk)
    fixed = [each for each in scenario.actions
             if each.id in scenario.portfolio.fixed or isinstance(each, StartLater)]
    _require_known(scenario)
    decided = scenario.model_copy(update={"actions": tuple(fixed)})
    branch = branch_of(decided, desk.facts(scenario), supplies, desk.law, ground)
    candidates = _candidates(desk, scenario, branch)
    others = [Variant(project, desk.site_facts(project.id, project.site), label, None, value)
              for project, label, value in candidates]
    cliques = _overlaps(desk, branch, others)
    choosable = [each for each in scenario.actions if each not in fixed]
    setting = setting_of(scenario, branch, others, choosable, desk.law, ground,
                         fresh_examine(desk), cliques=cliques)
    return _with_acted(setting, cliques), position


def _require_known(scenario: Scenario) -> None:
    known = {each.id for each in scenario.actions}
    if unknown := [each for each in scenario.portfolio.fixed if each not in known]:
        raise ScenarioError("portfolio.fixed", actions=unknown, have=sorted(known))


def _candidates(
    desk: Desk, scenario: Scenario, branch: Branch
) -> list[tuple[Project, str, int | None]]:
    """Each project on each of its candidate sites, with the label of the site."""
    found = []
    for each in scenario.candidates:
        project = branch.project(each.project)
        for label, site in _sites(desk, each):
            found.append((project.model_copy(update={"site": site}), label, each.value))
    return found


def _sites(desk: Desk, candidate: Candidate) -> list[tuple[str, Site]]:
    if candidate.site is not None:
        return [(candidate.id, candidate.site)]
    sites = sites_of_search(desk.folder / str(candidate.search))
    return [(f"{candidate.id}-{number}", site) for number, site in enumerate(sites, start=1)]


def sites_of_search(file: Path) -> list[Site]:
    """The sites of an answer of ``zoning search --json``.

    Raises ScenarioError for a file that is none.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        if document["document"] != "search":
            raise KeyError("document")
        return [Site(parcels=tuple(each["parcels"])) for each in document["sites"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ScenarioError("portfolio.search_file", file=file.name) from error


def _overlaps(
    desk: Desk, branch: Branch, others: Sequence[Variant]
) -> tuple[frozenset[tuple[str, str]], ...]:
    """Groups of sites of which only one can be built on.

    Whole parcels and features are compared by name, drawn sites by the land they share.
    """
    sites = [(each.id, OWN, each.site) for each in branch.projects]
    sites += [(each.project.id, each.site, each.project.site) for each in others]
    named: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for task, label, site in sites:
        for name in (*site.parcels, *site.features):
            named.setdefault((site.layer or "parcel", name), []).append((task, label))
    groups = [frozenset(each) for each in named.values()]
    return cliques_of(groups, _drawn_pairs(desk, sites))


def _drawn_pairs(
    desk: Desk, sites: Sequence[tuple[str, str, Site]]
) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of sites of different projects that share land, at least one of them drawn."""
    drawn = [not (site.parcels or site.features) for _, _, site in sites]
    if not any(drawn):
        return []
    common = land_in_common({str(at): one_feature(flatten(desk.shapes(site)))
                             for at, (_, _, site) in enumerate(sites)})
    pairs = sorted((int(a), int(b)) for a, others in common.items() for b in others
                   if int(a) < int(b))
    return [(sites[a][:2], sites[b][:2]) for a, b in pairs
            if sites[a][0] != sites[b][0] and (drawn[a] or drawn[b])]


def _with_acted(
    setting: Setting, cliques: Iterable[frozenset[tuple[str, str]]]
) -> Setting:
    """Variants after an action lie where the site under them does: they join its cliques."""
    number = {each.id: at for at, each in enumerate(setting.problem.tasks)}
    labels: dict[tuple[str, str], list[str]] = {}
    for each in setting.variants:
        labels.setdefault((each.project.id, each.site.partition("+")[0]), []).append(each.site)
    wider = tuple(frozenset((number[task], label) for task, base in group
                            for label in labels.get((task, base), ()))
                  for group in cliques)
    return replace(setting, problem=replace(setting.problem, cliques=wider))


def _editions(setting: Setting) -> tuple[LayerEdition, ...]:
    found = {each for variant in setting.variants for each in variant.facts.editions}
    return tuple(sorted(found, key=lambda each: (each.role, each.edition, each.sha256)))


__all__ = ["Answer", "Portfolio", "Wish", "portfolio_at", "setting_at", "sites_of_search"]
