"""Singular values, QR and RQ, the polar decomposition, and what is made of them."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import scipy.linalg

from wengert.errors import ShapeError
from wengert.graph.primitive import General, Missing, answers
from wengert.graph.types import ArrayType
from wengert.primitives.axes import refuse
from wengert.primitives.batches import looped
from wengert.primitives.forms import constant, general
from wengert.primitives.linalg import (
    adjoint,
    cubic,
    matrices,
    matrix_shape,
    transposed,
)
from wengert.primitives.scipy_linalg.arguments import finite, undefined
from wengert.primitives.scipy_linalg.equations import sylvester

__all__: list[str] = []

# ----- polar decomposition -----


def polar_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Differentiate A = U P: UᴴU̇ = Ω is antisymmetric, with Ω P + P Ω = M − Mᴴ for
    M = UᴴȦ."""
    u, p = y
    m = adjoint(u) @ x_dot[0]
    turn = sylvester(p, p, m - adjoint(m))
    outside = x_dot[0] - u @ m
    outside = transposed(np.linalg.solve(transposed(p), transposed(outside)))
    return u @ turn + outside, m - turn @ p


def _polar_type(x: Any) -> tuple[ArrayType, ArrayType]:
    m, n = matrix_shape("polar", x)
    if m < n:
        raise ShapeError(
            f"polar: at least as many rows as columns are needed: {x.shape}"
        )
    return ArrayType(x.shape, x.dtype), ArrayType((*x.shape[:-2], n, n), x.dtype)


polar_: General = general(
    "polar", (), outputs=2,
    impl=lambda x: tuple(scipy.linalg.polar(x)),
    type=_polar_type,
    jvp=polar_jvp, vjp=Missing("the pushforward, transposed, costs as much"),
    cost=cubic(30),
    batch=looped,
    sample=matrices((3, 3), (4, 2), (2, 3, 2), (1, 1)),
    ref="U has orthonormal columns and P is Hermitian, differentiated",
)  # fmt: skip


@answers(scipy.linalg.polar)
def polar(a: Any, side: str = "right") -> tuple[Any, Any]:
    """Give U and P with A = U P, or A = P U; differentiable where A has full rank."""
    if side not in ("right", "left"):
        raise ValueError("`side` must be either 'right' or 'left'")
    a = finite(a)
    m, n = matrix_shape("polar", a)
    if m >= n:
        u, p = polar_(a)
        return u, p if side == "right" else u @ p @ adjoint(u)
    # A wide matrix has no factor of full rank on the right; on the left it has.
    v, p = polar_(adjoint(a))
    return adjoint(v), p if side == "left" else v @ p @ adjoint(v)


@answers(scipy.linalg.orthogonal_procrustes)
def orthogonal_procrustes(A: Any, B: Any, check_finite: bool = True) -> tuple[Any, Any]:
    """Give the orthogonal matrix that best maps A to B, and the sum of its values."""
    A, B = finite(A, check_finite), finite(B, check_finite)
    if A.shape != B.shape:
        raise ShapeError(
            f"orthogonal_procrustes: {A.shape} and {B.shape} must be equal"
        )
    u, p = polar_(adjoint(A) @ B)
    return u, np.trace(p, axis1=-2, axis2=-1).real


# ----- singular values -----


@answers(scipy.linalg.svd)
def svd(
    a: Any,
    full_matrices: bool = True,
    compute_uv: bool = True,
    overwrite_a: bool = False,
    check_finite: bool = True,
    lapack_driver: str = "gesdd",
) -> Any:
    """Give U, s, Vᴴ, singular values descending; or these alone."""
    if compute_uv:
        _default_driver("svd", lapack_driver)
    a = finite(a, check_finite)
    if not compute_uv:
        return np.linalg.svd(a, compute_uv=False)
    return tuple(np.linalg.svd(a, full_matrices=full_matrices))


def _default_driver(name: str, driver: str) -> None:
    refuse(f"scipy.linalg.{name}", lapack_driver=None if driver == "gesdd" else driver)


@answers(scipy.linalg.svdvals)
def svdvals(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """Give the singular values, descending."""
    return np.linalg.svd(finite(a, check_finite), compute_uv=False)


@answers(scipy.linalg.orth)
def orth(A: Any, rcond: float | None = None) -> Any:
    """Give an orthonormal basis of the range: the left singular vectors."""
    A = finite(A)
    u, s, _ = np.linalg.svd(A, full_matrices=False)
    if rcond is None:
        rcond = float(np.finfo(s.dtype).eps) * max(matrix_shape("orth", A))
    return u[..., : operator.index(np.sum(s > np.max(s) * rcond))]


@answers(scipy.linalg.subspace_angles)
def subspace_angles(A: Any, B: Any) -> Any:
    """Give the angles between the ranges of two matrices, descending.

    By QR rather than by singular vectors: these have no derivative where two singular
    values are equal, and the angles have. Both matrices must have full rank.
    """
    A, B = finite(A), finite(B)
    if matrix_shape("subspace_angles", A)[0] != matrix_shape("subspace_angles", B)[0]:
        raise ShapeError(f"subspace_angles: {A.shape} and {B.shape} do not fit")
    for x in (A, B):
        if np.linalg.matrix_rank(x) < x.shape[-1]:
            raise undefined(
                f"subspace_angles of shape {x.shape}",
                "the matrix has no full rank, and where it is changed the range jumps",
                "leave out the columns that depend on others",
            )
    q, p = np.linalg.qr(A)[0], np.linalg.qr(B)[0]
    if q.shape[-1] < p.shape[-1]:
        q, p = p, q
    both = adjoint(q) @ p
    cosine, sine = np.linalg.svdvals(both), np.linalg.svdvals(p - q @ both)
    # Each of the two is steep, and has no derivative, where the other serves.
    near = cosine**2 >= 0.5
    small = np.arcsin(np.where(np.flip(sine) ** 2 < 0.75, np.flip(sine), 0))
    large = np.arccos(np.where(near, 0.5, cosine))
    return np.flip(np.where(near, small, large))


# ----- QR -----


def _pivots(x: Any) -> Any:
    pivots = scipy.linalg.qr(x, mode="r", pivoting=True, check_finite=False)[-1]
    return pivots.astype(np.int32)


qr_pivots = constant(
    "qr_pivots", (),
    impl=_pivots,
    type=lambda x: ArrayType((*x.shape[:-2], x.shape[-1]), np.dtype(np.int32)),
    batch=looped,
    sample=matrices((3, 3), (4, 2)),
)  # fmt: skip


@answers(scipy.linalg.qr)
def qr(
    a: Any,
    overwrite_a: bool = False,
    lwork: Any = None,
    mode: str = "full",
    pivoting: bool = False,
    check_finite: bool = True,
) -> tuple[Any, ...]:
    """Give Q and R with A = Q R, or A[:, p] = Q R; differentiable at full rank."""
    if mode not in ("full", "qr", "r", "economic", "raw"):
        raise ValueError(
            "Mode argument should be one of ['full', 'r', 'economic', 'raw']"
        )
    a = finite(a, check_finite)
    m, n = matrix_shape("qr", a)
    if mode == "raw" or (mode in ("full", "qr") and m > n):
        raise undefined(
            f"qr(mode={mode!r}) of shape {a.shape}",
            "the columns that complete the basis are not determined"
            if mode != "raw"
            else "what LAPACK leaves is no matrix of the decomposition",
            "give mode='economic'",
        )
    extra: tuple[Any, ...] = ()
    if pivoting:
        extra = (qr_pivots(a),)
        a = np.take_along_axis(a, extra[0][..., None, :].astype(np.int64), axis=-1)
    if mode == "r":
        r: Any = np.linalg.qr(a, mode="r")
        zeros = np.zeros((*r.shape[:-2], max(m - n, 0), n), r.dtype)
        return np.concatenate([r, zeros], -2), *extra
    return *np.linalg.qr(a), *extra


@answers(scipy.linalg.rq)
def rq(
    a: Any,
    overwrite_a: bool = False,
    lwork: Any = None,
    mode: str = "full",
    check_finite: bool = True,
) -> Any:
    """Give R and Q with A = R Q; differentiable where rows are independent."""
    if mode not in ("full", "r", "economic"):
        raise ValueError("Mode argument should be one of ['full', 'r', 'economic']")
    a = finite(a, check_finite)
    m, n = matrix_shape("rq", a)
    if m > n or (m < n and mode != "economic"):
        raise undefined(
            f"rq(mode={mode!r}) of shape {a.shape}",
            "rows of Q are not determined, or rows of A depend on others",
            "give mode='economic' and no more rows than columns",
        )
    # The QR of the adjoint, with both axes reversed, in LAPACK's signs too.
    q, r = np.linalg.qr(_reversed(adjoint(a)))
    r, q = _reversed(adjoint(r)), _reversed(adjoint(q))
    return r if mode == "r" else (r, q)


def _reversed(x: Any) -> Any:
    return np.flip(x, (-2, -1))
