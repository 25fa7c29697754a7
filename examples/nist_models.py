"""The models of NIST's 27 sets for nonlinear regression, as plain NumPy code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["MODELS", "SETS", "response"]

SETS = Path(__file__).resolve().parents[1] / "tests" / "data" / "nist_strd"
"""The folder of all 27 data files."""


def response(name: str, y: Any) -> Any:
    """Give what a set's model describes: Nelson's the logarithm of y."""
    return np.log(y) if name == "Nelson" else y


def _saturation(x: Any, a: Any, k: Any) -> Any:
    return a * (1 - np.exp(-k * x))


def _chwirut(x: Any, b1: Any, b2: Any, b3: Any) -> Any:
    return np.exp(-b1 * x) / (b2 + b3 * x)


def _three_exponentials(
    x: Any, b1: Any, b2: Any, b3: Any, b4: Any, b5: Any, b6: Any
) -> Any:
    return b1 * np.exp(-b2 * x) + b3 * np.exp(-b4 * x) + b5 * np.exp(-b6 * x)


def _two_peaks(
    x: Any, b1: Any, b2: Any, b3: Any, b4: Any, b5: Any, b6: Any, b7: Any, b8: Any
) -> Any:
    first = b3 * np.exp(-((x - b4) ** 2) / b5**2)
    second = b6 * np.exp(-((x - b7) ** 2) / b8**2)
    return b1 * np.exp(-b2 * x) + first + second


def _cubic_over_cubic(
    x: Any, b1: Any, b2: Any, b3: Any, b4: Any, b5: Any, b6: Any, b7: Any
) -> Any:
    top = b1 + b2 * x + b3 * x**2 + b4 * x**3
    return top / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def _enso(
    x: Any,
    b1: Any,
    b2: Any,
    b3: Any,
    b4: Any,
    b5: Any,
    b6: Any,
    b7: Any,
    b8: Any,
    b9: Any,
) -> Any:
    turn = 2 * np.pi * x
    year = b2 * np.cos(turn / 12) + b3 * np.sin(turn / 12)
    nino = b5 * np.cos(turn / b4) + b6 * np.sin(turn / b4)
    southern = b8 * np.cos(turn / b7) + b9 * np.sin(turn / b7)
    return b1 + year + nino + southern


MODELS: dict[str, Callable[..., Any]] = {
    "Bennett5": lambda x, b1, b2, b3: b1 * (b2 + x) ** (-1 / b3),
    "BoxBOD": _saturation,
    "Chwirut1": _chwirut,
    "Chwirut2": _chwirut,
    "DanWood": lambda x, b1, b2: b1 * x**b2,
    "ENSO": _enso,
    "Eckerle4": lambda x, b1, b2, b3: b1 / b2 * np.exp(-0.5 * ((x - b3) / b2) ** 2),
    "Gauss1": _two_peaks,
    "Gauss2": _two_peaks,
    "Gauss3": _two_peaks,
    "Hahn1": _cubic_over_cubic,
    "Kirby2": lambda x, b1, b2, b3, b4, b5: (
        (b1 + b2 * x + b3 * x**2) / (1 + b4 * x + b5 * x**2)
    ),
    "Lanczos1": _three_exponentials,
    "Lanczos2": _three_exponentials,
    "Lanczos3": _three_exponentials,
    "MGH09": lambda x, b1, b2, b3, b4: b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4),
    "MGH10": lambda x, b1, b2, b3: b1 * np.exp(b2 / (x + b3)),
    "MGH17": lambda x, b1, b2, b3, b4, b5: (
        b1 + b2 * np.exp(-x * b4) + b3 * np.exp(-x * b5)
    ),
    "Misra1a": _saturation,
    "Misra1b": lambda x, b1, b2: b1 * (1 - (1 + b2 * x / 2) ** -2.0),
    "Misra1c": lambda x, b1, b2: b1 * (1 - (1 + 2 * b2 * x) ** -0.5),
    "Misra1d": lambda x, b1, b2: b1 * b2 * x / (1 + b2 * x),
    "Nelson": lambda x, b1, b2, b3: b1 - b2 * x[0] * np.exp(-b3 * x[1]),
    "Rat42": lambda x, b1, b2, b3: b1 / (1 + np.exp(b2 - b3 * x)),
    "Rat43": lambda x, b1, b2, b3, b4: b1 / (1 + np.exp(b2 - b3 * x)) ** (1 / b4),
    "Roszman1": lambda x, b1, b2, b3, b4: (
        b1 - b2 * x - np.arctan(b3 / (x - b4)) / np.pi
    ),
    "Thurber": _cubic_over_cubic,
}
"""Set → `(x, b1, b2, …)` → y."""
