"""What is minimised, as SciPy's solvers ask for it: on vectors, counted, each once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import NotScalarError
from wengert.operators.arguments import name_of
from wengert.operators.gradient import value_and_grad
from wengert.operators.hessian import hessian
from wengert.operators.products import hvp
from wengert.optimize.measured import Compile, Measured
from wengert.optimize.nans import nan_error
from wengert.optimize.progress import Progress
from wengert.optimize.report import Report
from wengert.optimize.unknowns import Unknowns

__all__ = ["Objective"]


class Objective:
    """f, its gradient, Hessian and products, at vectors.

    Parameters
    ----------
    unknowns : Unknowns
    f : callable
        `(x, *args)` → real scalar.
    args : tuple
    jac : None, True or callable
        Exact; or f gives (value, gradient); or the user's own.
    report : Report
    compile : bool or "auto"
    sparse : bool
        Whether Hessians are sparse.
    progress : Progress

    Attributes
    ----------
    best : (array, float)
        The lowest value so far, and where.
    nans : int
        How often f was nan, at points that were only tried.
    sparse : bool
        Whether Hessians are sparse.
    """

    def __init__(
        self,
        unknowns: Unknowns,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        jac: Any,
        report: Report,
        compile: Compile,
        sparse: bool,
        progress: Progress,
    ) -> None:
        self._unknowns, self._progress = unknowns, progress
        self._jac, self._name, self.sparse = jac, name_of(f), sparse

        def flat(v: Any) -> Any:
            y = f(unknowns.tree(v), *args)
            return y[0] if jac is True else y

        self.flat = flat
        self._value = Measured(report, "value", flat, compile)
        both = self._users(f, args) if jac else value_and_grad(flat)
        self._both = Measured(
            report, "value and gradient", both, False if jac else compile
        )
        self._hessian = Measured(
            report, "Hessian", hessian(flat, sparse=sparse), compile
        )
        self._product = Measured(report, "Hessian product", hvp(flat), compile)
        self.best: tuple[Any, float] = unknowns.start, np.inf
        self.nans = 0
        self._at: Any = None
        self._known: Any = None

    def _users(self, f: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        unknowns, jac = self._unknowns, self._jac

        def both(v: Any) -> Any:
            x = unknowns.tree(v)
            value, gradient = f(x, *args) if jac is True else (
                f(x, *args), jac(x, *args)
            )  # fmt: skip
            return value, unknowns.form.vector(gradient, "the gradient")

        return both

    def value(self, v: Any) -> float:
        """Evaluate f alone, for solvers that need no gradient."""
        return self._taken(v, self._value(v))

    def value_with_gradient(self, v: Any) -> float:
        """Evaluate f and its gradient; give f."""
        return self._evaluated(v)[0]

    def gradient(self, v: Any) -> Any:
        """Give the gradient: that of the evaluation of f at the same point."""
        return self._evaluated(v)[1].copy()

    def hessian(self, v: Any) -> Any:
        """Evaluate the Hessian, an array or a csr_array (n, n)."""
        return self._hessian(v)

    def product(self, v: Any, p: Any) -> Any:
        """Evaluate the product of the Hessian and a vector."""
        return self._product(v, np.asarray(p, v.dtype))

    def _evaluated(self, v: Any) -> tuple[float, Any]:
        if self._at is None or not np.array_equal(self._at, v):
            at = np.array(v)
            value, gradient = self._both(at)
            value = self._taken(at, value)
            if np.isfinite(value) and not np.isfinite(gradient).all():
                raise nan_error(
                    f"minimize: the gradient of {self._name} is not finite at "
                    f"evaluation {self._both.count.calls}, where the value is {value}",
                    self.flat,
                    at,
                )
            self._at, self._known = at, (value, gradient)
        return self._known  # type: ignore[no-any-return]

    def _taken(self, v: Any, value: Any) -> float:
        """Make a float of what f gave; a point where it is nan is no candidate."""
        if np.size(value) != 1 or tree.flatten(value)[1] is not tree.LEAF:
            raise NotScalarError(
                f"minimize: {self._name} returned the shape {np.shape(value)}; a "
                "minimum needs one real number. Perhaps least_squares(f, x0)?"
            )
        result = float(np.reshape(value, ()))
        if np.isnan(result):
            if self._calls == 1:
                where = f"minimize: {self._name} is nan at x0"
                raise nan_error(where, self.flat, v)
            self.nans += 1
            return np.inf
        if result < self.best[1]:
            self.best = np.array(v), result
        self._progress.show(self._calls, self.best[1])
        return result

    @property
    def _calls(self) -> int:
        return self._value.count.calls + self._both.count.calls
