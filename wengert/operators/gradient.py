"""Gradients: which way is up? For real scalar functions, by one reverse sweep."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.errors import NotScalarError, ShapeError
from wengert.graph.types import ArrayType, is_inexact
from wengert.lazily import opener
from wengert.operators.arguments import (
    Arguments,
    Output,
    Wrt,
    as_result,
    check_callable,
    name_of,
    own_values,
)
from wengert.trace.tracer import Tracer
from wengert.transforms.reverse import record_function

__all__ = [
    "check_real",
    "elementwise_grad",
    "grad",
    "one_scalar",
    "value_and_grad",
]

# It needs SciPy and the passes, which a plain gradient does not.
_opened = opener(__name__, {"Budgeted": "wengert.operators.budget"})


def grad(
    f: Callable[..., Any],
    argnums: Wrt = None,
    argnames: str | Sequence[str] = (),
    has_aux: bool = False,
    holomorphic: bool = False,
    memory: int | str | None = None,
) -> Callable[..., Any]:
    """Make the function that computes the gradient of f.

    Parameters
    ----------
    f : callable
        Any Python function of NumPy code that returns a real scalar.
    argnums : int or sequence of int, default 0
        Which positional arguments to differentiate in.
    argnames : str or sequence of str
        Which arguments to differentiate in, by name.
    has_aux : bool
        Whether f returns a pair (output, auxiliary); then so does the result.
    holomorphic : bool
        Whether f is holomorphic: complex arguments and output, gradient f'(z).
    memory : int or str, optional
        Bytes, "200MB", "1GiB": what may be held at one time, besides the arguments.
        Then f's values are not all kept for the sweep, and some are computed twice;
        `.report(*args)` of the result tells what is predicted and measured.

    Returns
    -------
    callable
        Takes f's arguments. Gives the gradient with the structure, shapes and dtypes of
        the argument: a float for a float, an array for an array, a dict for a dict; a
        tuple of them for a sequence of argnums, a dict for a sequence of argnames.

    Raises
    ------
    NotScalarError
        If f returns anything but one real number.
    ArgumentError
        If an argument cannot be differentiated: integer arrays, strings, …
    BudgetError
        If the gradient does not fit into `memory`; it names what does.

    Notes
    -----
    Cost: a small multiple of f, whatever the number of inputs; memory grows with the
    number of operations that f runs. With `memory`, f is written down at each call, at
    some 50 µs for each operation, and runs twice at most.

    For complex z = x + iy and real f the gradient is ∂f/∂x − i ∂f/∂y, as in JAX and
    autograd; PyTorch gives the conjugate, which is the direction of steepest ascent.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 3.

    Examples
    --------
    >>> grad(lambda x: 3 * x**2 + 2 * x)(5.0)
    32.0
    >>> grad(lambda v: 3 * v[0] ** 2 + 2 * v[1] - 7)(np.array([3.0, 5.0]))
    array([18.,  2.])
    """
    if memory is not None:
        return _within(
            f, memory, False, argnums=argnums, argnames=argnames, has_aux=has_aux,
            holomorphic=holomorphic,
        )  # fmt: skip
    both = value_and_grad(f, argnums, argnames, has_aux, holomorphic)

    @functools.wraps(f, updated=())
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, x_bar = both(*args, **kwargs)
        return (x_bar, value[1]) if has_aux else x_bar

    return gradient


def value_and_grad(
    f: Callable[..., Any],
    argnums: Wrt = None,
    argnames: str | Sequence[str] = (),
    has_aux: bool = False,
    holomorphic: bool = False,
    memory: int | str | None = None,
) -> Callable[..., Any]:
    """Make the function that computes f's value and gradient together.

    Parameters, errors and cost are those of `grad`.

    Returns
    -------
    callable
        Gives (value, gradient), as SciPy's `minimize(..., jac=True)` expects; with
        `has_aux`, ((value, auxiliary), gradient).

    Examples
    --------
    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """

    check_callable("grad", f)
    if memory is not None:
        return _within(
            f, memory, True, argnums=argnums, argnames=argnames, has_aux=has_aux,
            holomorphic=holomorphic,
        )  # fmt: skip
    first = argnums in (None, 0) and not argnames and not has_aux and not holomorphic

    @functools.wraps(f, updated=())
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        if first and args and type(args[0]) in _NUMBERS:
            return _of_first(f, args, kwargs)
        arguments = Arguments(f, args, kwargs, argnums, argnames)
        output = Output(f, has_aux)
        (y,), pullback = record_function(
            lambda *leaves: [
                one_scalar(f, output.take(arguments.call(leaves)), output)
            ],
            arguments.leaves,
        )
        check_real(f, y, arguments.leaves, holomorphic)
        gradient = arguments.like_arguments(pullback([y.dtype.type(1)]))
        value = output.restore(own_values([y], arguments.are_floats))
        return ((value, output.aux) if has_aux else value), gradient

    return value_and_gradient


def _within(
    f: Callable[..., Any], memory: int | str, with_value: bool, **options: Any
) -> Callable[..., Any]:
    check_callable("grad", f)
    budgeted: Callable[..., Any] = _opened("Budgeted")(f, memory, with_value, **options)
    return budgeted


def elementwise_grad(
    f: Callable[..., Any], argnums: Wrt = None, argnames: str | Sequence[str] = ()
) -> Callable[..., Any]:
    """Make the derivative of a function that acts on each element by itself.

    Parameters
    ----------
    f : callable
        Maps an array to an array of the same shape, element by element.
    argnums, argnames
        As for `grad`.

    Returns
    -------
    callable
        Gives f′ at each element, with the shape of the argument.

    Raises
    ------
    ShapeError
        If the output's shape is not that of the argument.

    Notes
    -----
    Computed as the gradient of the sum of f's outputs, so for an f that mixes elements
    it gives the sums of the Jacobian's columns. Cost: as `grad`.

    Examples
    --------
    >>> elementwise_grad(np.sin)(np.array([0.0, np.pi]))
    array([ 1., -1.])
    """

    check_callable("elementwise_grad", f)

    @functools.wraps(f, updated=())
    def derivative(*args: Any, **kwargs: Any) -> Any:
        arguments = Arguments(f, args, kwargs, argnums, argnames)
        output = Output(f, has_aux=False)
        ys, pullback = record_function(
            lambda *leaves: output.take(arguments.call(leaves)), arguments.leaves
        )
        for x, path in zip(arguments.leaves, arguments.paths(), strict=True):
            if len(ys) != 1 or x.shape != ys[0].shape:
                shapes = ", ".join(str(y.shape) for y in ys)
                raise ShapeError(
                    f"{name_of(f)} maps {path} of shape {x.shape} to {shapes}; "
                    "elementwise_grad needs an output of the same shape. "
                    "Perhaps you meant jacobian(f)?"
                )
        return arguments.like_arguments(pullback([np.ones(ys[0].shape, ys[0].dtype)]))

    return derivative


# An array or float as the first argument is what most calls have; for small functions,
# going by Arguments and Output would double their cost.
_NUMBERS = frozenset({np.ndarray, float})


def _of_first(f: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    x, *rest = args
    if type(x) is np.ndarray and x.dtype.kind != "f":
        x = Arguments(f, args, kwargs, 0).leaves[0]  # complex, or refused

    def flat(node: Any) -> Any:
        y = f(node, *rest, **kwargs)
        if isinstance(y, Tracer) and y.shape == ():
            return (y,)
        output = Output(f, has_aux=False)
        return (one_scalar(f, output.take(y), output),)

    is_float = type(x) is float
    (y,), pullback = record_function(flat, (np.float64(x) if is_float else x,))
    check_real(f, y, (x,), holomorphic=False)
    (x_bar,) = pullback((y.dtype.type(1),))
    return own_values([y], is_float)[0], as_result(x_bar, args[0])


def one_scalar(f: Callable[..., Any], leaves: list[Any], output: Output) -> Any:
    """Check that f returned one real or complex number, and give it.

    Raises
    ------
    NotScalarError
        Says what it returned.
    """
    if len(leaves) == 1 and leaves[0].shape == ():
        if is_inexact(leaves[0].dtype):
            return leaves[0]
        what = f"a {leaves[0].dtype.name}, {leaves[0]}"
        hint = (
            "Comparisons, int(x) and counts have no derivative; a constant may be "
            "returned as a float."
        )
    elif not leaves:
        what, hint = "no number", "Did it forget to return?"
    elif len(leaves) == 1:
        what = f"an array of shape {leaves[0].shape}"
        hint = "Perhaps you meant jacobian(f), or np.sum of the output?"
        if leaves[0].size == 1:
            hint = "Return its one element: y[0], or y.item()."
    else:
        what = f"{len(leaves)} values ({output.structure})"
        hint = "Perhaps you meant jacobian(f), or has_aux=True for (output, auxiliary)?"
    raise NotScalarError(
        f"{name_of(f)} returned {what}; a gradient needs one real scalar. {hint}"
    )


def check_real(
    f: Callable[..., Any], y: Any, leaves: Sequence[Any], holomorphic: bool
) -> None:
    """Check that what is differentiated is real, or said to be holomorphic.

    Raises
    ------
    NotScalarError
    """
    if y.dtype.kind == "c" and not holomorphic:
        raise NotScalarError(
            f"{name_of(f)} returned a complex number, {ArrayType.of(y)!r}; a gradient "
            "needs a real one. Take abs, real or imag of it, or say holomorphic=True."
        )
    if holomorphic and (
        y.dtype.kind != "c" or any(x.dtype.kind != "c" for x in leaves)
    ):
        raise NotScalarError(
            f"holomorphic=True, but {name_of(f)} maps "
            f"{', '.join(str(x.dtype) for x in leaves)} to {y.dtype}; both must be "
            "complex. Leave holomorphic out for real functions."
        )
