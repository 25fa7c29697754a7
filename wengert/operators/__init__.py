"""Functions of functions: one file for each question that users ask."""

from typing import TYPE_CHECKING

from wengert.lazily import opener
from wengert.operators.branching import cond, switch
from wengert.operators.custom_jvp import custom_jvp
from wengert.operators.custom_vjp import custom_vjp
from wengert.operators.derivative import derivative
from wengert.operators.gradient import elementwise_grad, grad, value_and_grad
from wengert.operators.hessian import hessian
from wengert.operators.jacobian import jacfwd, jacobian, jacrev
from wengert.operators.loops import fori_loop, scan, while_loop
from wengert.operators.makers import defjvp, defvjp
from wengert.operators.primitive import primitive
from wengert.operators.products import hvp, jvp, vjp
from wengert.operators.staging import stop_gradient, trace

if TYPE_CHECKING:
    from wengert.operators.c_code import to_c
    from wengert.operators.checking import check_grads
    from wengert.operators.checkpointing import (
        checkpoint,
        checkpoint_name,
        save_only,
    )
    from wengert.operators.compile import jit

__all__ = [
    "check_grads",
    "checkpoint",
    "checkpoint_name",
    "cond",
    "custom_jvp",
    "custom_vjp",
    "defjvp",
    "defvjp",
    "derivative",
    "elementwise_grad",
    "fori_loop",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jit",
    "jvp",
    "primitive",
    "save_only",
    "scan",
    "stop_gradient",
    "switch",
    "to_c",
    "trace",
    "value_and_grad",
    "vjp",
    "while_loop",
]

# Checking needs finite differences, and compiling all passes, as checkpoints do
# some; computing needs neither.
__getattr__ = opener(
    __name__,
    {
        "check_grads": "wengert.operators.checking",
        "checkpoint": "wengert.operators.checkpointing",
        "checkpoint_name": "wengert.operators.checkpointing",
        "jit": "wengert.operators.compile",
        "save_only": "wengert.operators.checkpointing",
        "to_c": "wengert.operators.c_code",
    },
)
