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
    from wengert import numeric
    from wengert.explanation import compare, cost, explain, smoothness
    from wengert.operators.c_code import to_c
    from wengert.operators.checking import check_grads
    from wengert.operators.checkpointing import (
        checkpoint,
        checkpoint_name,
        save_only,
    )
    from wengert.operators.compile import jit

__all__ = [
    "Graph",
    "check_grads",
    "checkpoint",
    "checkpoint_name",
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
    "save_only",
    "scan",
    "smoothness",
    "stop_gradient",
    "switch",
    "to_c",
    "trace",
    "value_and_grad",
    "vjp",
    "while_loop",
]

__getattr__ = opener(
    __name__,
    {
        "check_grads": "wengert.operators.checking",
        "checkpoint": "wengert.operators.checkpointing",
        "checkpoint_name": "wengert.operators.checkpointing",
        "compare": "wengert.explanation",
        "cost": "wengert.explanation",
        "explain": "wengert.explanation",
        "jit": "wengert.operators.compile",
        "numeric": "wengert.numeric",
        "save_only": "wengert.operators.checkpointing",
        "smoothness": "wengert.explanation",
        "to_c": "wengert.operators.c_code",
    },
)
