"""The solver: HiGHS asked for a maximum, with progress, a time limit and a stop.

The solver proposes. What it says is optimal is taken for its bound only; values are computed anew
in integers by `zoning.portfolio.solve`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoning.errors import ZoningError
from zoning.portfolio.matrix import Floats

Numbers = NDArray[np.float64]
TOLERANCE = 1e-9
TELL_SECONDS = 0.2
"""How often progress is told."""


class Status(StrEnum):
    """How far a solve got. Only OPTIMAL says that nothing better exists."""

    OPTIMAL = "optimal"
    WITHIN_GAP = "within_gap"
    FEASIBLE_AT_LIMIT = "feasible_at_limit"
    INFEASIBLE = "infeasible"
    NONE_AT_LIMIT = "none_at_limit"


class SolverError(ZoningError):
    """The solver failed, or what it proposed does not hold in integers."""

    exit_code = 1


@dataclass(frozen=True)
class Progress:
    """Where a solve stands: which goal, the best so far, the bound, seconds since the start."""

    goal: str
    value: float | None
    bound: float | None
    seconds: float

    @property
    def gap(self) -> float | None:
        """How far the value may lie below the bound, as a part of the bound."""
        if self.value is None or self.bound is None:
            return None
        return max(0.0, self.bound - self.value) / max(1.0, abs(self.bound))


@dataclass
class Watch:
    """One solve as seen from outside: what it tells, when it must end, whether it was stopped."""

    tell: Callable[[Progress], None] = lambda _: None
    seconds: float = 60.0
    stopped: Event = field(default_factory=Event)
    started: float = field(default_factory=perf_counter)
    goal: str = ""

    @property
    def spent(self) -> float:
        """Seconds since it was made."""
        return perf_counter() - self.started

    @property
    def left(self) -> float:
        """Seconds until it must end; 0 where it was stopped."""
        return 0.0 if self.stopped.is_set() else max(0.0, self.seconds - self.spent)

    def begin(self) -> None:
        """Start the clock anew."""
        self.started = perf_counter()

    def report(self, value: float | None, bound: float | None) -> None:
        """Tell where the goal stands."""
        self.tell(Progress(self.goal, value, bound, self.spent))


@dataclass(frozen=True, eq=False)
class Solved:
    """What the solver found: columns in their own units, None where it has none, and its bound."""

    status: Status
    values: Numbers | None
    bound: float
    reduced: Numbers | None = None
    duals: Numbers | None = None


def maximise(
    rows: Floats, goal: Numbers, tops: Numbers, whole: NDArray[np.bool_] | None, watch: Watch, *,
    gap: float = 0.0, seconds: float | None = None, start: Numbers | None = None,
    bottoms: Numbers | None = None,
) -> Solved:
    """The greatest ``goal · columns``. `whole` None asks for the linear relaxation.

    `tops` and `bottoms` bound the columns in their own units, `start` is a solution to begin with.
    Raises SolverError where the solver fails.
    """
    import highspy

    limit = watch.left if seconds is None else min(seconds, watch.left)
    if limit <= 0:
        return Solved(Status.NONE_AT_LIMIT, None, math.inf)
    solver = _solver(highspy, gap, limit)
    _pass(highspy, solver, rows, goal, tops, bottoms, whole)
    if start is not None:
        _begin(highspy, solver, start / rows.unit)
    _listen(solver, watch)
    if solver.run() == highspy.HighsStatus.kError:
        raise SolverError("portfolio.solver_failed",
                          reason=solver.modelStatusToString(solver.getModelStatus()))
    return _answer(highspy, solver, rows, whole is not None)


def relaxation_conflict(rows: Floats, tops: Numbers) -> list[int]:
    """The rows of an irreducible infeasible part of the relaxation; none where it is feasible.

    A hint: the solver's answer is asked again before it is told.
    """
    import highspy

    solver = _solver(highspy, 0.0, 10.0)
    solver.setOptionValue("iis_strategy", 2)
    _pass(highspy, solver, rows, np.zeros(len(tops)), tops, None, None)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kInfeasible:
        return []
    _, iis = solver.getIis()
    return [int(each) for each in iis.row_index_]


def _solver(highspy: Any, gap: float, limit: float) -> Any:
    solver = highspy.Highs()
    for name, value in (
        ("output_flag", False), ("threads", 1), ("time_limit", limit), ("mip_rel_gap", gap),
        ("mip_abs_gap", 1e-6), ("primal_feasibility_tolerance", TOLERANCE),
        ("mip_feasibility_tolerance", TOLERANCE),
    ):
        solver.setOptionValue(name, value)
    return solver


def _pass(
    highspy: Any, solver: Any, rows: Floats, goal: Numbers, tops: Numbers,
    bottoms: Numbers | None, whole: NDArray[np.bool_] | None,
) -> None:
    """The model by rows; amounts in the units of `Floats`."""
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows.matrix.shape
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = goal * rows.unit
    model.col_lower_ = np.zeros(len(goal)) if bottoms is None else bottoms / rows.unit
    model.col_upper_ = tops / rows.unit
    model.row_lower_, model.row_upper_ = rows.least, rows.most
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = rows.matrix.indptr
    model.a_matrix_.index_ = rows.matrix.indices
    model.a_matrix_.value_ = rows.matrix.data
    if whole is not None:
        kinds = highspy.HighsVarType
        model.integrality_ = [kinds.kInteger if each else kinds.kContinuous for each in whole]
    if solver.passModel(model) == highspy.HighsStatus.kError:
        raise SolverError("portfolio.solver_failed", reason="passModel")


def _begin(highspy: Any, solver: Any, start: Numbers) -> None:
    solution = highspy.HighsSolution()
    solution.col_value = start.tolist()
    solver.setSolution(solution)


def _listen(solver: Any, watch: Watch) -> None:
    """Progress out, a stop in: the solver asks many times a second whether it is to end."""
    told = [0.0]

    def asked(event: Any) -> None:
        if watch.stopped.is_set():
            event.data_in.user_interrupt = True
        if watch.spent - told[0] >= TELL_SECONDS:
            told[0] = watch.spent
            out = event.data_out
            watch.report(_finite(out.mip_primal_bound), _finite(out.mip_dual_bound))

    def asked_by_simplex(event: Any) -> None:
        if watch.stopped.is_set():
            event.data_in.user_interrupt = True

    solver.cbMipInterrupt += asked
    solver.cbSimplexInterrupt += asked_by_simplex


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _answer(highspy: Any, solver: Any, rows: Floats, is_mip: bool) -> Solved:
    state, info = solver.getModelStatus(), solver.getInfo()
    kinds = highspy.HighsModelStatus
    solution = solver.getSolution()
    has = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solution.col_value) * rows.unit if has else None
    if state in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
        return Solved(Status.INFEASIBLE, None, -math.inf)
    limits = (kinds.kTimeLimit, kinds.kInterrupt, kinds.kSolutionLimit, kinds.kIterationLimit)
    if state != kinds.kOptimal and state not in limits:
        raise SolverError("portfolio.solver_failed", reason=solver.modelStatusToString(state))
    if is_mip:
        bound = info.mip_dual_bound
        closed = abs(bound - info.objective_function_value) <= 1e-6 * max(1.0, abs(bound))
        done = Status.OPTIMAL if closed else Status.WITHIN_GAP
        status = done if state == kinds.kOptimal else (
            Status.FEASIBLE_AT_LIMIT if values is not None else Status.NONE_AT_LIMIT)
        return Solved(status, values, bound)
    if state != kinds.kOptimal:
        return Solved(Status.NONE_AT_LIMIT, None, math.inf)
    reduced = np.array(solution.col_dual) / rows.unit
    return Solved(Status.OPTIMAL, values, info.objective_function_value, reduced,
                  np.array(solution.row_dual))


__all__ = ["Progress", "Solved", "SolverError", "Status", "Watch", "maximise",
           "relaxation_conflict"]
