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
    curl,
    custom_jvp,
    custom_vjp,
    defjvp,
    defvjp,
    derivative,
    derivative_tensor,
    directional_derivative,
    divergence,
    elementwise_grad,
    fori_loop,
    ggn_operator,
    gnvp,
    grad,
    hessian,
    hessian_diagonal,
    hessian_operator,
    hvp,
    jacfwd,
    jacobian,
    jacobian_operator,
    jacrev,
    jvp,
    laplacian,
    primitive,
    scan,
    stop_gradient,
    switch,
    taylor,
    trace,
    value_and_grad,
    vjp,
    vmap,
    while_loop,
)

if TYPE_CHECKING:
    from wengert import imperative, implicit, nn, numeric, ode, optimize, symbolic
    from wengert.explanation import (
        accumulation,
        compare,
        cost,
        explain,
        smoothness,
        sparsity,
        to_latex,
    )
    from wengert.operators.c_code import to_c
    from wengert.operators.checking import check_grads
    from wengert.operators.checkpointing import checkpoint, checkpoint_name, save_only
    from wengert.operators.compile import jit
    from wengert.operators.debugging import debug_nans
    from wengert.operators.linearization import linearize
    from wengert.operators.python_code import to_python

__all__ = [
    "Graph",
    "accumulation",
    "check_grads",
    "checkpoint",
    "checkpoint_name",
    "compare",
    "cond",
    "cost",
    "curl",
    "custom_jvp",
    "custom_vjp",
    "debug_nans",
    "defjvp",
    "defvjp",
    "derivative",
    "derivative_tensor",
    "directional_derivative",
    "divergence",
    "elementwise_grad",
    "explain",
    "fori_loop",
    "ggn_operator",
    "gnvp",
    "grad",
    "hessian",
    "hessian_diagonal",
    "hessian_operator",
    "hvp",
    "imperative",
    "implicit",
    "jacfwd",
    "jacobian",
    "jacobian_operator",
    "jacrev",
    "jit",
    "jvp",
    "laplacian",
    "linearize",
    "nn",
    "numeric",
    "ode",
    "optimize",
    "primitive",
    "save_only",
    "scan",
    "smoothness",
    "sparsity",
    "stop_gradient",
    "switch",
    "symbolic",
    "taylor",
    "to_c",
    "to_latex",
    "to_python",
    "trace",
    "value_and_grad",
    "vjp",
    "vmap",
    "while_loop",
]

__getattr__ = opener(
    __name__,
    {
        "accumulation": "wengert.explanation",
        "check_grads": "wengert.operators.checking",
        "checkpoint": "wengert.operators.checkpointing",
        "checkpoint_name": "wengert.operators.checkpointing",
        "compare": "wengert.explanation",
        "cost": "wengert.explanation",
        "debug_nans": "wengert.operators.debugging",
        "explain": "wengert.explanation",
        "imperative": "wengert.imperative",
        "implicit": "wengert.implicit",
        "jit": "wengert.operators.compile",
        "linearize": "wengert.operators.linearization",
        "nn": "wengert.nn",
        "numeric": "wengert.numeric",
        "ode": "wengert.ode",
        "optimize": "wengert.optimize",
        "save_only": "wengert.operators.checkpointing",
        "smoothness": "wengert.explanation",
        "sparsity": "wengert.explanation",
        "symbolic": "wengert.symbolic",
        "to_c": "wengert.operators.c_code",
        "to_latex": "wengert.explanation",
        "to_python": "wengert.operators.python_code",
    },
)
