"""Jacobians: how does each output change with each input? Any shape by any shape."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.errors import ArgumentError
from wengert.lazily import opener
from wengert.operators.arguments import Wrt, check_callable, own
from wengert.operators.basis import pull_basis, push_basis
from wengert.operators.derivation import Derivation
from wengert.transforms.accumulation import accumulate
from wengert.transforms.reverse import record_function

__all__ = ["jacfwd", "jacobian", "jacrev", "sparsely"]

# Patterns need SciPy, which `import wengert` does without.
sparsely = opener(
    __name__,
    dict.fromkeys(
        ("DenseByColors", "SparseHessian", "SparseJacobian"), "wengert.operators.sparse"
    ),
)
_FEW = 64  # sweeps; where there are more, a look at the pattern may save most of them


def jacobian(
    f: Callable[..., Any],
    argnums: Wrt = None,
    argnames: str | Sequence[str] = (),
    has_aux: bool = False,
    holomorphic: bool = False,
    mode: str = "auto",
    sparse: bool = False,
) -> Callable[..., Any]:
    """Make the function that computes the Jacobian of f.

    Parameters
    ----------
    f : callable
        Maps arrays (pytrees of them) of any shape to arrays of any shape.
    argnums, argnames, has_aux, holomorphic
        As for `grad`.
    mode : "auto", "forward", "reverse" or "eliminate"
        One sweep for each input, or one for each output. "auto" runs f once on a tape
        and sweeps back over it, unless f has more outputs than inputs: then it runs f
        once more, forward. With more than 64 of both it looks, in one more run, whether
        few sweeps show all entries: then it takes these. "eliminate" writes a small f
        out element by element, and multiplies its partial derivatives in the cheapest
        order that it finds: for `jit`, which plans once. `accumulation(f)` tells what
        each order costs.
    sparse : bool
        Whether to find out which entries can differ from zero, and to compute only
        these: many columns (or rows, or both) in one sweep. See docs/sparsity.md.

    Returns
    -------
    callable
        Gives, for each leaf y of the output and each leaf x of the argument, an array
        of shape y.shape + x.shape, arranged as the output, and inside as the argument.
        With `sparse`, a `scipy.sparse.csr_array` in its place, (y.size, x.size).

    Raises
    ------
    ArgumentError
        If an argument cannot be differentiated, or the mode is unknown; with
        "eliminate", if f is complex or has too many elements.
    DensePatternError
        With `sparse`, if nearly everything depends on everything, and is too much.

    Notes
    -----
    Cost: min(inputs, outputs) times a small multiple of f; with `sparse`, as many times
    as there are colours, see `sparsity`.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 3.

    Examples
    --------
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    if mode not in ("auto", "forward", "reverse", "eliminate"):
        raise ArgumentError(
            f'mode={mode!r}; it is "auto", "forward", "reverse" or "eliminate"'
        )

    check_callable("jacobian", f)
    compressed = sparsely("SparseJacobian")(mode) if sparse else None
    by_colors = functools.cache(lambda: sparsely("DenseByColors")())

    @functools.wraps(f, updated=())
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        call = Derivation(f, args, kwargs, argnums, argnames, has_aux, holomorphic)
        if compressed is not None:
            return compressed(call)
        if mode == "forward":
            return _forward(call)
        if mode == "eliminate":
            return _eliminated(call)
        ys, pullback = record_function(call.flat, call.leaves)
        outputs, inputs = _count(ys), _count(call.leaves)
        if mode == "auto" and min(outputs, inputs) > _FEW:
            blocks = by_colors()(call)
            if blocks is not None:
                return _arranged(call, blocks, ys)
        if mode == "auto" and outputs > inputs:
            return _forward(call)
        return _reverse(call, ys, pullback)

    return jacobian_of_f


def jacfwd(
    f: Callable[..., Any],
    argnums: Wrt = None,
    argnames: str | Sequence[str] = (),
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Make the Jacobian of f by forward mode: `jacobian(f, mode="forward")`.

    Notes
    -----
    Cost: for n inputs at most about 3n times f, in one run of f that carries n
    tangents. The better choice where f has fewer inputs than outputs.

    Examples
    --------
    >>> jacfwd(lambda x: np.stack([x, x**2, x**3]))(2.0)
    array([ 1.,  4., 12.])
    """
    return jacobian(f, argnums, argnames, has_aux, holomorphic, "forward")


def jacrev(
    f: Callable[..., Any],
    argnums: Wrt = None,
    argnames: str | Sequence[str] = (),
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Make the Jacobian of f by reverse mode: `jacobian(f, mode="reverse")`.

    Notes
    -----
    Cost: f once, and for m outputs m sweeps of a small multiple of f.
    The better choice where f has fewer outputs than inputs.

    Examples
    --------
    >>> jacrev(lambda x: (x**2).sum())(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    return jacobian(f, argnums, argnames, has_aux, holomorphic, "reverse")


def _forward(call: Derivation) -> Any:
    xs = call.leaves
    call.check(xs, "argument")
    ys, columns = push_basis(call.flat, xs)
    call.check(ys, "output")
    by_output = []
    for y, dots in zip(ys, columns, strict=True):
        stacked, start = [], 0
        for x in xs:
            part = np.moveaxis(dots[start : start + x.size], 0, -1)
            stacked.append(np.reshape(part, y.shape + x.shape))
            start += x.size
        by_output.append(stacked)
    return _arranged(call, by_output, ys)


def _reverse(
    call: Derivation, ys: list[Any], pullback: Callable[..., list[Any]]
) -> Any:
    call.check(ys, "output")
    xs = call.leaves
    call.check(xs, "argument")
    by_output = []
    for k, y in enumerate(ys):
        rows = pull_basis(pullback, ys, k, xs)
        pairs = zip(rows, xs, strict=True)
        by_output.append([np.reshape(v, y.shape + x.shape) for v, x in pairs])
    return _arranged(call, by_output, ys)


def _eliminated(call: Derivation) -> Any:
    call.check(call.leaves, "argument")
    found = accumulate(call.flat, call.leaves)
    call.check(found.values, "output")
    return _arranged(call, found.blocks, found.values)


def _arranged(call: Derivation, by_output: list[list[Any]], ys: list[Any]) -> Any:
    arguments = call.arguments
    return call.arranged(
        arguments.like_leaves(own(row, arguments.kinds(y.shape)))
        for row, y in zip(by_output, ys, strict=True)
    )


def _count(values: Sequence[Any]) -> int:
    return sum(v.size for v in values)
