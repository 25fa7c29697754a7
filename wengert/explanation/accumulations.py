"""What each order of accumulating a Jacobian costs: by blocks, and by elements."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from wengert.analysis.cost import measure
from wengert.errors import ArgumentError
from wengert.explanation.accumulation_report import AccumulationReport
from wengert.explanation.costs import cost
from wengert.explanation.inputs import Inputs
from wengert.graph.types import is_inexact
from wengert.operators.arguments import Output, Wrt
from wengert.passes.prune import prune
from wengert.trace.staging import stage_function
from wengert.transforms.accumulation import accumulate
from wengert.transforms.blocks import find_chain

__all__ = ["accumulation"]


def accumulation(
    f: Callable[..., Any], argnums: Wrt = None
) -> Callable[..., AccumulationReport]:
    """Make the function that tells what each way to the Jacobian of f costs.

    Parameters
    ----------
    f : callable
        Any Python function of NumPy code.
    argnums : int or sequence of int, optional
        Which positional arguments are inputs. By default all floats and
        floating-point arrays are, as for `cost`.

    Returns
    -------
    callable
        Takes f's arguments, gives an `AccumulationReport`: array by array, the stages
        of f with the structure of their Jacobians, and the multiplications that each
        bracketing takes; element by element, if f is small, those of each order of
        vertex elimination; and the flops of the sweeps.

    Raises
    ------
    ArgumentError
        If f has no floating-point argument or no floating-point output.

    Notes
    -----
    Cost: five runs of f, and some seconds where f has thousands of elements.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 9–10.

    Examples
    --------
    >>> report = accumulation(lambda x: np.prod(np.sin(x) * x))(np.ones(4))
    >>> report.order("forward").multiplications, report.taken.multiplications
    (8, 8)
    >>> [stage.block.kind for stage in report.chain.stages]
    ['diagonal', 'dense']
    """
    costs = cost(f, argnums, of="sweeps")

    @functools.wraps(f, updated=())
    def report(*args: Any, **kwargs: Any) -> AccumulationReport:
        sweeps = costs(*args, **kwargs)
        inputs = Inputs(f, args, kwargs, argnums)
        output = Output(f, has_aux=False)

        def flat(*leaves: Any) -> list[Any]:
            ys = output.take(inputs.call(leaves))
            return [y for y in ys if is_inexact(y.dtype)]

        with np.errstate(all="ignore"):
            chain = find_chain(stage_function(flat, inputs.leaves)[1])
            found, work, refusal = None, None, ""
            try:
                found = accumulate(flat, inputs.leaves)
                work = measure(prune(found.graph))
            except ArgumentError as error:
                refusal = str(error)
        return AccumulationReport(
            sweeps.title, list(_names(inputs)), sweeps, chain, found, work, refusal
        )

    return report


def _names(inputs: Inputs) -> Iterator[str]:
    """Name the elements of the inputs: `x`, or `x[0]`."""
    for name, leaf in zip(inputs.names, inputs.leaves, strict=True):
        for place in np.ndindex(leaf.shape):
            yield f"{name}[{','.join(map(str, place))}]" if place else name
