"""Finite differences: the independent oracle.

It shares no code with what it judges, and knows of f only what f returns.

* `directional`, `gradient`, `jacobian`, `hessian`, `hessian_of_gradient`: derivatives
* `estimate`: a derivative with its error estimate
* `check_derivatives`: a forward and a reverse mode on trial
* `with_differences`: a function whose derivatives are differences, by choice
* `optimal_step`, `error_bound`, `default_step`, `noise`: how long a step
"""

from collections.abc import Callable
from typing import Any

from wengert.lazily import opener
from wengert.numeric.check import check_derivatives
from wengert.numeric.differences import Difference, directional, estimate, noise
from wengert.numeric.hessians import hessian, hessian_of_gradient
from wengert.numeric.jacobians import gradient, jacobian
from wengert.numeric.report import Record, Report
from wengert.numeric.schemes import SCHEMES
from wengert.numeric.steps import default_step, error_bound, optimal_step

__all__ = [
    "SCHEMES",
    "Difference",
    "Record",
    "Report",
    "check_derivatives",
    "default_step",
    "directional",
    "error_bound",
    "estimate",
    "gradient",
    "hessian",
    "hessian_of_gradient",
    "jacobian",
    "noise",
    "optimal_step",
    "with_differences",
]

# It stands on a floor above, since it is differentiated as well as it differentiates;
# the oracle itself never opens it.
with_differences: Callable[..., Any]
__getattr__ = opener(__name__, {"with_differences": "wengert.operators.differences"})
