"""Where each primitive is not smooth: how far a point is from there, and what wengert
takes for the derivative there.

One table, `EDGES`, by the name of the row; `COMPLEX` for complex arguments. A distance
is computed from the values of one equation: `(x, y, params) → array`, of the shape of y
or, for a reduction, of x; inf where there is nothing to be near to. Distances to a tie
compare numbers of any size, and are `relative`: to be divided by the size of what ties,
where that is above 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

__all__ = ["COMPLEX", "EDGES", "STEADY", "Edge", "whole_gap"]

Distance = Callable[[tuple[Any, ...], Any, Mapping[str, Any]], Any]


class Edge(NamedTuple):
    """Where a primitive is not smooth.

    Parameters
    ----------
    kind : str
        "kink": slopes differ on the two sides. "bend": second derivatives do. "jump":
        the value leaps. "pole": it grows beyond all bounds. "infinite slope": its
        slope does.
        "tie": an order decides. "singular": of matrices. "branch cut": a jump of a
        complex function, or of an angle; "branch point": where a power with a broken
        exponent starts.
    place : str
        In the names x, y … of the arguments: `x = 0`.
    derivative : str
        What wengert gives there.
    distance : callable
        `(x, y, params) → array`; see the module.
    relative : bool
        Whether the distance is to be seen relative to what is compared.
    """

    kind: str
    place: str
    derivative: str
    distance: Distance
    relative: bool = False


# ----- distances -----


def _to(*points: float) -> Distance:
    """Measure the distance of the first argument to the nearest of some points."""

    def distance(x: Any, _y: Any, _p: Any) -> Any:
        return np.minimum.reduce([np.abs(x[0] - point) for point in points])

    return distance


def _second_to(point: float) -> Distance:
    return lambda x, _y, _p: np.abs(x[1] - point)


def _finite(distance: Any) -> Any:
    """Take what is not finite for far: an infinity is near to nothing."""
    return np.where(np.isfinite(distance), distance, np.inf)


def _apart(x: Any, _y: Any, _p: Any) -> Any:
    return _finite(np.abs(np.subtract(x[0], x[1])))


def whole_gap(x: Any) -> Any:
    """Give the distance to the nearest whole number but 0, where `trunc` jumps."""
    size = np.abs(x)
    return _finite(np.abs(size - np.maximum(np.rint(size), 1)))


def _whole(x: Any) -> Any:
    return _finite(np.abs(x - np.rint(x)))


def _to_half(x: Any, _y: Any, params: Mapping[str, Any]) -> Any:
    unit = 10.0 ** -params.get("decimals", 0)
    return _finite(np.abs(x[0] / unit - np.floor(x[0] / unit) - 0.5) * unit)


def _to_multiple(x: Any, _y: Any, _p: Any) -> Any:
    return _finite(np.abs(x[0] - x[1] * np.rint(x[0] / x[1])))


def _to_multiple_but_zero(x: Any, _y: Any, _p: Any) -> Any:
    return _finite(np.abs(x[1]) * whole_gap(x[0] / x[1]))


def _to_power_of_two(x: Any, _y: Any, _p: Any) -> Any:
    size = np.abs(x[0])
    nearest = np.exp2(np.rint(np.log2(np.where(size == 0, 1, size))))
    return np.where(size == 0, 0, _finite(np.abs(size - nearest)))


def _to_pole_of_gamma(x: Any, _y: Any, _p: Any) -> Any:
    nearest = np.minimum(np.rint(np.real(x[0])), 0)
    return _finite(np.abs(x[0] - nearest))


def _to_cut(x: Any, _y: Any, _p: Any) -> Any:
    """Measure to the negative real axis, 0 included."""
    z = x[0]
    return np.where(np.real(z) < 0, np.abs(np.imag(z)), np.abs(z))


def _power(x: Any, _y: Any, _p: Any) -> Any:
    return np.where(_is_whole(x[1]) & (np.real(x[1]) >= 0), np.inf, np.abs(x[0]))


def _power_cut(x: Any, y: Any, params: Mapping[str, Any]) -> Any:
    whole = _is_whole(x[1])
    return np.where(whole, _power(x, y, params), _to_cut(x, y, params))


def _is_whole(x: Any) -> Any:
    return x == np.rint(np.real(x))


def _beside_the_origin(x: Any, _y: Any, _p: Any) -> Any:
    """Measure to the origin and to the negative half of the second axis."""
    return np.where(x[1] < 0, np.abs(x[0]), np.hypot(x[0], x[1]))


def _output(_x: Any, y: Any, _p: Any) -> Any:
    return np.abs(y)


def _to_knot(x: Any, _y: Any, _p: Any) -> Any:
    return _nearest(x[0], x[1])


def _to_edge(x: Any, _y: Any, _p: Any) -> Any:
    return _nearest(x[1], x[0])


def _nearest(x: Any, points: Any) -> Any:
    away = np.abs(np.asarray(x)[..., None] - np.ravel(points))
    return np.min(away, axis=-1, initial=np.inf)


def _isclose(x: Any, _y: Any, _p: Any) -> Any:
    a, b, rtol, atol = x
    return _finite(np.abs(np.abs(np.subtract(a, b)) - (atol + rtol * np.abs(b))))


def _discretized(x: Any, _y: Any, params: Mapping[str, Any]) -> Any:
    return np.abs(x[0]) if params["dtype"].kind == "b" else whole_gap(x[0])


def _extremum(sign: int) -> Distance:
    """Measure how far each element stays behind the greatest, that one excepted."""

    def distance(x: Any, _y: Any, params: Mapping[str, Any]) -> Any:
        axes = params["axes"] if "axes" in params else params["axis"]
        axes = tuple(range(np.ndim(x[0]))) if axes is None else axes
        axes = (axes,) if isinstance(axes, int) else axes
        if not axes:
            return np.inf
        kept = tuple(i for i in range(np.ndim(x[0])) if i not in axes)
        order = kept + axes
        moved = np.transpose(sign * x[0], order)
        line = np.reshape(moved, (*moved.shape[: len(kept)], -1))
        first = np.argmax(line, axis=-1)[..., None]
        behind = _finite(np.take_along_axis(line, first, -1) - line)
        np.put_along_axis(behind, first, np.inf, -1)
        back = tuple(order.index(i) for i in range(len(order)))
        return np.transpose(np.reshape(behind, moved.shape), back)

    return distance


def _between_neighbours(line: Any, axis: int) -> Any:
    """Give to each element of a sorted line the distance of its nearer neighbour."""
    steps = _finite(np.abs(np.diff(line, axis=axis)))
    ends = [(0, 0)] * np.ndim(line)
    before, after = list(ends), list(ends)
    before[axis], after[axis] = (1, 0), (0, 1)
    return np.minimum(
        np.pad(steps, before, constant_values=np.inf),
        np.pad(steps, after, constant_values=np.inf),
    )


def _sorted(_x: Any, y: Any, params: Mapping[str, Any]) -> Any:
    return _between_neighbours(y, params["axis"])


def _order(x: Any, _y: Any, params: Mapping[str, Any]) -> Any:
    return _between_neighbours(np.sort(x[-1], axis=params["axis"]), params["axis"])


# ----- of matrices: relative to the largest value -----


def _singular(x: Any, _y: Any, _p: Any) -> Any:
    """Give the relative distance to the nearest singular matrix: 1/cond, 2-norm."""
    s = np.linalg.svd(x[0], compute_uv=False)
    return _ratio(s[..., -1], s[..., 0])


def _pivot(_x: Any, y: Any, _p: Any) -> Any:
    return _least_on_diagonal(y) ** 2


def _column(_x: Any, y: Any, _p: Any) -> Any:
    return _least_on_diagonal(y[1])


def _least_on_diagonal(triangle: Any) -> Any:
    size = np.abs(np.diagonal(triangle, 0, -2, -1))
    return _ratio(size.min(axis=-1), size.max(axis=-1))


def _ratio(small: Any, large: Any) -> Any:
    return np.where(large == 0, 0, small / np.where(large == 0, 1, large))


def _eigenvalues(_x: Any, y: Any, _p: Any) -> Any:
    w = y[0]
    n = w.shape[-1]
    apart = np.abs(w[..., :, None] - w[..., None, :])
    apart = np.where(np.eye(n, dtype=bool), np.inf, apart)
    nearest = apart.min(axis=(-2, -1), initial=np.inf)
    return _ratio(nearest, np.abs(w).max(axis=-1, initial=0))


def _singular_values(_x: Any, y: Any, _p: Any) -> Any:
    s = y[1]
    apart = np.concatenate([-np.diff(s, axis=-1), s[..., -1:]], axis=-1)
    return _ratio(apart.min(axis=-1), s[..., 0])


# ----- the table -----

_LEAST = "0, the subgradient of least norm"
_EVEN = "shared evenly among what ties"
_SIDE = "0; the side taken is differentiated"
_INFINITE = "that of the formula: infinite"
_ONE_SIDED = "infinite, the limit from within the domain"
_TOWARDS = "−inf in x, the limit from within the domain; NaN where y = 0 too"
_PERMUTED = "permuted as the values are, by a stable sort"
_NO_TURN = "vectors of equal values do not turn towards each other"
_SINGULAR = "that of the formula: infinite, or dominated by rounding"

_compared = Edge("jump", "x = y", _SIDE, _apart, relative=True)
_truth = Edge("jump", "x = 0", _SIDE, _to(0))
_infinite = Edge("pole", "x = 0", _INFINITE, _to(0))
_units = Edge("infinite slope", "x = ±1", _ONE_SIDED, _to(-1, 1))
_gamma = Edge("pole", "x = 0, −1, −2 …", _INFINITE, _to_pole_of_gamma)
_tied = Edge("kink", "x = y", _EVEN, _apart, relative=True)
_place = "the two greatest tie"
_least_place = "the two least tie"
_near_singular = Edge("singular", "a singular matrix", _SINGULAR, _singular)

EDGES: Mapping[str, Edge] = {
    # ----- absolute values, signs, extrema -----
    "absolute": Edge("kink", "x = 0", _LEAST, _to(0)),
    "fabs": Edge("kink", "x = 0", _LEAST, _to(0)),
    "copysign": Edge("kink", "x = 0", _LEAST, _to(0)),
    "hypot": Edge("kink", "x = y = 0", _LEAST, _output),
    "norm2": Edge("kink", "x = 0", _LEAST, _output),
    "maximum": _tied,
    "minimum": _tied,
    "fmax": _tied,
    "fmin": _tied,
    "max": Edge("kink", _place, _EVEN, _extremum(1), relative=True),
    "min": Edge("kink", _least_place, _EVEN, _extremum(-1), relative=True),
    "sort": Edge("tie", "two elements are equal", _PERMUTED, _sorted, relative=True),
    "interp": Edge("kink", "x at a knot", "that of the piece on the right", _to_knot),
    "huber": Edge(
        "bend", "|y| = x", "that of both sides", lambda x, *_: abs(abs(x[1]) - x[0])
    ),
    "i0e": Edge("kink", "x = 0", "0, the mean of both slopes", _to(0)),
    # ----- jumps -----
    **dict.fromkeys(
        ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal"],
        _compared,
    ),
    **dict.fromkeys(
        ["logical_and", "logical_or", "logical_xor"],
        Edge("jump", "x = 0 or y = 0", _SIDE,
             lambda x, *_: np.minimum(abs(x[0] - 0.0), abs(x[1] - 0.0))),
    ),
    **dict.fromkeys(
        ["all", "any", "argwhere", "count_nonzero", "logical_not", "sign", "signbit"],
        _truth,
    ),
    "heaviside": Edge("jump", "x = 0", "0 in x; 1 in the value at 0", _to(0)),
    "isclose": Edge("jump", "|x − y| at the tolerance", _SIDE, _isclose),
    "isin": Edge("jump", "x at an element", _SIDE, _to_knot),
    "floor": Edge("jump", "x whole", "0", lambda x, *_: _whole(x[0])),
    "ceil": Edge("jump", "x whole", "0", lambda x, *_: _whole(x[0])),
    "trunc": Edge("jump", "x whole, not 0", "0", lambda x, *_: whole_gap(x[0])),
    "rint": Edge("jump", "x halfway between whole numbers", "0", _to_half),
    "round": Edge("jump", "x halfway between roundings", "0", _to_half),
    "floor_divide": Edge("jump", "x a multiple of y", "0", _to_multiple),
    "remainder": Edge(
        "jump", "x a multiple of y", "1 in x, −⌊x/y⌋ in y", _to_multiple
    ),
    "fmod": Edge(
        "jump", "x a multiple of y, not 0", "1 in x, −trunc(x/y) in y",
        _to_multiple_but_zero,
    ),
    "binary_exponent": Edge("jump", "|x| a power of 2", "0", _to_power_of_two),
    "spacing": Edge("jump", "|x| a power of 2", "0", _to_power_of_two),
    "discretize": Edge("jump", "x whole, not 0", "0", _discretized),
    "argmax": Edge("jump", _place, _SIDE, _extremum(1), relative=True),
    "argmin": Edge("jump", _least_place, _SIDE, _extremum(-1), relative=True),
    "argsort": Edge("jump", "two elements are equal", _SIDE, _order, relative=True),
    "lexsort": Edge("jump", "two elements are equal", _SIDE, _order, relative=True),
    "searchsorted": Edge("jump", "y at an element", _SIDE, _to_edge),
    "digitize": Edge("jump", "x at the edge of a bin", _SIDE, _to_knot),
    # ----- vertical tangents, and ends of a domain -----
    "sqrt": Edge("infinite slope", "x = 0", _ONE_SIDED, _to(0)),
    "cbrt": Edge("infinite slope", "x = 0", "infinite", _to(0)),
    "power": Edge(
        "branch point", "x = 0", "y·x**(y − 1) in x; 0 in y", _power
    ),
    "arcsin": _units,
    "arccos": _units,
    "arccosh": Edge("infinite slope", "x = 1", _ONE_SIDED, _to(1)),
    "erfinv": Edge("pole", "x = ±1", _ONE_SIDED, _to(-1, 1)),
    "erfcinv": Edge("pole", "x = 0 or 2", _ONE_SIDED, _to(0, 2)),
    "ndtri": Edge("pole", "x = 0 or 1", _ONE_SIDED, _to(0, 1)),
    "logit": Edge("pole", "x = 0 or 1", _ONE_SIDED, _to(0, 1)),
    "entr": Edge("infinite slope", "x = 0", _ONE_SIDED, _to(0)),
    "xlogy": Edge("pole", "y = 0", "ln y in x; 0 in y where x = 0", _second_to(0)),
    "xlog1py": Edge(
        "pole", "y = −1", "ln(1 + y) in x; 0 in y where x = 0", _second_to(-1)
    ),
    "rel_entr": Edge("infinite slope", "x = 0", _TOWARDS, _to(0)),
    "kl_div": Edge("infinite slope", "x = 0", _TOWARDS, _to(0)),
    # ----- poles -----
    "divide": Edge("pole", "y = 0", _INFINITE, _second_to(0)),
    "reciprocal": _infinite,
    "log": _infinite,
    "log2": _infinite,
    "log10": _infinite,
    "log1p": Edge("pole", "x = −1", _INFINITE, _to(-1)),
    "arctanh": Edge("pole", "x = ±1", _INFINITE, _to(-1, 1)),
    "tan": Edge(
        "pole", "cos x = 0", "that of the formula: very large",
        lambda x, *_: abs(np.cos(x[0])),
    ),
    "arctan2": Edge(
        "branch cut", "x = 0 and y ≤ 0", "that of the angle; NaN at the origin",
        _beside_the_origin,
    ),
    **dict.fromkeys(["gamma", "gammaln", "loggamma", "digamma"], _gamma),
    **dict.fromkeys(["k0", "k0e", "k1", "k1e", "y0", "y1", "exp1", "expi"], _infinite),
    # ----- matrices -----
    **dict.fromkeys(["inv", "slogdet", "solve"], _near_singular),
    "pinv": Edge("singular", "a change of rank", _SINGULAR, _singular),
    "cholesky": Edge("singular", "a zero pivot", _SINGULAR, _pivot),
    "qr": Edge("singular", "dependent columns", _SINGULAR, _column),
    "eigh": Edge("tie", "two eigenvalues are equal", _NO_TURN, _eigenvalues),
    "eig": Edge("tie", "two eigenvalues are equal", _NO_TURN, _eigenvalues),
    "svd": Edge(
        "tie", "two singular values are equal, or one is 0", _NO_TURN, _singular_values
    ),
}  # fmt: skip

_on_cut = Edge("branch cut", "x real, ≤ 0", "that of the side of x", _to_cut)

# What is said instead where an argument is complex.
COMPLEX: Mapping[str, Edge] = {
    **dict.fromkeys(["log", "log2", "log10", "sqrt", "loggamma"], _on_cut),
    "log1p": _on_cut._replace(
        place="x real, ≤ −1", distance=lambda x, y, p: _to_cut((1 + x[0],), y, p)
    ),
    "power": _on_cut._replace(distance=_power_cut),
}

# Rows that state the derivative at a special point at which they are smooth all the
# same, or which no input reaches but an infinity: each with its reason.
STEADY: Mapping[str, str] = {
    "logaddexp": "the limit at infinities; along x = y, where both are",
    "logaddexp2": "the limit at infinities; along x = y, where both are",
    "scale": "a zero wins over inf: it stands in derivatives only",
    "sinc": "smooth; 0/0 is left out",
}
