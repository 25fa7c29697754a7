"""Distances between vectors, one by one and between all rows of matrices.

Where a distance has a corner, at 0, its gradient is 0, as that of the root of a sum of
squares is elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.spatial.distance as original

from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, plain_value
from wengert.primitives.refusal import refuse_all, undefined
from wengert.primitives.scipy_signal.convolution import floats

__all__: list[str] = []

# Each takes arrays whose last axis holds the vectors, and weights or None.


def _sum(x: Any, w: Any) -> Any:
    return np.sum(x if w is None else x * w, axis=-1)


def _root(x: Any) -> Any:
    """Give the root, with derivative 0 at 0."""
    positive = x > 0
    return np.where(positive, np.sqrt(np.where(positive, x, 1)), 0)


def _sqeuclidean(u: Any, v: Any, w: Any) -> Any:
    return _sum((u - v) * (u - v), w)


def _euclidean(u: Any, v: Any, w: Any) -> Any:
    return _root(_sqeuclidean(u, v, w))


def _cityblock(u: Any, v: Any, w: Any) -> Any:
    return _sum(np.abs(u - v), w)


def _chebyshev(u: Any, v: Any, w: Any) -> Any:
    gaps = np.abs(u - v)
    return np.max(gaps if w is None else np.where(as_array(w) > 0, gaps, 0), axis=-1)


def _minkowski(u: Any, v: Any, w: Any, p: Any = 2) -> Any:
    if isinstance(p, int | float) and p == np.inf:
        return _chebyshev(u, v, w)
    total = _sum(np.abs(u - v) ** p, w)
    positive = total > 0
    return np.where(positive, np.where(positive, total, 1) ** (1.0 / p), 0)


def _cosine(u: Any, v: Any, w: Any) -> Any:
    return 1 - _sum(u * v, w) / (np.sqrt(_sum(u * u, w)) * np.sqrt(_sum(v * v, w)))


def _correlation(u: Any, v: Any, w: Any) -> Any:
    total = u.shape[-1] if w is None else np.sum(w)
    u = u - (_sum(u, w) / total)[..., None]
    v = v - (_sum(v, w) / total)[..., None]
    return _cosine(u, v, w)


def _canberra(u: Any, v: Any, w: Any) -> Any:
    total = np.abs(u) + np.abs(v)
    some = total > 0
    return _sum(np.where(some, np.abs(u - v) / np.where(some, total, 1), 0), w)


def _braycurtis(u: Any, v: Any, w: Any) -> Any:
    return _sum(np.abs(u - v), w) / _sum(np.abs(u + v), w)


def _seuclidean(u: Any, v: Any, w: Any, V: Any = None) -> Any:
    return _root(_sum((u - v) * (u - v) / V, w))


def _mahalanobis(u: Any, v: Any, w: Any, VI: Any = None) -> Any:
    gap = u - v
    return _root(np.sum((gap @ VI) * gap, axis=-1))


def _jensenshannon(u: Any, v: Any, w: Any, base: Any = None) -> Any:
    u = u / np.sum(u, axis=-1, keepdims=True)
    v = v / np.sum(v, axis=-1, keepdims=True)
    m = (u + v) / 2.0

    def relative(p: Any) -> Any:
        some = p > 0
        return np.where(some, p * np.log(np.where(some, p / m, 1)), 0)

    total = np.sum(relative(u) + relative(v), axis=-1)
    total = total if base is None else total / np.log(base)
    return _root(total / 2.0)


_METRICS: dict[str, Callable[..., Any]] = {
    "braycurtis": _braycurtis, "canberra": _canberra, "chebyshev": _chebyshev,
    "cityblock": _cityblock, "correlation": _correlation, "cosine": _cosine,
    "euclidean": _euclidean, "jensenshannon": _jensenshannon,
    "mahalanobis": _mahalanobis, "minkowski": _minkowski, "seuclidean": _seuclidean,
    "sqeuclidean": _sqeuclidean,
}  # fmt: skip
_ALIASES = {
    "manhattan": "cityblock", "cityblock": "cityblock", "l2": "euclidean",
    "sqeuclid": "sqeuclidean", "chebychev": "chebyshev", "js": "jensenshannon",
}  # fmt: skip


def _vectors(u: Any, v: Any, w: Any) -> tuple[Any, Any, Any]:
    u, v = floats(u), floats(v)
    if u.ndim != 1 or v.ndim != 1:
        raise ValueError("Input vector should be 1-D.")
    return u, v, None if w is None else floats(w)


def _pair(name: str) -> None:
    metric = _METRICS[name]

    def face(u: Any, v: Any, w: Any = None) -> Any:
        return metric(*_vectors(u, v, w))

    face.__name__ = face.__qualname__ = name
    answers(getattr(original, name))(face)


for _name in ("braycurtis", "canberra", "chebyshev", "cityblock", "cosine",
              "euclidean", "sqeuclidean"):  # fmt: skip
    _pair(_name)


@answers(original.minkowski)
def minkowski(u: Any, v: Any, p: Any = 2, w: Any = None) -> Any:
    """Give the root of order p of a sum of powers."""
    return _minkowski(*_vectors(u, v, w), p)


@answers(original.correlation)
def correlation(u: Any, v: Any, w: Any = None, centered: bool = True) -> Any:
    """Give one less the correlation of two vectors."""
    metric = _correlation if centered else _cosine
    return metric(*_vectors(u, v, w))


@answers(original.seuclidean)
def seuclidean(u: Any, v: Any, V: Any) -> Any:
    """Give the distance in units of variances."""
    return _seuclidean(*_vectors(u, v, None), floats(V))


@answers(original.mahalanobis)
def mahalanobis(u: Any, v: Any, VI: Any) -> Any:
    """Give the distance by an inverse covariance."""
    return _mahalanobis(*_vectors(u, v, None), floats(VI))


@answers(original.jensenshannon)
def jensenshannon(
    p: Any, q: Any, base: Any = None, *, axis: int = 0, keepdims: bool = False
) -> Any:
    """Give the root of the divergence of two distributions from their mean."""
    p, q = (np.moveaxis(floats(v), axis, -1) for v in (p, q))
    y = _jensenshannon(p, q, None, base)
    return np.expand_dims(y, axis) if keepdims else y


def _metric(name: str, metric: Any, points: list[Any], keywords: dict[str, Any]) -> Any:
    """Find a metric by its name, with what SciPy computes from all points."""
    if not isinstance(metric, str):
        raise undefined(
            f"scipy.spatial.distance.{name}", "a function is called for each pair",
            "write it with broadcasting: x[:, None] against y",
        )  # fmt: skip
    chosen = _ALIASES.get(metric.lower(), metric.lower())
    if chosen not in _METRICS:
        raise undefined(
            f"scipy.spatial.distance.{name}(metric={metric!r})",
            "only some metrics have one",
            "take one of " + ", ".join(sorted(_METRICS)),
        )  # fmt: skip
    keywords = {k: v for k, v in keywords.items() if v is not None}
    if keywords.pop("out", None) is not None:
        raise undefined(f"{name}(out=…)", "it is written to", "take what it returns")
    w = keywords.pop("w", None)
    if chosen == "seuclidean" and "V" not in keywords:
        keywords["V"] = np.var(np.concatenate(points), axis=0, ddof=1)
    if chosen == "mahalanobis" and "VI" not in keywords:
        covariance = np.atleast_2d(np.cov(np.concatenate(points).T))
        keywords["VI"] = np.linalg.inv(covariance).T
    function = _METRICS[chosen]
    return lambda u, v: function(u, v, w, **keywords)


@answers(original.cdist)
def cdist(XA: Any, XB: Any, metric: Any = "euclidean", *, out: Any = None,
          **kwargs: Any) -> Any:  # fmt: skip
    """Give the distances of all rows of one matrix from those of another."""
    a, b = floats(XA), floats(XB)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError("XA and XB must have the same number of columns")
    measure = _metric("cdist", metric, [a, b], {**kwargs, "out": out})
    u, v = np.broadcast_arrays(a[:, None, :], b[None, :, :])
    return measure(u, v)


@answers(original.pdist)
def pdist(X: Any, metric: Any = "euclidean", *, out: Any = None, **kwargs: Any) -> Any:
    """Give the distances between all rows of a matrix, each pair once."""
    x = floats(X)
    if x.ndim != 2:
        raise ValueError("A 2-dimensional array must be passed.")
    measure = _metric("pdist", metric, [x], {**kwargs, "out": out})
    i, j = np.triu_indices(x.shape[0], 1)
    return measure(x[i], x[j])


@answers(original.squareform)
def squareform(X: Any, force: str = "no", checks: bool = True) -> Any:
    """Turn the distances of pairs into a symmetric matrix, or back."""
    x = floats(X)
    if x.ndim == 2 and force.lower() != "tomatrix":
        if checks and not original.is_valid_dm(plain_value(x), throw=True, name="X"):
            raise ValueError("The matrix is not symmetric.")
        return x[np.triu_indices(x.shape[0], 1)]
    if x.ndim != 1 or force.lower() == "tovector":
        raise ValueError("A vector of distances, or a square matrix, is needed.")
    n = int(np.ceil(np.sqrt(x.shape[0] * 2)))
    if n * (n - 1) != 2 * x.shape[0]:
        raise ValueError("Incompatible vector size.")
    place = np.zeros((max(n, 1), max(n, 1)), dtype=int)
    i, j = np.triu_indices(n, 1)
    place[i, j] = place[j, i] = np.arange(x.shape[0])
    if x.shape[0] == 0:
        return np.zeros((1, 1), x.dtype)
    return np.where(np.eye(n, dtype=bool), 0, x[place])


refuse_all(
    original,
    {
        "it counts, and counts jump": "dice hamming jaccard rogerstanimoto russellrao "
        "sokalsneath yule",
        "the pair that is farthest apart is chosen at random among equals; write it "
        "with cdist": "directed_hausdorff",
    },
)
