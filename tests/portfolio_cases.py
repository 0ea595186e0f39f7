"""Small portfolios written by hand, and generated ones, for the tests of the portfolio."""

from __future__ import annotations

from datetime import date
from itertools import product

from hypothesis import strategies as st

from zoning.portfolio.highs import Watch
from zoning.portfolio.matrix import matrix_of
from zoning.portfolio.problem import Act, Borrowing, Option, Problem, Slot, Source, Task
from zoning.portfolio.solve import Choice, solve_goals

SLOTS = (Slot(date(2026, 6, 30), date(2026, 12, 31)), Slot(date(2027, 1, 1), date(2027, 12, 31)))
UNITS = {("q", "a"): "dm2", ("q", "b"): "dm2"}


def option(
    task: int, site: str, slot: int, value: int, a: int = 0, b: int = 0, **more: object
) -> Option:
    needs = {key: amount for key, amount in ((("q", "a"), a), (("q", "b"), b)) if amount}
    return Option(task, site, slot, value, needs, **more)  # type: ignore[arg-type]


def source(
    name: str, opens: int, closes: int, a: int, b: int = 0, **more: object
) -> Source:
    return Source(name, "q", str(more.pop("pool", "p")), opens, closes, {"a": a, "b": b},
                  first="a", **more)  # type: ignore[arg-type]


def problem(
    tasks: tuple[Task, ...], options: tuple[Option, ...], sources: tuple[Source, ...],
    **more: object,
) -> Problem:
    told: dict[str, object] = {"users": (frozenset(range(len(sources))),), "units": UNITS,
                               "firsts": {"q": "a"}, **more}
    return Problem(SLOTS, tasks, options, sources, **told)  # type: ignore[arg-type]


def hand() -> Problem:
    """Two projects, three sites, two years, two lots, one action, a budget, a cap, a borrowing.

    P1 (must) on s1, P2 on s1 or s2; s1 of both is the same land. Lot L1 has 100 in the first year
    only, L2 80 from the second on; the action brings 50 from the second on, for 7 yuan.
    """
    return problem(
        (Task("P1", True), Task("P2")),
        (option(0, "s1", 0, 10, 60, 20, money_yuan=5, farmland_dm2=9),
         option(0, "s1", 1, 9, 60, 20, money_yuan=5, farmland_dm2=9),
         option(1, "s1", 0, 30, 70, money_yuan=4),
         option(1, "s2", 1, 20, 130, money_yuan=3, act=0)),
        (source("L1", 0, 0, 100, 40, price_yuan=2),
         source("L2", 1, 1, 80, 0, is_expected=True, advance=(0,)),
         source("A", 1, 1, 50, 0, act=0)),
        acts=(Act("clear", "clear_idle", 7, 2026, ("clear:x",)),
              Act("other", "clear_idle", 9, 2026, ("clear:x",))),
        cliques=(frozenset({(0, "s1"), (1, "s1")}),), caps={2026: 8},
        borrowings=(Borrowing("q", "p", 2026, {"a": 15}),), budget_yuan=20)


def solved(asked: Problem, **more: object) -> Choice | None:
    return solve_goals(matrix_of(asked), Watch(seconds=30), **more)  # type: ignore[arg-type]


def brute(asked: Problem) -> tuple[int, int] | None:
    """The most projects that must go and the best value with them, by trying everything.

    For problems whose lots all serve every slot: then only sums count.
    """
    by_task = [[None, *(at for at, each in enumerate(asked.options)
                        if each.task == task and not each.breaks)]
               for task in range(len(asked.tasks))]
    best = None
    for picked in product(*by_task):
        chosen = [asked.options[each] for each in picked if each is not None]
        sites = {(each.task, each.site) for each in chosen}
        if any(len(sites & clique) > 1 for clique in asked.cliques):
            continue
        if any(sum(each.needs.get(key, 0) for each in chosen)
               > sum(lot.amounts.get(key[1], 0) for lot in asked.sources) for key in UNITS):
            continue
        if asked.budget_yuan is not None and sum(
                each.money_yuan for each in chosen) > asked.budget_yuan:
            continue
        found = (sum(asked.tasks[each.task].must for each in chosen),
                 sum(each.value for each in chosen))
        best = found if best is None else max(best, found)
    return best


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Small problems whose lots serve every slot."""
    tasks = tuple(Task(f"P{at}", draw(st.booleans()) and at < 2)
                  for at in range(draw(st.integers(1, 4))))
    options = tuple(
        option(task, f"s{site}", draw(st.integers(0, 1)), draw(st.integers(0, 50)),
               draw(st.integers(0, 100_000)), draw(st.integers(0, 90_000)),
               money_yuan=draw(st.integers(0, 1000)))
        for task in range(len(tasks)) for site in range(draw(st.integers(0, 3))))
    sources = tuple(source(f"L{at}", 0, 1, draw(st.integers(0, 150_000)),
                           draw(st.integers(0, 150_000))) for at in range(draw(st.integers(0, 2))))
    sites = sorted({(each.task, each.site) for each in options})
    cliques = tuple(frozenset(draw(st.sets(st.sampled_from(sites), min_size=2, max_size=3)))
                    for _ in range(draw(st.integers(0, 2))) if len(sites) > 1)
    return problem(tasks, options, sources, cliques=cliques,
                   budget_yuan=draw(st.one_of(st.none(), st.integers(0, 2500))))
