"""`scipy.sparse.linalg` with derivatives: systems, powers, exponentials, norms.

Matrices are plain or of traced entries; what is a matrix by its products only, a
LinearOperator, is refused where something is traced.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse.linalg

import wengert.primitives.scipy_sparse  # noqa: F401  (registers rows)
from wengert.errors import ShapeError
from wengert.primitives.axes import as_array, refuse
from wengert.primitives.refusal import undefined
from wengert.primitives.scipy_sparse.systems import sparse_solve
from wengert.scipy.dropin import drop_in, holds_tracer, in_order, plain
from wengert.scipy.sparse.entries import Entries, entries_of, is_sparse

__all__: list[str] = in_order(scipy.sparse.linalg.__all__)

globals().update(drop_in(scipy.sparse.linalg))


def _answered(original: Any) -> Callable[..., Any]:
    """Answer a function of SciPy by this one, where something is traced."""

    def decorate(face: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            if holds_tracer(args) or holds_tracer(kwargs):
                return face(*args, **kwargs)
            return original(*args, **kwargs)

        return call

    return decorate


def _solved(a: Any, b: Any, method: str = "lu", options: Any = ()) -> Any:
    a = entries_of(a)
    if is_sparse(b):
        raise undefined("scipy.sparse.linalg.spsolve(A, B)", "B is sparse",
                        "take B.toarray()")  # fmt: skip
    b = as_array(b)
    if b.dtype.kind not in "fc":
        b = b.astype(np.float64)
    if a.shape[0] != a.shape[1] or b.shape[:1] != a.shape[:1]:
        raise ShapeError(f"spsolve: {a.shape} and {b.shape} do not fit")
    data = a.data if a.data.dtype.kind in "fc" else a.data.astype(np.float64)
    columns = b if b.ndim == 2 else b[:, None]
    y = sparse_solve(data, a.rows, a.cols, columns, method=method, options=options)
    return y if b.ndim == 2 else y[:, 0]


@_answered(scipy.sparse.linalg.spsolve)
def spsolve(A: Any, b: Any, permc_spec: Any = None, use_umfpack: bool = True) -> Any:
    """Solve A x = b."""
    x = _solved(A, b)
    return x[:, 0] if x.ndim == 2 and x.shape[1] == 1 else x


@_answered(scipy.sparse.linalg.spsolve_triangular)
def spsolve_triangular(
    A: Any, b: Any, lower: bool = True, overwrite_A: bool = False,
    overwrite_b: bool = False, unit_diagonal: bool = False,
) -> Any:  # fmt: skip
    """Solve A x = b with one triangle of A."""
    a = entries_of(A)
    beyond = a.cols > a.rows if lower else a.cols < a.rows
    if np.any(beyond):
        raise np.linalg.LinAlgError(
            f"A is not triangular: it has entries {'above' if lower else 'below'} the "
            "diagonal."
        )
    if unit_diagonal:
        n = a.shape[0]
        inner = np.flatnonzero(a.cols != a.rows)
        a = a.like(
            np.concatenate([a.data[inner], np.ones(n, a.dtype)]),
            np.concatenate([a.rows[inner], np.arange(n)]),
            np.concatenate([a.cols[inner], np.arange(n)]),
        )
    return _solved(a, b)


class Factors:
    """A matrix and its factors: SciPy's on plain arrays, a rule on traced ones."""

    def __init__(self, a: Any, factors: Any) -> None:
        self.a = a
        self.factors = factors

    def solve(self, rhs: Any, trans: str = "N") -> Any:
        """Solve A x = b, or with the transposed or adjoint matrix."""
        if not holds_tracer((self.a, rhs)):
            return self.factors.solve(rhs, trans)
        a = entries_of(self.a)
        if trans not in ("N", "T", "H"):
            raise ValueError("trans must be N, T, or H")
        a = a if trans == "N" else a.T if trans == "T" else a.T.conj()
        return _solved(a, rhs)

    def __getattr__(self, name: str) -> Any:
        if holds_tracer(self.a):
            raise undefined(f"scipy.sparse.linalg.splu(A).{name}",
                            "the pivots jump", "use .solve")  # fmt: skip
        return getattr(self.factors, name)


@functools.wraps(scipy.sparse.linalg.splu)
def splu(A: Any, *args: Any, **kwargs: Any) -> Any:
    """Factor a matrix; `.solve` answers traced values."""
    if holds_tracer(A):
        return Factors(A, None)
    return Factors(A, scipy.sparse.linalg.splu(A, *args, **kwargs))


@functools.wraps(scipy.sparse.linalg.factorized)
def factorized(A: Any) -> Callable[[Any], Any]:
    """Give the function that solves A x = b."""
    if holds_tracer(A):
        return Factors(A, None).solve
    solve = scipy.sparse.linalg.factorized(A)
    return lambda b: _solved(A, b) if holds_tracer(b) else solve(b)


# ----- by iteration -----


def _iterated(name: str) -> Callable[..., Any]:
    """Make the face of an iterative solver: the derivative is solved by it too."""
    original = getattr(scipy.sparse.linalg, name)

    def face(
        A: Any, b: Any, x0: Any = None, *, M: Any = None, callback: Any = None,
        callback_type: Any = None, **options: Any,
    ) -> Any:  # fmt: skip
        if isinstance(A, scipy.sparse.linalg.LinearOperator) or M is not None:
            raise undefined(
                f"scipy.sparse.linalg.{name} by an operator or preconditioner",
                "its transpose is not known", "give a sparse matrix, or use spsolve",
            )  # fmt: skip
        refuse(f"scipy.sparse.linalg.{name}", callback=callback)
        # Derivatives start at zero and are as exact as the solution.
        return _solved(A, b, name, tuple(sorted(options.items()))), 0

    solver: Callable[..., Any] = _answered(original)(face)
    return solver


bicg, bicgstab, cg, cgs, gmres, lgmres, minres, qmr, tfqmr, gcrotmk = map(
    _iterated,
    "bicg bicgstab cg cgs gmres lgmres minres qmr tfqmr gcrotmk".split(),
)


# ----- functions of matrices -----


@_answered(scipy.sparse.linalg.matrix_power)
def matrix_power(A: Any, power: int) -> Any:
    """Multiply a matrix with itself."""
    a = entries_of(A)
    result = a
    if power < 1:
        raise undefined("scipy.sparse.linalg.matrix_power", "power < 1", "use spsolve")
    for _ in range(power - 1):
        result = result @ a
    return result


@_answered(scipy.sparse.linalg.expm_multiply)
def expm_multiply(
    A: Any, B: Any, start: Any = None, stop: Any = None, num: Any = None,
    endpoint: Any = None, traceA: Any = None,
) -> Any:  # fmt: skip
    """Give exp(A) B, by s steps of a Taylor series, where s ≥ ‖A‖₁.

    Cost: about 20 ‖A‖₁ products.
    """
    if any(v is not None for v in (start, stop, num, endpoint)):
        raise undefined("scipy.sparse.linalg.expm_multiply(start=…)", "several times",
                        "take it at each, of t * A")  # fmt: skip
    a, y = entries_of(A), as_array(B)
    sums = np.zeros(a.shape[1])
    np.add.at(sums, a.cols, np.abs(plain(a.data)))
    steps = max(int(np.ceil(sums.max(initial=0.0))), 1)
    for _ in range(steps):
        term = total = y
        # 1/19! is below the rounding; products with A/s do not grow.
        for k in range(1, 20):
            term = (a @ term) / (steps * k)
            total = total + term
        y = total
    return y


@_answered(scipy.sparse.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None) -> Any:
    """Give the Frobenius norm, or that of the largest row or column sum."""
    a: Entries = entries_of(x).tocsr()
    if axis is None and ord in (None, "fro", "f"):
        return np.linalg.norm(a.data)
    if axis is None and ord in (1, np.inf):
        magnitudes = a.like(np.abs(a.data), a.rows, a.cols)
        return np.max(magnitudes.sum(0 if ord == 1 else 1))
    raise undefined(
        f"scipy.sparse.linalg.norm(ord={ord}, axis={axis})", "none is written",
        "take np.linalg.norm of x.toarray()",
    )  # fmt: skip
