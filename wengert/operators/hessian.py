"""Hessians: how does the gradient change? Forward over reverse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wengert.operators.arguments import Wrt
from wengert.operators.jacobian import jacfwd, jacrev

__all__ = ["hessian"]


def hessian(
    f: Callable[..., Any],
    argnums: Wrt = None,
    argnames: str | Sequence[str] = (),
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Make the function that computes the matrix of second derivatives of f.

    Parameters
    ----------
    f : callable
        Usually of a real scalar; of any shape, if need be.
    argnums, argnames, has_aux, holomorphic
        As for `grad`.

    Returns
    -------
    callable
        Gives an array of shape y.shape + x.shape + x.shape; arranged as the output,
        inside as the argument, inside that as the argument again.

    Notes
    -----
    Cost: for n inputs, n times a small multiple of f (forward over reverse). For a
    product of the Hessian with a vector see `hvp`.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 5.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    inner = jacrev(f, argnums, argnames, has_aux, holomorphic)
    return jacfwd(inner, argnums, argnames, has_aux, holomorphic)
