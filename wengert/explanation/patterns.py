"""sparsity: show which entries of a Jacobian or Hessian can differ from zero."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from wengert.errors import ArgumentError
from wengert.explanation.sparsity_report import SparsityReport
from wengert.operators.arguments import Wrt, check_callable, name_of
from wengert.operators.derivation import Derivation
from wengert.operators.jacobian import sparsely

__all__ = ["sparsity"]


def sparsity(
    f: Callable[..., Any],
    argnums: Wrt = None,
    argnames: str | Sequence[str] = (),
    has_aux: bool = False,
    of: str = "jacobian",
    mode: str = "auto",
) -> Callable[..., SparsityReport]:
    """Make the function that shows the pattern of a derivative of f, and its colours.

    Parameters
    ----------
    f : callable
    argnums, argnames, has_aux
        As for `grad`.
    of : "jacobian" or "hessian"
    mode : "auto", "forward" or "reverse"
        Of the sweeps of a Jacobian, as for `jacobian`.

    Returns
    -------
    callable
        Takes f's arguments, gives a `SparsityReport`: prints as text, and is drawn in a
        notebook. `.pattern` is a csr_array of bool.

    Raises
    ------
    ArgumentError
        If `of` or `mode` is none of these, or an argument cannot be differentiated.
    DensePatternError
        If nearly everything depends on everything, and is too much.

    Notes
    -----
    Cost: one traced run of f, and the search for colours. No derivative is computed.
    The pattern is a superset of the true one, for all x that take the same branches.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 7 and 8.

    Examples
    --------
    >>> import numpy as np
    >>> report = sparsity(lambda x: x[1:] * x[:-1])(np.ones(6))
    >>> report.pattern.nnz, report.sweeps, report.dense_sweeps
    (10, 2, 5)
    """
    check_callable("sparsity", f)
    if of not in ("jacobian", "hessian"):
        raise ArgumentError(f'of={of!r}; it is "jacobian" or "hessian"')
    if mode not in ("auto", "forward", "reverse"):
        raise ArgumentError(f'mode={mode!r}; it is "auto", "forward" or "reverse"')
    compressed = (
        sparsely("SparseHessian")()
        if of == "hessian"
        else sparsely("SparseJacobian")(mode)
    )

    @functools.wraps(f, updated=())
    def sparsity_of_f(*args: Any, **kwargs: Any) -> SparsityReport:
        call = Derivation(f, args, kwargs, argnums, argnames, has_aux, False)
        made = compressed.found(call).compression
        colors = made.colors
        return SparsityReport(
            f"{of} of {name_of(f)}",
            made.pattern.copy(),
            colors.columns.copy(),
            colors.rows.copy(),
            is_symmetric=of == "hessian",
        )

    return sparsity_of_f
