"""Finite differences: the independent oracle.

It shares no code with what it judges, and knows of f only what f returns.

* `directional`, `gradient`, `jacobian`, `hessian`, `hessian_of_gradient`: derivatives
* `estimate`: a derivative with its error estimate
* `check_derivatives`: a forward and a reverse mode on trial
* `optimal_step`, `error_bound`, `default_step`, `noise`: how long a step
"""

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
]
