"""Finite differences: the independent oracle.

It shares no code with what it judges, and knows of f only what f returns.

* `gradient`, `jacobian`, `hessian`, `hessian_of_gradient`: derivatives
* `directional`, `column`, `entry`, `hvp`, `hvp_of_gradient`: parts of them
* `sparse_jacobian`, `group_columns`: where most is zero
* `estimate`, `derivative`: a derivative with its error estimate
* `error_study`: the error against the step, drawn
* `check_derivatives`: a forward and a reverse mode on trial
* `with_differences`: a function whose derivatives are differences, by choice
* `optimal_step`, `error_bound`, `default_step`, `noise`: how long a step
"""

from collections.abc import Callable
from typing import Any

from wengert.lazily import opener
from wengert.numeric.check import check_derivatives
from wengert.numeric.columns import column, entry
from wengert.numeric.differences import Difference, directional, estimate, noise
from wengert.numeric.elementwise import derivative
from wengert.numeric.grouping import group_columns
from wengert.numeric.hessians import (
    hessian,
    hessian_of_gradient,
    hvp,
    hvp_of_gradient,
)
from wengert.numeric.jacobians import gradient, jacobian
from wengert.numeric.report import Record, Report
from wengert.numeric.schemes import SCHEMES
from wengert.numeric.sparse import sparse_jacobian
from wengert.numeric.steps import default_step, error_bound, optimal_step

__all__ = [
    "SCHEMES",
    "Difference",
    "Record",
    "Report",
    "check_derivatives",
    "column",
    "default_step",
    "derivative",
    "directional",
    "entry",
    "error_bound",
    "error_study",
    "estimate",
    "gradient",
    "group_columns",
    "hessian",
    "hessian_of_gradient",
    "hvp",
    "hvp_of_gradient",
    "jacobian",
    "noise",
    "optimal_step",
    "sparse_jacobian",
    "with_differences",
]

# They stand on floors above, since they differentiate exactly as well; the oracle
# itself never opens them.
error_study: Callable[..., Any]
with_differences: Callable[..., Any]
__getattr__ = opener(
    __name__,
    {
        "error_study": "wengert.explanation.error_study",
        "with_differences": "wengert.operators.differences",
    },
)
