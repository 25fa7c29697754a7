"""Residuals and their Jacobian, as SciPy's solvers ask for them: on vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, ShapeError
from wengert.operators.arguments import name_of
from wengert.operators.jacobian import jacobian
from wengert.operators.linear_operators import jacobian_operator
from wengert.optimize.measured import Compile, Measured
from wengert.optimize.nans import nan_error
from wengert.optimize.progress import Progress
from wengert.optimize.report import Report
from wengert.optimize.unknowns import Unknowns, as_vector

__all__ = ["KINDS", "Residuals"]

KINDS = ("dense", "sparse", "operator")
_FEW = 64  # unknowns; of more, the pattern may save most sweeps


class Residuals:
    """r(x) and its Jacobian at vectors.

    Parameters
    ----------
    unknowns : Unknowns
    r : callable
        `(x)` → pytree of residuals.
    kind : {"dense", "sparse", "operator"} or callable
        Of the Jacobian: an array, a csr_array, or products with it; or the user's own
        function of x.
    report : Report
    compile : bool or "auto"
    progress : Progress

    Attributes
    ----------
    best : (array, array)
        Where the sum of squares was least so far, and the residuals there.
    """

    def __init__(
        self,
        unknowns: Unknowns,
        r: Callable[[Any], Any],
        kind: Any,
        report: Report,
        compile: Compile,
        progress: Progress,
    ) -> None:
        self._unknowns, self._progress, self._name = unknowns, progress, name_of(r)

        def flat(v: Any) -> Any:
            return as_vector(r(unknowns.tree(v)))

        self.flat = flat
        self._value = Measured(report, "residual", flat, compile)
        derivative, compiles = self._derivative(kind)
        self._jacobian = Measured(
            report, "Jacobian", derivative, compile if compiles else False
        )
        self.best: tuple[Any, Any] = unknowns.start, None
        self._least, self._count = np.inf, 0

    def _derivative(self, kind: Any) -> tuple[Callable[..., Any], bool]:
        if callable(kind):
            return lambda v: kind(self._unknowns.tree(v)), False
        if kind == "operator":
            return lambda v: jacobian_operator(self.flat, v), False
        if kind not in KINDS:
            raise ArgumentError(
                f"{self._unknowns.name}: jac={kind!r}; it is a function of x or one of "
                f"{', '.join(KINDS)}"
            )
        if kind == "sparse":
            return jacobian(self.flat, sparse=True), True
        return self._dense, True

    def _dense(self, v: Any) -> Any:
        # Solvers ask for the residuals first. Where these are many and the unknowns
        # few, "auto" would record a tape only to see that.
        tall = self._count >= v.size <= _FEW
        return jacobian(self.flat, mode="forward" if tall else "auto")(v)

    def value(self, v: Any) -> Any:
        """Evaluate the residuals, an array (m,)."""
        values = np.asarray(self._value(np.array(v)))
        if values.dtype.kind not in "fiub":
            raise ShapeError(
                f"{self._unknowns.name}: {self._name} gives {values.dtype} residuals; "
                "take real and imaginary parts"
            )
        calls, self._count = self._value.count.calls, values.size
        if calls == 1 and not np.isfinite(values).all():
            raise nan_error(
                f"{self._unknowns.name}: {self._name} is not finite at x0", self.flat, v
            )
        with np.errstate(all="ignore"):
            total = float(np.sum(values**2))
        if total < self._least:
            self._least, self.best = total, (np.array(v), values)
        self._progress.show(calls, self._least)
        return values

    def jacobian(self, v: Any) -> Any:
        """Evaluate the Jacobian (m, n)."""
        matrix = self._jacobian(np.array(v))
        entries = matrix if isinstance(matrix, np.ndarray) else getattr(
            matrix, "data", 0.0
        )  # fmt: skip
        if not np.isfinite(entries).all():
            raise nan_error(
                f"{self._unknowns.name}: the Jacobian of {self._name} is not finite at "
                f"its evaluation {self._jacobian.count.calls}",
                self.flat,
                np.array(v),
            )
        return matrix
