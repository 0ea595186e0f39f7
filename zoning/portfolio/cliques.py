"""Sites of which only one can be built on, in groups as large as can be.

One row for a group is stronger than one for every pair of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import TypeVar

Site = TypeVar("Site", bound=Hashable)


def cliques_of(
    groups: Iterable[frozenset[Site]], pairs: Iterable[tuple[Site, Site]]
) -> tuple[frozenset[Site], ...]:
    """Groups that overlap as a whole, and pairs that do, as few groups that say the same.

    Every pair of sites of a group given or of `pairs` is in some group, and no other pair is.
    Groups of one, and groups within another, are left out.
    """
    given = {each for each in groups if len(each) > 1}
    beside: dict[Site, set[Site]] = defaultdict(set)
    order: dict[Site, int] = {}
    edges = [tuple(pair) for pair in pairs]
    for first, second in edges:
        beside[first].add(second)
        beside[second].add(first)
        order.setdefault(first, len(order))
        order.setdefault(second, len(order))
    covered: set[frozenset[Site]] = set()
    found = list(given)
    for first, second in edges:
        if frozenset((first, second)) in covered:
            continue
        clique = {first, second}
        for other in sorted(beside[first] & beside[second], key=order.__getitem__):
            if clique <= beside[other]:
                clique.add(other)
        covered |= {frozenset((a, b)) for a in clique for b in clique if a != b}
        found.append(frozenset(clique))
    whole = [each for each in found if not any(each < other for other in found)]
    return tuple(sorted(dict.fromkeys(whole), key=lambda each: sorted(map(str, each))))


__all__ = ["cliques_of"]
