"""The whole solution of an initial-value problem: steps, polynomials, events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, ControlFlowError, ShapeError, user_source
from wengert.ode.events import Event, Hit, Watch, polished
from wengert.ode.grid import Accepted
from wengert.ode.integration import Problem, accepted_steps, captures
from wengert.ode.interpolation import interpolated
from wengert.ode.marching import Active, march, run
from wengert.ode.plans import GridPlan
from wengert.ode.solve import problem_of, times_of
from wengert.ode.state import State, plain
from wengert.operators.staging import stop_gradient
from wengert.trace.levels import staging
from wengert.trace.tracer import Tracer

__all__ = ["Solution", "trajectory"]


class Solution:
    """A solution over an interval, which may be called at any time in it.

    All but the counts are differentiable where y0, t0, t1 or args are traced.

    Attributes
    ----------
    t : array (k,)
        The ends of the steps, from t0 to t1 or to the terminal event.
    y : pytree like y0 of arrays (k, …)
        The states there. (SciPy's `y` has the times last.)
    t_events : list of arrays (m,)
        For each event, its times.
    y_events : list of pytrees like y0 of arrays (m, …)
        The states there.
    status : int
        0: t1 was reached; 1: a terminal event was.
    nfev : int
        How often f was evaluated to find the solution.
    """

    def __init__(
        self, state: State, starts: Any, lengths: Any, c: Any, end: tuple[Any, Any],
        times: Sequence[Sequence[Any]], states: Sequence[Sequence[Any]],
        status: int, nfev: int,
    ) -> None:  # fmt: skip
        self._state, self._starts, self._lengths, self._c = state, starts, lengths, c
        self._end = plain(end[0])
        self.t = np.concatenate([starts, end[0][None]])
        self.y = state.restore(np.concatenate([c[:, 0], end[1][None]]))
        self.t_events = [np.stack(t) if t else np.zeros(0) for t in times]
        empty = np.zeros((0, state.size), state.dtype)
        self.y_events = [state.restore(np.stack(y) if y else empty) for y in states]
        self.status, self.nfev = status, nfev

    def __call__(self, t: Any) -> Any:
        """Evaluate the solution.

        Parameters
        ----------
        t : float or array (k,)
            From t0 to the end; may be traced.

        Returns
        -------
        pytree
            Like y0; for an array of times, of arrays (k, …).

        Raises
        ------
        ArgumentError
            If a time lies outside.
        """
        t = t if isinstance(t, Tracer) else np.asarray(t, float)[()]
        if t.ndim > 1:
            raise ShapeError(f"a solution takes one time or (k,), not {t.shape}.")
        self._check_inside(t)
        starts, direction = plain(self._starts), np.sign(self._lengths[0])
        # The last step that starts before t.
        now = direction * stop_gradient(t)
        n = np.searchsorted(direction * starts[1:], now, side="right")
        s = (t - self._starts[n]) / self._lengths[n]
        c = np.moveaxis(self._c[n], -2, 0)
        return self._state.restore(interpolated(c, s[..., None]))

    def _check_inside(self, t: Any) -> None:
        if staging.depth and isinstance(t, Tracer):
            return
        low, high = sorted([float(plain(self._starts[0])), float(self._end)])
        slack = 1e-12 * max(abs(low), abs(high))
        outside = (plain(t) < low - slack) | (plain(t) > high + slack)
        if np.any(outside):
            raise ArgumentError(
                f"the solution reaches from t = {low:.10g} to {high:.10g}, and not to "
                f"{plain(t)} (at {user_source()})."
            )


def trajectory(
    f: Callable[..., Any],
    y0: Any,
    t_span: Any,
    *args: Any,
    events: Any = (),
    method: str = "dopri5",
    steps: int | None = None,
    rtol: float = 1e-8,
    atol: Any = 1e-8,
    first_step: float | None = None,
    max_step: float = np.inf,
    max_steps: int = 100_000,
    checkpoints: int | None = None,
) -> Solution:
    """Solve dy/dt = f(t, y, *args) from t0 to t1, and give the whole solution.

    Parameters
    ----------
    f, y0, *args, method, rtol, atol, first_step, max_step, max_steps, checkpoints
        As for `solve`.
    t_span : pair (t0, t1)
    events : callable, Event, or sequence of these
        Functions `g(t, y, *args)` whose zeros are found, with attributes `terminal` and
        `direction` as in SciPy, or as an `Event`. Two zeros in one step are missed:
        set max_step.
    steps : int
        For methods of fixed steps: how many in all.

    Returns
    -------
    Solution
        With t, y, t_events and y_events as SciPy names them; called at times, it
        evaluates the polynomials of the steps (of order 4 for dopri5).

    Raises
    ------
    IntegrationError, ShapeError, ArgumentError
        As `solve`.
    ControlFlowError
        Where a Graph is recorded: the number of steps is that of the arrays. A function
        under `jit` runs plainly.

    Notes
    -----
    Derivatives go back through the steps, a step at a time. The time of an event, and
    the state at it, are differentiable by the implicit function theorem, to any order.
    Cost: as `solve`, and 6 numbers for each step and entry of y.

    Examples
    --------
    A ball that falls from height 10, and where it is when it meets the ground:

    >>> import numpy as np
    >>> from wengert import grad, ode
    >>> fall = lambda t, y, g: np.stack([y[1], -g])
    >>> ground = ode.Event(lambda t, y, g: y[0], terminal=True)
    >>> def duration(g):
    ...     start = np.array([10.0, 0.0])
    ...     return ode.trajectory(fall, start, (0.0, 5.0), g, events=ground).t[-1]
    >>> round(grad(duration)(9.81), 10), round(-np.sqrt(20 / 9.81**3) / 2, 10)
    (-0.0727748788, np.float64(-0.0727748788))
    """
    state, problem = problem_of(
        "ode.trajectory", f, y0, method, steps,
        rtol, atol, first_step, max_step, max_steps, checkpoints,
    )  # fmt: skip
    times = times_of("ode.trajectory", t_span)
    if times.shape != (2,):
        raise ShapeError(
            f"ode.trajectory: t_span is a pair (t0, t1), not of shape {times.shape} "
            f"(at {user_source()}). For given times: ode.solve."
        )
    if staging.depth:
        raise ControlFlowError(
            "ode.trajectory: while a Graph is recorded, the number of steps is not "
            f"known (at {user_source()}). Use ode.solve at given times, or no jit."
        )
    given = events if isinstance(events, list | tuple) else (events,)
    return _found(problem, state, times, args, [Event.of(event) for event in given])


def _found(
    problem: Problem, state: State, times: Any, args: Any, events: Sequence[Event]
) -> Solution:
    def on_vectors(event: Event, args: Any) -> Callable[[Any, Any], Any]:
        return lambda t, y: event.function(t, state.restore(y), *args)

    t0, y0, system = times[0], state.start, problem.f
    watched = [on_vectors(event, plain(args)) for event in events]
    watch = Watch(events, watched, plain(t0), plain(y0))
    steps: list[Accepted] = []
    for number, step in enumerate(accepted_steps(problem, y0, t0, times[1], args)):
        known = problem.checkpoints is None
        steps.append(step if known else step._replace(y=None, step=None))
        if watch.ends_in(number, step.t, step.h, step.step):
            break
    else:
        number = -1
    nfev = getattr(system, "evaluations", 0)
    c = _polynomials(problem, steps, y0, t0, args)
    starts = t0 + np.array([step.t - steps[0].t for step in steps])
    lengths = np.array([step.h for step in steps])

    def located(hit: Hit) -> tuple[Any, Any]:
        t, h, own = starts[hit.step], lengths[hit.step], c[hit.step]
        s = polished(on_vectors(events[hit.event], args), t, h, own, hit.s)
        return t + s * h, interpolated(own, s)

    at = [located(hit) for hit in watch.hits]
    s = (times[1] - starts[-1]) / lengths[-1]
    end = at[-1] if number >= 0 else (times[1], interpolated(c[-1], s))
    sorted_out = [
        [pair for pair, hit in zip(at, watch.hits, strict=True) if hit.event == i]
        for i in range(len(events))
    ]
    return Solution(
        state, starts, lengths, c, end,
        [[t for t, _ in pairs] for pairs in sorted_out],
        [[y for _, y in pairs] for pairs in sorted_out],
        int(number >= 0), nfev,
    )  # fmt: skip


def _polynomials(
    problem: Problem, steps: Sequence[Accepted], y0: Any, t0: Any, args: Any
) -> Any:
    """Give c₀ … c₄ of all steps (k, 5, n), as functions of y0, t0 and args."""
    active = Active((t0, args))
    plan = GridPlan(problem.method, problem.f, steps, None, active, problem.checkpoints)
    if captures(problem, y0, t0, args):
        return run(plan, y0, None, active.leaves)[0]
    if problem.checkpoints is None:
        plan.know(steps)
    return march(plan, y0, None, active.leaves)[0]
