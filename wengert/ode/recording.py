"""The solution in a Graph: native loops under `jit`, whatever the number of steps.

Fixed steps are a `scan`. Adaptive ones are a `while_loop` for each time, in a `scan`
over the times; derivatives by both modes are those of loops, with lengths of steps as
constants, and the steps are chosen anew in each run. A Graph raises no errors: where
the solution does not reach a time, it is nan.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from wengert.ode.interpolation import interpolated
from wengert.ode.methods import Method
from wengert.ode.runge_kutta import Slope
from wengert.ode.step_size import GROW, SMALLEST, Control
from wengert.operators.loops import scan, while_loop
from wengert.operators.staging import stop_gradient

__all__ = ["adaptive_loop", "fixed_loop"]

EPSILON = float(np.finfo(float).eps)


def fixed_loop(method: Method, f: Slope, y0: Any, t: Any, steps: int) -> Any:
    """Give the solution at t[1:], with so many steps from each time to the next."""

    def interval(y: Any, ends: Any) -> Any:
        start, h = ends[0], (ends[1] - ends[0]) / steps

        def one(y: Any, turn: Any) -> Any:
            return method.begin(f, start + turn * h, y, h).after, None

        y = (
            one(y, 0.0)[0]
            if steps == 1
            else scan(one, y, np.arange(steps, dtype=float))[0]
        )
        return y, y

    return scan(interval, y0, (t[:-1], t[1:]))[1]


class Running(NamedTuple):
    """What the adaptive loop carries: where it is, and the last step's polynomial."""

    t: Any
    y: Any
    slope: Any
    h: Any
    ceiling: Any
    tried: Any
    failed: Any
    before: Any
    length: Any
    c: Any


def adaptive_loop(method: Method, f: Slope, y0: Any, t: Any, control: Control) -> Any:
    """Give the solution at t[1:], by steps as long as the tolerances allow."""
    end, direction = stop_gradient(t[-1]), stop_gradient(np.sign(t[-1] - t[0]))
    near = 4 * EPSILON * np.maximum(np.abs(end), np.abs(stop_gradient(t[0])))

    def onwards(state: Running) -> Running:
        return _turn(method, f, control, state, direction, end, near)

    def reach(state: Running, time: Any) -> Any:
        # Times out of order must not lead beyond the end.
        goal = np.minimum(direction * stop_gradient(time), direction * end)

        def is_before(state: Running) -> Any:
            left = goal - direction * stop_gradient(state.t)
            return (left > near) & ~state.failed

        state = while_loop(is_before, onwards, state)
        y = interpolated(state.c, (time - state.before) / state.length)
        return state, np.where(state.failed, np.nan, y)

    start = _start(method, f, control, y0, t)
    ordered = np.all(direction * (t[1:] - t[:-1]) > 0)
    return np.where(ordered, scan(reach, start, t[1:])[1], np.nan)


def _start(method: Method, f: Slope, control: Control, y0: Any, t: Any) -> Running:
    slope = f(t[0], y0)
    still, t0, end = stop_gradient((slope, t[0], t[-1]))
    h = control.first(f, t0, stop_gradient(y0), still, end, method.estimate or 0)
    zeros = np.zeros_like(y0)
    return Running(
        t[0], y0, slope if method.carries else None, stop_gradient(h),
        np.float64(GROW), np.int64(0), ~np.all(np.isfinite(still)),
        t[0], np.float64(1.0), [y0, zeros, zeros, zeros, zeros],
    )  # fmt: skip


def _turn(
    method: Method, f: Slope, control: Control, state: Running,
    direction: Any, end: Any, near: Any,
) -> Running:  # fmt: skip
    """Try a step, and take it if it is accurate enough."""
    left = stop_gradient(direction * (end - state.t))
    wanted = np.minimum(stop_gradient(state.h), control.max_step)
    size = np.minimum(wanted, left)
    length = stop_gradient(direction * size)
    step = method.begin(f, state.t, state.y, length, state.slope)
    norm = control.norm(*stop_gradient((step.error, state.y, step.after)))
    took = norm < 1
    grown = size * control.factor(norm, method.estimate or 0, state.ceiling)
    taken = Running(
        state.t + length, step.after, step.slope, grown, np.float64(GROW),
        state.tried, state.failed, state.t, length, step.coefficients(),
    )  # fmt: skip
    small = (grown < SMALLEST * EPSILON * np.abs(stop_gradient(state.t))) & ~took
    refused = state._replace(h=grown, ceiling=np.float64(1.0), failed=small)
    chosen = _choose(took, taken, refused)
    tried = state.tried + 1
    late = (tried >= control.max_steps) & (left - size > near)
    return chosen._replace(tried=tried, failed=chosen.failed | late)


def _choose(which: Any, taken: Running, refused: Running) -> Running:
    def pick(a: Any, b: Any) -> Any:
        if isinstance(a, list):
            return [pick(x, y) for x, y in zip(a, b, strict=True)]
        return a if a is b else np.where(which, a, b)

    return Running(*(pick(a, b) for a, b in zip(taken, refused, strict=True)))
