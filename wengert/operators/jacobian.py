"""Jacobians: how does each output change with each input? Any shape by any shape."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, NotScalarError
from wengert.graph.types import ArrayType
from wengert.operators.arguments import (
    Arguments,
    Output,
    Wrt,
    check_callable,
    name_of,
    own,
)
from wengert.operators.basis import pull_basis, push_basis
from wengert.transforms.accumulation import accumulate
from wengert.transforms.reverse import record_function

__all__ = ["jacfwd", "jacobian", "jacrev"]


def jacobian(
    f: Callable[..., Any],
    argnums: Wrt = None,
    argnames: str | Sequence[str] = (),
    has_aux: bool = False,
    holomorphic: bool = False,
    mode: str = "auto",
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
        once more, forward. "eliminate" writes a small f out element by element, and
        multiplies its partial derivatives in the cheapest order that it finds: for
        `jit`, which plans once. `accumulation(f)` tells what each order costs.

    Returns
    -------
    callable
        Gives, for each leaf y of the output and each leaf x of the argument, an array
        of shape y.shape + x.shape, arranged as the output, and inside as the argument.

    Raises
    ------
    ArgumentError
        If an argument cannot be differentiated, or the mode is unknown; with
        "eliminate", if f is complex or has too many elements.

    Notes
    -----
    Cost: min(inputs, outputs) times a small multiple of f.

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

    @functools.wraps(f, updated=())
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        call = _Call(f, args, kwargs, argnums, argnames, has_aux, holomorphic)
        if mode == "forward":
            return call.forward()
        if mode == "eliminate":
            return call.eliminated()
        ys, pullback = record_function(call.flat, call.arguments.leaves)
        if mode == "auto" and _count(ys) > _count(call.arguments.leaves):
            return call.forward()
        return call.reverse(ys, pullback)

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


class _Call:
    """One call of f, ready to be differentiated either way."""

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: Wrt,
        argnames: str | Sequence[str],
        has_aux: bool,
        holomorphic: bool,
    ) -> None:
        self.f, self.has_aux, self.holomorphic = f, has_aux, holomorphic
        self.arguments = Arguments(f, args, kwargs, argnums, argnames)
        self.output = Output(f, has_aux)

    def flat(self, *leaves: Any) -> list[Any]:
        return self.output.take(self.arguments.call(leaves))

    def forward(self) -> Any:
        xs = self.arguments.leaves
        self._check(xs, "argument")
        ys, columns = push_basis(self.flat, xs)
        self._check(ys, "output")
        by_output = []
        for y, dots in zip(ys, columns, strict=True):
            stacked, start = [], 0
            for x in xs:
                part = np.moveaxis(dots[start : start + x.size], 0, -1)
                stacked.append(np.reshape(part, y.shape + x.shape))
                start += x.size
            by_output.append(stacked)
        return self._arrange(by_output, ys)

    def reverse(self, ys: list[Any], pullback: Callable[..., list[Any]]) -> Any:
        self._check(ys, "output")
        self._check(self.arguments.leaves, "argument")
        xs = self.arguments.leaves
        by_output = []
        for k, y in enumerate(ys):
            rows = pull_basis(pullback, ys, k, xs)
            pairs = zip(rows, xs, strict=True)
            by_output.append([np.reshape(v, y.shape + x.shape) for v, x in pairs])
        return self._arrange(by_output, ys)

    def eliminated(self) -> Any:
        self._check(self.arguments.leaves, "argument")
        found = accumulate(self.flat, self.arguments.leaves)
        self._check(found.values, "output")
        return self._arrange(found.blocks, found.values)

    def _arrange(self, by_output: list[list[Any]], ys: list[Any]) -> Any:
        result = self.output.restore(
            self.arguments.like_leaves(own(row, self.arguments.kinds(y.shape)))
            for row, y in zip(by_output, ys, strict=True)
        )
        return (result, self.output.aux) if self.has_aux else result

    def _check(self, values: Sequence[Any], what: str) -> None:
        complex_ones = [v for v in values if v.dtype.kind == "c"]
        if complex_ones and not self.holomorphic:
            raise NotScalarError(
                f"an {what} of {name_of(self.f)} is complex, "
                f"{ArrayType.of(complex_ones[0])!r}: its Jacobian is one number for "
                "each element only if f is holomorphic. Say holomorphic=True if it is, "
                "or differentiate real and imaginary parts."
            )
        if self.holomorphic and len(complex_ones) < len(values):
            raise NotScalarError(
                f"holomorphic=True, but an {what} of {name_of(self.f)} is real."
            )


def _count(values: Sequence[Any]) -> int:
    return sum(v.size for v in values)
