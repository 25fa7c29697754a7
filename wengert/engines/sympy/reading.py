"""SymPy → NumPy: compute an expression of SymPy with NumPy's functions.

On arrays it gives numbers, on traced values equations.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy

import wengert.primitives.special  # noqa: F401  (rows are registered by import)
from wengert.engines.sympy.numbers import DENOMINATOR, number
from wengert.errors import EngineError
from wengert.graph import PRIMITIVES

__all__ = ["read"]

Reader = Callable[..., Any]

_UNKNOWN = (sympy.Derivative, sympy.Subs, sympy.core.function.AppliedUndef)


def read(
    expression: Any,
    values: Mapping[Any, Any],
    functions: Reader | None = None,
    constant: Reader | None = None,
) -> Any:
    """Compute an expression.

    Parameters
    ----------
    expression : SymPy expression
    values : mapping
        From the expressions that are known, its symbols, to their values.
    functions : callable, optional
        Gives the value of an undefined function or its derivative, from the
        expression and a function that gives the values of others.
    constant : callable, optional
        Makes of a number what operations on numbers alone are computed with: symbolic
        ones, if `sin(1)` is to stay what it is.

    Returns
    -------
    number, array or traced value

    Raises
    ------
    EngineError
        If it holds a symbol without a value, or what NumPy has no function for.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> float(read(sympy.sqrt(x) + 1, {x: 4.0}))
    3.0
    """
    known = dict(values)
    constants: dict[Any, Any] = {}

    def kept(e: Any) -> Any:
        assert constant is not None
        if e not in constants:
            is_number = _is_written(e)
            constants[e] = constant(number(e)) if is_number else compute(e, kept)
        return constants[e]

    def value(e: Any) -> Any:
        if e not in known:
            is_kept = constant is not None and e.is_number and not _is_written(e)
            known[e] = kept(e) if is_kept else compute(e, value)
        return known[e]

    def compute(e: Any, value: Callable[[Any], Any]) -> Any:
        return _computed(e, value, functions)

    return value(expression)


def _is_written(e: Any) -> bool:
    """Tell a number from an operation on numbers."""
    is_number = e.is_Number or e.is_NumberSymbol or e in (sympy.I, sympy.zoo)
    return bool(is_number) and not (e.is_Rational and e.q > DENOMINATOR)


def _computed(e: Any, value: Callable[[Any], Any], functions: Reader | None) -> Any:
    if e.is_Symbol:
        raise EngineError(f"the symbol {e} has no value here")
    if e.is_Rational and e.q > DENOMINATOR:
        return value(sympy.Integer(e.p)) / value(sympy.Integer(e.q))
    if _is_written(e) or e in (sympy.true, sympy.false):
        return number(e)
    if isinstance(e, sympy.Piecewise):
        return _piecewise(e, value)
    if functions is not None and isinstance(e, _UNKNOWN):
        return functions(e, value)
    if isinstance(e, sympy.Pow):
        return _power(e, value)
    if isinstance(e, sympy.Mul):
        return _product(e, value)
    for kind, reader in READERS.items():
        if isinstance(e, kind):
            return reader(*map(value, e.args))
    raise EngineError(f"NumPy and SciPy have no function for SymPy's {e.func}")


def _power(e: Any, value: Callable[[Any], Any]) -> Any:
    base, exponent = e.base, e.exp
    if base is sympy.E:
        return np.exp(value(exponent))
    if exponent == sympy.Rational(1, 2):
        return np.sqrt(value(base))
    if exponent.is_Rational and exponent.is_negative:
        return 1 / value(base**-exponent)
    return value(base) ** value(exponent)


def _product(e: Any, value: Callable[[Any], Any]) -> Any:
    above, below = [], []
    for factor in e.args:
        power = factor.exp if isinstance(factor, sympy.Pow) else None
        is_divisor = power is not None and power.is_Rational and power.is_negative
        if is_divisor and factor.base is not sympy.E:
            below.append(value(1 / factor))
        else:
            above.append(value(factor))
    product = functools.reduce(operator.mul, above) if above else 1
    return product / functools.reduce(operator.mul, below) if below else product


def _piecewise(e: Any, value: Callable[[Any], Any]) -> Any:
    """Choose by np.where, from the last branch to the first."""
    *branches, (last, condition) = e.args
    if condition != sympy.true:
        branches.append((last, condition))
        chosen: Any = np.nan
    else:
        chosen = value(last)
    for branch, condition in reversed(branches):
        chosen = np.where(value(condition), value(branch), chosen)
    return chosen


def _row(name: str) -> Reader:
    return lambda *x: PRIMITIVES[name](*x)


def _folded(function: Reader) -> Reader:
    return lambda *x: functools.reduce(function, x)


READERS: dict[Any, Reader] = {
    sympy.Add: _folded(operator.add),
    sympy.Max: _folded(np.maximum),
    sympy.Min: _folded(np.minimum),
    sympy.And: _folded(np.logical_and),
    sympy.Or: _folded(np.logical_or),
    sympy.Xor: _folded(np.logical_xor),
    sympy.Not: np.logical_not,
    sympy.Eq: np.equal,
    sympy.Ne: np.not_equal,
    sympy.Lt: np.less,
    sympy.Le: np.less_equal,
    sympy.Gt: np.greater,
    sympy.Ge: np.greater_equal,
    sympy.Abs: np.absolute,
    sympy.sign: np.sign,
    sympy.floor: np.floor,
    sympy.ceiling: np.ceil,
    sympy.Mod: np.remainder,
    sympy.Heaviside: lambda x, at=0.5: np.heaviside(x, at),
    sympy.exp: np.exp,
    sympy.log: np.log,
    sympy.sin: np.sin,
    sympy.cos: np.cos,
    sympy.tan: np.tan,
    sympy.cot: lambda x: 1 / np.tan(x),
    sympy.sec: lambda x: 1 / np.cos(x),
    sympy.csc: lambda x: 1 / np.sin(x),
    sympy.asin: np.arcsin,
    sympy.acos: np.arccos,
    sympy.atan: np.arctan,
    sympy.acot: lambda x: np.arctan(1 / x),
    sympy.atan2: np.arctan2,
    sympy.sinh: np.sinh,
    sympy.cosh: np.cosh,
    sympy.tanh: np.tanh,
    sympy.coth: lambda x: 1 / np.tanh(x),
    sympy.sech: lambda x: 1 / np.cosh(x),
    sympy.csch: lambda x: 1 / np.sinh(x),
    sympy.asinh: np.arcsinh,
    sympy.acosh: np.arccosh,
    sympy.atanh: np.arctanh,
    sympy.sinc: lambda x: np.sinc(x / np.pi),
    sympy.conjugate: np.conjugate,
    sympy.re: np.real,
    sympy.im: np.imag,
    sympy.gamma: _row("gamma"),
    sympy.loggamma: _row("gammaln"),
    sympy.polygamma: lambda n, x: _polygamma(n, x),
    sympy.zeta: lambda x, q=1: PRIMITIVES["zeta"](x, q),
    sympy.beta: _row("beta"),
    sympy.lowergamma: lambda a, x: _row("gammainc")(a, x) * _row("gamma")(a),
    sympy.uppergamma: lambda a, x: _row("gammaincc")(a, x) * _row("gamma")(a),
    sympy.binomial: _row("binom"),
    sympy.factorial: lambda n: PRIMITIVES["gamma"](n + 1),
    sympy.erf: _row("erf"),
    sympy.erfc: _row("erfc"),
    sympy.erfi: _row("erfi"),
    sympy.erfinv: _row("erfinv"),
    sympy.erfcinv: _row("erfcinv"),
    sympy.Ei: _row("expi"),
    sympy.expint: lambda n, x: PRIMITIVES["expn"](n, x),
    sympy.Si: _row("sine_integral"),
    sympy.Ci: _row("cosine_integral"),
    sympy.Shi: _row("sinh_integral"),
    sympy.Chi: _row("cosh_integral"),
    sympy.fresnels: _row("fresnel_sine"),
    sympy.fresnelc: _row("fresnel_cosine"),
    sympy.elliptic_k: _row("ellipk"),
    sympy.elliptic_f: _row("ellipkinc"),
    sympy.elliptic_e: lambda *x: _row("ellipe" if len(x) == 1 else "ellipeinc")(*x),
    sympy.LambertW: lambda x, k=0: np.real(PRIMITIVES["lambertw"](x, k, 1e-8)),
    sympy.besselj: _row("jv"),
    sympy.bessely: _row("yv"),
    sympy.besseli: _row("iv"),
    sympy.besselk: _row("kv"),
    sympy.airyai: _row("airy_ai"),
    sympy.airyaiprime: _row("airy_aip"),
    sympy.airybi: _row("airy_bi"),
    sympy.airybiprime: _row("airy_bip"),
    sympy.chebyshevt: _row("eval_chebyt"),
    sympy.chebyshevu: _row("eval_chebyu"),
    sympy.legendre: _row("eval_legendre"),
    sympy.laguerre: _row("eval_laguerre"),
    sympy.hermite: _row("eval_hermite"),
    sympy.assoc_laguerre: _row("eval_genlaguerre"),
    sympy.gegenbauer: _row("eval_gegenbauer"),
    sympy.jacobi: _row("eval_jacobi"),
}


def _polygamma(n: Any, x: Any) -> Any:
    """Give the n-th derivative of digamma, by Hurwitz's zeta (DLMF 25.11.12)."""
    if n == 0:
        return PRIMITIVES["digamma"](x)
    factor = (-1) ** (n + 1) * float(sympy.factorial(n))
    return factor * PRIMITIVES["zeta"](n + 1, x)
