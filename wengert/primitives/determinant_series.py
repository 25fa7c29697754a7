"""Taylor rules of determinants and cofactors.

Where A₀ is regular, d' = d·tr(A⁻¹ A') and cof A = d·A⁻ᵀ. Where it is singular, by the
sums and products of Faddeev and LeVerrier, which divide by whole numbers only: with
M₁ = I, Mₖ₊₁ = A Mₖ + cₖ I, cₖ = −tr(A Mₖ)/k, it is adj A = (−1)ⁿ⁻¹ Mₙ and
det A = (−1)ⁿ cₙ. They lose digits as n grows, so that they are for that case alone,
and for a matrix without a value yet, in a loop's body. Of a traced matrix det A tells,
of others their condition.

References
----------
Householder (1964), "The Theory of Matrices in Numerical Analysis", section 6.7.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from wengert.primitives.power_series import (
    Coefficients,
    add_terms,
    cauchy,
    surely_nowhere,
)

__all__ = ["cofactor_taylor", "det_taylor"]

Steps = Iterator[Any]
_WORST = 1e10  # the condition at which a matrix is taken for singular


def det_taylor(y: Any, x: Sequence[Any], _order: int) -> Steps | None:
    """Give the series of det A."""
    (a,) = x
    if not a.value.size:
        return None
    if not _is_regular(a.value, y.value):
        return _rest(_faddeev(a)[0])
    return _det_steps(y, a, _inverse(a))


def cofactor_taylor(_y: Any, x: Sequence[Any], _order: int) -> Steps | None:
    """Give the series of det A · A⁻ᵀ."""
    (a,) = x
    if not a.value.size:
        return None
    value = np.linalg.det(a.value)
    if not _is_regular(a.value, value):
        return _rest(_faddeev(a)[1])
    inverse = _inverse(a)
    det = Coefficients(value, [value])
    det.follow(_det_steps(det, a, inverse))
    return (cauchy(det, inverse, k, 0, _turned) for k in itertools.count(1))


def _turned(d: Any, m: Any) -> Any:
    return d[..., None, None] * np.swapaxes(m, -1, -2)


def _rest(series: Coefficients) -> Steps:
    return (series[k] for k in itertools.count(1))


def _is_regular(a: Any, det: Any) -> bool:
    if hasattr(type(a), "__wengert_bind__"):
        return surely_nowhere(det == 0)
    return bool(np.all(np.linalg.cond(a) < _WORST))


def _grown(value: Any, coefficient: Callable[[int], Any]) -> Coefficients:
    series = Coefficients(value, [value])
    series.follow(coefficient(k) for k in itertools.count(1))
    return series


def _inverse(a: Any) -> Coefficients:
    """Give Yₖ = −Y₀ Σ Aⱼ Yₖ₋ⱼ over j = 1 … k."""
    first = np.linalg.inv(a.value)

    def coefficient(k: int) -> Any:
        change = cauchy(a, series, k, 1, np.matmul)
        return None if change is None else -(first @ change)

    series = _grown(first, coefficient)
    return series


def _det_steps(det: Any, a: Any, inverse: Any) -> Steps:
    """Give k dₖ = Σ sₘ dₖ₋₁₋ₘ over m < k, for s = tr(A⁻¹ A')."""
    rates: list[Any] = []
    for k in itertools.count(1):
        rates.append(
            add_terms(
                _trace(inverse[k - j] @ (j * a[j]))
                for j in range(1, k + 1)
                if a[j] is not None and inverse[k - j] is not None
            )
        )
        total = add_terms(
            rate * det[k - 1 - m]
            for m, rate in enumerate(rates)
            if rate is not None and det[k - 1 - m] is not None
        )
        yield None if total is None else total / k


def _faddeev(a: Any) -> tuple[Coefficients, Coefficients]:
    """Give the series of det A and of its cofactors."""
    n, dtype = a.value.shape[-1], a.value.dtype
    eye = np.eye(n, dtype=dtype)
    m = Coefficients(eye, [eye])
    for k in range(1, n + 1):
        moved = _times(a, m)
        c = _mapped(moved, functools.partial(_share, k))
        if k < n:
            m = _shifted(moved, c, eye)
    sign = (-1) ** n
    cofactors = _mapped(m, lambda p: -sign * np.swapaxes(p, -1, -2) + 0 * a.value)
    return _mapped(c, lambda d: sign * d), cofactors


def _times(a: Any, m: Coefficients) -> Coefficients:
    return _grown(a.value @ m.value, lambda k: cauchy(a, m, k, 0, np.matmul))


def _mapped(series: Coefficients, linear: Callable[[Any], Any]) -> Coefficients:
    return _grown(
        linear(series.value),
        lambda k: None if series[k] is None else linear(series[k]),
    )


def _shifted(moved: Coefficients, c: Coefficients, eye: Any) -> Coefficients:
    def coefficient(k: int) -> Any:
        if moved[k] is None:
            return None
        return moved[k] + c[k][..., None, None] * eye

    return _grown(moved.value + c.value[..., None, None] * eye, coefficient)


def _share(k: int, p: Any) -> Any:
    return -_trace(p) / k


def _trace(m: Any) -> Any:
    return np.trace(m, axis1=-2, axis2=-1)
