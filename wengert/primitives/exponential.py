"""Exponentials, logarithms and roots."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wengert.graph.primitive import Kink
from wengert.primitives.forms import elementwise
from wengert.primitives.samplers import reals

__all__: list[str] = []

_POWERS, _LOGARITHMS = "DLMF 4.7(ii)", "DLMF 4.7(i)"
_LN2, _LN10 = math.log(2), math.log(10)

# ----- exponentials -----

exp = elementwise(
    "exp", np.exp,
    partials=[lambda y, _: y],
    sample=reals(-2, 2), ref=_POWERS,
)  # fmt: skip
exp2 = elementwise(
    "exp2", np.exp2,
    partials=[lambda y, _: y * _LN2],
    sample=reals(-2, 2), ref=_POWERS,
)  # fmt: skip
expm1 = elementwise(
    "expm1", np.expm1,
    partials=[lambda y, _: y + 1],
    sample=reals(-2, 2), ref=_POWERS,
)  # fmt: skip

# ----- logarithms -----

log = elementwise(
    "log", np.log, symbol="ln",
    partials=[lambda _, x: 1 / x],
    sample=reals(0.2, 3), ref=_LOGARITHMS,
)  # fmt: skip
log2 = elementwise(
    "log2", np.log2,
    partials=[lambda _, x: 1 / (x * _LN2)],
    sample=reals(0.2, 3), ref=_LOGARITHMS,
)  # fmt: skip
log10 = elementwise(
    "log10", np.log10,
    partials=[lambda _, x: 1 / (x * _LN10)],
    sample=reals(0.2, 3), ref=_LOGARITHMS,
)  # fmt: skip
log1p = elementwise(
    "log1p", np.log1p,
    partials=[lambda _, x: 1 / (1 + x)],
    sample=reals(-0.8, 2), ref=_LOGARITHMS,
)  # fmt: skip

# ----- roots: a vertical tangent at 0 -----

sqrt = elementwise(
    "sqrt", np.sqrt,
    partials=[lambda y, _: 0.5 / y],
    kinks=[Kink((0.0,), (np.inf,))],
    sample=reals(0.2, 3), ref=_POWERS,
)  # fmt: skip
cbrt = elementwise(
    "cbrt", np.cbrt, dtypes="f",
    partials=[lambda y, _: 1 / (3 * y * y)],
    kinks=[Kink((0.0,), (np.inf,))],
    sample=reals(-3, -0.2), ref=_POWERS,
)  # fmt: skip

# ----- logarithms of sums -----


def gap(x: Any, y: Any) -> Any:
    """Give x − y, and 0 where both are the same infinity."""
    return np.where((x == y) & np.isinf(x), 0, x - y)


# ∂ logaddexp(x, y)/∂x = 1/(1 + exp(y − x)), written as an exponential of logaddexp
# itself: finite in every order, even where exp(y − x) overflows.
logaddexp = elementwise(
    "logaddexp", np.logaddexp, dtypes="f",
    partials=[lambda _, x, y: np.exp(-np.logaddexp(0, gap(y, x))),
              lambda _, x, y: np.exp(-np.logaddexp(0, gap(x, y)))],
    kinks=[Kink((-np.inf, -np.inf), (0.5, 0.5)),
           Kink((np.inf, np.inf), (0.5, 0.5)),
           Kink((np.inf, 0.0), (1.0, 0.0)),
           Kink((-np.inf, 0.0), (0.0, 1.0))],
    sample=reals((-2, 2), (-2, 2)), ref=_LOGARITHMS,
)  # fmt: skip
logaddexp2 = elementwise(
    "logaddexp2", np.logaddexp2, dtypes="f",
    partials=[lambda _, x, y: np.exp2(-np.logaddexp2(0, gap(y, x))),
              lambda _, x, y: np.exp2(-np.logaddexp2(0, gap(x, y)))],
    kinks=[Kink((-np.inf, -np.inf), (0.5, 0.5))],
    sample=reals((-2, 2), (-2, 2)), ref=_LOGARITHMS,
)  # fmt: skip
