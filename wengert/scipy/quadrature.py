"""Integrals of functions: SciPy chooses the intervals, on plain values; then a fixed
rule on these intervals is traced.

So adaptivity is frozen: values differ from SciPy's by rounding, or by what quad's
extrapolation gained, within its tolerance; derivatives of every order, in limits, in
arguments and in what the integrand finds around it, are the exact ones of the rule.
"""

from __future__ import annotations

import functools
import heapq
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.integrate

from wengert.primitives.refusal import undefined
from wengert.scipy.dropin import holds_tracer, plain

__all__ = ["dblquad", "fixed_quad", "nquad", "quad", "quad_vec", "tplquad"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(15)
_COARSE, _COARSE_WEIGHTS = np.polynomial.legendre.leggauss(7)
_BISECTIONS = 400


class Watched:
    """A function run on plain values, which notes whether it gave a traced one."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = f
        self.traced = False

    def __call__(self, *args: Any) -> Any:
        y = self.f(*args)
        self.traced = self.traced or holds_tracer(y)
        return plain(y)


@functools.wraps(scipy.integrate.quad)
def quad(
    func: Any, a: Any, b: Any, args: Any = (), full_output: Any = 0,
    epsabs: Any = 1.49e-8, epsrel: Any = 1.49e-8, limit: int = 50, points: Any = None,
    weight: Any = None, wvar: Any = None, wopts: Any = None, maxp1: int = 50,
    limlst: int = 50, complex_func: bool = False,
) -> Any:  # fmt: skip
    """Integrate a function from a to b: SciPy's `quad`, differentiable.

    Parameters
    ----------
    func : callable
        `func(t, *args)` → real scalar; it may use traced values from around it.
    a, b : float
        Limits, which may be infinite; a finite one may be traced.

    Returns
    -------
    tuple
        As SciPy's. The error is that of the value, and not traced.

    Raises
    ------
    MissingRuleError
        If something is traced, and a weight or complex_func is given.

    Cost
    ----
    Traced: SciPy's evaluations, and then 30 for each interval that they needed.

    Notes
    -----
    A jump of the integrand whose place depends on a traced value is not seen by any
    fixed rule: split the integral there. Put a kink into `points`.
    """
    args = args if isinstance(args, tuple) else (args,)
    watched = Watched(func)
    low, high, values = plain(a), plain(b), plain(args)
    keywords = {
        "epsabs": epsabs, "epsrel": epsrel, "limit": limit, "points": plain(points),
    }  # fmt: skip
    others = {
        "weight": weight, "wvar": wvar, "wopts": wopts, "maxp1": maxp1,
        "limlst": limlst, "complex_func": complex_func,
    }  # fmt: skip
    # With full output the intervals come too, and no warnings.
    found = scipy.integrate.quad(watched, low, high, values, 1, **keywords, **others)
    info = found[2]
    if len(found) > 3 and not full_output:
        found = scipy.integrate.quad(
            watched, low, high, values, 0, **keywords, **others
        )
    found = found if full_output else found[:2]
    if not (watched.traced or holds_tracer((a, b, args, points, wvar))):
        return found
    if weight is not None or complex_func:
        raise undefined(
            f"scipy.integrate.quad({'weight' if weight else 'complex_func'}=…)",
            "its rule is not the one that is traced",
            "write the weight into the integrand, and integrate real and imaginary "
            "part apart",
        )
    place = _between(a, b, low, high)
    f = functools.partial(_at, watched, _between(low, high, low, high), args=values)
    intervals = _intervals(f, low, high, info, found[0], keywords)
    total = _rule(lambda u: _at(func, place, u, args), intervals)
    return (total, *found[1:])


def _between(a: Any, b: Any, low: float, high: float) -> Callable[[float], Any]:
    """Map (0, 1) to the interval: u → points, each with its Jacobian."""
    if low == high:
        return lambda u: [(a + (b - a) * u, b - a)]
    if low > high:
        other = _between(b, a, high, low)
        return lambda u: [(t, -jacobian) for t, jacobian in other(u)]
    if np.isinf(low) and np.isinf(high):
        # As QUADPACK does it: both halves at once.
        return lambda u: [(s * (1 - u) / u, 1 / (u * u)) for s in (1, -1)]
    if np.isinf(high):
        return lambda u: [(a + (1 - u) / u, 1 / (u * u))]
    if np.isinf(low):
        return lambda u: [(b - (1 - u) / u, 1 / (u * u))]
    return lambda u: [(a + (b - a) * u, b - a)]


def _at(func: Any, place: Any, u: float, args: Any) -> Any:
    """Evaluate the integrand at a place of (0, 1)."""
    total: Any = None
    for t, jacobian in place(u):
        part = func(t, *args) * jacobian
        total = part if total is None else total + part
    return total


def _intervals(
    f: Any, low: float, high: float, info: Any, value: float, keywords: Any
) -> list[tuple[float, float]]:
    """Choose intervals of (0, 1) on which the rule gives quad's value.

    Those that quad chose; and where it extrapolated, halves of those with the largest
    errors.
    """
    count = info.get("last", 1)
    ends = np.stack([info["alist"][:count], info["blist"][:count]], 1)
    if np.isfinite(low) and np.isfinite(high):
        length = high - low
        ends = (ends - low) / length if length else np.array([[0.0, 1.0]])
    ends = np.sort(np.clip(ends, 0, 1), axis=1)
    pairs = [(float(u), float(v)) for u, v in ends]
    if abs(_rule(f, pairs) - value) <= 1e-13 * abs(value):
        return sorted(pairs)

    def measured(u: float, v: float) -> tuple[float, float, float, float]:
        fine = _rule(f, [(u, v)])
        coarse = _rule(f, [(u, v)], _COARSE, _COARSE_WEIGHTS)
        return (-abs(fine - coarse), u, v, fine)

    heap = [measured(u, v) for u, v in pairs]
    heapq.heapify(heap)
    wanted = 1e-3 * max(keywords["epsabs"], keywords["epsrel"] * abs(value))
    for _ in range(_BISECTIONS):
        error = -sum(item[0] for item in heap)
        off = abs(sum(item[3] for item in heap) - value)
        _, u, v, _ = heap[0]
        if max(off, error) <= wanted or not u < 0.5 * (u + v) < v:
            break
        heapq.heappop(heap)
        heapq.heappush(heap, measured(u, 0.5 * (u + v)))
        heapq.heappush(heap, measured(0.5 * (u + v), v))
    off = abs(sum(item[3] for item in heap) - value)
    if off > 1e3 * max(keywords["epsabs"], keywords["epsrel"] * abs(value)):
        raise undefined(
            "scipy.integrate.quad",
            f"a fixed rule on {len(heap)} intervals does not give its value",
            "take the singular part out of the integrand",
        )
    return sorted((u, v) for _, u, v, _ in heap)


def _rule(
    f: Callable[[float], Any],
    intervals: Any,
    nodes: Any = _NODES,
    weights: Any = _WEIGHTS,
) -> Any:
    """Apply Gauss's rule to each interval."""
    total: Any = 0.0
    for u, v in intervals:
        middle, half = 0.5 * (u + v), 0.5 * (v - u)
        for node, weight in zip(nodes, weights, strict=True):
            total = total + (half * float(weight)) * f(middle + half * float(node))
    return total


@functools.wraps(scipy.integrate.fixed_quad)
def fixed_quad(func: Any, a: Any, b: Any, args: Any = (), n: int = 5) -> Any:
    """Integrate by Gauss's rule of n points: SciPy's `fixed_quad`, differentiable.

    The function is called once, on all points.
    """
    nodes, weights = np.polynomial.legendre.leggauss(n)
    y = func((b - a) * (nodes + 1) / 2.0 + a, *args)
    if not holds_tracer((a, b, args, y)):
        return scipy.integrate.fixed_quad(func, a, b, args, n)
    if np.isinf(plain(a)) or np.isinf(plain(b)):
        raise ValueError("Gaussian quadrature is only available for finite limits.")
    return (b - a) / 2.0 * np.sum(weights * y, axis=-1), None


@functools.wraps(scipy.integrate.quad_vec)
def quad_vec(f: Any, a: Any, b: Any, *options: Any, **keywords: Any) -> Any:
    """Integrate a function with array values: SciPy's `quad_vec`, differentiable.

    Raises
    ------
    MissingRuleError
        If something is traced and a limit is infinite.
    """
    watched = Watched(f)
    low, high = plain(a), plain(b)
    args = plain(keywords.get("args", ()))
    found = scipy.integrate.quad_vec(
        watched, low, high, *options, **{**keywords, "args": args}
        if "args" in keywords else keywords
    )  # fmt: skip
    given = keywords.get("args", ())
    if not (watched.traced or holds_tracer((a, b, given))):
        return found
    if np.isinf(low) or np.isinf(high):
        raise undefined(
            "scipy.integrate.quad_vec", "a limit is infinite", "substitute, or use quad"
        )
    keywords = {k: v for k, v in keywords.items() if k not in ("args", "full_output")}
    _, _, info = scipy.integrate.quad_vec(
        watched, low, high, *options, full_output=True, args=args, **keywords
    )
    ends = (info.intervals - low) / (high - low) if low != high else [(0.0, 1.0)]
    given = given if isinstance(given, tuple) else (given,)
    place = _between(a, b, low, high)
    if low > high:
        ends = 1 - np.asarray(ends)[:, ::-1]
    total = _rule(lambda u: _at(f, place, u, given), ends)
    return (total, *found[1:])


def _callable(limit: Any) -> Callable[..., Any]:
    return limit if callable(limit) else lambda *_: limit


@functools.wraps(scipy.integrate.dblquad)
def dblquad(
    func: Any, a: Any, b: Any, gfun: Any, hfun: Any, args: Any = (),
    epsabs: float = 1.49e-8, epsrel: float = 1.49e-8,
) -> Any:  # fmt: skip
    """Integrate `func(y, x)`, over y inside: SciPy's `dblquad`, differentiable."""
    options = {"epsabs": epsabs, "epsrel": epsrel}
    ranges = [lambda *x: (_callable(gfun)(x[0]), _callable(hfun)(x[0])), (a, b)]
    return nquad(func, ranges, args, options)


@functools.wraps(scipy.integrate.tplquad)
def tplquad(
    func: Any, a: Any, b: Any, gfun: Any, hfun: Any, qfun: Any, rfun: Any,
    args: Any = (), epsabs: float = 1.49e-8, epsrel: float = 1.49e-8,
) -> Any:  # fmt: skip
    """Integrate `func(z, y, x)`, z innermost: SciPy's `tplquad`, differentiable."""
    options = {"epsabs": epsabs, "epsrel": epsrel}

    def inner(y: Any, x: Any, *_: Any) -> tuple[Any, Any]:
        return _callable(qfun)(x, y), _callable(rfun)(x, y)

    def middle(x: Any, *_: Any) -> tuple[Any, Any]:
        return _callable(gfun)(x), _callable(hfun)(x)

    return nquad(func, [inner, middle, (a, b)], args, options)


@functools.wraps(scipy.integrate.nquad)
def nquad(
    func: Any, ranges: Any, args: Any = None, opts: Any = None,
    full_output: bool = False,
) -> Any:  # fmt: skip
    """Integrate over several variables, the first innermost: SciPy's `nquad`.

    Where something is traced, quad within quad, each with its own intervals.
    """
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    watched = Watched(func)
    limits = [Watched(r if callable(r) else _constant(r)) for r in ranges]
    found = scipy.integrate.nquad(watched, limits, plain(args), opts, full_output)
    if not (watched.traced or holds_tracer(args) or any(x.traced for x in limits)):
        return found
    options = opts if isinstance(opts, list | tuple) else [opts] * len(ranges)

    def integral(depth: int, outer: tuple[Any, ...]) -> Any:
        some = options[depth]
        some = some(*map(plain, outer)) if callable(some) else some or {}
        a, b = limits[depth].f(*outer, *args)
        inner = functools.partial(_step, integral, func, depth, outer, args)
        return quad(inner, a, b, **some)[0]

    return (integral(len(ranges) - 1, ()), *found[1:])


def _step(integral: Any, func: Any, depth: int, outer: Any, args: Any, t: Any) -> Any:
    """Fix one more variable: the integrals inside, or the function itself."""
    fixed = (t, *outer)
    return integral(depth - 1, fixed) if depth else func(*fixed, *args)


def _constant(limits: Any) -> Callable[..., Any]:
    return lambda *_: limits
