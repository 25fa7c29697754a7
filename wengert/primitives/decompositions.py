"""Decompositions of matrices: Cholesky, eigenvalues, singular values, QR.

Each pullback is written with the conjugated cotangent, for which the textbooks' inner
product Re tr(Ȳᴴ Ẏ) holds, and conjugated back: the pairing here is Σ ȳ·ẏ.

Of a symmetric matrix NumPy reads one triangle, for Cholesky and eigenvalues, and so do
the faces: they complete that triangle to a symmetric matrix, and the rows decompose it.
So Ā has entries in that triangle only, each the sum of what both places would get, as
in autograd; where A is made symmetric by the program itself, all further derivatives
are the same as with the symmetric Ā that JAX gives.

Eigenvectors and singular vectors turn at a rate of 1/(λᵢ − λⱼ). Where two values are
equal to rounding, no rate exists and 0 stands in for it: the derivative of a function
that does not depend on the choice of vectors within the pair stays right. The first
components of complex vectors are real, as LAPACK leaves them; that fixes their phase.

References
----------
Giles (2008), "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation", in Advances in Automatic Differentiation, Springer.
Murray (2016), "Differentiation of the Cholesky decomposition", arXiv:1602.07527.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.errors import MissingRuleError, ShapeError, user_source
from wengert.graph.primitive import General, Sample, answers
from wengert.graph.types import ArrayType
from wengert.primitives.axes import refuse
from wengert.primitives.batches import stacked
from wengert.primitives.cholesky import cholesky_back, lower_half
from wengert.primitives.forms import general
from wengert.primitives.linalg import (
    adjoint,
    cubic,
    inexact,
    matrices,
    matrix_shape,
    real,
    real_dtype,
    transposed,
    well_conditioned,
)
from wengert.primitives.products import conjugate
from wengert.primitives.triangular import triangular_solve

__all__ = ["singular_values"]


# NumPy's own classes, so that traced and plain results are trees of one structure.
_EighResult: Any = type(np.linalg.eigh(np.eye(1)))
_QRResult: Any = type(np.linalg.qr(np.eye(1)))
_SVDResult: Any = type(np.linalg.svd(np.eye(1)))

# ----- what the rules share -----


def _hermitian(a: Any) -> Any:
    return (a + adjoint(a)) * 0.5


def _diagonal(x: Any) -> Any:
    return np.diagonal(x, 0, -2, -1)


def _with_diagonal(x: Any, diagonal: Any) -> Any:
    return np.where(np.eye(x.shape[-1], dtype=bool), diagonal[..., None, :], x)


def _reciprocal(x: Any, scale: Any) -> Any:
    """Invert elementwise; what is 0 to rounding, on this scale, has the inverse 0."""
    bound = 8 * x.shape[-1] * float(np.finfo(x.dtype).eps)
    small = np.abs(x) <= bound * scale
    return np.where(small, 0, 1 / np.where(small, 1, x))


def _rates(w: Any) -> Any:
    """Give 1/(wⱼ − wᵢ) at i, j: how fast vector j turns towards vector i."""
    largest = np.max(np.abs(w), axis=-1, keepdims=True)[..., None]
    return _reciprocal(w[..., None, :] - w[..., :, None], largest)


def _phases(first: Any) -> Any:
    """Give the phases that turn first components real, by less than a right angle."""
    size = np.abs(first)
    phase = np.where(size == 0, 1, first / np.where(size == 0, 1, size))
    return np.where(phase.real < 0, -phase, phase).astype(first.dtype)


def _steady(first: Any) -> Any:
    # Next to 0 a component says nothing about the phase.
    small = np.abs(first.real) < 1e-6
    return np.where(small, 0, 1 / np.where(small, 1, first.real))


# ----- Cholesky -----


def cholesky_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Differentiate L Lᴴ = A: L̇ = L Φ(L⁻¹ Ȧ L⁻ᴴ), Φ the lower half."""
    half = triangular_solve(y, _hermitian(x_dot[0]), lower=True, unit=False)
    whole = triangular_solve(y, adjoint(half), lower=True, unit=False)
    return y @ lower_half(adjoint(whole))


def cholesky_vjp(y: Any, x: Any, y_bar: Any) -> Any:
    """Transpose the pushforward: L⁻ᴴ Φ(Lᴴ L̄) L⁻¹, symmetric."""
    if y.dtype.kind == y_bar.dtype.kind == "f":
        return (cholesky_back(y, y_bar),)
    lh = adjoint(y)
    seed = lower_half(lh @ conjugate(y_bar))
    half = triangular_solve(lh, seed, lower=False, unit=False)
    whole = triangular_solve(lh, adjoint(half), lower=False, unit=False)
    return (conjugate(_hermitian(adjoint(whole))),)


def _hermitian_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for shape in ((3, 3), (1, 1), (2, 2, 2)):
        v, _ = np.linalg.qr(well_conditioned(rng, dtype, shape))
        w = 1 + 0.5 * np.arange(shape[-1])
        a = (v * w) @ np.conj(np.swapaxes(v, -1, -2))
        yield Sample((_hermitian(a).astype(dtype),))


def _square(x: Any) -> ArrayType:
    matrix_shape("decomposition", x, square=True)
    return ArrayType(x.shape, x.dtype)


cholesky_: General = general(
    "cholesky", (),
    impl=lambda x: np.linalg.cholesky(_hermitian(x)),
    type=_square,
    jvp=cholesky_jvp, vjp=cholesky_vjp,
    cost=cubic(1 / 3),
    batch=stacked(),
    sample=_hermitian_samples, ref="Murray (2016); Giles (2008), section 3",
)  # fmt: skip

# ----- eigenvalues of symmetric matrices -----


def _eigh(x: Any, *, lower: bool = True) -> tuple[Any, Any]:
    # The signs of the vectors depend on the triangle that LAPACK reads.
    w, v = np.linalg.eigh(_hermitian(x), "L" if lower else "U")
    if v.dtype.kind == "c" and np.any(v[..., 0, :].imag):
        v = v * np.conj(_phases(v[..., :1, :]))
    return w, v


def eigh_jvp(y: Any, x: Any, x_dot: Any, *, lower: bool = True) -> Any:
    """Differentiate A V = V Λ, in the basis V."""
    w, v = y
    change = adjoint(v) @ _hermitian(x_dot[0]) @ v
    v_dot = v @ (_rates(w) * change)
    if v.dtype.kind == "c":
        turn = -v_dot[..., :1, :].imag * _steady(v[..., :1, :])
        v_dot = v_dot + v * (1j * turn)
    return real(_diagonal(change)), v_dot


def eigh_vjp(y: Any, x: Any, y_bar: Any, *, lower: bool = True) -> Any:
    """Transpose the pushforward."""
    w, v = y
    seed = adjoint(v) @ conjugate(y_bar[1])
    if v.dtype.kind == "c":
        seed = _with_phase(seed, _diagonal(seed).imag, v[..., :1, :])
    middle = _with_diagonal(_rates(w) * seed, y_bar[0])
    return (conjugate(_hermitian(v @ middle @ adjoint(v))),)


def _with_phase(seed: Any, turn: Any, first: Any) -> Any:
    """Add what the phases hand on, in the basis of the vectors, to their cotangent."""
    return seed - transposed(conjugate(first)) * (
        1j * turn[..., None, :] * _steady(first)
    )


def _eigh_type(x: Any, *, lower: bool = True) -> tuple[ArrayType, ArrayType]:
    return ArrayType(_square(x).shape[:-1], real_dtype(x.dtype)), _square(x)


def _eigh_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for lower, (inputs, _) in zip(
        (True, False, False), _hermitian_samples(rng, dtype), strict=True
    ):
        yield Sample(inputs, {"lower": lower})


eigh_: General = general(
    "eigh", (), outputs=2,
    impl=_eigh,
    type=_eigh_type,
    jvp=eigh_jvp, vjp=eigh_vjp,
    cost=cubic(9),
    batch=stacked(),
    sample=_eigh_samples, ref="Giles (2008), section 3",
)  # fmt: skip

# ----- singular values -----


def _svd(x: Any) -> tuple[Any, Any, Any]:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    if u.dtype.kind == "c":
        tall = x.shape[-2] >= x.shape[-1]
        phase = _phases(vh[..., :, 0] if tall else u[..., 0, :])
        if tall:
            phase = np.conj(phase)
        u, vh = u * np.conj(phase)[..., None, :], vh * phase[..., :, None]
    return u, s, vh


def svd_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Differentiate A = U S Vᴴ, in the bases U and V."""
    u, s, vh = y
    if u.shape[-2] < vh.shape[-1]:  # a wide matrix is the transpose of a tall one
        turned = transposed(vh), s, transposed(u)
        u_dot, s_dot, vh_dot = svd_jvp(turned, (), (transposed(x_dot[0]),))
        return transposed(vh_dot), s_dot, transposed(u_dot)
    v = adjoint(vh)
    moved = x_dot[0] @ v
    p = adjoint(u) @ moved
    rates, inverse = _turning(s)
    right, left = p * s[..., None, :], s[..., :, None] * p
    u_dot = u @ (rates * (right + adjoint(right)))
    v_dot = v @ (rates * (left + adjoint(left)))
    if u.shape[-2] > u.shape[-1]:
        u_dot = u_dot + (moved - u @ p) * inverse[..., None, :]
    if u.dtype.kind == "c":
        turn = -v_dot[..., :1, :].imag * _steady(v[..., :1, :])
        slip = (_diagonal(p).imag * inverse)[..., None, :]
        u_dot, v_dot = u_dot + u * (1j * (turn + slip)), v_dot + v * (1j * turn)
    return u_dot, real(_diagonal(p)), adjoint(v_dot)


def svd_vjp(y: Any, x: Any, y_bar: Any) -> Any:
    """Transpose the pushforward."""
    u, s, vh = y
    u_bar, s_bar, vh_bar = y_bar
    if u.shape[-2] < vh.shape[-1]:
        turned = transposed(vh), s, transposed(u)
        bars = transposed(vh_bar), s_bar, transposed(u_bar)
        return (transposed(svd_vjp(turned, (), bars)[0]),)
    rates, inverse = _turning(s)
    seed = conjugate(u_bar)
    k, j = adjoint(u) @ seed, vh @ transposed(vh_bar)
    diagonal = s_bar
    if u.dtype.kind == "c":
        slip = _diagonal(k).imag
        j = _with_phase(j, slip + _diagonal(j).imag, transposed(vh[..., :, :1]))
        diagonal = s_bar + 1j * slip * inverse
    left, right = rates * k, rates * j
    middle = (left + adjoint(left)) * s[..., None, :]
    middle = middle + s[..., :, None] * (right + adjoint(right))
    x_bar = u @ _with_diagonal(middle, diagonal)
    if u.shape[-2] > u.shape[-1]:
        x_bar = x_bar + (seed - u @ k) * inverse[..., None, :]
    return (conjugate(x_bar @ vh),)


def _turning(s: Any) -> tuple[Any, Any]:
    """Give 1/(sⱼ² − sᵢ²), and 1/sᵢ; 0 where there is no such rate."""
    largest = np.max(s, axis=-1, keepdims=True)
    sums = s[..., None, :] + s[..., :, None]
    rates = _rates(s) * _reciprocal(sums, largest[..., None])
    return rates, _reciprocal(s, largest)


def _svd_type(x: Any) -> tuple[ArrayType, ArrayType, ArrayType]:
    m, n = matrix_shape("svd", x)
    stack, k = x.shape[:-2], min(m, n)
    return (
        ArrayType((*stack, m, k), x.dtype),
        ArrayType((*stack, k), real_dtype(x.dtype)),
        ArrayType((*stack, k, n), x.dtype),
    )


svd_: General = general(
    "svd", (), outputs=3,
    impl=_svd,
    type=_svd_type,
    jvp=svd_jvp, vjp=svd_vjp,
    cost=cubic(22),
    batch=stacked(),
    sample=matrices((3, 3), (4, 2), (2, 3), (2, 3, 2), (1, 1)),
    ref="Giles (2008), section 3",
)  # fmt: skip

# ----- QR -----


def _qr(x: Any) -> tuple[Any, Any]:
    q, r = np.linalg.qr(x)
    if q.dtype.kind == "c" and np.any(np.diagonal(r, 0, -2, -1).imag):
        phase = _phases(np.diagonal(r, 0, -2, -1))
        q, r = q * phase[..., None, :], r * np.conj(phase)[..., :, None]
    return q, r


def qr_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Differentiate A = Q R: QᴴQ̇ is antisymmetric, and R stays triangular."""
    q, r = y
    moved = transposed(np.linalg.solve(transposed(r), transposed(x_dot[0])))
    change = adjoint(q) @ moved
    below = np.tril(change, -1)
    kept = change - below + adjoint(below)
    if q.dtype.kind == "c":
        kept = _with_diagonal(kept, _diagonal(kept).real)
    return moved - q @ kept, kept @ r


def qr_vjp(y: Any, x: Any, y_bar: Any) -> Any:
    """Transpose the pushforward."""
    q, r = y
    seed, r_bar = conjugate(y_bar[0]), conjugate(y_bar[1])
    n = r_bar @ adjoint(r) - adjoint(q) @ seed
    above = np.triu(n, 1)
    middle = _with_diagonal(above + adjoint(above), real(_diagonal(n)))
    x_bar = adjoint(np.linalg.solve(r, adjoint(seed + q @ middle)))
    return (conjugate(x_bar),)


def _qr_type(x: Any) -> tuple[ArrayType, ArrayType]:
    m, n = matrix_shape("qr", x)
    if m < n:
        raise ShapeError(f"qr: at least as many rows as columns are needed: {x.shape}")
    return ArrayType(x.shape, x.dtype), ArrayType((*x.shape[:-2], n, n), x.dtype)


qr_: General = general(
    "qr", (), outputs=2,
    impl=_qr,
    type=_qr_type,
    jvp=qr_jvp, vjp=qr_vjp,
    cost=cubic(4),
    batch=stacked(),
    sample=matrices((3, 3), (4, 2), (2, 3, 2), (1, 1)),
    ref="Q has orthonormal columns and R is triangular, differentiated",
)  # fmt: skip

# ----- faces -----


@answers(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """Give triangular L with L Lᴴ = A, or its adjoint."""
    y = cholesky_(_completed("cholesky", inexact(a), lower=not upper))
    return adjoint(y) if upper else y


@answers(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    """Give eigenvalues, ascending, and eigenvectors of symmetric matrices."""
    lower = _is_lower(UPLO)
    return _EighResult(*eigh_(_completed("eigh", inexact(a), lower), lower=lower))


@answers(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """Give the eigenvalues of symmetric matrices, ascending."""
    lower = _is_lower(UPLO)
    return eigh_(_completed("eigvalsh", inexact(a), lower), lower=lower)[0]


def _is_lower(UPLO: str) -> bool:
    if UPLO.upper() not in ("L", "U"):
        raise ValueError("UPLO argument must be 'L' or 'U'")
    return UPLO.upper() == "L"


def _completed(name: str, a: Any, lower: bool) -> Any:
    """Give the symmetric matrix of which a triangle is read; its diagonal is real."""
    m, n = matrix_shape(name, a)
    if m != n:
        raise ShapeError(f"{name}: a square matrix is needed, not shape {a.shape}")
    half = np.tril(a, -1) if lower else np.triu(a, 1)
    return half + adjoint(half) + np.where(np.eye(n, dtype=bool), real(a), 0)


@answers(np.linalg.svd)
def svd(
    a: Any,
    full_matrices: bool = True,
    compute_uv: bool = True,
    hermitian: bool = False,
) -> Any:
    """Give U, S, Vᴴ with A = U S Vᴴ, singular values descending; or these alone."""
    a = inexact(a)
    if hermitian:
        refuse("linalg.svd", hermitian=compute_uv or None)
        a = _completed("svd", a, lower=True)
    m, n = matrix_shape("svd", a)
    if compute_uv and full_matrices and m != n:
        raise MissingRuleError(
            f"svd of shape {a.shape} with full_matrices=True has no derivative: the "
            f"vectors that complete the basis are not determined (at {user_source()}). "
            "Instead, give full_matrices=False."
        )
    u, s, vh = svd_(a)
    return _SVDResult(u, s, vh) if compute_uv else s


@answers(np.linalg.svdvals)
def singular_values(x: Any, /) -> Any:
    """Give the singular values, descending."""
    return svd_(inexact(x))[1]


@answers(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """Give Q with orthonormal columns and triangular R with A = Q R; or R alone."""
    a = inexact(a)
    m, n = matrix_shape("qr", a)
    if mode not in ("reduced", "r") and not (mode == "complete" and m == n):
        raise MissingRuleError(
            f"qr(mode={mode!r}) of shape {a.shape} has no derivative (at "
            f"{user_source()}). Instead, give mode='reduced'."
        )
    q, r = qr_(a[..., :m])
    if m < n:
        r = np.concatenate([r, adjoint(q) @ a[..., m:]], -1)
    return r if mode == "r" else _QRResult(q, r)
