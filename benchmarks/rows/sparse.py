"""What does a sparse Jacobian or Hessian cost: found, and computed again and again?"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

import wengert
from benchmarks.library import Unable
from benchmarks.setting import Setting
from benchmarks.symbolic import Casadi
from benchmarks.table import Table, cell, number, ratio
from benchmarks.timing import interleaved
from benchmarks.verify import verify

__all__ = ["measure"]

Xp = Any


class Case(NamedTuple):
    """A function with a sparse derivative.

    Attributes
    ----------
    title : str
    of : str
        "jacobian" or "hessian".
    f : callable
        Of x and a namespace: NumPy's, or JAX's.
    casadi : callable
        The same of CasADi's symbols, and the library.
    at : callable
        Where, of n.
    exact : callable
        The derivative, written by hand.
    """

    title: str
    of: str
    f: Callable[[Any, Xp], Any]
    casadi: Callable[[Any, Any], Any]
    at: Callable[[int], Any]
    exact: Callable[[Any], Any]


def measure(setting: Setting) -> Table:
    """Time Broyden's tridiagonal and Bratu's problem, and chained Rosenbrock."""
    sizes = (10**2,) if setting.effort.quick else (10**3, 10**4, 10**5)
    table = Table(
        "Sparse derivatives",
        ["", "n", "entries", "sweeps", "library", "first, s", "a call, ms", "ratio"],
    )
    for case in (BROYDEN, BRATU, ROSENBROCK):
        for n in sizes:
            _rows(table, case, n, setting)
    table.notes.append(
        "First: pattern, colours, code and one result; for JAX, dense, its "
        "compilation. A call gives a csr_array, of CasADi a csc_array of its buffer. "
        "CasADi takes expressions of scalars (SX); its C only where gcc takes less "
        "than minutes. JAX, which is dense, up to n = 10³."
    )
    return table


def _rows(table: Table, case: Case, n: int, setting: Setting) -> None:
    x = case.at(n)
    exact = scipy.sparse.csr_array(case.exact(x))
    calls, firsts = {}, {}
    for name, make in _makers(case, x, setting).items():
        start = perf_counter()
        try:
            call = make()
        except Unable:
            continue
        found = call()
        firsts[name] = perf_counter() - start
        verify(name, _data(found, exact), exact.data)
        calls[name] = call
    times = interleaved(calls, setting.effort)
    sweeps = wengert.sparsity(lambda x: case.f(x, np), of=case.of)(x).sweeps
    for name, timing in times.items():
        table.rows.append(
            [
                case.title, f"{len(x):,}", f"{exact.nnz:,}", str(sweeps),
                setting.titles[name], number(firsts[name]), cell(timing, 1e-3),
                ratio(timing, times[setting.ours]),
            ]
        )  # fmt: skip


def _makers(
    case: Case, x: Any, setting: Setting
) -> dict[str, Callable[[], Callable[[], Any]]]:
    """Say how each library that is there makes its call."""

    def casadi(name: str) -> Callable[[], Any]:
        library = setting.libraries[name]
        assert isinstance(library, Casadi)
        return library.sparse(case.of, case.casadi, x)

    makers: dict[str, Callable[[], Callable[[], Any]]] = {
        "wengert": lambda: _ours(case, x, compiled=False),
        "wengert jit": lambda: _ours(case, x, compiled=True),
        "casadi": lambda: casadi("casadi"),
        "casadi C": lambda: casadi("casadi C"),
        "jax": lambda: _jax(case, x),
    }
    if len(x) > _MOST_OF_DENSE:
        del makers["jax"]
    return {name: make for name, make in makers.items() if name in setting.present}


_MOST_OF_DENSE = 1100  # columns


def _data(found: Any, exact: Any) -> Any:
    """Give the entries in the places of the exact matrix; others must be zero."""
    found = scipy.sparse.csr_array(found)
    assert abs(found - exact).max() <= 1e-6 * abs(exact).max()
    rows = np.repeat(np.arange(exact.shape[0]), np.diff(exact.indptr))
    return np.asarray(found[rows, exact.indices]).ravel()


def _ours(case: Case, x: Any, compiled: bool) -> Callable[[], Any]:
    operator = wengert.hessian if case.of == "hessian" else wengert.jacobian
    derivative = operator(lambda x: case.f(x, np), sparse=True)
    if compiled:
        derivative = wengert.jit(derivative).compile(x)
    return lambda: derivative(x)


def _jax(case: Case, x: Any) -> Callable[[], Any]:
    import jax

    operator = jax.hessian if case.of == "hessian" else jax.jacobian
    compiled = jax.jit(operator(lambda x: case.f(x, jax.numpy)))
    return lambda: np.asarray(compiled(x))


# ----- Broyden's tridiagonal function -----


def _broyden(x: Any, xp: Xp) -> Any:
    zero = xp.zeros(1)
    before, after = xp.concatenate([zero, x[:-1]]), xp.concatenate([x[1:], zero])
    return (3 - 2 * x) * x - before - 2 * after + 1


def _broyden_casadi(x: Any, casadi: Any) -> Any:
    before, after = casadi.vertcat(0, x[:-1]), casadi.vertcat(x[1:], 0)
    return (3 - 2 * x) * x - before - 2 * after + 1


def _broyden_exact(x: Any) -> Any:
    ones = np.ones(len(x) - 1)
    return scipy.sparse.diags_array([-ones, 3 - 4 * x, -2 * ones], offsets=[-1, 0, 1])


# ----- Bratu's problem: Laplace's operator on a square, and an exponential -----

_LAMBDA = 0.1


def _side(n: int) -> int:
    return round(n**0.5)


def _bratu(u: Any, xp: Xp) -> Any:
    side = _side(len(u))
    v = xp.pad(u.reshape(side, side), 1)
    around = v[:-2, 1:-1] + v[2:, 1:-1] + v[1:-1, :-2] + v[1:-1, 2:]
    return (4 * v[1:-1, 1:-1] - around).reshape(-1) - _LAMBDA * xp.exp(u)


def _bratu_casadi(u: Any, casadi: Any) -> Any:
    side = _side(u.shape[0])
    v, row = casadi.reshape(u, side, side), casadi.SX(1, side)
    column = casadi.SX(side, 1)
    around = casadi.vertcat(row, v[:-1, :]) + casadi.vertcat(v[1:, :], row)
    around += casadi.horzcat(column, v[:, :-1]) + casadi.horzcat(v[:, 1:], column)
    return casadi.vec(4 * v - around) - _LAMBDA * casadi.exp(u)


def _bratu_exact(u: Any) -> Any:
    side = _side(len(u))
    line = scipy.sparse.diags_array(
        [-np.ones(side - 1), np.full(side, 2.0), -np.ones(side - 1)],
        offsets=[-1, 0, 1],
    )
    eye = scipy.sparse.eye_array(side)
    grid = scipy.sparse.kron(line, eye) + scipy.sparse.kron(eye, line)
    return grid - scipy.sparse.diags_array(_LAMBDA * np.exp(u))


# ----- chained Rosenbrock -----


def _rosenbrock(x: Any, xp: Xp) -> Any:
    return xp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def _rosenbrock_casadi(x: Any, casadi: Any) -> Any:
    return casadi.sum1(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def _rosenbrock_exact(x: Any) -> Any:
    beside = -400 * x[:-1]
    middle = np.zeros_like(x)
    middle[:-1] = 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    middle[1:] += 200
    return scipy.sparse.diags_array([beside, middle, beside], offsets=[-1, 0, 1])


def _line(n: int) -> Any:
    return np.linspace(0.1, 0.9, n)


def _square(n: int) -> Any:
    return np.linspace(0.1, 0.9, _side(n) ** 2)


BROYDEN = Case(
    "Broyden's tridiagonal", "jacobian", _broyden, _broyden_casadi, _line,
    _broyden_exact,
)  # fmt: skip
BRATU = Case(
    "Bratu's problem", "jacobian", _bratu, _bratu_casadi, _square, _bratu_exact
)
ROSENBROCK = Case(
    "Rosenbrock, chained: Hessian", "hessian", _rosenbrock, _rosenbrock_casadi, _line,
    _rosenbrock_exact,
)  # fmt: skip
