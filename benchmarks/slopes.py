"""Functions of one number and their derivatives, from easy to hard, at many scales.

On these, differences are held against each other. Hard are poles and edges of domains
nearby, small features far from zero, large constants, cancellation inside f.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import digamma, erf, gamma, j0, j1

__all__ = ["CASES", "Case"]

Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Case:
    """A function, its derivative, and where."""

    name: str
    f: Function
    slope: Function
    points: tuple[float, ...]


CASES = (
    Case("exp x", np.exp, np.exp, (0.0, 1.0, 20.0)),
    Case("sin x", np.sin, np.cos, (0.5, 1e3)),
    Case("log x", np.log, lambda x: 1 / x, (1e-3, 1.0, 1e6)),
    Case("√x", np.sqrt, lambda x: 0.5 / np.sqrt(x), (1e-8, 1e-2, 4.0)),
    Case("1/x", lambda x: 1 / x, lambda x: -1 / x**2, (1e-2, 3.0)),
    Case("tan x", np.tan, lambda x: 1 / np.cos(x) ** 2, (1.0, 1.55)),
    Case("tanh x", np.tanh, lambda x: 1 / np.cosh(x) ** 2, (0.2, 5.0)),
    Case("x¹⁰", lambda x: x**10, lambda x: 10 * x**9, (1.0, 10.0)),
    Case("erf x", erf, lambda x: 2 / np.sqrt(np.pi) * np.exp(-x * x), (0.5, 3.0)),
    Case("Γ(x)", gamma, lambda x: gamma(x) * digamma(x), (0.1, 3.5)),
    Case("J₀(x)", j0, lambda x: -j1(x), (1.0, 10.0)),
    Case(
        "atan 100x",
        lambda x: np.arctan(100 * x),
        lambda x: 100 / (1 + 1e4 * x * x),
        (0.0, 0.01),
    ),
    Case(
        "1/(1 + 25x²)",
        lambda x: 1 / (1 + 25 * x * x),
        lambda x: -50 * x / (1 + 25 * x * x) ** 2,
        (0.3,),
    ),
    Case("sin 50x", lambda x: np.sin(50 * x), lambda x: 50 * np.cos(50 * x), (0.3,)),
    Case(
        "exp(−1/x²)",
        lambda x: np.exp(-1 / x**2),
        lambda x: 2 / x**3 * np.exp(-1 / x**2),
        (0.3,),
    ),
    Case(
        "exp 100x", lambda x: np.exp(100 * x), lambda x: 100 * np.exp(100 * x), (0.5,)
    ),
    Case(
        "log(x/(1 − x))",
        lambda x: np.log(x / (1 - x)),
        lambda x: 1 / (x * (1 - x)),
        (0.5, 1 - 1e-4),
    ),
    Case("x|x|", lambda x: x * np.abs(x), lambda x: 2 * np.abs(x), (0.01, 0.3)),
    Case("10⁸ + sin x", lambda x: 1e8 + np.sin(x), np.cos, (1.0,)),
    Case(
        "(1 − cos x)/x²",
        lambda x: (1 - np.cos(x)) / x**2,
        lambda x: (x * np.sin(x) - 2 * (1 - np.cos(x))) / x**3,
        (0.1,),
    ),
)
"""37 pairs of a function and a point."""
