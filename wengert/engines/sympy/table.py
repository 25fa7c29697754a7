"""How each primitive is written in SymPy: row → expression of its inputs' elements.

Operations on each element stand here by name; what moves or combines the elements of
arrays stands in `arrays`. What stands in neither has no formula, and says so.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy
from sympy import Integer, Piecewise, Rational, pi
from sympy.logic.boolalg import Boolean

from wengert.graph import Primitive

__all__ = [
    "ELEMENTWISE",
    "element_rule",
    "indicator",
    "lowering",
    "names",
    "truth",
]

Rule = Callable[..., Any]

_HALF = Rational(1, 2)
_DEGREE = pi / 180


def indicator(condition: Any) -> Any:
    """Give 1 where a condition holds, else 0."""
    return where(condition, Integer(1), Integer(0))


def where(condition: Any, a: Any, b: Any) -> Any:
    """Choose between two expressions."""
    if condition == sympy.true or a == b:
        return a
    return b if condition == sympy.false else Piecewise((a, condition), (b, True))


def _trunc(x: Any) -> Any:
    return sympy.sign(x) * sympy.floor(sympy.Abs(x))


def truth(x: Any) -> Any:
    """Read an expression as a truth value, a number as Python does."""
    return x if isinstance(x, Boolean) else sympy.Ne(x, 0)


def _is_infinite(x: Any) -> Any:
    return sympy.sympify(x in (sympy.oo, -sympy.oo, sympy.zoo))


def _cube_root(x: Any) -> Any:
    root = Rational(1, 3)
    return x**root if x.is_nonnegative else sympy.sign(x) * sympy.Abs(x) ** root


def _gammainc(a: Any, x: Any) -> Any:
    return sympy.lowergamma(a, x) / sympy.gamma(a)


def _jacobi_cdf(x: Any) -> Any:
    return (1 + sympy.erf(x / sympy.sqrt(2))) / 2


def _agm(x: Any, y: Any) -> Any:
    return pi * (x + y) / (4 * sympy.elliptic_k(((x - y) / (x + y)) ** 2))


_ARITHMETIC: dict[str, Rule] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "negative": lambda x: -x,
    "positive": lambda x: x,
    "multiply": lambda x, y: x * y,
    "scale": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "reciprocal": lambda x: 1 / x,
    "square": lambda x: x**2,
    "power": lambda x, y: x**y,
    "powm1": lambda x, y: x**y - 1,
    "sqrt": sympy.sqrt,
    "cbrt": _cube_root,
    "absolute": sympy.Abs,
    "fabs": sympy.Abs,
    "sign": sympy.sign,
    "copysign": lambda x, y: sympy.Abs(x) * where(sympy.Ge(y, 0), Integer(1), -1),
    "heaviside": sympy.Heaviside,
    "maximum": sympy.Max,
    "minimum": sympy.Min,
    "fmax": sympy.Max,
    "fmin": sympy.Min,
    "hypot": lambda x, y: sympy.sqrt(x**2 + y**2),
    "remainder": sympy.Mod,
    "fmod": lambda x, y: x - y * _trunc(x / y),
    "floor_divide": lambda x, y: sympy.floor(x / y),
    "floor": sympy.floor,
    "ceil": sympy.ceiling,
    "trunc": _trunc,
    "ldexp": lambda x, i: x * 2**i,
    "gcd": sympy.gcd,
    "lcm": sympy.lcm,
    "conjugate": sympy.conjugate,
    "real": sympy.re,
    "imag": sympy.im,
    "stop_gradient": lambda x: x,
    "copy": lambda x: x,
}
_EXPONENTIAL: dict[str, Rule] = {
    "exp": sympy.exp,
    "exp2": lambda x: 2**x,
    "exp10": lambda x: 10**x,
    "expm1": lambda x: sympy.exp(x) - 1,
    "exprel": lambda x: (sympy.exp(x) - 1) / x,
    "log": sympy.log,
    "log2": lambda x: sympy.log(x) / sympy.log(2),
    "log10": lambda x: sympy.log(x) / sympy.log(10),
    "log1p": lambda x: sympy.log(1 + x),
    "logaddexp": lambda x, y: sympy.log(sympy.exp(x) + sympy.exp(y)),
    "logaddexp2": lambda x, y: sympy.log(2**x + 2**y) / sympy.log(2),
    "expit": lambda x: 1 / (1 + sympy.exp(-x)),
    "logit": lambda x: sympy.log(x / (1 - x)),
    "log_expit": lambda x: -sympy.log(1 + sympy.exp(-x)),
    "xlogy": lambda x, y: x * sympy.log(y),
    "xlog1py": lambda x, y: x * sympy.log(1 + y),
    "entr": lambda x: -x * sympy.log(x),
    "rel_entr": lambda x, y: x * sympy.log(x / y),
    "kl_div": lambda x, y: x * sympy.log(x / y) - x + y,
    "boxcox": lambda x, lmbda: (x**lmbda - 1) / lmbda,
    "boxcox1p": lambda x, lmbda: ((1 + x) ** lmbda - 1) / lmbda,
    "inv_boxcox": lambda y, lmbda: (lmbda * y + 1) ** (1 / lmbda),
    "inv_boxcox1p": lambda y, lmbda: (lmbda * y + 1) ** (1 / lmbda) - 1,
    "pseudo_huber": lambda d, r: d**2 * (sympy.sqrt(1 + (r / d) ** 2) - 1),
    "huber": lambda d, r: where(
        sympy.Le(sympy.Abs(r), d), r**2 / 2, d * (sympy.Abs(r) - d / 2)
    ),
}
_TRIGONOMETRIC: dict[str, Rule] = {
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "arcsin": sympy.asin,
    "arccos": sympy.acos,
    "arctan": sympy.atan,
    "arctan2": sympy.atan2,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "arcsinh": sympy.asinh,
    "arccosh": sympy.acosh,
    "arctanh": sympy.atanh,
    "sinc": lambda x: sympy.sinc(pi * x),
    "deg2rad": lambda x: x * _DEGREE,
    "rad2deg": lambda x: x / _DEGREE,
    "sindg": lambda x: sympy.sin(x * _DEGREE),
    "cosdg": lambda x: sympy.cos(x * _DEGREE),
    "tandg": lambda x: sympy.tan(x * _DEGREE),
    "cotdg": lambda x: sympy.cot(x * _DEGREE),
    "cosm1": lambda x: sympy.cos(x) - 1,
    "radian": lambda d, m, s: (d + m / 60 + s / 3600) * _DEGREE,
}
_COMPARISON: dict[str, Rule] = {
    "where": lambda c, a, b: where(truth(c), a, b),
    "less": sympy.Lt,
    "less_equal": sympy.Le,
    "greater": sympy.Gt,
    "greater_equal": sympy.Ge,
    "equal": sympy.Eq,
    "not_equal": sympy.Ne,
    "logical_and": lambda x, y: sympy.And(truth(x), truth(y)),
    "logical_or": lambda x, y: sympy.Or(truth(x), truth(y)),
    "logical_xor": lambda x, y: sympy.Xor(truth(x), truth(y)),
    "logical_not": lambda x: sympy.Not(truth(x)),
    "isnan": lambda x: sympy.sympify(x is sympy.nan),
    "isinf": _is_infinite,
    "isfinite": lambda x: sympy.Not(_is_infinite(x) | (x is sympy.nan)),
    "signbit": lambda x: sympy.Lt(x, 0),
}
_GAMMA: dict[str, Rule] = {
    "gamma": sympy.gamma,
    "rgamma": lambda x: 1 / sympy.gamma(x),
    "gammaln": lambda x: sympy.log(sympy.Abs(sympy.gamma(x))),
    "loggamma": sympy.loggamma,
    "digamma": sympy.digamma,
    "zeta": sympy.zeta,
    "beta": sympy.beta,
    "betaln": lambda a, b: sympy.log(sympy.Abs(sympy.beta(a, b))),
    "poch": lambda z, m: sympy.gamma(z + m) / sympy.gamma(z),
    "gammainc": _gammainc,
    "gammaincc": lambda a, x: sympy.uppergamma(a, x) / sympy.gamma(a),
    "binom": sympy.binomial,
}
_INTEGRALS: dict[str, Rule] = {
    "erf": sympy.erf,
    "erfc": sympy.erfc,
    "erfi": sympy.erfi,
    "erfinv": sympy.erfinv,
    "erfcinv": lambda x: sympy.erfinv(1 - x),
    "erfcx": lambda x: sympy.exp(x**2) * sympy.erfc(x),
    "dawsn": lambda x: sympy.sqrt(pi) / 2 * sympy.exp(-(x**2)) * sympy.erfi(x),
    "ndtr": _jacobi_cdf,
    "log_ndtr": lambda x: sympy.log(_jacobi_cdf(x)),
    "ndtri": lambda p: sympy.sqrt(2) * sympy.erfinv(2 * p - 1),
    "exp1": lambda x: sympy.expint(1, x),
    "expn": lambda n, x: sympy.expint(n, x),
    "expi": sympy.Ei,
    "sine_integral": sympy.Si,
    "cosine_integral": sympy.Ci,
    "sinh_integral": sympy.Shi,
    "cosh_integral": sympy.Chi,
    "spence": lambda x: sympy.polylog(2, 1 - x),
    "fresnel_sine": sympy.fresnels,
    "fresnel_cosine": sympy.fresnelc,
    "ellipk": sympy.elliptic_k,
    "ellipkm1": lambda p: sympy.elliptic_k(1 - p),
    "ellipe": sympy.elliptic_e,
    "ellipkinc": sympy.elliptic_f,
    "ellipeinc": sympy.elliptic_e,
    "agm": _agm,
    "lambertw": lambda x, k, _: sympy.LambertW(x, k),
    "hyp0f1": lambda b, z: sympy.hyper([], [b], z),
    "hyp1f1": lambda a, b, z: sympy.hyper([a], [b], z),
    "hyp2f1": lambda a, b, c, z: sympy.hyper([a, b], [c], z),
}
_BESSEL: dict[str, Rule] = {
    "j0": lambda x: sympy.besselj(0, x),
    "j1": lambda x: sympy.besselj(1, x),
    "y0": lambda x: sympy.bessely(0, x),
    "y1": lambda x: sympy.bessely(1, x),
    "i0": lambda x: sympy.besseli(0, x),
    "i1": lambda x: sympy.besseli(1, x),
    "k0": lambda x: sympy.besselk(0, x),
    "k1": lambda x: sympy.besselk(1, x),
    "i0e": lambda x: sympy.exp(-sympy.Abs(x)) * sympy.besseli(0, x),
    "i1e": lambda x: sympy.exp(-sympy.Abs(x)) * sympy.besseli(1, x),
    "k0e": lambda x: sympy.exp(x) * sympy.besselk(0, x),
    "k1e": lambda x: sympy.exp(x) * sympy.besselk(1, x),
    "jv": sympy.besselj,
    "yv": sympy.bessely,
    "iv": sympy.besseli,
    "kv": sympy.besselk,
    "kn": sympy.besselk,
    "yn": sympy.bessely,
    "hankel1": sympy.hankel1,
    "hankel2": sympy.hankel2,
    "airy_ai": sympy.airyai,
    "airy_aip": sympy.airyaiprime,
    "airy_bi": sympy.airybi,
    "airy_bip": sympy.airybiprime,
}
_POLYNOMIALS: dict[str, Rule] = {
    "eval_chebyt": sympy.chebyshevt,
    "eval_chebyu": sympy.chebyshevu,
    "eval_legendre": sympy.legendre,
    "eval_laguerre": sympy.laguerre,
    "eval_hermite": sympy.hermite,
    "eval_genlaguerre": sympy.assoc_laguerre,
    "eval_gegenbauer": lambda n, a, x: sympy.gegenbauer(n, a, x),
    "eval_jacobi": sympy.jacobi,
    "eval_sh_chebyt": lambda n, x: sympy.chebyshevt(n, 2 * x - 1),
    "eval_sh_chebyu": lambda n, x: sympy.chebyshevu(n, 2 * x - 1),
    "eval_sh_legendre": lambda n, x: sympy.legendre(n, 2 * x - 1),
    "eval_chebyc": lambda n, x: 2 * sympy.chebyshevt(n, x / 2),
    "eval_chebys": lambda n, x: sympy.chebyshevu(n, x / 2),
}

ELEMENTWISE: dict[str, Rule] = {
    **_ARITHMETIC, **_EXPONENTIAL, **_TRIGONOMETRIC, **_COMPARISON, **_GAMMA,
    **_INTEGRALS, **_BESSEL, **_POLYNOMIALS,
}  # fmt: skip
# The same on truth values; on integers they would work bit by bit.
ON_TRUTHS = {
    "bitwise_and": "logical_and", "bitwise_or": "logical_or",
    "bitwise_xor": "logical_xor", "invert": "logical_not",
}  # fmt: skip
_LOWERINGS: weakref.WeakKeyDictionary[Primitive, Rule] = weakref.WeakKeyDictionary()


def lowering(row: Primitive) -> Callable[[Rule], Rule]:
    """Say how an elementwise row of your own is written in SymPy.

    Parameters
    ----------
    row : Primitive
        Held weakly.

    Returns
    -------
    callable
        A decorator for a function from the inputs' expressions to the output's.
    """

    def enter(rule: Rule) -> Rule:
        _LOWERINGS[row] = rule
        return rule

    return enter


def element_rule(row: Primitive, dtype: np.dtype[Any]) -> Rule | None:
    """Find how a row acts on elements, its output being of a dtype; None if unknown."""
    if row in _LOWERINGS:
        return _LOWERINGS[row]
    if row.name in ON_TRUTHS and dtype.kind == "b":
        return ELEMENTWISE[ON_TRUTHS[row.name]]
    return ELEMENTWISE.get(row.name)


def names() -> tuple[str, ...]:
    """List the rows with a formula of each element."""
    return tuple(sorted({*ELEMENTWISE, *ON_TRUTHS}))
