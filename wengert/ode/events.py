"""Events: times at which a function of the solution goes through zero.

Where is found on plain numbers, between the ends of a step, on its polynomial Y. The
time's derivative is that of the implicit function theorem: of g(t, Y(t), θ) = 0,

    dt = −(∂g/∂θ·dθ + ∂g/∂y·dY) / (∂g/∂t + ∂g/∂y·Ẏ),

which a step of Newton's method from the root computes, as a program; each further step
is right in one more order of derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq

from wengert.errors import ArgumentError, IntegrationError, user_source
from wengert.graph.types import ArrayType
from wengert.ode.interpolation import interpolated
from wengert.ode.state import plain
from wengert.operators.products import jvp
from wengert.trace.tracer import Tracer

__all__ = ["Event", "Hit", "Watch", "polished"]

# g(t, y), on vectors.
Function = Callable[[Any, Any], Any]
# A slope so much less than the values at the ends of the step counts as none.
FLAT = 1e-8
TOLERANCE = 4 * float(np.finfo(float).eps)


@dataclass(frozen=True)
class Event:
    """A function whose zeros are found, with what SciPy takes from its attributes.

    Parameters
    ----------
    function : callable
        `g(t, y, *args)` → a real number. Its zero at t0 itself is no event.
    terminal : bool or int
        Whether the solution ends there; a number: at the how manieth.
    direction : float
        Positive: only where g grows with the steps; negative: only where it falls.

    Examples
    --------
    >>> Event(lambda t, y: y[0], terminal=True, direction=-1).direction
    -1
    """

    function: Callable[..., Any]
    terminal: bool | int = False
    direction: float = 0.0

    @classmethod
    def of(cls, given: Any) -> Event:
        """Make an event of a function with attributes, as SciPy has it."""
        if isinstance(given, Event):
            return given
        if not callable(given):
            raise ArgumentError(
                f"events must be functions g(t, y, *args), not {given!r} (at "
                f"{user_source()})."
            )
        terminal = getattr(given, "terminal", False)
        return cls(given, terminal, getattr(given, "direction", 0.0))

    def crosses(self, before: float, after: float) -> bool:
        """Tell whether it goes through zero, in its direction."""
        rises, falls = before < 0 <= after, before > 0 >= after
        return (rises and self.direction >= 0) or (falls and self.direction <= 0)


class Hit(NamedTuple):
    """A zero that was found: of which event, in which step, at what fraction of it."""

    event: int
    step: int
    s: float


class Watch:
    """The events of a run, on plain numbers.

    Parameters
    ----------
    events : sequence of Event
    functions : sequence of callable
        Theirs, on vectors.
    t, y
        Where the run starts.
    """

    def __init__(
        self, events: Sequence[Event], functions: Sequence[Function], t: Any, y: Any
    ) -> None:
        self._events, self._functions = events, functions
        self._left = [int(event.terminal) for event in events]
        self._values = [self._value(g, t, y) for g in functions]
        self.hits: list[Hit] = []

    def ends_in(self, number: int, t: float, h: float, step: Any) -> bool:
        """Look for zeros in a step; tell whether one of them is the last."""
        if not self._events:
            return False
        found, c = [], plain(step.coefficients())
        for i, (event, g) in enumerate(zip(self._events, self._functions, strict=True)):

            def at(s: float, g: Function = g) -> float:
                return self._value(g, t + s * h, interpolated(c, s))

            before, self._values[i] = self._values[i], at(1.0)
            if event.crosses(before, self._values[i]):
                # Rounding may have put the start of this step beyond the zero.
                root = _root(at, self._values[i]) if at(0.0) * before > 0 else 0.0
                found.append(Hit(i, number, root))
        for hit in sorted(found, key=lambda hit: hit.s):
            self.hits.append(hit)
            self._left[hit.event] -= 1
            if self._left[hit.event] == 0:
                return True
        return False

    @staticmethod
    def _value(g: Function, t: float, y: Any) -> float:
        value = plain(g(t, y))
        if np.shape(value) != () or np.asarray(value).dtype.kind not in "fiu":
            raise ArgumentError(
                f"an event function returned {ArrayType.of(np.asarray(value))!r} (at "
                f"{user_source()}); it must return one real number."
            )
        return float(value)


def polished(g: Function, t: Any, h: float, c: Any, s: float) -> Any:
    """Give the fraction s of a root again, with its derivatives.

    Raises
    ------
    IntegrationError
        If it is to be differentiated, and g is flat there.
    """

    def residual(s: Any) -> Any:
        return g(t + s * h, interpolated(c, s))

    root: Any = np.float64(s)
    depth = _depth(residual(root))
    change = max(abs(plain(residual(end))) for end in (0.0, 1.0)) if depth else 0.0
    for _ in range(depth):
        value, slope = jvp(residual, (root,), (np.float64(1.0),))
        if abs(plain(slope)) <= FLAT * change:
            raise IntegrationError(
                "an event function is flat at its zero t = "
                f"{plain(t + s * h):.10g} (at {user_source()}): the time has no "
                "derivative. Choose a function that crosses zero steeply."
            )
        root = root - value / slope
    return root


def _root(at: Callable[[float], float], end: float) -> float:
    if end == 0:
        return 1.0
    # Where g is flat it may not converge to the last bit; the zero is between still.
    return float(brentq(at, 0.0, 1.0, xtol=TOLERANCE, rtol=TOLERANCE, disp=False))


def _depth(x: Any) -> int:
    """Count the derivatives that are being taken of a value."""
    depth = 0
    while isinstance(x, Tracer):
        x, depth = x.value, depth + 1
    return depth
