"""Linear systems with a sparse matrix: by factors, or by iteration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse.linalg

from wengert.errors import ShapeError, user_source
from wengert.graph.primitive import General, Sample
from wengert.graph.types import ArrayType, promote
from wengert.primitives.batches import systems
from wengert.primitives.forms import general
from wengert.primitives.power_series import of_equation
from wengert.primitives.samplers import arrays
from wengert.primitives.scipy_sparse.products import (
    assembled,
    sampled_product,
    sparse_matmul,
)

__all__ = ["sparse_solve"]


def _impl(data: Any, rows: Any, cols: Any, b: Any, *, method: str, options: Any) -> Any:
    n = b.shape[0]
    dtype = np.result_type(data, b)
    a = assembled(data.astype(dtype), rows, cols, (n, n)).tocsc()
    if method == "lu":
        y = scipy.sparse.linalg.splu(a).solve(b.astype(dtype))
        return y.astype(dtype, copy=False)
    solver = getattr(scipy.sparse.linalg, method)
    columns = []
    for k in range(b.shape[1]):
        y, code = solver(a, b[:, k].astype(dtype), **dict(options))
        if isinstance(code, int | np.integer) and code != 0:
            raise np.linalg.LinAlgError(
                f"scipy.sparse.linalg.{method} has not converged (code {code}), of a "
                f"system or of its derivative (at {user_source()}). Raise maxiter or "
                "rtol, or use spsolve."
            )
        columns.append(y)
    y = np.stack(columns, 1) if columns else np.zeros(b.shape)
    return y.astype(dtype, copy=False)


def _type(data: Any, rows: Any, cols: Any, b: Any, **_: Any) -> ArrayType:
    if len(b.shape) != 2:
        raise ShapeError(f"sparse system: a matrix is needed, not shape {b.shape}")
    return ArrayType(b.shape, promote(data, b))


def solve_jvp(y: Any, x: Any, x_dot: Any, **params: Any) -> Any:
    """Differentiate A Y = B: A Ẏ = Ḃ − Ȧ Y."""
    data, rows, cols, b = x
    change = x_dot[3]
    if x_dot[0] is not None:
        shape = (b.shape[0], b.shape[0])
        moved = sparse_matmul(x_dot[0], rows, cols, y, shape=shape)
        change = -moved if change is None else change - moved
    return sparse_solve(data, rows, cols, change, **params)


def solve_vjp(y: Any, x: Any, y_bar: Any, **params: Any) -> Any:
    """Solve with Aᵀ: B̄ = A⁻ᵀ Ȳ, and Ā = −B̄ Yᵀ in the places of A."""
    data, rows, cols, _ = x
    b_bar = sparse_solve(data, cols, rows, y_bar, **params)
    return -sampled_product(b_bar, y, rows, cols), b_bar


def _samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    rows = np.array([0, 1, 2, 0, 2, 1])
    cols = np.array([0, 1, 2, 2, 1, 1])
    for k, method, options in (
        (1, "lu", ()),
        (2, "lu", ()),
        (1, "gmres", (("rtol", 1e-13),)),
    ):
        if method == "gmres" and dtype != np.float64:
            continue
        data = arrays(rng, dtype, (6,), -1, 1)
        data[:3] += 3
        b = arrays(rng, dtype, (3, k))
        yield Sample((data, rows, cols, b), {"method": method, "options": options})


sparse_solve: General = general(
    "sparse_solve", (), active=(0, 3),
    impl=_impl, type=_type, jvp=solve_jvp, vjp=solve_vjp,
    taylor=of_equation("sparse_solve"),
    cost=lambda types, y, **_: 20 * int(types[0].size) * y.shape[-1],
    batch=systems(),
    sample=_samples, ref="a system, in the places of its matrix",
)  # fmt: skip
