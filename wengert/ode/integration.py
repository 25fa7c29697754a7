"""The solution on vectors at given times, by the way that fits what is traced.

Plain numbers, and a tape or forward mode: a march over steps (marching.py). A Graph:
loops (recording.py). Where reverse mode is to go another way than back through the
steps, continuous.py and sensitivities.py wrap this.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from wengert.ode.grid import Accepted, accepted
from wengert.ode.marching import Active, march, run
from wengert.ode.methods import Method
from wengert.ode.plans import FixedPlan, GridPlan, Vectors
from wengert.ode.recording import adaptive_loop, fixed_loop
from wengert.ode.state import newest, numbers, plain
from wengert.ode.step_size import Control
from wengert.trace.levels import staging
from wengert.trace.tracer import Tracer
from wengert.transforms.batching import Batched

__all__ = ["Problem", "accepted_steps", "captures"]


@dataclasses.dataclass(frozen=True)
class Problem:
    """What is to be integrated, and how.

    Attributes
    ----------
    operator : str
        For messages.
    f : callable
        `(t, y, args)` on vectors.
    method : Method
    steps : int
        From each time to the next, where the method has fixed steps.
    control : Control
    checkpoints : int or None
    """

    operator: str
    f: Vectors
    method: Method
    steps: int
    control: Control
    checkpoints: int | None

    def solve(self, y0: Any, t: Any, args: Any) -> Any:
        """Give the solution (k, n) at the times t (k,), of which the first is t0."""
        return np.concatenate([y0[None], self._onwards(y0, t, args)])

    def _onwards(self, y0: Any, t: Any, args: Any) -> Any:
        """Give the solution at t[1:]."""
        if staging.depth:
            return self._in_loops(y0, t, args)
        captured = captures(self, y0, t[0], args)
        if self.method.estimate is None:
            active = Active(args)
            rows = np.stack([t[:-1], t[1:]], axis=1)
            plan: Any = FixedPlan(
                self.method, self.f, self.steps, numbers(rows), active, self.checkpoints
            )
        else:
            rows, active = t[1:], Active((t[0], args))
            times, known = plain(rows), not captured and self.checkpoints is None
            found = accepted_steps(self, y0, t[0], t[-1], args)
            steps = [step.reduced(times, known) for step in found]
            plan = GridPlan(self.method, self.f, steps, times, active, self.checkpoints)
            if known:
                plan.know(steps)
        # Through f's own variables no sweep of a single step would find its way.
        own = rows if newest(rows) else None
        go = run if captured else march
        return go(plan, y0, own, active.leaves)[0]

    def _in_loops(self, y0: Any, t: Any, args: Any) -> Any:
        def f(t: Any, y: Any) -> Any:
            return self.f(t, y, args)

        if self.method.estimate is None:
            return fixed_loop(self.method, f, y0, t, self.steps)
        return adaptive_loop(self.method, f, y0, t, self.control)


def accepted_steps(problem: Problem, y0: Any, start: Any, end: Any, args: Any) -> Any:
    """Give, on plain numbers, the steps from start to end.

    All members of a batch go by the same steps, as short as the hardest asks for.
    """
    (start, end), (y0, args) = plain((start, end)), numbers((y0, args))

    def f(t: Any, y: Any) -> Any:
        return problem.f(t, y, args)

    if problem.method.estimate is None:
        return _equal(problem, f, y0, start, end)
    return accepted(
        problem.operator, problem.method, f, y0, start, end, problem.control
    )


def _equal(problem: Problem, f: Any, y: Any, start: Any, end: Any) -> Any:
    h = (end - start) / problem.steps
    for n in range(problem.steps):
        t = start + n * h
        step = problem.method.begin(f, t, y, h)
        yield Accepted(t, h, y, step)
        y = numbers(step.after)


def captures(problem: Problem, y0: Any, t0: Any, args: Any) -> bool:
    """Tell whether f is differentiated in what is none of its arguments."""
    slope = problem.f(*numbers((t0, y0, args)))
    while isinstance(slope, Batched):
        slope = slope.stack
    return isinstance(slope, Tracer)
