"""The ways to one derivative that a comparison sets side by side.

Symbols, forward and reverse mode, Taylor coefficients, native code, the complex step
and every difference give one matrix: the Jacobian, outputs by inputs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert import numeric, operators, tree
from wengert.analysis.cost import measure
from wengert.errors import ArgumentError
from wengert.graph.equations import Graph
from wengert.lazily import opener
from wengert.numeric.schemes import Scheme
from wengert.operators import grad, jacfwd, jacrev, trace
from wengert.operators.compile import jit

__all__ = ["Counted", "Method", "methods"]

Matrix = np.ndarray[Any, Any]

# Formulas of more entries are too long to be read, and slow to be made.
_LEGIBLE = 64

# Opened where a comparison asks for it; it needs the extra `symbolic`.
_open = opener("wengert", {"symbolic": "wengert.symbolic"})


@dataclass(frozen=True)
class Method:
    """One way to the derivative.

    Attributes
    ----------
    name, scheme : str
        As in `Row`.
    prepare : callable
        Gives the callable that is timed, without arguments.
    graph : callable or None
        Gives the Graph of the derivative; None for differences, which have that of f.
    """

    name: str
    scheme: str
    prepare: Callable[[], Callable[[], Any]]
    graph: Callable[[], Graph] | None = None

    def flops(self, calls: int, f_graph: Graph | None) -> int | None:
        """Count floating-point operations; None where no Graph can be had."""
        if self.graph is None:
            return None if f_graph is None else calls * measure(f_graph).flops
        try:
            return measure(self.graph()).flops
        except Exception:
            return None  # a Graph is not what the comparison is about


class Counted:
    """Count the calls of a function of leaves."""

    def __init__(self, f: Callable[..., Any], name: str) -> None:
        self.f, self.calls, self.__name__ = f, 0, name

    def __call__(self, *leaves: Any) -> Any:
        """Call it, and count."""
        self.calls += 1
        return self.f(*leaves)


def methods(f: Counted, ys: list[Any], xs: Sequence[Any]) -> Iterator[Method]:
    """Yield every method, the exact ones first.

    Parameters
    ----------
    f : Counted
        Of arrays, as many as `xs`.
    ys : list of array
        What it returns, flat.
    xs : sequence of array
        Where.
    """
    every = tuple(range(len(xs)))
    complexes = [v for v in (*xs, *ys) if v.dtype.kind == "c"]
    holomorphic = 0 < len(complexes) == len(xs) + len(ys)
    is_real = len(ys) == 1 and ys[0].shape == () and ys[0].dtype.kind != "c"

    def reverse(g: Callable[..., Any]) -> Callable[..., Any]:
        if is_real:
            return grad(g, every)
        return jacrev(g, every, holomorphic=holomorphic)

    if not complexes:
        yield from _formulas(f.f, ys, xs)
    forward = jacfwd(f, every, holomorphic=holomorphic)
    yield _direct("forward mode", forward, xs)
    yield _direct("reverse mode", reverse(f), xs)
    if not complexes:
        yield from _series(f, xs)
    yield _compiled(reverse(f.f), xs)

    def by(x: Any) -> Any:
        return f(*x)

    def difference(scheme: str) -> Callable[[], Any]:
        return lambda: numeric.jacobian(by, tuple(xs), scheme, holomorphic=holomorphic)

    # The complex step, which is exact too, stands beside the modes.
    for scheme in sorted(numeric.SCHEMES.values(), key=lambda s: not s.imaginary):
        prepare = functools.partial(difference, scheme.name)
        yield Method(_label(scheme), scheme.name, prepare)


def _direct(name: str, derivative: Callable[..., Any], xs: Sequence[Any]) -> Method:
    return Method(
        name, "", lambda: lambda: derivative(*xs), lambda: trace(derivative, *xs)
    )


def _compiled(derivative: Callable[..., Any], xs: Sequence[Any]) -> Method:
    native = jit(derivative)

    def prepare() -> Callable[[], Any]:
        return _warm(native, xs)

    return Method("reverse mode, compiled", "", prepare, lambda: native.graph(*xs))


def _warm(native: Any, xs: Sequence[Any]) -> Callable[[], Any]:
    """Compile, which is not timed.

    Raises
    ------
    ArgumentError
        Where the call stays plain Python.
    """
    native(*xs)
    native.graph(*xs)
    return lambda: native(*xs)


def _series(f: Counted, xs: Sequence[Any]) -> Iterator[Method]:
    """Take the coefficient of t from f(x + t·eⱼ), for each coordinate j."""
    every = tuple(range(len(xs)))

    def slopes(leaves: Sequence[Any], k: int, place: tuple[int, ...]) -> list[Any]:
        units = [np.zeros(np.shape(leaf)) for leaf in leaves]
        units[k][place] = 1.0
        curve = tuple(unit[()] for unit in units)
        return tree.flatten(
            operators.taylor(f, tuple(leaves), curve, 1, argnums=every)[1]
        )[0]

    def derivative(*leaves: Any) -> list[Any]:
        by_input = [
            _beside(slopes(leaves, k, place) for place in np.ndindex(np.shape(x)))
            for k, x in enumerate(leaves)
        ]
        return [block for blocks in zip(*by_input, strict=True) for block in blocks]

    yield _direct("Taylor coefficients", derivative, xs)


def _beside(columns: Iterable[Sequence[Any]]) -> list[Any]:
    """Put ∂y/∂xⱼ, one coordinate j after another, beside each other for each output."""
    return [
        np.stack([np.ravel(slope) for slope in slopes], axis=-1)
        for slopes in zip(*columns, strict=True)
    ]


def _formulas(
    f: Callable[..., Any], ys: Sequence[Any], xs: Sequence[Any]
) -> Iterator[Method]:
    """Differentiate the formula, and compile what comes out."""
    try:
        symbolic = _open("symbolic")
    except ImportError:
        return
    made: list[Any] = []

    def prepare() -> Callable[[], Any]:
        entries = sum(np.size(y) for y in ys) * sum(np.size(x) for x in xs)
        if entries > _LEGIBLE:
            raise ArgumentError(f"{entries} entries are too many for formulas")
        symbols = [symbolic.symbol(f"x{k}", np.shape(x)) for k, x in enumerate(xs)]
        outputs = tree.flatten(f(*symbols))[0]
        # A tuple of formulas: a list would be one formula, a vector.
        slopes = tuple(symbolic.jacobian(y, x) for y in outputs for x in symbols)
        made.append(symbolic.lambdify(symbols, slopes))
        return _warm(made[0], xs)

    yield Method("symbolic, compiled", "", prepare, lambda: made[0].graph(*xs))


def _label(scheme: Scheme) -> str:
    if scheme.imaginary:
        return "complex step"
    if scheme.extrapolated:
        side = {0: "", 1: " from the right", -1: " from the left"}[scheme.side]
        return f"extrapolation{side}"
    name = scheme.name.rstrip("0123456789")
    order = "" if name == scheme.name else f", order {scheme.order}"
    return f"{name} difference{order}"
