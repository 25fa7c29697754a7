"""The methods by their names."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wengert.errors import ArgumentError, user_source
from wengert.ode.rosenbrock import RodasStep
from wengert.ode.runge_kutta import ExplicitStep
from wengert.ode.tableaux import BOSH3, DOPRI5, EULER, HEUN, MIDPOINT, RK4, Tableau

__all__ = ["METHODS", "Method", "method_of"]


@dataclass(frozen=True)
class Method:
    """How a step is made.

    Attributes
    ----------
    begin : callable
        `(f, t, y, h, slope=None)` → a step, such as `ExplicitStep`.
    order : int
        Of the solution.
    estimate : int or None
        Order of the solution that the error is estimated by; None if the steps are
        fixed.
    carries : bool
        Whether the slope at the end of a step begins the next.
    """

    begin: Callable[..., Any]
    order: int
    estimate: int | None = None
    carries: bool = True


def _explicit(tableau: Tableau, order: int, estimate: int | None = None) -> Method:
    return Method(functools.partial(ExplicitStep, tableau), order, estimate)


METHODS = {
    "bosh3": _explicit(BOSH3, 3, 2),
    "dopri5": _explicit(DOPRI5, 5, 4),
    "euler": _explicit(EULER, 1),
    "heun": _explicit(HEUN, 2),
    "midpoint": _explicit(MIDPOINT, 2),
    "rk4": _explicit(RK4, 4),
    "rodas4": Method(RodasStep, 4, 3, carries=False),
}
# SciPy's names for the same.
ALIASES = {"RK23": "bosh3", "RK45": "dopri5"}


def method_of(operator: str, name: Any) -> Method:
    """Look a method up.

    Raises
    ------
    ArgumentError
        If there is none of that name.
    """
    found = METHODS.get(ALIASES.get(name, name)) if isinstance(name, str) else None
    if found is None:
        raise ArgumentError(
            f"{operator}: there is no method {name!r} (at {user_source()}); there are "
            f"{', '.join(METHODS)}. For stiff systems: rodas4."
        )
    return found
