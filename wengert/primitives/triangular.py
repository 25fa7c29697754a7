"""Triangular systems.

Cotangents pair by Σ ȳ·ẏ without a conjugate; see `primitives/linalg.py`.

References
----------
Giles (2008), "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation", in Advances in Automatic Differentiation, Springer.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.errors import ShapeError
from wengert.graph.primitive import General, Sample
from wengert.graph.types import ArrayType, promote
from wengert.primitives.axes import unbroadcast
from wengert.primitives.batches import systems
from wengert.primitives.forms import general
from wengert.primitives.linalg import matrix_shape, transposed
from wengert.primitives.power_series import of_system
from wengert.primitives.samplers import arrays

__all__ = ["systems_type", "triangular_solve"]


def systems_type(name: str, a: Any, b: Any) -> ArrayType:
    """Give the type of the solution of A Y = B, for stacked square A and matrices B."""
    n, _ = matrix_shape(name, a, square=True)
    try:
        if matrix_shape(name, b)[0] != n:
            raise ValueError
        stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except ValueError:
        raise ShapeError(f"{name}: {a.shape} and {b.shape} do not fit") from None
    return ArrayType(stack + b.shape[-2:], promote(a, b))


def _solve_triangular(a: Any, b: Any, *, lower: bool, unit: bool) -> Any:
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    if not stack:
        return _solve_one(a, b, lower, unit)
    a = np.broadcast_to(a, stack + a.shape[-2:])
    b = np.broadcast_to(b, stack + b.shape[-2:])
    y = np.empty(b.shape, np.result_type(a, b))
    for k in np.ndindex(stack):
        y[k] = _solve_one(a[k], b[k], lower, unit)
    return y


def _solve_one(a: Any, b: Any, lower: bool, unit: bool) -> Any:
    if a.size == 0 or b.size == 0:
        return np.zeros(b.shape, np.result_type(a, b))
    trtrs = _solver(a.dtype.char, b.dtype.char)
    # LAPACK reads by columns, so it is shown the transpose, which it reads as it lies.
    flipped = a.flags.c_contiguous
    y, info = trtrs(
        a.T if flipped else a, b, lower=lower != flipped, trans=flipped, unitdiag=unit
    )
    if info > 0:
        raise np.linalg.LinAlgError(
            f"singular matrix: resolution failed at diagonal {info - 1}"
        )
    return y


@functools.cache
def _solver(*chars: str) -> Any:
    from scipy.linalg import get_lapack_funcs

    return get_lapack_funcs("trtrs", [np.empty(1, char) for char in chars])


def _read(a: Any, lower: bool, unit: bool) -> Any:
    """Keep what the solver reads."""
    return np.tril(a, -int(unit)) if lower else np.triu(a, int(unit))


def triangular_jvp(y: Any, x: Any, x_dot: Any, *, lower: bool, unit: bool) -> Any:
    """Differentiate A Y = B: A Ẏ = Ḃ − Ȧ Y."""
    a_dot, b_dot = x_dot
    if a_dot is not None:
        change = _read(a_dot, lower, unit) @ y
        b_dot = -change if b_dot is None else b_dot - change
    return triangular_solve(x[0], b_dot, lower=lower, unit=unit)


def triangular_vjp(y: Any, x: Any, y_bar: Any, *, lower: bool, unit: bool) -> Any:
    """Solve with Aᵀ: B̄ = A⁻ᵀ Ȳ, and Ā = −B̄ Yᵀ in the triangle that is read."""
    a, b = x
    b_bar = triangular_solve(transposed(a), y_bar, lower=not lower, unit=unit)
    a_bar = _read(-(b_bar @ transposed(y)), lower, unit)
    return unbroadcast(a_bar, a.shape), unbroadcast(b_bar, b.shape)


def _triangular_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for a, b, lower, unit in (
        ((3, 3), (3, 2), True, False),
        ((3, 3), (3, 1), False, True),
        ((2, 3, 3), (3, 2), False, False),
        ((3, 3), (2, 3, 1), True, True),
        ((1, 1), (1, 1), True, False),
    ):
        n = a[-1]
        full = arrays(rng, dtype, a, -1, 1) + 2 * np.eye(n, dtype=dtype)
        yield Sample((full, arrays(rng, dtype, b)), {"lower": lower, "unit": unit})


triangular_solve: General = general(
    "triangular_solve", (), active=(0, 1),
    impl=_solve_triangular,
    type=lambda a, b, **_: systems_type("solve_triangular", a, b),
    jvp=triangular_jvp, vjp=triangular_vjp,
    taylor=of_system("triangular_solve", _read),
    cost=lambda types, y, **_: y.size * types[0].shape[-1],
    batch=systems(2, 2),
    sample=_triangular_samples, ref="Giles (2008), section 2",
)  # fmt: skip
