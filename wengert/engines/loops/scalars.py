"""The table: what each elementwise primitive computes for one element.

`SCALARS[name]` takes a Builder, and the inputs, converted to the dtype that NumPy
computes in. NumPy's meaning is spelled out where that of the
operation of the machine differs: in remainders, extrema of nan, integer division.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from wengert.engines.loops.expressions import FLOATS, Builder, Expression
from wengert.engines.loops.special import SPECIAL

__all__ = ["COMPARISONS", "SCALARS", "isnan", "maximum", "minimum", "scalar"]

B = Builder
E = Expression
Rule = Callable[..., Expression]

SCALARS: dict[str, Rule] = {}

# Those that compute in the common dtype of the inputs, and give a bool.
COMPARISONS = {
    "less": "lt",
    "less_equal": "le",
    "greater": "gt",
    "greater_equal": "ge",
    "equal": "eq",
    "not_equal": "ne",
}


def scalar(name: str) -> Callable[[Rule], Rule]:
    """Enter the rule of a primitive."""

    def enter(rule: Rule) -> Rule:
        SCALARS[name] = rule
        return rule

    return enter


def _number(b: B, value: float, like: E) -> E:
    return b.constant(value, like.type)


def isnan(b: B, x: E) -> E:
    """Tell whether x is not a number."""
    if x.type not in FLOATS:
        return b.constant(False, "bool")
    return b.compare("ne", x, x)


# ----- arithmetic -----


def _of_two(op: str) -> Rule:
    def rule(b: B, x: E, y: E) -> E:
        if x.type == "bool":  # NumPy: + is or, * is and
            return b.either(x, y) if op == "add" else b.both(x, y)
        return getattr(b, op)(x, y)  # type: ignore[no-any-return]

    return rule


for _name, _op in (("add", "add"), ("subtract", "sub"), ("multiply", "mul")):
    SCALARS[_name] = _of_two(_op)
SCALARS["negative"] = lambda b, x: b.neg(x)
SCALARS["positive"] = lambda b, x: x
SCALARS["divide"] = lambda b, x, y: b.div(x, y)
SCALARS["square"] = lambda b, x: b.mul(x, x)


@scalar("reciprocal")
def _reciprocal(b: B, x: E) -> E:
    one = _number(b, 1, x)
    return b.div(one, x)


@scalar("scale")
def _scale(b: B, s: E, p: E) -> E:
    # A zero of either factor wins over an inf or nan of the other.
    for one, other in ((s, p), (p, s)):
        if one.is_constant and math.isfinite(one.info):
            if one.info == 0:
                return one
            if one.info in (1, -1) or _is_finite(other):
                return b.mul(s, p)
            return b.mul(s, p) if abs(one.info) >= 1e-300 else _strong(b, s, p)
    return b.mul(s, p) if _is_finite(s) and _is_finite(p) else _strong(b, s, p)


def _strong(b: B, s: E, p: E) -> E:
    zero = _number(b, 0, s)
    both = [b.compare("ne", f, zero) for f in (s, p) if not f.is_constant]
    which = both[0] if len(both) == 1 else b.both(*both)
    return b.select(which, b.mul(s, p), zero)


def _is_finite(x: E) -> bool:
    """Tell whether a value is surely finite: a number, or a choice between such."""
    if x.op == "constant":
        return math.isfinite(x.info)
    if x.op == "cast":
        return x.args[0].type not in FLOATS
    if x.op == "select":
        return all(map(_is_finite, x.args[1:]))
    return x.op == "neg" and _is_finite(x.args[0])


@scalar("power")
def _power(b: B, x: E, y: E) -> E:
    if y.is_constant and x.type in FLOATS:
        n = y.info
        if n == 0.5:
            return b.unary("sqrt", x)
        if n == -1:
            return b.div(_number(b, 1, x), x)
        if n == 0:
            return _number(b, 1, x)
        if n in (1, 2, 3, 4):
            return _repeated(b, x, int(n))
    if x.type not in FLOATS:
        if y.is_constant and 0 <= y.info <= 8:
            return _repeated(b, x, y.info) if y.info else _number(b, 1, x)
        raise NotImplementedError("a power of integers")
    return b.call("pow", x, y)


def _repeated(b: B, x: E, n: int) -> E:
    if n == 1:
        return x
    half = _repeated(b, x, n // 2)
    square = b.mul(half, half)
    return b.mul(square, x) if n % 2 else square


# ----- remainders -----


@scalar("floor_divide")
def _floor_divide(b: B, x: E, y: E) -> E:
    if x.type not in FLOATS:
        return b.integer("quotient", x, y)
    # As NumPy: from the exact remainder that C has, so that the quotient is exact too.
    rest = b.call("fmod", x, y)
    none = b.compare("eq", rest, _number(b, 0, x))
    quotient = b.div(b.sub(x, rest), y)
    lower = b.both(b.invert(none), _signs_differ(b, rest, y))
    quotient = b.select(lower, b.sub(quotient, _number(b, 1, x)), quotient)
    nearest = b.unary("floor", quotient)
    half = b.compare("gt", b.sub(quotient, nearest), _number(b, 0.5, x))
    nearest = b.select(half, b.add(nearest, _number(b, 1, x)), nearest)
    zero = b.compare("eq", quotient, _number(b, 0, x))
    nearest = b.select(zero, b.copysign(_number(b, 0, x), b.div(x, y)), nearest)
    by_zero = b.compare("eq", y, _number(b, 0, x))
    return b.select(by_zero, b.div(x, y), nearest)


def _signs_differ(b: B, x: E, y: E) -> E:
    zero = _number(b, 0, x)
    return b.differ(b.compare("lt", x, zero), b.compare("lt", y, zero))


@scalar("remainder")
def _remainder(b: B, x: E, y: E) -> E:
    if x.type not in FLOATS:
        return b.integer("remainder", x, y)
    zero = _number(b, 0, x)
    rest = b.call("fmod", x, y)
    other_sign = _signs_differ(b, rest, y)
    is_zero = b.compare("eq", rest, zero)
    moved = b.select(other_sign, b.add(rest, y), rest)
    return b.select(is_zero, b.copysign(zero, y), moved)


@scalar("fmod")
def _fmod(b: B, x: E, y: E) -> E:
    if x.type not in FLOATS:
        raise NotImplementedError("fmod of integers")
    return b.call("fmod", x, y)


# ----- absolute values, signs, extrema -----


@scalar("absolute")
def _absolute(b: B, x: E) -> E:
    if x.type in FLOATS:
        return b.unary("abs", x)
    if x.type[0] != "i":  # unsigned, or a bool
        return x
    return b.select(b.compare("lt", x, _number(b, 0, x)), b.neg(x), x)


SCALARS["fabs"] = _absolute
SCALARS["copysign"] = lambda b, x, y: b.copysign(x, y)


@scalar("sign")
def _sign(b: B, x: E) -> E:
    zero, one = _number(b, 0, x), _number(b, 1, x)
    if x.type[0] not in "fi":
        return b.select(b.compare("gt", x, zero), one, zero)
    negative = b.select(b.compare("lt", x, zero), _number(b, -1, x), x)
    y = b.select(b.compare("gt", x, zero), one, negative)
    if x.type in FLOATS:  # of −0.0 the sign is 0.0
        y = b.select(b.compare("eq", x, zero), zero, y)
    return y


@scalar("heaviside")
def _heaviside(b: B, x: E, y: E) -> E:
    zero, one = _number(b, 0, x), _number(b, 1, x)
    step = b.select(b.compare("gt", x, zero), one, y)
    step = b.select(b.compare("lt", x, zero), zero, step)
    return b.select(isnan(b, x), x, step)


@scalar("maximum")
def maximum(b: B, x: E, y: E) -> E:
    """Give the greater one; a nan wins."""
    if x.type == "bool":
        return b.either(x, y)
    return _extremum(b, "ge", x, y)


@scalar("minimum")
def minimum(b: B, x: E, y: E) -> E:
    """Give the lesser one; a nan wins."""
    if x.type == "bool":
        return b.both(x, y)
    return _extremum(b, "le", x, y)


def _extremum(b: B, op: str, x: E, y: E) -> E:
    chosen = b.select(b.compare(op, x, y), x, y)
    return b.select(isnan(b, x), x, chosen) if x.type in FLOATS else chosen


def _number_wins(op: str) -> Rule:
    def rule(b: B, x: E, y: E) -> E:
        if x.type == "bool":
            return b.either(x, y) if op == "ge" else b.both(x, y)
        chosen = b.select(b.compare(op, x, y), x, y)
        return b.select(isnan(b, y), x, chosen) if x.type in FLOATS else chosen

    return rule


SCALARS["fmax"] = _number_wins("ge")
SCALARS["fmin"] = _number_wins("le")

# ----- comparing and choosing -----


def _comparison(op: str) -> Rule:
    return lambda b, x, y: b.compare(op, x, y)


for _name, _op in COMPARISONS.items():
    SCALARS[_name] = _comparison(_op)
SCALARS["isnan"] = lambda b, x: isnan(b, x)


@scalar("isfinite")
def _isfinite(b: B, x: E) -> E:
    if x.type not in FLOATS:
        return b.constant(True, "bool")
    return b.compare("lt", b.unary("abs", x), _number(b, math.inf, x))


@scalar("isinf")
def _isinf(b: B, x: E) -> E:
    if x.type not in FLOATS:
        return b.constant(False, "bool")
    return b.compare("eq", b.unary("abs", x), _number(b, math.inf, x))


@scalar("signbit")
def _signbit(b: B, x: E) -> E:
    if x.type not in FLOATS:
        return b.compare("lt", x, _number(b, 0, x))
    return b.compare("lt", b.copysign(_number(b, 1, x), x), _number(b, 0, x))


def _truth(b: B, x: E) -> E:
    return b.cast(x, "bool")


SCALARS["logical_and"] = lambda b, x, y: b.both(_truth(b, x), _truth(b, y))
SCALARS["logical_or"] = lambda b, x, y: b.either(_truth(b, x), _truth(b, y))
SCALARS["logical_xor"] = lambda b, x, y: b.differ(_truth(b, x), _truth(b, y))
SCALARS["logical_not"] = lambda b, x: b.invert(_truth(b, x))
SCALARS["invert"] = lambda b, x: b.invert(x)


def _bitwise(op: str) -> Rule:
    return lambda b, x, y: b.integer(op, x, y)


for _name, _op in (
    ("bitwise_and", "and"), ("bitwise_or", "or"), ("bitwise_xor", "xor"),
):  # fmt: skip
    SCALARS[_name] = _bitwise(_op)


def _shift(op: str) -> Rule:
    def rule(b: B, x: E, y: E) -> E:
        if not y.is_constant or not 0 <= y.info < int(x.type[1:]):
            raise NotImplementedError("a shift by a number that is not known")
        return b.integer(op, x, y)

    return rule


SCALARS["left_shift"] = _shift("shl")
SCALARS["right_shift"] = _shift("shr")


SCALARS["stop_gradient"] = lambda _, x: x
SCALARS["checkpoint_name"] = lambda _, x: x


# ----- rounding -----


def _rounding(op: str) -> Rule:
    def rule(b: B, x: E) -> E:
        return b.unary(op, x) if x.type in FLOATS else x

    return rule


for _name in ("floor", "ceil", "trunc", "rint"):
    SCALARS[_name] = _rounding(_name)
SCALARS["round_half_even"] = _rounding("rint")

# ----- functions of the mathematics library -----

for _name, _op in (
    ("exp", "exp"), ("exp2", "exp2"), ("expm1", "expm1"), ("log", "log"),
    ("log2", "log2"), ("log10", "log10"), ("log1p", "log1p"), ("cbrt", "cbrt"),
    ("sin", "sin"), ("cos", "cos"), ("tan", "tan"), ("arcsin", "asin"),
    ("arccos", "acos"), ("arctan", "atan"), ("sinh", "sinh"), ("cosh", "cosh"),
    ("tanh", "tanh"), ("arcsinh", "asinh"), ("arccosh", "acosh"),
    ("arctanh", "atanh"), ("erf", "erf"), ("erfc", "erfc"),
):  # fmt: skip

    def _function(b: B, x: E, op: str = _op) -> E:
        return b.call(op, x)

    SCALARS[_name] = _function

SCALARS["sqrt"] = lambda b, x: b.unary("sqrt", x)
SCALARS["arctan2"] = lambda b, x, y: b.call("atan2", x, y)
SCALARS["hypot"] = lambda b, x, y: b.call("hypot", x, y)
SCALARS["deg2rad"] = lambda b, x: b.mul(x, _number(b, math.pi / 180, x))
SCALARS["rad2deg"] = lambda b, x: b.mul(x, _number(b, 180 / math.pi, x))


@scalar("exp10")
def _exp10(b: B, x: E) -> E:
    return b.call("pow", _number(b, 10, x), x)


@scalar("sinc")
def _sinc(b: B, x: E) -> E:
    zero = b.compare("eq", x, _number(b, 0, x))
    y = b.mul(_number(b, math.pi, x), b.select(zero, _number(b, 1e-20, x), x))
    return b.div(b.call("sin", y), y)


def _log_of_sum(exp: str, scale: float) -> Rule:
    def rule(b: B, x: E, y: E) -> E:
        # With the larger one taken out; equal infinities give themselves.
        high = b.select(b.compare("gt", x, y), x, y)
        low = b.select(b.compare("gt", x, y), y, x)
        tail = b.call("log1p", b.call(exp, b.sub(low, high)))
        if scale != 1:
            tail = b.mul(tail, _number(b, scale, x))
        total = b.add(high, tail)
        same = b.compare("eq", x, y)
        doubled = b.add(x, _number(b, math.log(2) * scale, x))
        total = b.select(same, doubled, total)
        return b.select(isnan(b, x), x, b.select(isnan(b, y), y, total))

    return rule


SCALARS["logaddexp"] = _log_of_sum("exp", 1.0)
SCALARS["logaddexp2"] = _log_of_sum("exp2", 1 / math.log(2))

# ----- special functions that are short in terms of those -----


@scalar("expit")
def _expit(b: B, x: E) -> E:
    one = _number(b, 1, x)
    return b.div(one, b.add(one, b.call("exp", b.neg(x))))


@scalar("log_expit")
def _log_expit(b: B, x: E) -> E:
    tail = b.call("log1p", b.call("exp", b.neg(b.unary("abs", x))))
    low = b.select(b.compare("lt", x, _number(b, 0, x)), x, _number(b, 0, x))
    return b.select(isnan(b, x), x, b.sub(low, tail))


@scalar("xlogy")
def _xlogy(b: B, x: E, y: E) -> E:
    zero = b.both(b.compare("eq", x, _number(b, 0, x)), b.invert(isnan(b, y)))
    return b.select(zero, _number(b, 0, x), b.mul(x, b.call("log", y)))


@scalar("xlog1py")
def _xlog1py(b: B, x: E, y: E) -> E:
    zero = b.both(b.compare("eq", x, _number(b, 0, x)), b.invert(isnan(b, y)))
    return b.select(zero, _number(b, 0, x), b.mul(x, b.call("log1p", y)))


@scalar("gammaln")
def _gammaln(b: B, x: E) -> E:
    return b.call("lgamma", x)


# ----- special functions that SciPy computes -----


def _special(name: str) -> Rule:
    return lambda b, *x: b.call(name, *x)


for _name in SPECIAL:
    SCALARS[_name] = _special({"digamma": "psi"}.get(_name, _name))
