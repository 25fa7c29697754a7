"""Where the steps are: found once, on plain numbers.

Derivatives are taken afterwards, with lengths of steps as constants: these are chosen
for the error's sake, and the solution depends on them no more than by that error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from wengert.errors import IntegrationError, user_source
from wengert.ode.methods import Method
from wengert.ode.runge_kutta import Slope
from wengert.ode.state import members, numbers
from wengert.ode.step_size import GROW, SMALLEST, Control

__all__ = ["Accepted", "accepted"]


class Accepted(NamedTuple):
    """A step from y at t, of length h, that is accurate enough.

    Of a long solution, what is known of a step is more than there is room for:
    `reduced` leaves out what nobody will ask.
    """

    t: Any
    h: Any
    y: Any
    step: Any

    def reduced(self, times: Any, known: bool) -> Accepted:
        """Keep the state only if `known`, and the step if a time may lie in it."""
        if not known:
            return self._replace(y=None, step=None)
        s = (times - self.t) / self.h
        inside = np.any((s > -1e-9) & (s < 1 + 1e-9))
        return self if inside else self._replace(step=None)


def accepted(
    operator: str, method: Method, f: Slope, y: Any, t: Any, end: Any, control: Control
) -> Iterator[Accepted]:
    """Give the steps that lead from y at t to the end.

    Raises
    ------
    IntegrationError
        If f is not finite at the start, if steps become too small to change t, or are
        too many.
    """
    assert method.estimate is not None
    direction = np.sign(end - t)
    slope = numbers(f(t, y))  # f may see Tracers that are not its arguments
    if not np.all(np.isfinite(members(slope))):
        what = f"f is not finite at the start: {members(slope)}"
        raise _failure(operator, what, t, y, 0.0)
    first = control.first(
        lambda t, y: numbers(f(t, y)), t, y, slope, end, method.estimate
    )
    h = np.min(members(first), initial=np.inf)
    tried, rejected = 0, False
    while direction * (end - t) > 0:
        tried += 1
        least = SMALLEST * abs(np.spacing(t))
        h = min(h if rejected else max(h, least), control.max_step)
        if h < least:
            raise _failure(operator, _underflow(method, slope), t, y, h)
        if tried > control.max_steps:
            raise _failure(operator, _too_many(control.max_steps, end), t, y, h)
        after = t + direction * h
        after = end if direction * (after - end) > 0 else after
        step, norm = _attempt(method, f, t, y, after - t, slope, control)
        ceiling = 1.0 if rejected else GROW
        h = abs(after - t) * control.factor(norm, method.estimate, ceiling)
        rejected = not norm < 1
        if not rejected:
            yield Accepted(t, after - t, y, step)
            t, y, slope = after, numbers(step.after), numbers(step.slope)


def _attempt(
    method: Method, f: Slope, t: Any, y: Any, h: Any, slope: Any, control: Control
) -> tuple[Any, Any]:
    try:
        step = method.begin(f, t, y, h, slope)
        with np.errstate(all="ignore"):
            norm = control.norm(numbers(step.error), y, numbers(step.after))
            return step, np.max(members(norm), initial=0.0)
    except np.linalg.LinAlgError:  # 1/(γh) is an eigenvalue of the Jacobian
        return None, np.inf


def _underflow(method: Method, slope: Any) -> str:
    if slope is not None and not np.all(np.isfinite(members(slope))):
        return "f is not finite there"
    hint = " Perhaps the system is stiff: method='rodas4'." if method.carries else ""
    return (
        "the step became too small to change t: the solution, or a derivative of f, "
        f"may have a singularity there.{hint}"
    )


def _too_many(count: int, end: Any) -> str:
    return (
        f"{count} steps were tried, and t is not at {end:g} yet. Loosen rtol and atol, "
        "raise max_steps, or, if the system is stiff, use method='rodas4'."
    )


def _failure(operator: str, what: str, t: Any, y: Any, h: Any) -> IntegrationError:
    array = np.asarray(members(y))
    shown = np.array2string(array, precision=6, threshold=6, edgeitems=3)
    return IntegrationError(
        f"{operator}: at t = {t:.10g}, h = {h:.3g}, y = {shown} (at {user_source()}): "
        f"{what}"
    )
