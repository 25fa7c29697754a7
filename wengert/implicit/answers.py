"""From a user's functions to the answer in the user's form: what all operators do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import scipy.optimize

from wengert.errors import ArgumentError
from wengert.implicit.linear_solvers import check_choice
from wengert.implicit.theorem import Problem, solution
from wengert.implicit.vectors import Form

__all__ = ["BLACK_BOX", "OWN", "answer", "check_method", "solved"]

OWN = 1e-8  # the residual of our own solvers, relative to the terms of it
BLACK_BOX = 1e-5  # of a user's, which may be content with less


def answer(
    name: str, functions: tuple[Any, ...], residual: Callable[..., Any],
    find: Callable[..., Any], v0: Any, inputs: Any,
    linear_solver: Any = None, tol: float | None = None, symmetric: bool = False,
    verify: Callable[..., None] | None = None,
) -> Any:  # fmt: skip
    """Solve, and give the vector of the solution; see `Problem`.

    Where the second of the functions is a solver of the user's, it may be less exact.
    """
    check_choice(name, linear_solver)
    if tol is None:
        tol = BLACK_BOX if any(map(callable, functions[1:2])) else OWN
    if not tol > 0:
        raise ArgumentError(f"{name}: tol={tol!r} is no number > 0; give 1e-6, say.")
    problem = Problem(
        name, functions, residual, find, linear_solver, tol, symmetric, verify
    )
    return solution(problem, v0, inputs)


def solved(form: Form, x: Any) -> Any:
    """Make a vector of what a solver of the user's returned."""
    if isinstance(x, scipy.optimize.RootResults):
        x = x.root
    elif isinstance(x, scipy.optimize.OptimizeResult):
        x = x.x
    return form.vector(x, "what the solver returned")


def check_method(name: str, solver: Any, methods: tuple[str, ...]) -> None:
    """Raise ArgumentError for a method that there is not."""
    if solver is None or callable(solver) or solver in methods:
        return
    listed = ", ".join(f'"{m}"' for m in methods)
    raise ArgumentError(
        f"{name}: solver={solver!r}; it is one of {listed}, or a function of your own."
    )
