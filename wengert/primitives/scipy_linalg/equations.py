"""Matrix equations: Sylvester, Lyapunov, Riccati; differentiated implicitly.

The derivative of a solution solves a linear equation of the same kind, with the same
matrices. Cotangents pair by Σ ȳ·ẏ without a conjugate; see `primitives/linalg.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.linalg

from wengert.errors import ShapeError
from wengert.graph.primitive import General, Missing, Sample, answers
from wengert.graph.types import ArrayType, promote
from wengert.primitives.axes import unbroadcast
from wengert.primitives.batches import looped, stacked
from wengert.primitives.forms import general
from wengert.primitives.linalg import (
    adjoint,
    matrix_shape,
    transposed,
    well_conditioned,
)
from wengert.primitives.power_series import of_equation
from wengert.primitives.products import conjugate
from wengert.primitives.samplers import arrays
from wengert.primitives.scipy_linalg.arguments import (
    double,
    finite,
    hermitian,
    square,
)

__all__ = ["sylvester"]

_BY_TRANSPOSITION = Missing("the pushforward, transposed, costs as much")

# ----- A X + X B = Q -----


def _stack(name: str, *types: Any) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*(t.shape[:-2] for t in types))
    except ValueError:
        shapes = ", ".join(str(t.shape) for t in types)
        raise ShapeError(f"{name}: {shapes} do not fit") from None


def _sylvester(a: Any, b: Any, q: Any) -> Any:
    # The real Schur form of a real matrix would meet complex ones of the others.
    dtype = np.result_type(a, b, q)
    a, b, q = (x.astype(dtype, copy=False) for x in (a, b, q))
    return scipy.linalg.solve_sylvester(a, b, q).astype(dtype, copy=False)


def _sylvester_type(a: Any, b: Any, q: Any) -> ArrayType:
    m, _ = matrix_shape("solve_sylvester", a, square=True)
    n, _ = matrix_shape("solve_sylvester", b, square=True)
    if matrix_shape("solve_sylvester", q) != (m, n):
        raise ShapeError(
            f"solve_sylvester: {a.shape}, {b.shape} and {q.shape} do not fit"
        )
    return ArrayType((*_stack("solve_sylvester", a, b, q), m, n), promote(a, b, q))


def sylvester_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Differentiate: A Ẋ + Ẋ B = Q̇ − Ȧ X − X Ḃ."""
    a_dot, b_dot, change = x_dot
    change = np.zeros_like(y) if change is None else change
    if a_dot is not None:
        change = change - a_dot @ y
    if b_dot is not None:
        change = change - y @ b_dot
    return sylvester(x[0], x[1], change)


def sylvester_vjp(y: Any, x: Any, y_bar: Any) -> Any:
    """Solve Aᵀ Z + Z Bᵀ = X̄: Q̄ = Z, Ā = −Z Xᵀ, B̄ = −Xᵀ Z."""
    z = sylvester(transposed(x[0]), transposed(x[1]), y_bar)
    bars = -(z @ transposed(y)), -(transposed(y) @ z), z
    return tuple(unbroadcast(bar, v.shape) for bar, v in zip(bars, x, strict=True))


def _sylvester_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for a, b, q in (
        ((3, 3), (2, 2), (3, 2)),
        ((1, 1), (2, 2), (1, 2)),
        ((2, 2, 2), (3, 3), (2, 3)),
    ):
        yield Sample((_stable(rng, dtype, a), _stable(rng, dtype, b),
                      arrays(rng, dtype, q)))  # fmt: skip


def _stable(rng: Any, dtype: Any, shape: tuple[int, ...], shift: float = 2) -> Any:
    """Draw matrices with eigenvalues near the shift."""
    near = 0.4 * arrays(rng, dtype, shape, -1, 1)
    return (near + shift * np.eye(shape[-1])).astype(dtype)


sylvester: General = general(
    "solve_sylvester", (), active=(0, 1, 2),
    impl=_sylvester,
    type=_sylvester_type,
    jvp=sylvester_jvp, vjp=sylvester_vjp, taylor=of_equation("solve_sylvester"),
    cost=lambda types, y: 25 * (types[0].size + types[1].size) * sum(y.shape[-2:]),
    batch=stacked(),
    sample=_sylvester_samples, ref="the equation is linear in each of its matrices",
)  # fmt: skip

# ----- X = A X Aᴴ + Q -----


def _discrete_lyapunov(a: Any, q: Any, *, method: str) -> Any:
    dtype = np.result_type(a, q)
    stack = np.broadcast_shapes(a.shape[:-2], q.shape[:-2])
    a = np.broadcast_to(a, stack + a.shape[-2:])
    q = np.broadcast_to(q, stack + q.shape[-2:])
    y = np.empty(q.shape, dtype)
    for k in np.ndindex(*stack):
        y[k] = scipy.linalg.solve_discrete_lyapunov(a[k], q[k], method=method)
    return y


def _discrete_type(a: Any, q: Any, *, method: str) -> ArrayType:
    shape = matrix_shape("solve_discrete_lyapunov", a, square=True)
    if matrix_shape("solve_discrete_lyapunov", q) != shape:
        raise ShapeError(f"solve_discrete_lyapunov: {a.shape} and {q.shape} do not fit")
    stack = _stack("solve_discrete_lyapunov", a, q)
    return ArrayType((*stack, *shape), promote(a, q))


def discrete_jvp(y: Any, x: Any, x_dot: Any, *, method: str) -> Any:
    """Differentiate: Ẋ = A Ẋ Aᴴ + (Ȧ X Aᴴ + A X Ȧᴴ + Q̇)."""
    (a, _), (a_dot, change) = x, x_dot
    change = np.zeros_like(y) if change is None else change
    if a_dot is not None:
        change = change + a_dot @ y @ adjoint(a) + a @ y @ adjoint(a_dot)
    return discrete_lyapunov(a, change, method=method)


def discrete_vjp(y: Any, x: Any, y_bar: Any, *, method: str) -> Any:
    """Solve Z = Aᵀ Z conj(A) + X̄: Q̄ = Z, Ā = Z conj(A) Xᵀ + conj(Zᵀ A X)."""
    a, q = x
    z = discrete_lyapunov(transposed(a), y_bar, method=method)
    a_bar = z @ conjugate(a) @ transposed(y) + conjugate(transposed(z) @ a @ y)
    return unbroadcast(a_bar, a.shape), unbroadcast(z, q.shape)


def _discrete_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for a, method in (((2, 2), "direct"), ((3, 3), "bilinear"), ((2, 2, 2), "direct")):
        some = _stable(rng, dtype, a, 0.2)
        yield Sample((some, arrays(rng, dtype, a[-2:])), {"method": method})


discrete_lyapunov: General = general(
    "solve_discrete_lyapunov", (), active=(0, 1),
    impl=_discrete_lyapunov,
    type=_discrete_type,
    jvp=discrete_jvp, vjp=discrete_vjp,
    cost=lambda types, y, **_: 50 * y.size * y.shape[-1],
    batch=stacked(),
    sample=_discrete_samples, ref="the equation, differentiated",
)  # fmt: skip

# ----- Riccati -----


def _riccati(
    a: Any, b: Any, q: Any, r: Any, e: Any, s: Any, *, discrete: bool, balanced: bool
) -> Any:
    dtype = np.result_type(a, b, q, r, e, s)
    solve = (
        scipy.linalg.solve_discrete_are
        if discrete
        else scipy.linalg.solve_continuous_are
    )
    y = solve(a, b, hermitian(q), hermitian(r), e, s, balanced)
    return y.astype(dtype, copy=False)


def riccati_jvp(y: Any, x: Any, x_dot: Any, *, discrete: bool, balanced: bool) -> Any:
    """Differentiate the equation in the form that its gain K makes stationary.

    With K the feedback gain and F = A − B K, the continuous equation is
    Fᴴ X E + Eᴴ X F + Kᴴ R K − S K − Kᴴ Sᴴ + Q = 0, the discrete one
    Fᴴ X F − Eᴴ X E + Kᴴ R K − S K − Kᴴ Sᴴ + Q = 0; in neither has K̇ an effect.
    """
    a, b, _, r, e, s = x
    r = hermitian(r)
    a_dot, b_dot, q_dot, r_dot, e_dot, s_dot = (
        np.zeros_like(v) if v_dot is None else v_dot
        for v, v_dot in zip(x, x_dot, strict=True)
    )
    if discrete:
        side = adjoint(b) @ y @ a + adjoint(s)
        gain = np.linalg.solve(r + adjoint(b) @ y @ b, side)
    else:
        gain = np.linalg.solve(r, adjoint(b) @ y @ e + adjoint(s))
    closed = a - b @ gain
    moved = adjoint(a_dot - b_dot @ gain) @ y
    if discrete:
        half = moved @ closed - adjoint(e) @ y @ e_dot
    else:
        half = moved @ e + adjoint(closed) @ y @ e_dot
    half = half - s_dot @ gain
    change = hermitian(q_dot) + adjoint(gain) @ hermitian(r_dot) @ gain
    change = change + half + adjoint(half)
    # Eᴴ and E divided out, on the left and on the right.
    inverse = np.linalg.inv(e)
    change = adjoint(inverse) @ change @ inverse
    closed = adjoint(closed @ inverse)
    if discrete:
        return discrete_lyapunov(closed, change, method="bilinear")
    return sylvester(closed, adjoint(closed), -change)


def _riccati_type(
    a: Any, b: Any, q: Any, r: Any, e: Any, s: Any, **_: Any
) -> ArrayType:
    name = "solve_continuous_are, solve_discrete_are"
    n, _n = matrix_shape(name, a, square=True)
    k = matrix_shape(name, b)[1]
    needed = [(n, n), (n, k), (n, n), (k, k), (n, n), (n, k)]
    matrices = (a, b, q, r, e, s)
    if any(t.shape[-2:] != shape for t, shape in zip(matrices, needed, strict=True)):
        shapes = ", ".join(str(t.shape) for t in matrices[:4])
        raise ShapeError(f"{name}: {shapes} do not fit")
    return ArrayType((*_stack(name, *matrices), n, n), promote(*matrices))


def _riccati_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for discrete in (False, True):
        for n, k in ((2, 1), (3, 2)):
            # Stable by themselves: the solution exists well around each sample.
            a = 0.3 * arrays(rng, dtype, (n, n), -1, 1) - (0 if discrete else np.eye(n))
            b = well_conditioned(rng, dtype, (n, k))
            q, r = (well_conditioned(rng, dtype, (m, m)) for m in (n, k))
            q, r = (np.asarray(v @ np.conj(v.T), dtype) for v in (q, r))
            e = _stable(rng, dtype, (n, n), 1.5)
            s = 0.1 * arrays(rng, dtype, (n, k), -1, 1)
            inputs = tuple(np.asarray(v, dtype) for v in (a, b, q, r, e, s))
            yield Sample(inputs, {"discrete": discrete, "balanced": False})


riccati: General = general(
    "solve_riccati", (), active=(0, 1, 2, 3, 4, 5),
    impl=_riccati,
    type=_riccati_type,
    jvp=riccati_jvp, vjp=_BY_TRANSPOSITION,
    cost=lambda types, y, **_: 200 * y.size * y.shape[-1],
    batch=looped,
    sample=_riccati_samples, ref="the equation, differentiated at its gain",
)  # fmt: skip

# ----- faces -----


@answers(scipy.linalg.solve_sylvester)
def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """Solve A X + X B = Q."""
    return _solved(*(finite(x, False) for x in (a, b, q)))


@answers(scipy.linalg.solve_continuous_lyapunov)
def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    """Solve A X + X Aᴴ = Q."""
    a = square("solve_continuous_lyapunov", a)
    return _solved(a, adjoint(a), square("solve_continuous_lyapunov", q))


def _solved(a: Any, b: Any, q: Any) -> Any:
    _sylvester_type(*map(ArrayType.of, (a, b, q)))  # says what does not fit
    return sylvester(a, b, q)


if scipy.linalg.solve_lyapunov is not scipy.linalg.solve_continuous_lyapunov:
    answers(scipy.linalg.solve_lyapunov)(solve_continuous_lyapunov)


@answers(scipy.linalg.solve_discrete_lyapunov)
def solve_discrete_lyapunov(a: Any, q: Any, method: str | None = None) -> Any:
    """Solve A X Aᴴ − X + Q = 0."""
    a, q = double(finite(a, False)), double(finite(q, False))
    if method is None:
        method = "bilinear" if a.shape[0] >= 10 else "direct"
    if method.lower() not in ("bilinear", "direct"):
        raise ValueError(f"Unknown solver {method}")
    _discrete_type(ArrayType.of(a), ArrayType.of(q), method="")
    return discrete_lyapunov(a, q, method=method.lower())


@answers(scipy.linalg.solve_continuous_are)
def solve_continuous_are(
    a: Any, b: Any, q: Any, r: Any, e: Any = None, s: Any = None, balanced: bool = True
) -> Any:
    """Solve the continuous algebraic Riccati equation.

    Q and R, which must be Hermitian, have derivatives along Hermitian directions.
    """
    return riccati(*_checked(a, b, q, r, e, s), discrete=False, balanced=bool(balanced))


@answers(scipy.linalg.solve_discrete_are)
def solve_discrete_are(
    a: Any, b: Any, q: Any, r: Any, e: Any = None, s: Any = None, balanced: bool = True
) -> Any:
    """Solve the discrete algebraic Riccati equation.

    Q and R, which must be Hermitian, have derivatives along Hermitian directions.
    """
    return riccati(*_checked(a, b, q, r, e, s), discrete=True, balanced=bool(balanced))


def _checked(a: Any, b: Any, q: Any, r: Any, e: Any, s: Any) -> tuple[Any, ...]:
    a, b, q, r = (double(finite(v)) for v in (a, b, q, r))
    for name, matrix in (("q", q), ("r", r)):
        matrix_shape(name, matrix, square=True)
        bound = 100 * np.finfo(float).eps * np.max(np.abs(matrix))
        if np.max(np.abs(matrix - adjoint(matrix))) > bound:
            raise ValueError(f"Matrix {name} should be symmetric/hermitian.")
    e = np.eye(a.shape[-1], dtype=a.dtype) if e is None else double(finite(e))
    s = np.zeros(b.shape, b.dtype) if s is None else double(finite(s))
    _riccati_type(*map(ArrayType.of, (a, b, q, r, e, s)))
    return a, b, q, r, e, s
