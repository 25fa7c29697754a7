"""Elementary functions as formulas on vectors, without a call and without a table.

Each kernel takes a `Writer` and its arguments, and gives the result, at most 4 units in
the last place (ulp) from the exact value on a machine that has a fused multiply-add;
`tests/engines/llvm/test_mathematics.py` states the bound of each and checks it. A
kernel of `RESCUED` gives two things: the result, and where it does not hold; there the
C library is asked.

Numbers are never converted to integers, for a NaN has none: adding 1.5·2⁵² to a float
leaves its nearest integer in the low bits of the sum. Sums of two floats and reductions
to a small interval are as in Muller et al., Handbook of Floating-Point Arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from wengert.engines.llvm.polynomials import (
    COSINE,
    EXPONENTIAL,
    LOGARITHM,
    LOGARITHM_TAIL,
    SINE,
)
from wengert.engines.llvm.vectors import Value, Writer, float_bits

__all__ = ["DIRECT", "RESCUED"]

_ROUNDER = 1.5 * 2.0**52
_LN2 = math.log(2)
_LN2_LOW = 2.3190468138462996e-17  # ln 2 − _LN2
_HALF_PI = math.pi / 2
# What is left of π/2, rounded down: all parts are positive, so that −0 stays −0.
_HALF_PI_LOW = 6.123233995736765e-17
_HALF_PI_LOWEST = 1.082856673921914e-32
# Three parts of π/2 are enough for arguments up to here.
_LARGEST_ANGLE = 1e5


# ----- parts -----


def _round(x: Value) -> tuple[Value, Value]:
    """Give the nearest integer of |x| < 2⁵¹ as a float, and a word it is the end of."""
    shifted = x + _ROUNDER
    return shifted - _ROUNDER, shifted.bits()


def _power_of_two(word: Value) -> Value:
    """Give 2ᵏ for −1023 < k < 1024; k stands in the low bits of the word."""
    return ((word + 1023) << 52).floats()


def _clamp(w: Writer, x: Value, low: float, high: float) -> Value:
    """Bring x between two bounds; a NaN stays."""
    x = w.select(x.compare("ogt", high), high, x)
    return w.select(x.compare("olt", low), low, x)


def _exp_scaled(w: Writer, r: Value, k: Value) -> Value:
    """Give exp(r)·2ᵏ."""
    result = w.fma(r, w.fma(r, w.polynomial(r, EXPONENTIAL), 1.0), 1.0)
    if (at_once := w.scaled(result, k)) is not None:
        return at_once
    # In two steps, for 2ᵏ itself may overflow or underflow.
    half, half_word = _round(k * 0.5)
    _, rest_word = _round(k - half)
    return result * _power_of_two(half_word) * _power_of_two(rest_word)


def _reduce_exp(w: Writer, x: Value) -> tuple[Value, Value]:
    """Split x = r + k·ln 2."""
    k, _ = _round(x * (1 / _LN2))
    minus = -k
    return w.fma(minus, _LN2_LOW, w.fma(minus, _LN2, x)), k


def _split(w: Writer, x: Value) -> tuple[Value, Value]:
    """Split a positive finite x = m·2ᵏ, with √½ ≤ m < √2 and k as a float."""
    m, k = w.mantissa(x), w.exponent(x)
    if m is not None and k is not None:
        large = m.compare("oge", math.sqrt(2))
        return w.select(large, m * 0.5, m), w.select(large, k + 1.0, k)
    tiny = x.compare("olt", 2.0**-1022)
    word = w.select(tiny, x * 2.0**54, x).bits()
    # From √½ on, the exponent's field counts from 0 in steps of one power of two; the
    # bias keeps it positive.
    root = float_bits(math.sqrt(0.5))
    steps = (word - root) + (1024 << 52)
    count = ((steps >> 52) | float_bits(2.0**52)).floats()
    k = count - w.select(tiny, 2.0**52 + 1024 + 54, 2.0**52 + 1024)
    mantissa = (word - ((steps & (-1 << 52)) - (1024 << 52))).floats()
    return mantissa, k


def _log_parts(w: Writer, x: Value) -> tuple[Value, Value, Value]:
    """Write log x = k·ln 2 + f − c, with c much smaller than f."""
    m, k = _split(w, x)
    f = m - 1.0
    s = f / (f + 2.0)
    z = s * s
    half = f * f * 0.5
    return k, f, half - s * w.fma(z, w.polynomial(z, LOGARITHM), half)


def _log_edges(w: Writer, x: Value, result: Value) -> Value:
    """Put the logarithms of 0, inf, NaN and negative numbers in their places."""
    result = w.select(x.compare("olt", math.inf), result, x)
    result = w.select(x.compare("oeq", 0.0), -math.inf, result)
    return w.select(x.compare("olt", 0.0), math.nan, result)


def _expm1(w: Writer, x: Value, highest: float = 710.0) -> Value:
    """Give exp(x) − 1 but for the sign of zero."""
    x = _clamp(w, x, -40.0, highest)
    r, k = _reduce_exp(w, x)
    small = w.fma(r * r, w.polynomial(r, EXPONENTIAL), r)
    # Half of 2ᵏ, which for k = 1024 would overflow.
    scale = _power_of_two(_round(k - 1.0)[1])
    return w.fma(scale, small, scale - 0.5) * 2.0


def _sine_cosine(w: Writer, x: Value) -> tuple[Value, Value, Value, Value]:
    """Give sin r and cos r for x = r + k·π/2; k as a word; where |x| is too large."""
    k, word = _round(x * (2 / math.pi))
    minus = -k
    r = w.fma(minus, _HALF_PI, x)
    r = w.fma(minus, _HALF_PI_LOW, r)
    r = w.fma(minus, _HALF_PI_LOWEST, r)
    z = r * r
    # The sum of 0 and -0 is 0; the sign of r is that of its sine.
    sine = w.intrinsic("copysign", w.fma(r * z, w.polynomial(z, SINE), r), r)
    cosine = w.fma(z, w.fma(z, w.polynomial(z, COSINE), -0.5), 1.0)
    large = w.intrinsic("fabs", x).compare("ogt", _LARGEST_ANGLE)
    return sine, cosine, word, large


def _with_sign(x: Value, word: Value) -> Value:
    """Change the sign of x where the second lowest bit of a word is set."""
    return (x.bits() ^ ((word & 2) << 62)).floats()


# ----- kernels that hold everywhere -----


def _exp(w: Writer, x: Value) -> Value:
    return _exp_scaled(w, *_reduce_exp(w, _clamp(w, x, -746.0, 710.0)))


def _exp2(w: Writer, x: Value) -> Value:
    x = _clamp(w, x, -1076.0, 1025.0)
    k, _ = _round(x)
    return _exp_scaled(w, (x - k) * _LN2, k)


def _signed_expm1(w: Writer, x: Value) -> Value:
    return w.intrinsic("copysign", _expm1(w, x), x)


def _tanh(w: Writer, x: Value) -> Value:
    # With e = exp(2|x|) − 1: tanh |x| = e/(e + 2).
    e = _expm1(w, w.intrinsic("fabs", x) * 2.0, 80.0)
    return w.intrinsic("copysign", e / (e + 2.0), x)


def _log(w: Writer, x: Value) -> Value:
    k, f, small = _log_parts(w, x)
    result = w.fma(k, _LN2, f - w.fma(k, -_LN2_LOW, small))
    return _log_edges(w, x, result)


def _log2(w: Writer, x: Value) -> Value:
    k, f, small = _log_parts(w, x)
    return _log_edges(w, x, w.fma(f - small, 1 / _LN2, k))


def _log1p(w: Writer, x: Value) -> Value:
    # With u = 1 + x rounded, and its error: log(u + error) = log u + error/u.
    u = x + 1.0
    back = u - 1.0
    error = (x - back) + (w.constant(1.0) - (u - back))
    correction = error / u
    known = correction.compare("ord", correction)
    result = _log(w, u) + w.select(known, correction, 0.0)
    return w.intrinsic("copysign", result, x)


# ----- kernels that tell where they do not hold -----


def _sin(w: Writer, x: Value) -> tuple[Value, Value]:
    sine, cosine, word, large = _sine_cosine(w, x)
    odd = (word & 1).compare("ne", 0)
    return _with_sign(w.select(odd, cosine, sine), word), large


def _cos(w: Writer, x: Value) -> tuple[Value, Value]:
    sine, cosine, word, large = _sine_cosine(w, x)
    odd = (word & 1).compare("ne", 0)
    return _with_sign(w.select(odd, sine, cosine), word + 1), large


def _tan(w: Writer, x: Value) -> tuple[Value, Value]:
    sine, cosine, word, large = _sine_cosine(w, x)
    odd = (word & 1).compare("ne", 0)
    over = w.select(odd, -cosine, sine)
    return over / w.select(odd, sine, cosine), large


def _pow(w: Writer, x: Value, y: Value) -> tuple[Value, Value]:
    """Give |x|ʸ from a logarithm of twice the digits, and the sign apart."""
    size = w.intrinsic("fabs", x)
    high, low = _long_log(w, size)
    exponent = y * high
    rest = w.fma(y, low, w.fma(y, high, -exponent))
    bounded = _clamp(w, exponent, -746.0, 710.0)
    rest = w.select(bounded.compare("oeq", exponent), rest, 0.0)
    r, k = _reduce_exp(w, bounded)
    power = _exp_scaled(w, r + rest, k)

    whole = w.intrinsic("rint", y).compare("oeq", y)
    half = y * 0.5
    even = w.intrinsic("rint", half).compare("oeq", half)
    signed = w.select(whole, w.select(even, power, -power), math.nan)
    result = w.select(x.compare("olt", 0.0), signed, power)
    # 0, inf and NaN have rules of their own.
    usual = size.compare("ogt", 0.0) & size.compare("olt", math.inf)
    usual = usual & w.intrinsic("fabs", y).compare("olt", math.inf)
    return result, usual ^ 1


def _long_log(w: Writer, x: Value) -> tuple[Value, Value]:
    """Give log x as an unevaluated sum of two floats, to some 65 bits.

    log m = 2·atanh s with s = (m − 1)/(m + 1), and atanh s = s·(1 + z/3 + z²·Q(z)), in
    which s, z = s² and z/3 are kept as sums of two.
    """
    m, k = _split(w, x)
    f = m - 1.0
    below = m + 1.0
    # m + 1 may round; m < 2, so that the larger of the two is not known.
    back = below - m
    below_low = (m - (below - back)) + (w.constant(1.0) - back)
    s = f / below
    s_low = (w.fma(-s, below, f) - s * below_low) / below
    z = s * s
    z_low = w.fma(s, s, -z) + s * s_low * 2.0

    third = 1 / 3
    third_low = 1.850371707708594e-17  # 1/3 − third
    u = z * third
    u_low = w.fma(z, third, -u) + w.fma(z, third_low, z_low * third)
    tail = z * z * w.polynomial(z, LOGARITHM_TAIL)
    v = u + tail
    v_low = ((u - v) + tail) + u_low

    twice, twice_low = s * 2.0, s_low * 2.0
    product = twice * v
    product_low = w.fma(twice, v, -product) + w.fma(twice, v_low, twice_low * v)
    t = twice + product
    t_low = ((twice - t) + product) + (twice_low + product_low)

    # |k·ln 2| is 0 or more than |t|; ln 2 to 42 bits makes the product exact.
    ln2 = math.ldexp(math.floor(math.ldexp(_LN2, 42)), -42)
    ln2_low = (_LN2 - ln2) + _LN2_LOW
    step = k * ln2
    high = step + t
    low = ((step - high) + t) + w.fma(k, ln2_low, t_low)
    total = high + low
    return total, (high - total) + low


DIRECT: dict[str, Callable[..., Value]] = {
    "exp": _exp,
    "exp2": _exp2,
    "expm1": _signed_expm1,
    "log": _log,
    "log1p": _log1p,
    "log2": _log2,
    "tanh": _tanh,
}

RESCUED: dict[str, Callable[..., tuple[Value, Value]]] = {
    "cos": _cos,
    "pow": _pow,
    "sin": _sin,
    "tan": _tan,
}
