"""The operators of autograd, with its signatures, over `make_vjp` and `make_jvp`."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.compat.autograd import derivation
from wengert.compat.autograd.primitives import primitive_with_methods
from wengert.compat.autograd.rules import defvjp_argnum
from wengert.compat.autograd.spaces import vspace
from wengert.compat.autograd.wrapping import unary_to_nary
from wengert.errors import NotScalarError
from wengert.primitives.axes import as_array

__all__ = [
    "checkpoint",
    "deriv",
    "elementwise_grad",
    "grad",
    "grad_and_aux",
    "grad_named",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "jacobian",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_jvp_reversemode",
    "make_vjp",
    "multigrad_dict",
    "tensor_jacobian_product",
    "value_and_grad",
    "vector_jacobian_product",
]


class RealScalarError(NotScalarError, TypeError):
    """Refuse what needs one real number, as autograd does by a TypeError.

    Fails: `grad(np.sin)(np.ones(3))`. Repair: `elementwise_grad(np.sin)(np.ones(3))`.
    """


make_vjp = unary_to_nary(derivation.make_vjp)
make_jvp = unary_to_nary(derivation.make_jvp)


def _with_scalar(name: str, fun: Any, x: Any) -> tuple[Any, Any]:
    vjp, y = derivation.make_vjp(fun, x)
    space = vspace(y)
    if space.size != 1:
        raise RealScalarError(
            f"{name} only applies to real scalar-output functions, but the output is "
            f"{space}. Try jacobian, elementwise_grad or holomorphic_grad."
        )
    return y, vjp(space.ones())


@unary_to_nary
def grad(fun: Any, x: Any) -> Any:
    """
    Returns a function which computes the gradient of `fun` in positional argument
    `argnum`, or in several if `argnum` is a tuple or list. The output of `fun` must be
    one real number; the gradient has the form of the argument.
    """
    return _with_scalar("grad", fun, x)[1]


@unary_to_nary
def value_and_grad(fun: Any, x: Any) -> tuple[Any, Any]:
    """Compute value and gradient together, as scipy.optimize can use them."""
    return _with_scalar("value_and_grad", fun, x)


@unary_to_nary
def elementwise_grad(fun: Any, x: Any) -> Any:
    """Compute the sums of the Jacobian's columns: its diagonal, where fun works on each
    element by itself."""
    vjp, y = derivation.make_vjp(fun, x)
    if vspace(y).iscomplex:
        raise RealScalarError("elementwise_grad only applies to real-output functions.")
    return vjp(vspace(y).ones())


@unary_to_nary
def deriv(fun: Any, x: Any) -> Any:
    """Compute the derivative along ones, by forward mode."""
    return derivation.make_jvp(fun, x)(vspace(x).ones())[1]


@unary_to_nary
def jacobian(fun: Any, x: Any) -> Any:
    """Compute the Jacobian, of shape (*output shape, *argument shape)."""
    vjp, y = derivation.make_vjp(fun, x)
    rows, shape = vspace(y), vspace(x).shape
    found = [as_array(vjp(unit)) for unit in rows.standard_basis()]
    if not found:
        return np.zeros(rows.shape + shape)
    return np.reshape(np.stack(found), rows.shape + shape)


@unary_to_nary
def holomorphic_grad(fun: Any, x: Any) -> Any:
    """Compute f'(z) of a holomorphic function."""
    if not vspace(x).iscomplex:
        warnings.warn("Input to holomorphic_grad is not complex", stacklevel=2)
    return grad(lambda z: np.real(fun(z)))(x)


def grad_named(fun: Callable[..., Any], argname: str) -> Any:
    """Compute the gradient in an argument that is named, but passed by position."""
    names = list(inspect.signature(fun).parameters)
    return grad(fun, names.index(argname))


@unary_to_nary
def hessian(fun: Any, x: Any) -> Any:
    """Compute the Hessian, as the Jacobian of the Jacobian."""
    return jacobian(jacobian(fun))(x)


@unary_to_nary
def make_hvp(fun: Any, x: Any) -> tuple[Any, Any]:
    """Give (v ↦ H v, gradient) at a point: one forward pass for many products."""
    return derivation.make_vjp(grad(fun), x)


def _product(fun: Any, argnum: Any, operator: Any, factors: Any) -> Callable[..., Any]:
    def contracted(*args: Any, **kwargs: Any) -> Any:
        *args_of_fun, tensor = args
        left, right = factors(fun(*args_of_fun, **kwargs), tensor)
        return np.tensordot(left, right, axes=np.ndim(tensor))

    return operator(contracted, argnum)  # type: ignore[no-any-return]


def hessian_tensor_product(fun: Any, argnum: Any = 0) -> Callable[..., Any]:
    """Make the function of (*args, tensor) that contracts the Hessian with a tensor."""
    return _product(grad(fun, argnum), argnum, grad, lambda y, tensor: (y, tensor))


hessian_vector_product = hessian_tensor_product


def tensor_jacobian_product(fun: Any, argnum: Any = 0) -> Callable[..., Any]:
    """Make the function of (*args, tensor) that contracts a tensor with the Jacobian's
    output axes."""
    return _product(fun, argnum, jacobian, lambda y, tensor: (tensor, y))


vector_jacobian_product = tensor_jacobian_product


@unary_to_nary
def make_jvp_reversemode(fun: Any, x: Any) -> Any:
    """Give v ↦ J v, as the pullback of the pullback, which is linear."""
    vjp, y = derivation.make_vjp(fun, x)
    return derivation.make_vjp(vjp, vspace(y).zeros())[0]


def _half_squares(x: Any) -> Any:
    return 0.5 * np.sum(x**2, axis=-1)


def make_ggnvp(f: Any, g: Any = _half_squares, f_argnum: Any = 0) -> Callable[..., Any]:
    """Make the function that gives, at a point, v ↦ Jᵀ H J v: J of f, H of g there."""

    @unary_to_nary
    def make(f: Any, x: Any) -> Any:
        f_vjp, y = derivation.make_vjp(f, x)
        g_hvp, slope = derivation.make_vjp(grad(g), y)
        f_jvp, _ = derivation.make_vjp(f_vjp, vspace(slope).zeros())
        return lambda v: f_vjp(g_hvp(f_jvp(v)))

    return make(f, f_argnum)  # type: ignore[no-any-return]


@unary_to_nary
def grad_and_aux(fun: Any, x: Any) -> tuple[Any, Any]:
    """Give the gradient of the first output, and the second as it is."""
    vjp, (y, aux) = derivation.make_vjp(lambda x: tuple(fun(x)), x)
    return vjp((vspace(y).ones(), vspace(aux).zeros())), aux


def multigrad_dict(fun: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """Make the function that gives the gradient in every argument, by its name."""
    signature = inspect.signature(fun)

    def gradient(*args: Any, **kwargs: Any) -> dict[str, Any]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()

        def of_arguments(arguments: dict[str, Any]) -> Any:
            bound.arguments.update(arguments)
            return fun(*bound.args, **bound.kwargs)

        names = dict(bound.arguments)
        return dict(grad(of_arguments)(names))

    return gradient


def checkpoint(fun: Callable[..., Any]) -> Any:
    """Make a function that keeps its inputs only, and runs again in the reverse sweep:
    less memory for more time."""
    wrapped = primitive_with_methods(fun)

    def maker(argnum: int, ans: Any, args: Any, kwargs: Any) -> Any:  # noqa: ARG001
        return lambda g: make_vjp(fun, argnum)(*args, **kwargs)[0](g)

    defvjp_argnum(wrapped, maker)
    return wrapped
