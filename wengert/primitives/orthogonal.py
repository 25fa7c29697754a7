"""Orthogonal polynomials and Legendre functions, in x: the degree falls by one, and the
weight moves by one.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from wengert.errors import MissingRuleError, user_source
from wengert.primitives.bessel import orders, refused
from wengert.primitives.forms import elementwise

__all__: list[str] = []

_SLOPES, _LEGENDRE = "DLMF 18.9(iii)", "DLMF 14.10"
_DEGREES = orders((0,), (1,), (4,), low=0.1, high=0.8)
_PAIRS = orders((0, 0.5), (1, 1.5), (4, 1.5), low=0.1, high=0.8)


def lowered(polynomial: Callable[..., Any], n: Any, *rest: Any) -> Any:
    """Give a polynomial of degree n − 1, which is 0 where n is 0.

    Raises
    ------
    MissingRuleError
        Where n is a negative integer: SciPy reflects some polynomials there, not all.
    """
    if np.any((n < 0) & (n == np.floor(n))):
        raise MissingRuleError(
            "a polynomial of a negative integer degree has no derivative rule (at "
            f"{user_source()}). Write it with the positive degree that it equals."
        )
    constant = n == 0
    y = polynomial(np.where(constant, n, n - 1)[()], *rest)
    return np.where(constant, 0, y) if np.any(constant) else y


def chebyt_partial(_: Any, n: Any, x: Any) -> Any:
    """Give n·Uₙ₋₁; of a negative degree, that of the positive one, which is equal."""
    n = abs(n)
    return n * lowered(special.eval_chebyu, n, x)


def of_degree(name: str, slope: Callable[..., Any], sample: Any = _DEGREES) -> Any:
    """Make the row of a polynomial with a degree and x alone."""
    return elementwise(
        name, getattr(special, name),
        partials=[refused(name, "the degree n"), slope],
        sample=sample, ref=_SLOPES, dtypes="f",
    )  # fmt: skip


_gegenbauer = special.eval_gegenbauer

of_degree(
    "eval_chebyt",
    chebyt_partial,
)
of_degree(
    "eval_chebyu",
    lambda _, n, x: 2 * lowered(_gegenbauer, n, 2, x),
)
of_degree(
    "eval_chebyc",
    lambda _, n, x: chebyt_partial(_, n, x / 2),
)
of_degree(
    "eval_chebys",
    lambda _, n, x: lowered(_gegenbauer, n, 2, x / 2),
)
of_degree(
    "eval_sh_chebyt",
    lambda _, n, x: 2 * chebyt_partial(_, n, 2 * x - 1),
)
of_degree(
    "eval_sh_chebyu",
    lambda _, n, x: 4 * lowered(_gegenbauer, n, 2, 2 * x - 1),
)
of_degree(
    "eval_legendre",
    lambda _, n, x: lowered(_gegenbauer, n, 1.5, x),
)
of_degree(
    "eval_sh_legendre",
    lambda _, n, x: 2 * lowered(_gegenbauer, n, 1.5, 2 * x - 1),
)
of_degree(
    "eval_laguerre",
    lambda _, n, x: -lowered(special.eval_genlaguerre, n, 1, x),
)
of_degree(
    "eval_hermite",
    lambda _, n, x: 2 * n * lowered(special.eval_hermite, n, x),
)
of_degree(
    "eval_hermitenorm",
    lambda _, n, x: n * lowered(special.eval_hermitenorm, n, x),
)
eval_gegenbauer = elementwise(
    "eval_gegenbauer", special.eval_gegenbauer, dtypes="f",
    partials=[refused("eval_gegenbauer", "the degree n"),
              refused("eval_gegenbauer", "alpha", 1),
              lambda _, n, a, x: 2 * a * lowered(_gegenbauer, n, a + 1, x)],
    sample=_PAIRS, ref=_SLOPES,
)  # fmt: skip
eval_genlaguerre = elementwise(
    "eval_genlaguerre", special.eval_genlaguerre, dtypes="f",
    partials=[refused("eval_genlaguerre", "the degree n"),
              refused("eval_genlaguerre", "alpha", 1),
              lambda _, n, a, x: -lowered(special.eval_genlaguerre, n, a + 1, x)],
    sample=_PAIRS, ref=_SLOPES,
)  # fmt: skip
eval_jacobi = elementwise(
    "eval_jacobi", special.eval_jacobi, dtypes="f",
    partials=[refused("eval_jacobi", "the degree n"),
              refused("eval_jacobi", "alpha", 1),
              refused("eval_jacobi", "beta", 2),
              lambda _, n, a, b, x: ((n + a + b + 1) / 2
                                     * lowered(special.eval_jacobi,
                                               n, a + 1, b + 1, x))],
    sample=orders((0, 0.5, 1), (1, 0, 0.5), (4, 1.5, 0.3), low=0.1, high=0.8),
    ref=_SLOPES,
)  # fmt: skip
eval_sh_jacobi = elementwise(
    "eval_sh_jacobi", special.eval_sh_jacobi, dtypes="f",
    partials=[refused("eval_sh_jacobi", "the degree n"),
              refused("eval_sh_jacobi", "p", 1),
              refused("eval_sh_jacobi", "q", 2),
              lambda _, n, p, q, x: n * lowered(special.eval_sh_jacobi,
                                                n, p + 2, q + 1, x)],
    sample=orders((0, 2, 1), (1, 2.5, 1), (4, 3, 1.3), low=0.1, high=0.8),
    ref=_SLOPES,
)  # fmt: skip
lpmv = elementwise(
    "lpmv", special.lpmv, dtypes="f",
    partials=[refused("lpmv", "the order m"),
              refused("lpmv", "the degree v", 1),
              lambda y, m, v, x: (((m - v - 1) * special.lpmv(m, v + 1, x)
                                   + (v + 1) * (x * y)) / (1 - x * x))],
    sample=orders((0, 0), (1, 2), (2, 3.5), low=0.1, high=0.8), ref=_LEGENDRE,
)  # fmt: skip
