"""Coefficients of the polynomials in `kernels.py`, lowest power first.

Each is a Taylor series, telescoped: the series is written in Chebyshev polynomials of
the interval on which it is used, and what lies above the degree is dropped (Lanczos).
`tests/engines/llvm/test_polynomials.py` computes each anew, in fractions.
"""

from __future__ import annotations

__all__ = ["COSINE", "EXPONENTIAL", "LOGARITHM", "LOGARITHM_TAIL", "SINE"]

# (exp r − 1 − r) / r², for |r| ≤ ln(2)/2.
EXPONENTIAL = (
    0.5000000000000001,
    0.1666666666666667,
    0.04166666666662415,
    0.00833333333332614,
    0.0013888888917201732,
    0.00019841269874805898,
    2.480152131499479e-05,
    2.7557255419156705e-06,
    2.7620079240013075e-07,
    2.5105209030726063e-08,
)

# (log((1 + s)/(1 − s)) − 2s) / s³ in z = s², for 0 ≤ z ≤ (√2 − 1)⁴.
LOGARITHM = (
    0.666666666666667,
    0.3999999999989899,
    0.2857142862618015,
    0.22222211104970363,
    0.18182891089251632,
    0.15331662002521276,
    0.14617127785613476,
)

# (atanh s − s − s³/3) / s⁵ in z = s², on the same interval.
LOGARITHM_TAIL = (
    0.2,
    0.14285714285714685,
    0.11111111110826934,
    0.09090909167899462,
    0.0769229746181797,
    0.06667403302047484,
    0.058530949094471645,
    0.05861811780422839,
)

# (sin r − r) / r³ in z = r², for 0 ≤ z ≤ (π/4)².
SINE = (
    -0.16666666666666666,
    0.00833333333333095,
    -0.0001984126983675951,
    2.7557316102957723e-06,
    -2.5051131916674556e-08,
    1.5918133720930332e-10,
)

# (cos r − 1 + r²/2) / r⁴ in z = r², on the same interval.
COSINE = (
    0.041666666666666664,
    -0.0013888888888887398,
    2.4801587298766187e-05,
    -2.755731727194485e-07,
    2.087614630611089e-09,
    -1.138263473217959e-11,
)
