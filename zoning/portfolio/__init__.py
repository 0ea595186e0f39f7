"""DECIDE: who gets what, where and when: the plan of many projects, proposed with a proof.

Everything here is ids and integers. A `Problem` is what may be chosen (`problem`, made from a
branch
by `options`), a `Matrix` its rows (`matrix`), `solve` reaches the goals one after the other,
`highs`
alone speaks to the solver. `realise` has the engine carry a plan out and compares every number.
"""
