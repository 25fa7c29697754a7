"""Plans of marches: fixed steps between times, and steps that a grid tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.ode.grid import Accepted
from wengert.ode.interpolation import interpolated
from wengert.ode.marching import Active, Plan
from wengert.ode.methods import Method

__all__ = ["FixedPlan", "GridPlan", "Vectors"]

# dy/dt = f(t, y, args), on vectors.
Vectors = Callable[[Any, Any, Any], Any]


class FixedPlan(Plan):
    """Some equal steps from each time to the next, which follow the times.

    Parameters
    ----------
    method, f, steps
        `steps` of the method between two times.
    times : array (k, 2)
        Plain: start and end of each interval.
    active : Active
        Of args.
    """

    def __init__(
        self, method: Method, f: Vectors, steps: int, times: Any, active: Active,
        checkpoints: int | None,
    ) -> None:  # fmt: skip
        ends = (np.arange(1, len(times) * steps + 1) // steps).tolist()
        super().__init__(ends, checkpoints)
        self._method, self._f, self._steps = method, f, steps
        self._times, self._active = times, active

    def rows(self, n: int) -> tuple[int, int]:
        """Tell that it is the row of the interval."""
        return n // self._steps, n // self._steps + 1

    def advance(
        self, n: int, y: Any, rows: Any, shared: Sequence[Any], emit: bool = True
    ) -> tuple[Any, Any]:
        """Emit the state at the end of each interval."""
        place, turn = divmod(n, self._steps)
        start, end = self._times[place] if rows is None else (rows[0, 0], rows[0, 1])
        h, args = (end - start) / self._steps, self._active.fill(shared)
        step = self._method.begin(
            lambda t, y: self._f(t, y, args), start + turn * h, y, h
        )
        emit = emit and turn == self._steps - 1
        return step.after, step.after[None] if emit else None


class GridPlan(Plan):
    """The steps that were accepted on plain numbers, shifted with t0.

    Parameters
    ----------
    method, f
    steps : sequence of Accepted
        On plain numbers.
    times : array (k,), or None
        Plain: where the solution is emitted; None to emit polynomials of the steps.
    active : Active
        Of (t0, args).
    """

    def __init__(
        self, method: Method, f: Vectors, steps: Sequence[Accepted], times: Any,
        active: Active, checkpoints: int | None,
    ) -> None:  # fmt: skip
        count, self._times = len(steps), times
        ends = list(range(1, count + 1)) if times is None else _ends(steps, times)
        super().__init__(ends, checkpoints)
        self._method, self._f, self._active = method, f, active
        self._offsets = [s.t - steps[0].t for s in steps]
        self._lengths = [s.h for s in steps]

    def advance(
        self, n: int, y: Any, rows: Any, shared: Sequence[Any], emit: bool = True
    ) -> tuple[Any, Any]:
        """Emit the solution at the times in the step, or its polynomial."""
        t0, args = self._active.fill(shared)
        t, h = t0 + self._offsets[n], self._lengths[n]
        step = self._method.begin(lambda t, y: self._f(t, y, args), t, y, h)
        return step.after, self.emission(n, step, t, rows) if emit else None

    def emission(self, n: int, step: Any, t: Any, rows: Any) -> Any:
        """Give what a step emits; None for nothing."""
        at = self.emitted(n)
        if at.start == at.stop:
            return None
        if self._times is None:
            return np.stack(step.coefficients())[None]
        times = self._times[at] if rows is None else rows
        s = ((times - t) / self._lengths[n])[:, None]
        return interpolated(step.coefficients(), s)

    def know(self, steps: Sequence[Accepted]) -> None:
        """Note what is emitted and kept where nothing is traced."""
        emissions = [self.emission(n, s.step, s.t, None) for n, s in enumerate(steps)]
        emitted = np.concatenate([e for e in emissions if e is not None])
        self.known = emitted, np.stack([steps[n].y for n in self.kept])


def _ends(steps: Sequence[Accepted], times: Any) -> list[int]:
    direction = np.sign(steps[0].h)
    reached = direction * np.array([s.t + s.h for s in steps])
    ends = np.searchsorted(direction * times, reached, side="right")
    return [*ends[:-1].tolist(), len(times)]
