"""Products of a sparse matrix with a dense one.

A sparse matrix is three vectors: `data`, and the row and the column of each entry,
which are plain. Its derivative has entries in these places only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse

from wengert.errors import ShapeError
from wengert.graph.primitive import General, Sample
from wengert.graph.types import ArrayType, promote
from wengert.primitives.batches import systems
from wengert.primitives.forms import general
from wengert.primitives.power_series import of_product
from wengert.primitives.samplers import arrays

__all__ = ["assembled", "sampled_product", "sparse_matmul"]


def assembled(data: Any, rows: Any, cols: Any, shape: tuple[int, ...]) -> Any:
    """Make SciPy's matrix of three vectors; entries of one place add up."""
    return scipy.sparse.csr_array((data, (rows, cols)), shape=shape)


def sampled_product(u: Any, v: Any, rows: Any, cols: Any) -> Any:
    """Give the entries of U Vᵀ in some places only."""
    return np.sum(u[rows] * v[cols], axis=-1)


def _impl(data: Any, rows: Any, cols: Any, x: Any, *, shape: tuple[int, ...]) -> Any:
    dtype = np.result_type(data, x)
    y = assembled(data, rows, cols, shape) @ x
    return y.astype(dtype, copy=False)


def _type(
    data: Any, rows: Any, cols: Any, x: Any, *, shape: tuple[int, ...]
) -> ArrayType:
    if len(x.shape) != 2 or x.shape[0] != shape[1]:
        raise ShapeError(f"sparse product: {shape} and {x.shape} do not fit")
    return ArrayType((shape[0], x.shape[1]), promote(data, x))


def matmul_jvp(y: Any, x: Any, x_dot: Any, *, shape: tuple[int, ...]) -> Any:
    """Differentiate a product: Ẏ = Ȧ X + A Ẋ."""
    data, rows, cols, b = x
    parts = []
    if x_dot[0] is not None:
        parts.append(sparse_matmul(x_dot[0], rows, cols, b, shape=shape))
    if x_dot[3] is not None:
        parts.append(sparse_matmul(data, rows, cols, x_dot[3], shape=shape))
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


def matmul_vjp(y: Any, x: Any, y_bar: Any, *, shape: tuple[int, ...]) -> Any:
    """Transpose a product: Ā = Ȳ Xᵀ in the places of A, X̄ = Aᵀ Ȳ."""
    data, rows, cols, b = x
    b_bar = sparse_matmul(data, cols, rows, y_bar, shape=shape[::-1])
    return sampled_product(y_bar, b, rows, cols), b_bar


def _samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    rows, cols = np.array([0, 2, 1, 2, 2]), np.array([1, 0, 3, 3, 3])
    for k in (1, 2):
        data, x = arrays(rng, dtype, (5,)), arrays(rng, dtype, (4, k))
        yield Sample((data, rows, cols, x), {"shape": (3, 4)})


sparse_matmul: General = general(
    "sparse_matmul", (), active=(0, 3),
    impl=_impl, type=_type, jvp=matmul_jvp, vjp=matmul_vjp,
    taylor=of_product("sparse_matmul", 0, 3),
    cost=lambda types, y, **_: 2 * int(types[0].size) * y.shape[-1],
    batch=systems(),
    sample=_samples, ref="a product, entry by entry",
)  # fmt: skip
