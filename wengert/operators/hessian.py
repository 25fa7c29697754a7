"""Hessians: how does the gradient change? Forward over reverse."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from wengert.operators.arguments import Wrt, check_callable
from wengert.operators.derivation import Derivation
from wengert.operators.jacobian import jacfwd, jacrev, sparsely

__all__ = ["hessian"]


def hessian(
    f: Callable[..., Any],
    argnums: Wrt = None,
    argnames: str | Sequence[str] = (),
    has_aux: bool = False,
    holomorphic: bool = False,
    sparse: bool = False,
) -> Callable[..., Any]:
    """Make the function that computes the matrix of second derivatives of f.

    Parameters
    ----------
    f : callable
        Usually of a real scalar; of any shape, if need be.
    argnums, argnames, has_aux, holomorphic
        As for `grad`.
    sparse : bool
        Whether to find out which entries can differ from zero, and to compute only
        these, many columns in one product. f must return one scalar. See
        docs/sparsity.md.

    Returns
    -------
    callable
        Gives an array of shape y.shape + x.shape + x.shape; arranged as the output,
        inside as the argument, inside that as the argument again. With `sparse`, a
        `scipy.sparse.csr_array` of shape (x.size, x.size) in its place.

    Raises
    ------
    NotScalarError
        With `sparse`, if f returns anything but one scalar.

    Notes
    -----
    Cost: for n inputs, n times a small multiple of f (forward over reverse). For a
    product of the Hessian with a vector see `hvp`. With `sparse`, as many times as
    there are colours, see `sparsity`.

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
    if sparse:
        check_callable("hessian", f)
        return _sparse(f, argnums, argnames, has_aux, holomorphic)
    inner = jacrev(f, argnums, argnames, has_aux, holomorphic)
    return jacfwd(inner, argnums, argnames, has_aux, holomorphic)


def _sparse(
    f: Callable[..., Any],
    argnums: Wrt,
    argnames: str | Sequence[str],
    has_aux: bool,
    holomorphic: bool,
) -> Callable[..., Any]:
    compressed = sparsely("SparseHessian")()

    @functools.wraps(f, updated=())
    def hessian_of_f(*args: Any, **kwargs: Any) -> Any:
        return compressed(
            Derivation(f, args, kwargs, argnums, argnames, has_aux, holomorphic)
        )

    return hessian_of_f
