"""Linear systems, differentiable in the right-hand side and in what makes the matrix.

    x = A(p)⁻¹ b:   ẋ = A⁻¹ (ḃ − Ȧ x),   b̄ = A⁻ᵀ x̄,   p̄ = −(∂(A(p) x)/∂p)ᵀ b̄

Only products with A are differentiated, never the way in which the system is solved;
the rules solve systems with the same matrix, so that they have derivatives in turn.

References
----------
Griewank & Walther (2008), ch. 15; M. Giles (2008), "Collected matrix derivative results
for forward and reverse mode algorithmic differentiation".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wengert.implicit.solvers import Solver
from wengert.operators.primitive import ByArgument, primitive
from wengert.operators.products import jvp, vjp

__all__ = ["System", "pull", "push", "solve"]

Product = Callable[[Sequence[Any], Any], Any]


class Kept:
    """The solver of the last matrix; the pullbacks of a sweep ask for one again."""

    def __init__(self) -> None:
        self._last: tuple[list[Any], Solver] | None = None

    def solver(
        self, p: Sequence[Any], make: Callable[[Sequence[Any]], Solver]
    ) -> Solver:
        """Give the solver for these parameters, an old one if they are equal."""
        last = self._last  # read once: another thread may put its own there
        if last is not None and all(map(np.array_equal, last[0], p)):
            return last[1]
        made = make(p)
        # Copies, since an array may be written to.
        copies = [x.copy() if isinstance(x, np.ndarray) else x for x in p]
        self._last = copies, made
        return made


@dataclass(frozen=True)
class System:
    """A square matrix that depends on parameters.

    Attributes
    ----------
    name : str
        Of the operator.
    apply, transposed : callable
        `(p, v) → A(p) v` and `A(p)ᵀ v`, differentiable; p is a flat list.
    solver : callable
        From plain parameters to what solves on plain arrays; see solvers.py.
    is_transposed : bool
        Whether Aᵀ x = b is to be solved.
    """

    name: str
    apply: Product
    transposed: Product
    solver: Callable[[Sequence[Any]], Solver]
    is_transposed: bool = False
    kept: Kept = field(default_factory=Kept)

    @property
    def T(self) -> System:
        """The system with the transposed matrix."""
        return dataclasses.replace(
            self, apply=self.transposed, transposed=self.apply,
            is_transposed=not self.is_transposed,
        )  # fmt: skip

    def solve_plainly(self, p: Sequence[Any], b: Any) -> Any:
        """Solve on plain arrays."""
        return self.kept.solver(p, self.solver)(b, self.is_transposed)


def solve(system: System, p: Sequence[Any], b: Any) -> Any:
    """Solve a system, on arrays or on traced values."""
    p = list(p)

    def run(b: Any, *p: Any) -> Any:
        return system.solve_plainly(p, b)

    row = primitive(run, linear_in=(0,), like=lambda b, *p: np.zeros_like(b))
    row.__name__ = system.name

    def tangent(needed: Mapping[int, Any], x: Any, inputs: Any, dots: Any, /) -> Any:
        p, moving = list(inputs[1:]), [i - 1 for i in needed if i]
        b_dot = dots[0] if 0 in needed else 0.0
        if moving:
            p_dot = [dots[i + 1] for i in moving]
            b_dot = b_dot - push(lambda q: system.apply(q, x), p, moving, p_dot)
        return solve(system, p, b_dot)

    def cotangent(needed: Mapping[int, Any], x: Any, inputs: Any, x_bar: Any, /) -> Any:
        p, moving = list(inputs[1:]), [i - 1 for i in needed if i]
        b_bar = solve(system.T, p, x_bar)
        bars: list[Any] = [b_bar] + [None] * len(p)
        p_bars = pull(lambda q: system.apply(q, x), p, moving, -b_bar)
        for i, p_bar in zip(moving, p_bars, strict=True):
            bars[i + 1] = p_bar
        return tuple(bars)

    everywhere = dict.fromkeys(range(len(p) + 1), True)
    row.rules.jvp = ByArgument(f"the jvp of {system.name}", everywhere, tangent)
    row.rules.vjp = ByArgument(f"the vjp of {system.name}", everywhere, cotangent)
    return row(b, *p)


def push(
    f: Callable[[Sequence[Any]], Any],
    p: Sequence[Any],
    moving: Sequence[int],
    dots: Sequence[Any],
) -> Any:
    """Push the tangents of some of the parameters through a function of all."""
    return jvp(_of(f, p, moving), [p[i] for i in moving], dots)[1]


def pull(
    f: Callable[[Sequence[Any]], Any],
    p: Sequence[Any],
    moving: Sequence[int],
    y_bar: Any,
) -> Sequence[Any]:
    """Pull a cotangent through a function of all parameters to some of them."""
    if not moving:
        return ()
    found: Sequence[Any] = vjp(_of(f, p, moving), *[p[i] for i in moving])[1](y_bar)
    return found


def _of(
    f: Callable[[Sequence[Any]], Any], p: Sequence[Any], moving: Sequence[int]
) -> Callable[..., Any]:
    def of(*some: Any) -> Any:
        filled = list(p)
        for i, value in zip(moving, some, strict=True):
            filled[i] = value
        return f(filled)

    return of
