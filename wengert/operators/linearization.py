"""`linearize`: a function's value, and its pushforward at that point as a Graph.

Law: `push(v) = J(x)·v`, for any number of v, without another run of f.

Worked example, `f(x) = x * sin(x)` at 2: f runs once on Dual values, whose tangents are
staged; what is written down is linear in the tangent, with numbers for the partials:

    b = multiply v 0.909…     (v·sin 2)
    c = multiply v -0.416…    (v·cos 2)
    d = multiply c 2.0
    y = add b d
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.graph.evaluate import runner
from wengert.operators.arguments import (
    Arguments,
    Output,
    check_callable,
    flat_seeds,
    own,
    own_values,
)
from wengert.passes.prune import prune
from wengert.passes.simplify import simplify
from wengert.trace.staging import stage_function
from wengert.trace.tracer import Tracer
from wengert.transforms.forward import push_function

__all__ = ["linearize"]


def linearize(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """Compute f, and its pushforward at that point as a function of its own.

    Parameters
    ----------
    f : callable
    *primals
        The arguments of f: pytrees of floats and inexact arrays.
    has_aux : bool
        Whether f returns a pair (output, auxiliary).

    Returns
    -------
    y : pytree
        f(*primals).
    pushforward : callable
        Maps tangents, one for each primal and of its structure and shapes, to the
        tangent of y, J·tangents. It may be called any number of times, and does not run
        f again. And the auxiliary, with `has_aux`.

    Raises
    ------
    ArgumentError
        If a primal cannot be differentiated.
    ShapeError
        By the pushforward, if the tangents do not fit the primals.

    Notes
    -----
    Cost: f runs once, at some microseconds for each operation more; each pushforward
    costs at most about twice f, and less where much of f does not depend on tangents.
    What the pushforward needs of f is kept in memory. A `scan` or `while_loop` is kept
    as it is, and runs again beside its tangents.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 3.

    Examples
    --------
    >>> y, pushforward = linearize(lambda x, y: x * y, 2.0, 5.0)
    >>> y, pushforward(1.0, 0.0), pushforward(0.0, 1.0)
    (10.0, 5.0, 2.0)
    """
    check_callable("linearize", f)
    arguments = Arguments(f, primals, {}, range(len(primals)))
    output = Output(f, has_aux)
    # A copy: the caller may write to its arrays before the pushforward is called.
    leaves = [x.copy() if type(x) is np.ndarray else x for x in arguments.leaves]
    ys: list[Any] = []

    def tangents(*dots: Any) -> list[Any]:
        ys[:], (y_dots,) = push_function(
            lambda *x: output.take(arguments.call(x)), leaves, [dots]
        )
        return [
            np.zeros(y.shape, y.dtype)[()] if dot is None else dot
            for y, dot in zip(ys, y_dots, strict=True)
        ]

    zeros = [np.zeros(x.shape, x.dtype)[()] for x in leaves]
    _, graph = stage_function(tangents, zeros)
    if not any(isinstance(capture.value, Tracer) for capture in graph.captures):
        graph = prune(simplify(graph))
    run = runner(graph)
    _, structure = tree.flatten(primals)
    values = own_values(ys, arguments.are_floats)

    def pushforward(*tangents: Any) -> Any:
        seeds = flat_seeds(tangents, structure, leaves, "tangent", "the primals")
        with np.errstate(all="ignore"):
            return output.restore(own(run(*seeds), values, seeds))

    pushforward.__doc__ = "Map tangents of the inputs to that of the output."
    y = output.restore(values)
    return (y, pushforward, output.aux) if has_aux else (y, pushforward)
