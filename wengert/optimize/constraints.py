"""Constraints, with exact Jacobians and Hessians filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import scipy.optimize

from wengert.errors import ArgumentError
from wengert.operators.hessian import hessian
from wengert.operators.jacobian import jacobian
from wengert.optimize.measured import Compile, Measured
from wengert.optimize.report import Report
from wengert.optimize.unknowns import Unknowns, as_vector

__all__ = ["Filling", "filled"]


class Filling:
    """How constraints get what they lack.

    Parameters
    ----------
    unknowns : Unknowns
    report : Report
    compile : bool or "auto"
    sparse : bool
        Whether Jacobians and Hessians are sparse.
    second : bool
        Whether the solver asks for Hessians.
    """

    def __init__(
        self,
        unknowns: Unknowns,
        report: Report,
        compile: Compile,
        sparse: bool,
        second: bool,
    ) -> None:
        self.unknowns, self.report = unknowns, report
        self.compile, self.sparse, self.second = compile, sparse, second

    def function(self, f: Callable[..., Any], args: tuple[Any, ...]) -> Measured:
        """Make the function of vectors: x → constraints."""
        flat = lambda v: as_vector(f(self.unknowns.tree(v), *args))
        return Measured(self.report, "constraint", flat, self.compile)

    def jacobian(self, flat: Callable[[Any], Any]) -> Measured:
        """Make its exact Jacobian."""
        derivative = jacobian(flat, sparse=self.sparse)
        return Measured(self.report, "constraint Jacobian", derivative, self.compile)

    def hessian(self, flat: Callable[[Any], Any]) -> Measured:
        """Make the Hessian of the multipliers' sum of constraints."""
        derivative = hessian(lambda v, m: np.sum(m * flat(v)), sparse=self.sparse)
        measured = Measured(self.report, "constraint Hessian", derivative, self.compile)
        return measured

    def users(self, derivative: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Let the user's own derivative take vectors."""
        tree = self.unknowns.tree
        return lambda v, *rest: derivative(tree(v), *args, *rest)


def filled(constraints: Any, filling: Filling) -> list[Any]:
    """Fill in the derivatives of constraints that have none.

    Parameters
    ----------
    constraints : one or a sequence of dict, LinearConstraint, NonlinearConstraint
        A matrix acts on the leaves of x, put one after the other.
    filling : Filling

    Raises
    ------
    ArgumentError
        If it is something else.
    """
    kinds = (scipy.optimize.LinearConstraint, scipy.optimize.NonlinearConstraint)
    if isinstance(constraints, (Mapping, *kinds)):
        constraints = [constraints]
    if not isinstance(constraints, Sequence):
        raise ArgumentError(f"constraints are a sequence, not {constraints!r}")
    return [_filled(constraint, filling) for constraint in constraints]


def _filled(constraint: Any, filling: Filling) -> Any:
    if isinstance(constraint, Mapping):
        return _of_dict(constraint, filling)
    if isinstance(constraint, scipy.optimize.NonlinearConstraint):
        return _nonlinear(constraint, filling)
    if isinstance(constraint, scipy.optimize.LinearConstraint):
        return constraint
    raise ArgumentError(
        'a constraint is {"type": "eq" or "ineq", "fun": f}, a LinearConstraint or a '
        f"NonlinearConstraint; not {constraint!r}"
    )


def _of_dict(constraint: Mapping[str, Any], filling: Filling) -> dict[str, Any]:
    unknown = set(constraint) - {"type", "fun", "jac", "args"}
    if unknown or not {"type", "fun"} <= set(constraint):
        raise ArgumentError(
            'a constraint has "type", "fun", and perhaps "jac" and "args"; this one '
            f"has {sorted(constraint)}"
        )
    args = tuple(constraint.get("args", ()))
    function = filling.function(constraint["fun"], args)
    own = constraint.get("jac")
    return {
        "type": constraint["type"],
        "fun": function,
        "jac": filling.users(own, args) if callable(own)
        else filling.jacobian(function.plain),
    }  # fmt: skip


def _nonlinear(constraint: Any, filling: Filling) -> Any:
    function = filling.function(constraint.fun, ())
    own_jac, hess = constraint.jac, constraint.hess
    if filling.second:
        updates = isinstance(hess, scipy.optimize.HessianUpdateStrategy)
        hess = (
            filling.users(hess, ())
            if callable(hess) and not updates
            else filling.hessian(function.plain)
        )
    return scipy.optimize.NonlinearConstraint(
        function,
        _limit(constraint.lb),
        _limit(constraint.ub),
        jac=filling.users(own_jac, ()) if callable(own_jac)
        else filling.jacobian(function.plain),
        hess=hess,
        keep_feasible=constraint.keep_feasible,
    )  # fmt: skip


def _limit(value: Any) -> Any:
    return value if np.isscalar(value) else as_vector(value)
