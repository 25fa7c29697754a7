"""Functions of matrices: exponential, logarithm, roots and powers, sign, trigonometry.

The Fréchet derivative of f at A along E stands in the upper right of f of the block
matrix [[A, E], [0, A]], for any analytic f; and its transpose is the derivative at Aᵀ.
So each row is its own rule, to any order. A root and the sign, which solve equations,
are differentiated by these.

References
----------
Higham (2008), "Functions of Matrices: Theory and Computation", SIAM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import scipy.linalg

from wengert.errors import ArgumentError
from wengert.graph.primitive import General, Sample, answers
from wengert.graph.types import ArrayType
from wengert.primitives.axes import refuse
from wengert.primitives.batches import looped, stacked
from wengert.primitives.forms import constant, general
from wengert.primitives.linalg import cubic, inexact, matrix_shape, transposed
from wengert.primitives.power_series import of_toeplitz
from wengert.primitives.samplers import arrays
from wengert.primitives.scipy_linalg.arguments import double, square, undefined
from wengert.primitives.scipy_linalg.equations import sylvester

__all__: list[str] = []

# ----- the rows -----


def _power(x: Any, *, t: float) -> Any:
    return scipy.linalg.fractional_matrix_power(x, t)


_IMPLS: dict[str, Callable[..., Any]] = {
    "expm": scipy.linalg.expm,
    "logm": scipy.linalg.logm,
    "sqrtm": scipy.linalg.sqrtm,
    "signm": scipy.linalg.signm,
    "fractional_matrix_power": _power,
}
# What SciPy computes in double precision whatever it is given.
_DOUBLE = {"logm", "fractional_matrix_power"}


def _impl(name: str) -> Callable[..., Any]:
    def impl(x: Any, **params: Any) -> Any:
        given = double(x) if name in _DOUBLE else x
        y = _IMPLS[name](given, **params)
        if y.dtype.kind == "c" and x.dtype.kind != "c":
            # Next to two equal eigenvalues SciPy's may be a pair, to rounding.
            if np.max(np.abs(y.imag)) > 1e-6 * np.max(np.abs(y)):
                raise ArgumentError(
                    f"{name} of this real matrix is complex. Convert the matrix first, "
                    "by A.astype(complex)"
                )
            y = y.real
        return y.astype(x.dtype, copy=False)

    return impl


def _type(name: str) -> Callable[..., ArrayType]:
    def rule(x: Any, **_: Any) -> ArrayType:
        matrix_shape(name, x, square=True)
        return ArrayType(x.shape, x.dtype)

    return rule


def _samples(**params: Any) -> Any:
    """Sample matrices with eigenvalues to the right of 0, where all are analytic."""

    def samples(rng: Any, dtype: Any) -> Iterator[Sample]:
        for shape in ((3, 3), (1, 1), (2, 2, 2)):
            n = shape[-1]
            around = np.diag(1 + 0.5 * np.arange(n))
            x = around + 0.25 * arrays(rng, dtype, shape, -1, 1)
            yield Sample((x.astype(dtype),), params)

    return samples


def _largest(x: Any) -> Any:
    return np.max(np.abs(x), axis=(-2, -1), keepdims=True)


def frechet(function: Callable[[Any], Any], a: Any, e: Any) -> tuple[Any, Any]:
    """Give f(A) and its derivative along E, by one value of f at a block matrix.

    E is brought to the size of A before: the derivative is linear in it, and a large
    one would have f computed at a matrix far from A.
    """
    size, change = _largest(a), _largest(e)
    by = np.where((size == 0) | (change == 0), 1, change)
    by = by / np.where(size == 0, 1, size)
    by = np.where(change == 0, 1, by).astype(e.dtype)
    n = a.shape[-1]
    above = np.concatenate([a, e / by], -1)
    below = np.concatenate([np.zeros_like(a), a], -1)
    y = function(np.concatenate([above, below], -2))
    return y[..., :n, :n], y[..., :n, n:] * by


def _by_blocks(name: str, **sampled: Any) -> General:
    def jvp(y: Any, x: Any, x_dot: Any, **params: Any) -> Any:
        return frechet(lambda block: row(block, **params), x[0], x_dot[0])[1]

    def vjp(y: Any, x: Any, y_bar: Any, **params: Any) -> Any:
        return (jvp(y, (transposed(x[0]),), (y_bar,), **params),)

    row = general(
        name, (),
        impl=_impl(name),
        type=_type(name),
        jvp=jvp, vjp=vjp, taylor=of_toeplitz(name),
        cost=cubic(30),
        batch=stacked(),
        sample=_samples(**sampled), ref="Higham (2008), ch. 3",
    )  # fmt: skip
    return row


expm_, logm_ = _by_blocks("expm"), _by_blocks("logm")
power_ = _by_blocks("fractional_matrix_power", t=0.4)


def sign_change(y: Any, x: Any, x_dot: Any) -> Any:
    """Differentiate S = sign A: with N = S A, N Ṡ + Ṡ N = Ȧ − S Ȧ S."""
    n = y @ x[0]
    return sylvester(n, n, x_dot[0] - y @ x_dot[0] @ y)


def sign_vjp(y: Any, x: Any, y_bar: Any) -> Any:
    """Transpose the pushforward."""
    n, yt = transposed(y @ x[0]), transposed(y)
    z = sylvester(n, n, y_bar)
    return (z - yt @ z @ yt,)


def _sign_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for shape in ((3, 3), (2, 2, 2)):
        signs = np.diag(1.5 * (-1.0) ** np.arange(shape[-1]))
        x = signs + 0.3 * arrays(rng, dtype, shape, -1, 1)
        yield Sample((x.astype(dtype),))


sqrtm_: General = general(
    "sqrtm", (),
    impl=_impl("sqrtm"),
    type=_type("sqrtm"),
    jvp=lambda y, x, x_dot: sylvester(y, y, x_dot[0]),
    vjp=lambda y, x, y_bar: (sylvester(transposed(y), transposed(y), y_bar),),
    cost=cubic(30),
    batch=looped,
    sample=_samples(), ref="Y Y = A, differentiated",
)  # fmt: skip
signm_: General = general(
    "signm", (),
    impl=_impl("signm"),
    type=_type("signm"),
    jvp=sign_change, vjp=sign_vjp,
    cost=cubic(60),
    batch=looped,
    sample=_sign_samples, ref="Higham (2008), ch. 5",
)  # fmt: skip

# A question of its own, so that a Graph keeps the answer as a guard. It costs the value
# once more, for real matrices only.
becomes_complex = constant(
    "becomes_complex", (),
    impl=lambda x, function, **p: np.bool_(np.iscomplexobj(_IMPLS[function](x, **p))),
    type=lambda x, **_: ArrayType((), np.dtype(bool)),
    batch=looped,
    sample=_samples(function="sqrtm"), why="it tells a kind of number",
)  # fmt: skip


def _real_or_complex(row: General, a: Any, **params: Any) -> Any:
    """Apply a row to a real matrix as SciPy does: the result may need to be complex."""
    given, a = a, double(a) if row.name in _DOUBLE else a
    if a.dtype.kind != "c" and becomes_complex(given, function=row.name, **params):
        a = a.astype(np.result_type(a.dtype, np.complex64))
    return row(a, **params)


# ----- faces -----


@answers(scipy.linalg.expm)
def expm(A: Any) -> Any:
    """Give the exponential of matrices."""
    A = inexact(A)
    if A.ndim < 2 and A.size == 1:
        return np.reshape(np.exp(double(A)), (1, 1))
    return expm_(square("expm", A, False))


@answers(scipy.linalg.expm_frechet)
def expm_frechet(
    A: Any,
    E: Any,
    method: str | None = None,
    compute_expm: bool = True,
    check_finite: bool = True,
) -> Any:
    """Give the exponential of A and its derivative along E."""
    A = square("expm_frechet", A, check_finite)
    E = square("expm_frechet", E, check_finite)
    dtype = np.result_type(A.dtype, E.dtype)
    A, E = double(A.astype(dtype)), double(E.astype(dtype))
    value, change = frechet(expm_, A, E)
    return (value, change) if compute_expm else change


@answers(scipy.linalg.logm)
def logm(A: Any, disp: Any = True) -> Any:
    """Give the principal logarithm."""
    refuse("scipy.linalg.logm", disp=None if disp else disp)
    return _real_or_complex(logm_, square("logm", A, False))


@answers(scipy.linalg.sqrtm)
def sqrtm(A: Any, disp: Any = True, blocksize: Any = None) -> Any:
    """Give the principal square root."""
    refuse("scipy.linalg.sqrtm", disp=None if disp else disp)
    return _real_or_complex(sqrtm_, square("sqrtm", A, False))


@answers(scipy.linalg.signm)
def signm(A: Any, disp: Any = True) -> Any:
    """Give the matrix sign function; differentiable off the imaginary axis."""
    refuse("scipy.linalg.signm", disp=None if disp else disp)
    return _real_or_complex(signm_, square("signm", A, False))


@answers(scipy.linalg.fractional_matrix_power)
def fractional_matrix_power(A: Any, t: Any) -> Any:
    """Give a power of matrices, fractional or whole."""
    if hasattr(type(t), "__wengert_bind__"):
        raise undefined(
            "fractional_matrix_power(A, t)",
            "the power t is traced",
            "write expm(t * logm(A))",
        )
    A = square("fractional_matrix_power", A, False)
    if t == int(t):
        return np.linalg.matrix_power(A, int(t))
    return _real_or_complex(power_, A, t=float(t))


@answers(scipy.linalg.cosm)
def cosm(A: Any) -> Any:
    """Give the cosine of matrices."""
    plus, minus = _exponentials("cosm", A)
    return plus.real if minus is None else 0.5 * (plus + minus)


@answers(scipy.linalg.sinm)
def sinm(A: Any) -> Any:
    """Give the sine of matrices."""
    plus, minus = _exponentials("sinm", A)
    return plus.imag if minus is None else -0.5j * (plus - minus)


def _exponentials(name: str, a: Any) -> tuple[Any, Any]:
    """Give exp(iA), and exp(−iA) of a complex matrix."""
    a = square(name, a, False)
    return expm_(1j * a), expm_(-1j * a) if a.dtype.kind == "c" else None


@answers(scipy.linalg.tanm)
def tanm(A: Any) -> Any:
    """Give the tangent of matrices."""
    return np.linalg.solve(cosm(A), sinm(A))


@answers(scipy.linalg.coshm)
def coshm(A: Any) -> Any:
    """Give the hyperbolic cosine of matrices."""
    A = square("coshm", A, False)
    return 0.5 * (expm_(A) + expm_(-A))


@answers(scipy.linalg.sinhm)
def sinhm(A: Any) -> Any:
    """Give the hyperbolic sine of matrices."""
    A = square("sinhm", A, False)
    return 0.5 * (expm_(A) - expm_(-A))


@answers(scipy.linalg.tanhm)
def tanhm(A: Any) -> Any:
    """Give the hyperbolic tangent of matrices."""
    return np.linalg.solve(coshm(A), sinhm(A))
