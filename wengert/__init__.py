"""wengert: exact derivatives of the NumPy code you already have.

>>> import numpy as np
>>> from wengert import grad
>>> grad(lambda x: np.log(x[0]) + x[0] * x[1] - np.sin(x[1]))(np.array([2.0, 5.0]))
array([5.5       , 1.71633781])
"""

from wengert import numeric
from wengert.graph.equations import Graph
from wengert.operators import (
    check_grads,
    derivative,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    stop_gradient,
    trace,
    value_and_grad,
    vjp,
)

__all__ = [
    "Graph",
    "check_grads",
    "derivative",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "numeric",
    "stop_gradient",
    "trace",
    "value_and_grad",
    "vjp",
]
