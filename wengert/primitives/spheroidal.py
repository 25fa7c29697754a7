"""Mathieu and spheroidal wave functions, in x: SciPy gives y and y′, and y″ follows
from the equation that they solve.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from wengert.primitives.bessel import orders, refused
from wengert.primitives.components import components
from wengert.primitives.forms import elementwise
from wengert.primitives.samplers import mixed

__all__: list[str] = []

_DEGREE = math.pi / 180
_MATHIEU, _SPHEROIDAL = "DLMF 28.2(i)", "DLMF 30.2(i)"

# The parameters of a partial say what it needs, and so have to be spelled out.
_SPELLED: dict[int, Callable[..., Any]] = {
    2: lambda f: lambda _, m, q, x: f(m, q, x),
    3: lambda f: lambda _, m, n, c, x: f(m, n, c, x),
    4: lambda f: lambda _, m, n, c, cv, x: f(m, n, c, cv, x),
}


def widened(x: Any) -> Any:
    """Give a value in double precision."""
    return x.astype(np.float64) if hasattr(x, "dtype") else x


def in_double(ufunc: Any) -> Callable[..., Any]:
    """Compute in double precision: in single, some of SciPy's loops do not end."""

    def compute(*x: Any) -> Any:
        dtype = np.result_type(*x, np.float32)
        return tuple(y.astype(dtype) for y in ufunc(*map(widened, x)))

    return compute


def solution(
    ufunc: Any,
    parameters: str,
    second: Callable[..., Any],
    sample: Any,
    ref: str,
    unit: float = 1.0,
) -> None:
    """Enter a ufunc that gives y and y′ = dy/dx/unit.

    `second(*parameters, x, y, y′)` gives what dy′/dx/unit is.
    """
    name = ufunc.__name__
    fixed = [refused(name, p, i) for i, p in enumerate(parameters.split())]

    def first_partial(*x: Any) -> Any:
        return (unit * ufunc(*map(widened, x))[1]).astype(x[-1].dtype)

    def second_partial(*x: Any) -> Any:
        wide = tuple(map(widened, x))
        return (unit * second(*wide, *ufunc(*wide))).astype(x[-1].dtype)

    spelled = _SPELLED[len(fixed)]
    components(
        ufunc,
        {
            name: [*fixed, spelled(first_partial)],
            f"{name}_slope": [*fixed, spelled(second_partial)],
        },
        sample=sample,
        ref=ref,
        compute=in_double(ufunc),
    )


# ----- characteristic values: of parameters alone, in which nothing is known -----


def characteristic(name: str, parameters: str) -> None:
    """Enter a characteristic value, so that a Graph may hold it."""
    elementwise(
        name, getattr(special, name), dtypes="f",
        impl=in_double_one(getattr(special, name)),
        partials=[refused(name, p, i) for i, p in enumerate(parameters.split())],
        sample=mixed(tuple(np.arange(1, 2 + parameters.count(" ")))), ref=_SPHEROIDAL,
    )  # fmt: skip


def in_double_one(ufunc: Any) -> Callable[..., Any]:
    """Compute a ufunc with one output in double precision."""

    def compute(*x: Any) -> Any:
        return ufunc(*map(widened, x)).astype(np.result_type(*x, np.float32))

    return compute


characteristic("mathieu_a", "m q")
characteristic("mathieu_b", "m q")
characteristic("pro_cv", "m n c")
characteristic("obl_cv", "m n c")

# ----- Mathieu: y″ = (2q·cos 2x − a)·y, of degrees; modified: (a − 2q·cosh 2x)·y -----


def circular(value: Any) -> Callable[..., Any]:
    """Make y″ of an angular function, from the ufunc of its characteristic value."""

    def second(m: Any, q: Any, x: Any, y: Any, _slope: Any) -> Any:
        return (2 * q * np.cos(2 * _DEGREE * x) - value(m, q)) * y

    return second


def hyperbolic(value: Any) -> Callable[..., Any]:
    """Make y″ of a radial function, from the ufunc of its characteristic value."""

    def second(m: Any, q: Any, x: Any, y: Any, _slope: Any) -> Any:
        return (value(m, q) - 2 * q * np.cosh(2 * x)) * y

    return second


_ANGLES = orders((1, 0.5), (2, 2.0), low=10, high=80)
_RADII = orders((1, 0.5), (2, 2.0), low=0.3, high=1)
_even, _odd = special.mathieu_a, special.mathieu_b

solution(special.mathieu_cem, "m q", circular(_even), _ANGLES, _MATHIEU, _DEGREE)
solution(special.mathieu_sem, "m q", circular(_odd), _ANGLES, _MATHIEU, _DEGREE)
solution(special.mathieu_modcem1, "m q", hyperbolic(_even), _RADII, _MATHIEU)
solution(special.mathieu_modcem2, "m q", hyperbolic(_even), _RADII, _MATHIEU)
solution(special.mathieu_modsem1, "m q", hyperbolic(_odd), _RADII, _MATHIEU)
solution(special.mathieu_modsem2, "m q", hyperbolic(_odd), _RADII, _MATHIEU)

# ----- spheroidal: ((1 − x²)y′)′ = (c²x² + m²/(1 − x²) − λ)·y, angular and radial -----


def prolate(m: Any, n: Any, c: Any, value: Any, x: Any, y: Any, slope: Any) -> Any:
    """Give y″, for a characteristic value λ."""
    s = 1 - x * x
    return (2 * x * slope + (c * c * x * x + m * m / s - value) * y) / s


def oblate(m: Any, n: Any, c: Any, value: Any, x: Any, y: Any, slope: Any) -> Any:
    """Give y″ of an angular function: c² is negative."""
    s = 1 - x * x
    return (2 * x * slope + (m * m / s - c * c * x * x - value) * y) / s


def oblate_radial(
    m: Any, n: Any, c: Any, value: Any, x: Any, y: Any, slope: Any
) -> Any:
    """Give y″ of a radial function: x is imaginary too."""
    s = 1 + x * x
    return ((value - c * c * x * x - m * m / s) * y - 2 * x * slope) / s


def with_value(second: Callable[..., Any], of: Any) -> Callable[..., Any]:
    """Find the characteristic value, for ufuncs that are not given it."""

    def found(m: Any, n: Any, c: Any, x: Any, y: Any, slope: Any) -> Any:
        return second(m, n, c, of(m, n, c), x, y, slope)

    return found


# Not those of the second kind, of which SciPy's values are often wrong.
_KINDS = {
    "pro_ang1": (prolate, special.pro_cv, (0.1, 0.8)),
    "pro_rad1": (prolate, special.pro_cv, (1.3, 2)),
    "obl_ang1": (oblate, special.obl_cv, (0.1, 0.8)),
    "obl_rad1": (oblate_radial, special.obl_cv, (0.3, 1)),
}
for _name, (_second, _value, (_low, _high)) in _KINDS.items():
    solution(
        getattr(special, _name), "m n c", with_value(_second, _value),
        orders((0, 1, 0.5), (1, 2, 1.5), low=_low, high=_high), _SPHEROIDAL,
    )  # fmt: skip
    solution(
        getattr(special, f"{_name}_cv"), "m n c cv", _second,
        orders((0, 1, 0.5, float(_value(0, 1, 0.5))), low=_low, high=_high),
        _SPHEROIDAL,
    )  # fmt: skip
