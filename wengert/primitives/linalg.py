"""Linear algebra: systems of equations, inverses, determinants.

Matrices stand in the last two axes; the axes before them are stacked. Where a formula
of the references transposes and conjugates, the transpose here is plain: cotangents
pair by Σ ȳ·ẏ without a conjugate.

References
----------
Giles (2008), "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation", in Advances in Automatic Differentiation, Springer.
Golub & Pereyra (1973), "The differentiation of pseudo-inverses and nonlinear least
squares problems whose variables separate", SIAM J. Numer. Anal. 10.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.errors import ShapeError
from wengert.graph.primitive import General, Sample, answers
from wengert.graph.types import ArrayType, promote
from wengert.primitives.axes import (
    as_array,
    given,
    normalize_axes,
    refuse,
    unbroadcast,
)
from wengert.primitives.batches import stacked, systems
from wengert.primitives.determinant_series import cofactor_taylor, det_taylor
from wengert.primitives.forms import general
from wengert.primitives.power_series import Coefficients, of_system
from wengert.primitives.products import conjugate
from wengert.primitives.samplers import Sampler, arrays

__all__ = [
    "adjoint",
    "cubic",
    "inexact",
    "matrices",
    "matrix_shape",
    "real",
    "real_dtype",
    "transposed",
    "well_conditioned",
]


# NumPy's own class, so that traced and plain results are trees of one structure.
_SlogdetResult: Any = type(np.linalg.slogdet(np.eye(1)))

# ----- what the rules share -----


def transposed(x: Any) -> Any:
    """Exchange the last two axes."""
    return np.swapaxes(x, -1, -2)


def adjoint(x: Any) -> Any:
    """Exchange the last two axes, and conjugate."""
    return conjugate(np.swapaxes(x, -1, -2))


def real(x: Any) -> Any:
    """Give the real part; a real array is its own."""
    return x.real if x.dtype.kind == "c" else x


def inexact(x: Any) -> Any:
    """Make an array of floats, as LAPACK needs them."""
    x = as_array(x)
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


def real_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give the dtype of the absolute values."""
    return np.empty(0, dtype).real.dtype


def matrix_shape(name: str, x: Any, square: bool = False) -> tuple[int, int]:
    """Give the lengths of the last two axes.

    Raises
    ------
    ShapeError
        If there are less than two axes, or if they must be equally long and are not.
    """
    if len(x.shape) < 2 or (square and x.shape[-1] != x.shape[-2]):
        kind = "square matrices" if square else "matrices"
        raise ShapeError(f"{name}: {kind} are needed, not shape {x.shape}")
    return x.shape[-2], x.shape[-1]


def well_conditioned(
    rng: np.random.Generator, dtype: Any, shape: tuple[int, ...]
) -> Any:
    """Draw matrices with the singular values …, 2, 1.5, 1: well apart."""
    *stack, m, n = shape
    k = min(m, n)
    u, _ = np.linalg.qr(arrays(rng, dtype, (*stack, m, k)))
    v, _ = np.linalg.qr(arrays(rng, dtype, (*stack, n, k)))
    values = (1 + 0.5 * np.arange(k))[::-1]
    return np.asarray((u * values) @ np.conj(np.swapaxes(v, -1, -2)), dtype)


def matrices(*shapes: tuple[int, ...], **params: Any) -> Sampler:
    """Sample one well-conditioned matrix of each shape, or stack of them."""

    def samples(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
        for shape in shapes:
            yield Sample((well_conditioned(rng, dtype, shape),), params)

    return samples


def cubic(factor: float) -> Any:
    """Make a cost: so many flops times m·n·min(m, n), for each matrix."""

    def flops(types: Any, y: Any, **_: Any) -> int:
        *stack, m, n = types[0].shape
        return int(factor * math.prod(stack) * m * n * min(m, n))

    return flops


def _same(name: str) -> Any:
    def rule(x: Any) -> ArrayType:
        matrix_shape(name, x, square=True)
        return ArrayType(x.shape, x.dtype)

    return rule


# ----- systems and inverses -----


def _solve_type(a: Any, b: Any) -> ArrayType:
    n, _ = matrix_shape("solve", a, square=True)
    try:
        if matrix_shape("solve", b)[0] != n:
            raise ValueError
        stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except ValueError:
        raise ShapeError(f"solve: {a.shape} and {b.shape} do not fit") from None
    return ArrayType(stack + b.shape[-2:], promote(a, b))


def solve_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Differentiate A Y = B: A Ẏ = Ḃ − Ȧ Y."""
    a_dot, b_dot = x_dot
    if a_dot is None:
        return solve_(x[0], b_dot)
    change = a_dot @ y
    return solve_(x[0], -change if b_dot is None else b_dot - change)


def solve_vjp(y: Any, x: Any, y_bar: Any) -> Any:
    """Solve with Aᵀ: B̄ = A⁻ᵀ Ȳ, and Ā = −B̄ Yᵀ."""
    a, b = x
    b_bar = solve_(transposed(a), y_bar)
    a_bar = -(b_bar @ transposed(y))
    return unbroadcast(a_bar, a.shape), unbroadcast(b_bar, b.shape)


def _solve_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for a, b in (
        ((3, 3), (3, 2)),
        ((1, 1), (1, 1)),
        ((2, 3, 3), (3, 2)),
        ((3, 3), (2, 3, 1)),
        ((2, 1, 2, 2), (3, 2, 2)),
    ):
        yield Sample((well_conditioned(rng, dtype, a), arrays(rng, dtype, b)))


def _solve_flops(types: Any, y: Any) -> int:
    *stack, n, _ = types[0].shape
    return int(math.prod(stack) * 2 * n**3 // 3 + 2 * n * y.size)


solve_: General = general(
    "solve", (), active=(0, 1), linear_in=(1,),
    impl=np.linalg.solve,
    type=_solve_type,
    jvp=solve_jvp, vjp=solve_vjp, taylor=of_system("solve"),
    cost=_solve_flops,
    batch=systems(2, 2),
    sample=_solve_samples, ref="Giles (2008), section 2",
)  # fmt: skip
inv_: General = general(
    "inv", (),
    impl=np.linalg.inv,
    type=_same("inv"),
    jvp=lambda y, x, x_dot: -(y @ x_dot[0] @ y),
    vjp=lambda y, x, y_bar: (-(transposed(y) @ y_bar @ transposed(y)),),
    cost=cubic(2),
    batch=stacked(),
    sample=matrices((3, 3), (1, 1), (2, 2, 2)), ref="Giles (2008), section 2",
)  # fmt: skip


def pinv_jvp(y: Any, x: Any, x_dot: Any, *, rcond: float) -> Any:
    """Differentiate the pseudoinverse P of matrices whose rank does not change."""
    (a,), (a_dot,) = x, x_dot
    change = adjoint(a_dot)
    outside, inside = y @ adjoint(y) @ change, change @ adjoint(y) @ y
    return outside - outside @ a @ y + inside - y @ a @ inside - y @ a_dot @ y


def pinv_vjp(y: Any, x: Any, y_bar: Any, *, rcond: float) -> Any:
    """Transpose the pushforward, with conjugates moved out of the pairing."""
    (a,), seed = x, transposed(y_bar)
    outside, inside = seed @ y @ adjoint(y), adjoint(y) @ y @ seed
    x_bar = outside - a @ y @ outside + inside - inside @ y @ a
    y = adjoint(y)
    return (conjugate(x_bar - y @ adjoint(seed) @ y),)


pinv_: General = general(
    "pinv", (),
    impl=lambda x, rcond: np.linalg.pinv(x, rcond),
    type=lambda x, rcond: ArrayType(
        x.shape[:-2] + matrix_shape("pinv", x)[::-1], x.dtype
    ),
    jvp=pinv_jvp, vjp=pinv_vjp,
    cost=cubic(20),
    batch=stacked(),
    sample=matrices((3, 2), (2, 3), (3, 3), (2, 3, 2), rcond=1e-15),
    ref="Golub & Pereyra (1973)",
)  # fmt: skip

# ----- determinants -----


def _products_without(s: Any) -> Any:
    """Multiply, for each entry of the last axis, all the others: never by division."""
    one = np.ones_like(s[..., :1])
    left = np.cumprod(np.concatenate([one, s[..., :-1]], -1), axis=-1)
    back = np.flip(s, -1)[..., :-1]
    right = np.flip(np.cumprod(np.concatenate([one, back], -1), axis=-1), -1)
    return left * right


def _cofactor(a: Any) -> Any:
    # With A = U S Vᴴ, adj(A) = det(U) det(Vᴴ) · V adj(S) Uᴴ, even where A⁻¹ is not.
    if not np.all(np.isfinite(a)):
        # NumPy's svd raises there; a nan that is seen later tells more.
        finite = np.all(np.isfinite(a), axis=(-2, -1), keepdims=True)
        return np.where(finite, _cofactor(np.where(finite, a, 0)), np.nan).astype(
            a.dtype
        )
    u, s, vh = np.linalg.svd(a)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    rows = np.conj(u) * _products_without(s)[..., None, :]
    return sign[..., None, None] * (rows @ np.conj(vh))


def cofactor_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Differentiate adj(A), in the singular bases: there it is adj(S) that changes.

    These have no derivative where singular values are equal, but adj(A) has: what is
    differentiated further is the first coefficient of its series.
    """
    if hasattr(type(x[0]), "__wengert_bind__"):
        steps = cofactor_taylor(y, [Coefficients(x[0], [x[0], x_dot[0]])], 1)
        if steps is not None:
            return next(steps)
    u, s, vh = np.linalg.svd(x[0])
    w = adjoint(u) @ x_dot[0] @ adjoint(vh)
    eye = np.eye(s.shape[-1], dtype=bool)
    # Entry i, j is the product of all singular values but the i-th and the j-th.
    pairs = _products_without(np.where(eye, 1, s[..., None, :]))
    own = np.where(eye, 0, pairs) @ np.diagonal(w, 0, -2, -1)[..., None]
    middle = np.where(eye, own, -pairs * w)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return sign[..., None, None] * (conjugate(u) @ transposed(middle) @ conjugate(vh))


cofactor_: General = general(
    "cofactor", (),
    impl=_cofactor,
    type=_same("cofactor"),
    jvp=cofactor_jvp,
    # The second derivative of det is symmetric: its transpose is itself.
    vjp=lambda y, x, y_bar: (cofactor_jvp(y, x, (y_bar,)),), taylor=cofactor_taylor,
    cost=cubic(24),
    batch=stacked(),
    sample=matrices((3, 3), (1, 1), (2, 2, 2)), ref="Jacobi's formula, differentiated",
)  # fmt: skip
det_: General = general(
    "det", (),
    impl=np.linalg.det,
    type=lambda x: ArrayType(_same("det")(x).shape[:-2], x.dtype),
    # By cofactors rather than det(A) A⁻ᵀ, which is 0·inf at singular matrices.
    jvp=lambda y, x, x_dot: np.sum(cofactor_(x[0]) * x_dot[0], axis=(-2, -1)),
    vjp=lambda y, x, y_bar: (y_bar[..., None, None] * cofactor_(x[0]),),
    taylor=det_taylor,
    cost=cubic(2 / 3),
    batch=stacked(),
    sample=matrices((3, 3), (1, 1), (2, 2, 2)), ref="Giles (2008), section 2",
)  # fmt: skip


def slogdet_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Split d log det(A) = tr(A⁻¹ Ȧ) into a turn of the sign and a real part."""
    change = np.sum(transposed(np.linalg.inv(x[0])) * x_dot[0], axis=(-2, -1))
    if change.dtype.kind != "c":
        return np.zeros_like(y[0]), change
    return y[0] * (1j * change.imag), change.real


def slogdet_vjp(y: Any, x: Any, y_bar: Any) -> Any:
    """Transpose the pushforward."""
    sign_bar, seed = y_bar
    if y[0].dtype.kind == "c":
        seed = seed + 1j * (sign_bar * y[0]).imag
    return (seed[..., None, None] * transposed(np.linalg.inv(x[0])),)


def _slogdet_type(x: Any) -> tuple[ArrayType, ArrayType]:
    stack = _same("slogdet")(x).shape[:-2]
    return ArrayType(stack, x.dtype), ArrayType(stack, real_dtype(x.dtype))


slogdet_: General = general(
    "slogdet", (), outputs=2,
    impl=lambda x: tuple(np.linalg.slogdet(x)),
    type=_slogdet_type,
    jvp=slogdet_jvp, vjp=slogdet_vjp,
    cost=cubic(2 / 3),
    batch=stacked(),
    sample=matrices((3, 3), (1, 1), (2, 2, 2)), ref="Giles (2008), section 2",
)  # fmt: skip

# ----- faces -----


@answers(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """Solve A y = b for a vector, or A Y = B for stacked matrices."""
    a, b = inexact(a), inexact(b)
    return solve_(a, b[:, None])[..., 0] if b.ndim == 1 else solve_(a, b)


@answers(np.linalg.inv)
def inv(a: Any) -> Any:
    """Invert matrices."""
    return inv_(inexact(a))


@answers(np.linalg.det)
def det(a: Any) -> Any:
    """Give determinants; their derivative exists at singular matrices too."""
    return det_(inexact(a))


@answers(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """Give signs and logarithms of determinants."""
    return _SlogdetResult(*slogdet_(inexact(a)))


@answers(np.linalg.pinv)
def pinv(
    a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue
) -> Any:
    """Give pseudoinverses; differentiable where the rank does not change."""
    refuse("linalg.pinv", hermitian=hermitian or None)
    a = inexact(a)
    if rcond is None:
        rcond = rtol if given(rtol) else 1e-15
        if rtol is None:
            rcond = max(matrix_shape("pinv", a)) * np.finfo(a.dtype).eps
    return pinv_(a, rcond=float(rcond))


@answers(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """Solve tensordot(a, y, y.ndim) = b."""
    a, b = as_array(a), as_array(b)
    if axes is not None:
        last = normalize_axes(axes, a.ndim)
        a = np.moveaxis(a, last, range(a.ndim - len(last), a.ndim))
    y = solve(np.reshape(a, (b.size, b.size)), np.ravel(b))
    return np.reshape(y, a.shape[b.ndim :])


@answers(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """Invert the map that a tensor is from its last axes to its first `ind`."""
    a = as_array(a)
    rows, columns = a.shape[:ind], a.shape[ind:]
    inverse = inv(np.reshape(a, (math.prod(rows), math.prod(columns))))
    return np.reshape(inverse, columns + rows)


@answers(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, Any, Any, Any]:
    """Give the least-squares solution, its squared residuals, rank, singular values."""
    a, b = inexact(a), inexact(b)
    m, n = matrix_shape("lstsq", a)
    if rcond is None:
        rcond = max(m, n) * np.finfo(a.dtype).eps
    s = np.linalg.svdvals(a)
    rank = np.int32(operator.index(np.sum(s > rcond * np.max(s))))
    y = pinv_(a, rcond=float(rcond)) @ b
    residuals = b - a @ y
    squares = np.reshape(np.sum(np.abs(residuals) ** 2, axis=0), (-1,))
    squares = squares if rank == n < m else squares[:0]
    return y, squares, rank, s
