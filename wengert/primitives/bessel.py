"""Bessel functions, and what all functions with an order share: its refusal.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import special

from wengert.errors import MissingRuleError, user_source
from wengert.graph.primitive import Kink, Sample
from wengert.graph.types import ArrayType
from wengert.primitives.axes import result_dtype, typed
from wengert.primitives.forms import elementwise, ufunc_type
from wengert.primitives.samplers import Sampler, arrays, reals

__all__ = ["orders", "refused", "weak"]

_FIRST, _MODIFIED = "DLMF 10.6(i)", "DLMF 10.29(i)"


def refused(function: str, argument: str, place: int = 0) -> Callable[..., Any]:
    """Make the partial in the argument at a place, where no closed one is known.

    It raises where that derivative is asked for. A partial of None would be silent: it
    says that the derivative is zero. So it is for a Python number, which is a constant
    of the program, and for integers, which do not move.
    """

    def partial(_: Any, *_inputs: Any) -> float:
        x = _inputs[place]  # None, where the tape has not kept it
        is_integer = getattr(x, "dtype", np.dtype(float)).kind in "iub"
        if type(x) in (int, float) or is_integer:
            return 0.0
        raise MissingRuleError(
            f"scipy.special.{function} has no closed derivative in {argument}, which "
            f"is traced; it was asked for at {user_source()}. Keep {argument} constant,"
            " by wengert.stop_gradient, or take differences in it."
        )

    partial.__dict__["refuses"] = True  # for docs/coverage.md
    return partial


def orders(*values: tuple[Any, ...], low: float, high: float) -> Sampler:
    """Sample the last argument after orders that are plain numbers."""

    def samples(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
        for order in values:
            yield Sample((*order, arrays(rng, dtype, (3,), low, high)))
        yield Sample((*values[0], arrays(rng, dtype, (), low, high)))

    return samples


def weak(ufunc: Any) -> dict[str, Any]:
    """Make impl and type of a ufunc in which SciPy lists double precision first, so
    that it takes a float32 array and a Python number for two float64."""
    strict_type: Callable[..., ArrayType] = ufunc_type(ufunc)

    def impl(*x: Any) -> Any:
        dtype = result_dtype(*x)
        return ufunc(*(typed(v, dtype) for v in x))

    def type(*types: Any) -> ArrayType:
        weak_type = ArrayType((), result_dtype(*types))
        return strict_type(*(t if hasattr(t, "dtype") else weak_type for t in types))

    return {"impl": impl, "type": type}


_ORDERS = orders((0,), (1,), (3,), low=0.5, high=3)

# ----- of a given order: i1 and j1 are smooth at 0, where dividing by x is not -----

j0 = elementwise(
    "j0", special.j0, dtypes="f",
    partials=[lambda _, x: -special.j1(x)],
    sample=reals(-3, 3), ref=_FIRST,
)  # fmt: skip
j1 = elementwise(
    "j1", special.j1, dtypes="f",
    partials=[lambda _, x: (special.j0(x) - special.jv(2, x)) / 2],
    sample=reals(-3, 3), ref=_FIRST,
)  # fmt: skip
y0 = elementwise(
    "y0", special.y0, dtypes="f",
    partials=[lambda _, x: -special.y1(x)],
    sample=reals(0.5, 3), ref=_FIRST,
)  # fmt: skip
y1 = elementwise(
    "y1", special.y1, dtypes="f",
    partials=[lambda y, x: special.y0(x) - y / x],
    sample=reals(0.5, 3), ref=_FIRST,
)  # fmt: skip
i0 = elementwise(
    "i0", special.i0, dtypes="f",
    partials=[lambda _, x: special.i1(x)],
    sample=reals(-3, 3), ref=_MODIFIED,
)  # fmt: skip
i1 = elementwise(
    "i1", special.i1, dtypes="f",
    partials=[lambda _, x: (special.i0(x) + special.iv(2, x)) / 2],
    sample=reals(-3, 3), ref=_MODIFIED,
)  # fmt: skip
k0 = elementwise(
    "k0", special.k0, dtypes="f",
    partials=[lambda _, x: -special.k1(x)],
    sample=reals(0.5, 3), ref=_MODIFIED,
)  # fmt: skip
k1 = elementwise(
    "k1", special.k1, dtypes="f",
    partials=[lambda y, x: -special.k0(x) - y / x],
    sample=reals(0.5, 3), ref=_MODIFIED,
)  # fmt: skip

# ----- of a given order, scaled by exp(−|x|), with a kink at 0, or by exp(x) -----

i0e = elementwise(
    "i0e", special.i0e, dtypes="f",
    partials=[lambda y, x: special.i1e(x) - np.sign(x) * y],
    kinks=[Kink((0.0,), (0.0,))],
    sample=reals(0.2, 3), ref=_MODIFIED,
)  # fmt: skip
i1e = elementwise(
    "i1e", special.i1e, dtypes="f",
    partials=[lambda y, x: (special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * y],
    sample=reals(0.2, 3), ref=_MODIFIED,
)  # fmt: skip
k0e = elementwise(
    "k0e", special.k0e, dtypes="f",
    partials=[lambda y, x: y - special.k1e(x)],
    sample=reals(0.5, 3), ref=_MODIFIED,
)  # fmt: skip
k1e = elementwise(
    "k1e", special.k1e, dtypes="f",
    partials=[lambda y, x: y - special.k0e(x) - y / x],
    sample=reals(0.5, 3), ref=_MODIFIED,
)  # fmt: skip

# ----- of any order, in x: the mean of the neighbouring orders holds at x = 0 too -----

jv = elementwise(
    "jv", special.jv,
    partials=[refused("jv", "the order v"),
              lambda _, v, x: (special.jv(v - 1, x) - special.jv(v + 1, x)) / 2],
    sample=_ORDERS, ref=_FIRST,
)  # fmt: skip
yv = elementwise(
    "yv", special.yv,
    partials=[refused("yv", "the order v"),
              lambda _, v, x: (special.yv(v - 1, x) - special.yv(v + 1, x)) / 2],
    sample=_ORDERS, ref=_FIRST,
)  # fmt: skip
iv = elementwise(
    "iv", special.iv,
    partials=[refused("iv", "the order v"),
              lambda _, v, x: (special.iv(v - 1, x) + special.iv(v + 1, x)) / 2],
    sample=_ORDERS, ref=_MODIFIED,
)  # fmt: skip
kv = elementwise(
    "kv", special.kv,
    partials=[refused("kv", "the order v"),
              lambda _, v, x: -(special.kv(v - 1, x) + special.kv(v + 1, x)) / 2],
    sample=_ORDERS, ref=_MODIFIED,
)  # fmt: skip
yn = elementwise(
    "yn", special.yn, **weak(special.yn), dtypes="f",
    partials=[refused("yn", "the order n"),
              lambda _, n, x: (special.yv(n - 1, x) - special.yv(n + 1, x)) / 2],
    sample=orders((0,), (3,), low=0.5, high=3), ref=_FIRST,
)  # fmt: skip
kn = elementwise(
    "kn", special.kn, **weak(special.kn), dtypes="f",
    partials=[refused("kn", "the order n"),
              lambda _, n, x: -(special.kv(n - 1, x) + special.kv(n + 1, x)) / 2],
    sample=orders((0,), (3,), low=0.5, high=3), ref=_MODIFIED,
)  # fmt: skip
kve = elementwise(
    "kve", special.kve,
    partials=[refused("kve", "the order v"),
              lambda y, v, x: y - (special.kve(v - 1, x) + special.kve(v + 1, x)) / 2],
    sample=_ORDERS, ref=_MODIFIED,
)  # fmt: skip


def ive_partial(y: Any, v: Any, x: Any) -> Any:
    """Give ∂(exp(−|Re x|)·Iᵥ(x)): of real x only, being not holomorphic."""
    if x.dtype.kind == "c":
        refused("ive", "a complex x", 1)(y, v, x)
    neighbours = special.ive(v - 1, x) + special.ive(v + 1, x)
    return neighbours / 2 - np.sign(x) * y


ive = elementwise(
    "ive", special.ive, dtypes="f",
    partials=[refused("ive", "the order v"),
              ive_partial],
    sample=_ORDERS, ref=_MODIFIED,
)  # fmt: skip
