"""Functions of functions: one file for each question that users ask."""

from typing import TYPE_CHECKING

from wengert.lazily import opener
from wengert.operators.batching import vmap
from wengert.operators.branching import cond, switch
from wengert.operators.custom_jvp import custom_jvp
from wengert.operators.custom_vjp import custom_vjp
from wengert.operators.derivative import derivative
from wengert.operators.derivative_tensor import derivative_tensor
from wengert.operators.diagonals import curl, divergence, hessian_diagonal, laplacian
from wengert.operators.gradient import elementwise_grad, grad, value_and_grad
from wengert.operators.hessian import hessian
from wengert.operators.jacobian import jacfwd, jacobian, jacrev
from wengert.operators.linear_operators import (
    ggn_operator,
    hessian_operator,
    jacobian_operator,
)
from wengert.operators.loops import fori_loop, scan, while_loop
from wengert.operators.makers import defjvp, defvjp
from wengert.operators.primitive import primitive
from wengert.operators.products import gnvp, hvp, jvp, vjp
from wengert.operators.staging import stop_gradient, trace
from wengert.operators.taylor import directional_derivative, taylor

if TYPE_CHECKING:
    from wengert.operators.c_code import to_c
    from wengert.operators.checking import check_grads
    from wengert.operators.checkpointing import checkpoint, checkpoint_name, save_only
    from wengert.operators.compile import jit
    from wengert.operators.debugging import debug_nans
    from wengert.operators.linearization import linearize

__all__ = [
    "check_grads",
    "checkpoint",
    "checkpoint_name",
    "cond",
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
    "fori_loop",
    "ggn_operator",
    "gnvp",
    "grad",
    "hessian",
    "hessian_diagonal",
    "hessian_operator",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacobian_operator",
    "jacrev",
    "jit",
    "jvp",
    "laplacian",
    "linearize",
    "primitive",
    "save_only",
    "scan",
    "stop_gradient",
    "switch",
    "taylor",
    "to_c",
    "trace",
    "value_and_grad",
    "vjp",
    "vmap",
    "while_loop",
]

# Opened on first use: what computing a derivative does without.
__getattr__ = opener(
    __name__,
    {
        "check_grads": "wengert.operators.checking",
        "checkpoint": "wengert.operators.checkpointing",
        "checkpoint_name": "wengert.operators.checkpointing",
        "debug_nans": "wengert.operators.debugging",
        "jit": "wengert.operators.compile",
        "linearize": "wengert.operators.linearization",
        "save_only": "wengert.operators.checkpointing",
        "to_c": "wengert.operators.c_code",
    },
)
