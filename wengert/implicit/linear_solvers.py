"""Which solver a linear system gets.

A matrix that is known by its products alone is written out up to some size, since the
products then cost more than the factors; beyond, it is solved by iteration. Where that
does not converge and nothing else was asked for, it is written out after all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wengert.errors import ArgumentError, ConvergenceError
from wengert.implicit.solvers import METHODS, Dense, Iterative, Map, Own, Solver

__all__ = ["check_choice", "solver_of"]

DENSE = 200  # unknowns up to which a matrix is written out
STILL = 4000  # and up to which it is where the iteration fails


def check_choice(name: str, choice: Any) -> None:
    """Raise ArgumentError for a linear solver that there is not."""
    if choice in (None, "dense", *METHODS) or callable(choice):
        return
    listed = ", ".join(f'"{m}"' for m in ("dense", *METHODS))
    raise ArgumentError(
        f"{name}: linear_solver={choice!r}; it is one of {listed}, or a function "
        "(matvec, b) → x."
    )


def solver_of(
    choice: Any,
    what: str,
    map: Map,
    matrix: Callable[[], Any],
    symmetric: bool = False,
    positive: bool = False,
    tol: float | None = None,
) -> Solver:
    """Make the solver of a matrix that is known by its products.

    Parameters
    ----------
    choice : None, str or callable
        None: by size. "dense", a method of SciPy's, or `(matvec, b) → x`.
    what : str
        Names the matrix in a message.
    map : Map
    matrix : callable
        Writes it out.
    symmetric, positive : bool
        What is known of it.
    tol : float, optional
        The residual that iterations may leave, relative to b.
    """
    if callable(choice):
        return Own(what, map, choice)
    if choice in METHODS:
        return Iterative(what, map, choice, tol)
    if choice == "dense" or map.size <= DENSE:
        return Dense(what, matrix(), positive)
    method = "cg" if positive else "minres" if symmetric else "gmres"
    return _Either(
        Iterative(what, map, method, tol), lambda: Dense(what, matrix(), positive),
        map.size,
    )  # fmt: skip


class _Either:
    """Solve by iteration; by factors, where it fails and there is room for them."""

    def __init__(
        self, iterative: Solver, dense: Callable[[], Solver], size: int
    ) -> None:
        self._solver, self._dense = iterative, dense
        self._is_dense = size > STILL

    def __call__(self, b: Any, transposed: bool) -> Any:
        try:
            return self._solver(b, transposed)
        except ConvergenceError:
            if self._is_dense:
                raise
            self._solver, self._is_dense = self._dense(), True
            return self._solver(b, transposed)
