"""wengert: exact derivatives of the NumPy code you already have.

>>> import numpy as np
>>> from wengert import grad
>>> grad(lambda x: np.log(x[0]) + x[0] * x[1] - np.sin(x[1]))(np.array([2.0, 5.0]))
array([5.5       , 1.71633781])
"""

from typing import TYPE_CHECKING

from wengert.graph.equations import Graph
from wengert.lazily import opener
from wengert.operators import (
    cond,
    custom_jvp,
    custom_vjp,
    defjvp,
    defvjp,
    derivative,
    elementwise_grad,
    fori_loop,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    primitive,
    scan,
    stop_gradient,
    switch,
    trace,
    value_and_grad,
    vjp,
    while_loop,
)

if TYPE_CHECKING:
    from wengert import numeric, symbolic
    from wengert.explanation import compare, cost, explain, smoothness, to_latex
    from wengert.operators.c_code import to_c
    from wengert.operators.checking import check_grads
    from wengert.operators.compile import jit
    from wengert.operators.python_code import to_python

__all__ = [
    "Graph",
    "check_grads",
    "compare",
    "cond",
    "cost",
    "custom_jvp",
    "custom_vjp",
    "defjvp",
    "defvjp",
    "derivative",
    "elementwise_grad",
    "explain",
    "fori_loop",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jit",
    "jvp",
    "numeric",
    "primitive",
    "scan",
    "smoothness",
    "stop_gradient",
    "switch",
    "symbolic",
    "to_c",
    "to_latex",
    "to_python",
    "trace",
    "value_and_grad",
    "vjp",
    "while_loop",
]

__getattr__ = opener(
    __name__,
    {
        "check_grads": "wengert.operators.checking",
        "compare": "wengert.explanation",
        "cost": "wengert.explanation",
        "explain": "wengert.explanation",
        "jit": "wengert.operators.compile",
        "numeric": "wengert.numeric",
        "smoothness": "wengert.explanation",
        "symbolic": "wengert.symbolic",
        "to_c": "wengert.operators.c_code",
        "to_latex": "wengert.explanation",
        "to_python": "wengert.operators.python_code",
    },
)
