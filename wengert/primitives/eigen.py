"""Eigenvalues and eigenvectors of square matrices of any kind.

A V = V Λ, differentiated: with P = V⁻¹ Ȧ V, the eigenvalues move by the diagonal of P,
and vector j turns towards vector i at the rate Pᵢⱼ/(λⱼ − λᵢ). How long each vector is,
and its phase, A V = V Λ leaves open; LAPACK (geev) does not: vectors have the length 1,
and of complex ones the greatest component is real. So have their derivatives.

Where two eigenvalues are equal to rounding, no rate exists and 0 stands in for it, as
for symmetric matrices. A matrix without n independent eigenvectors has no derivative:
V is singular then.

References
----------
Giles (2008), "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation", in Advances in Automatic Differentiation, Springer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.graph.primitive import General, Sample, answers
from wengert.graph.types import ArrayType
from wengert.primitives.batches import stacked
from wengert.primitives.forms import general
from wengert.primitives.linalg import (
    cubic,
    inexact,
    matrix_shape,
    real_dtype,
    transposed,
)
from wengert.primitives.samplers import arrays

__all__: list[str] = []

# NumPy's own class, so that traced and plain results are trees of one structure.
_EigResult: Any = type(np.linalg.eig(np.eye(1)))


def _complex_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.result_type(dtype, np.complex64)


def _rates(w: Any) -> Any:
    """Give 1/(wⱼ − wᵢ) at i, j; 0 where they are equal to rounding."""
    apart = w[..., None, :] - w[..., :, None]
    largest = np.max(np.abs(w), axis=-1, keepdims=True)[..., None]
    bound = 8 * w.shape[-1] * float(np.finfo(w.dtype).eps)
    small = np.abs(apart) <= bound * largest
    return np.where(small, 0, 1 / np.where(small, 1, apart))


def _anchor(v: Any) -> Any:
    """Give, in each column, 1/vₖ at the component k that LAPACK made real; 0 else."""
    # Of equal components, rounding makes one the greatest: the real one is it.
    size = np.where(v.imag == 0, np.abs(v), -1)
    k = np.argmax(size, axis=-2)[..., None, :]
    here = np.arange(v.shape[-1])[:, None] == k
    return np.where(here, 1 / np.where(here, v.real, 1), 0)


def _eig(x: Any) -> tuple[Any, Any]:
    w, v = np.linalg.eig(x)
    dtype = _complex_dtype(x.dtype)
    return w.astype(dtype), v.astype(dtype)


def _on_diagonal(x: Any) -> Any:
    return np.diagonal(x, 0, -2, -1)


def eig_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Push a tangent forward, in the basis V; lengths and phases stay."""
    w, v = y
    change = np.linalg.solve(v, x_dot[0] @ v)
    turned = v @ (_rates(w) * change)
    longer = np.sum((np.conjugate(v) * turned).real, axis=-2, keepdims=True)
    phase = np.sum(_anchor(v) * turned.imag, axis=-2, keepdims=True)
    return _on_diagonal(change), turned - (longer + 1j * phase) * v


def eig_vjp(y: Any, x: Any, y_bar: Any) -> Any:
    """Transpose the pushforward: V⁻ᵀ (rates ∘ VᵀŪ + Λ̄) Vᵀ."""
    w, v = y
    w_bar, v_bar = y_bar
    along = np.sum(v_bar * v, axis=-2, keepdims=True)
    seed = v_bar - np.conjugate(v) * along.real - 1j * (_anchor(v) * along.imag)
    vt = transposed(v)
    middle = _rates(w) * (vt @ seed)
    diagonal = np.eye(w.shape[-1], dtype=bool)
    middle = np.where(diagonal, w_bar[..., None, :], middle)
    x_bar = np.linalg.solve(vt, middle @ vt)
    return (x_bar if x[0].dtype.kind == "c" else x_bar.real,)


def _eig_type(x: Any) -> tuple[ArrayType, ArrayType]:
    matrix_shape("eig", x, square=True)
    dtype = _complex_dtype(x.dtype)
    return ArrayType(x.shape[:-1], dtype), ArrayType(x.shape, dtype)


def _eig_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for shape in ((3, 3), (1, 1), (2, 2, 2), (4, 4)):
        n = shape[-1]
        # Distinct eigenvalues in a basis that is nearly orthogonal. In the last sample
        # two of them are, of a real matrix, a conjugate pair.
        a = np.diag(1.5 * np.arange(1, n + 1)).astype(dtype)
        if n == 4:
            a[:2, :2] = [[1, 2], [-2, 1]]
        v = np.eye(n) + 0.2 * arrays(rng, dtype, shape, -1, 1)
        yield Sample(((v @ a @ np.linalg.inv(v)).astype(dtype),))


eig_: General = general(
    "eig", (), outputs=2,
    impl=_eig,
    type=_eig_type,
    jvp=eig_jvp, vjp=eig_vjp,
    cost=cubic(25),
    batch=stacked(),
    sample=_eig_samples, ref="Giles (2008), section 3.1; LAPACK, geev",
)  # fmt: skip


def _as_numpy(a: Any) -> tuple[Any, Any]:
    """Give real results of real matrices if all eigenvalues are real: a guard."""
    a = inexact(a)
    w, v = eig_(a)
    if a.dtype.kind == "c" or np.any(w.imag != 0):
        return w, v
    return w.real.astype(real_dtype(a.dtype)), v.real.astype(real_dtype(a.dtype))


@answers(np.linalg.eig)
def eig(a: Any) -> Any:
    """Give the eigenvalues of matrices, and their eigenvectors in columns.

    Parameters
    ----------
    a : array (..., n, n), real or complex

    Returns
    -------
    EigResult of arrays (..., n) and (..., n, n), complex unless all eigenvalues of real
    matrices are real
    """
    return _EigResult(*_as_numpy(a))


@answers(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    """Give the eigenvalues of matrices."""
    return _as_numpy(a)[0]
