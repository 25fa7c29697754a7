"""Names of arrays as letters: `A0` is A₀ and A_{0}, `sigma` is σ and \\sigma."""

from __future__ import annotations

import re

__all__ = ["GREEK", "letter", "letter_latex"]

GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi "
        "rho sigma tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma "
        "Phi Psi Omega".split(),
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
        strict=True,
    )
)
GREEK["lam"] = "λ"
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_RAISED_BACK = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_PLACE = re.compile(r"\[(\d+)\]|\['?(\w+)'?\]|\.(\w+)")
_NUMBERED = re.compile(r"(.*?[^\d_])_?(\d+)$")


def _parts(name: str) -> tuple[str, str]:
    """Split `A[0]`, `A0`, `A_0` into letters and index."""
    name = name.translate(_RAISED_BACK)
    flat = _PLACE.sub(lambda m: f"_{m[1] or m[2] or m[3]}", name).rstrip("_")
    match = _NUMBERED.match(flat)
    return (match[1], match[2]) if match else (flat, "")


def letter(name: str) -> str:
    """Write a name in plain text.

    Examples
    --------
    >>> letter("A[0]"), letter("x1"), letter("Sigma"), letter("lambda_")
    ('A₀', 'x₁', 'Σ', 'λ')
    """
    word, index = _parts(name)
    return GREEK.get(word, word) + index.translate(_LOWERED)


def letter_latex(name: str) -> str:
    """Write a name in LaTeX.

    Examples
    --------
    >>> print(letter_latex("A[0]"), letter_latex("Sigma"), letter_latex("bias"))
    A_{0} \\Sigma \\mathrm{bias}
    """
    word, index = _parts(name)
    if word in GREEK:
        shown = "\\lambda" if word == "lam" else f"\\{word}"
    elif word in GREEK.values():
        shown = "\\" + next(name for name, sign in GREEK.items() if sign == word)
    else:
        plain = word.replace("_", "\\_")
        shown = plain if len(word) == 1 else f"\\mathrm{{{plain}}}"
    return shown + (f"_{{{index}}}" if index else "")
