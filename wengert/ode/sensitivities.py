"""Forward sensitivities: in reverse mode, a Jacobian that the solution brought along.

The derivatives with respect to y0, to the parameters and to traced times are pushed
through the steps together with the solution; the sweep is one product with them. That
pays where these are few and states or steps are many.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.ode.integration import Problem
from wengert.ode.marching import Active
from wengert.ode.state import newest
from wengert.operators.custom_vjp import custom_vjp
from wengert.operators.jacobian import jacfwd
from wengert.transforms.reverse import Tape

__all__ = ["with_sensitivities"]


def with_sensitivities(problem: Problem, y0: Any, t: Any, args: Any) -> Any:
    """Give the solution (k, n) at t (k,), with its Jacobian for reverse mode."""
    if not isinstance(newest((y0, t, args)), Tape):
        return problem.solve(y0, t, args)
    active = Active((y0, t, args))
    shapes = [x.shape for x in active.leaves]

    def solution(z: Any) -> Any:
        return problem.solve(*active.fill(_parts(z, shapes)))

    @custom_vjp
    def solved(z: Any) -> Any:
        return solution(z)

    def forward(z: Any) -> Any:
        return solution(z), jacfwd(solution)(z)

    solved.defvjp(forward, lambda J, bar: (np.tensordot(bar, J, 2),))
    return solved(np.concatenate([x.reshape(-1) for x in active.leaves]))


def _parts(z: Any, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    sizes = (int(np.prod(shape)) for shape in shapes)
    bounds = itertools.pairwise(itertools.accumulate(sizes, initial=0))
    return [
        z[low:high].reshape(shape)
        for (low, high), shape in zip(bounds, shapes, strict=True)
    ]
