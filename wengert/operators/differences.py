"""Derivatives by finite differences, where there are no others, by choice and aloud.

`with_differences` makes a primitive of an opaque function. Its pushforward is one
difference along the direction, its pullback a product with the whole Jacobian.

Both are primitives themselves, so that a Graph of a derivative shows them. They are
linear in the seed, and say so; in the point they have no derivative: differences of
differences keep a third of the digits at best, and would not be told from the exact
derivatives around them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import numeric, tree
from wengert.errors import DifferencesWarning, MissingRuleError, user_source
from wengert.graph.types import is_inexact
from wengert.numeric.steps import Step
from wengert.operators.arguments import check_callable, name_of
from wengert.operators.makers import defjvp, defvjp
from wengert.operators.primitive import primitive

__all__ = ["with_differences"]


def with_differences(
    f: Callable[..., Any], scheme: str = "central", step: Step = None
) -> primitive:
    """Make a function differentiable by finite differences.

    For compiled code, simulations, routines that have no rule. All that is computed
    around it keeps exact derivatives.

    Parameters
    ----------
    f : callable
        `(*x, **params) → y`, as for `primitive`: positional arguments and y are pytrees
        of arrays and floats. It is only ever called with plain values.
    scheme : str
        A name of `numeric.SCHEMES`; see `numeric.estimate`.
    step : float, "automatic" or None
        See `numeric.estimate`. A function with noise (an iteration stopped early) needs
        "automatic" or a step well above its tolerance.

    Returns
    -------
    primitive
        Its vjp, jvp may be replaced by exact rules.

    Raises
    ------
    ArgumentError
        For an unknown scheme or step.
    MissingRuleError
        By derivatives of second order through f.

    Warns
    -----
    DifferencesWarning
        Once for each f, at its first derivative.

    Notes
    -----
    Cost: forward mode takes the evaluations of the scheme for each direction (central:
    2); reverse mode as many for each number in x (twice that if complex), however many
    outputs there are.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 1.

    Examples
    --------
    >>> import warnings
    >>> from wengert import grad
    >>> def outside(x):
    ...     return float(np.asarray(x, float).prod())
    >>> f = with_differences(outside)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     grad(lambda x: f(x) ** 2)(np.array([2.0, 3.0])).round(6)
    array([36., 24.])
    """
    check_callable("with_differences", f)
    numeric.estimate(
        lambda x: x, 1.0, 1.0, scheme, step
    )  # names a wrong scheme or step
    name = name_of(f)
    warned: list[bool] = []

    def warn() -> None:
        if not warned:
            warned.append(True)
            _warn(name, scheme)

    def refuse(*_: Any, **__: Any) -> Any:
        raise MissingRuleError(
            f"a second derivative through {name} was asked for (at {user_source()}), "
            "but its first is by finite differences, and differences of differences "
            "are too rough to pass for one. State a rule: wengert.primitive."
        )

    @primitive
    def along(x: Any, seeds: Any, **params: Any) -> Any:
        at, point = _at(f, x, params)
        return numeric.directional(at, point, list(seeds), scheme, step)

    @primitive
    def jacobian(x: Any, **params: Any) -> Any:
        at, point = _at(f, x, params)
        return _real_jacobian(at, point, scheme, step)

    for part, role in ((along, "along"), (jacobian, "jacobian")):
        part.__name__ = f"{name}.{role}"

    def along_vjp(_ans: Any, x: Any, seeds: Any, **params: Any) -> Any:
        return lambda g: _times(g, jacobian(x, **params), seeds)

    def along_jvp(g: Any, _ans: Any, x: Any, _seeds: Any, **params: Any) -> Any:
        return along(x, g, **params)

    defvjp(along, refuse, along_vjp)
    defjvp(along, refuse, along_jvp)
    defvjp(jacobian, refuse)
    defjvp(jacobian, refuse)

    made = primitive(f)

    @made.jvp
    def push(y: Any, x: Any, x_dot: Any, /, **params: Any) -> Any:
        warn()
        leaves, structure = tree.flatten(y)
        dots = iter(along(x, tree.flatten(x_dot)[0], **params))
        return tree.unflatten(
            structure, [next(dots) if _is_inexact(leaf) else None for leaf in leaves]
        )

    @made.vjp
    def pull(y: Any, x: Any, y_bar: Any, /, **params: Any) -> Any:
        warn()
        leaves, structure = tree.flatten(x)
        varying = [leaf for leaf in leaves if _is_inexact(leaf)]
        pairs = zip(tree.flatten(y)[0], tree.flatten(y_bar)[0], strict=True)
        seeds = [bar for leaf, bar in pairs if _is_inexact(leaf)]
        bars = iter(_times(seeds, jacobian(x, **params), varying))
        return tree.unflatten(
            structure, [next(bars) if _is_inexact(leaf) else None for leaf in leaves]
        )

    return made


def _at(f: Callable[..., Any], x: Any, params: Any) -> tuple[Any, list[Any]]:
    """Make f a function of its inexact leaves, whose inexact outputs are a list."""
    leaves, structure = tree.flatten(x)
    places = [i for i, leaf in enumerate(leaves) if _is_inexact(leaf)]

    def at(values: Sequence[Any]) -> list[Any]:
        filled = list(leaves)
        for i, value in zip(places, values, strict=True):
            filled[i] = value
        outputs, _ = tree.flatten(f(*tree.unflatten(structure, filled), **params))
        return [y for y in outputs if _is_inexact(y)]

    return at, [leaves[i] for i in places]


# ----- the Jacobian, of real and imaginary parts -----


def _real_jacobian(
    at: Callable[..., Any], point: Sequence[Any], scheme: str, step: Any
) -> Any:
    """Differentiate each part of each output by each part of each input, where a
    complex number has two parts: so f need not be holomorphic."""
    kinds = [np.asarray(x).dtype.kind for x in point]

    def of_parts(parts: Sequence[Any]) -> list[Any]:
        rest = iter(parts)
        values = [
            next(rest) + 1j * next(rest) if kind == "c" else next(rest)
            for kind in kinds
        ]
        return _parts(at(values))

    return numeric.jacobian(of_parts, _parts(point), scheme, step)


def _times(y_bars: Sequence[Any], jacobian: Any, likes: Sequence[Any]) -> list[Any]:
    """Multiply cotangents into a Jacobian of parts: Re Σ ȳ·ẏ = Σ Re ȳ·u̇ − Im ȳ·v̇."""
    seeds: list[Any] = []
    for y_bar in y_bars:
        seeds += [y_bar.real, -y_bar.imag] if y_bar.dtype.kind == "c" else [y_bar]
    count = sum(2 if x.dtype.kind == "c" else 1 for x in likes)
    bars = []
    for k in range(count):
        terms = [
            np.tensordot(seed, block[k], seed.ndim)
            for seed, block in zip(seeds, jacobian, strict=True)
        ]
        bars.append(sum(terms[1:], terms[0]))
    rest = iter(bars)
    return [
        next(rest) - 1j * next(rest) if x.dtype.kind == "c" else next(rest)
        for x in likes
    ]


def _parts(values: Sequence[Any]) -> list[Any]:
    parts: list[Any] = []
    for value in map(np.asarray, values):
        both = value.dtype.kind == "c"
        parts += [value.real.copy(), value.imag.copy()] if both else [value]
    return parts


def _is_inexact(leaf: Any) -> bool:
    if hasattr(leaf, "dtype"):
        return is_inexact(leaf.dtype)
    return isinstance(leaf, float | complex)


def _warn(name: str, scheme: str) -> None:
    message = (
        f"derivatives through {name} are finite differences ({scheme}), not exact. "
        "State a rule with wengert.primitive, if there is one."
    )
    source = user_source()
    file, line = (source.file, source.line) if source else ("<unknown>", 1)
    warnings.warn_explicit(message, DifferencesWarning, file, line)
