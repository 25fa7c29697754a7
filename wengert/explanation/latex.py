r"""Tables and formulas in LaTeX: plain arrays, no package needed.

Examples
--------
>>> from wengert.explanation.formula import Call, Symbol, product
>>> print(LATEX.write(product(Symbol("v₃", "bar"), Call("cos", (Symbol("v₋₁"),)))))
\bar v_3 \cdot \cos v_{-1}
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from wengert.explanation.formula import Formula
from wengert.explanation.notation import Notation, split_name
from wengert.explanation.tables import Line, Table
from wengert.explanation.text import show_seed
from wengert.explanation.values import show_literal, show_value
from wengert.trace.tracer import Tracer

__all__ = ["LATEX", "latex"]

_PLAIN_SCRIPTS = str.maketrans("₋₀₁₂₃₄₅₆₇₈₉", "-0123456789")
_FUNCTIONS = frozenset(
    "ln log sin cos tan arcsin arccos arctan sinh cosh tanh exp max min det".split()
)
_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho "
    "sigma tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon "
    "Phi Psi Omega".split()
)
_SIGNS = {
    "π": r"\pi", "Σ": r"\sum", "Π": r"\prod", "·": r"\cdot", "…": r"\ldots",
    "mod": r"\bmod",
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "∧": r"\wedge", "∨": r"\vee",
    "⊻": r"\oplus", "¬": r"\neg", "//": r"/\!/", "&": r"\mathbin{\&}", "%": r"\%",
    "<<": r"\ll", ">>": r"\gg", "~": r"\sim", "^": r"\mathbin{\hat{}}", "@": "@",
    "<": "<", ">": ">", "=": "=", "|": r"\mid",
}  # fmt: skip
_ESCAPES = {
    "\\": r"\backslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "#": r"\#", "$": r"\$",
    "%": r"\%", "&": r"\&", "^": r"\hat{}", "~": r"\sim{}", " ": r"\ ",
    "…": r"\ldots{}", "−": "-", "·": r"\cdot{}",
}  # fmt: skip
_TEXT = {
    "\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}", "−": "$-$", "<": "$<$",
    ">": "$>$", "|": "$|$", "…": r"\ldots{}", "·": r"$\cdot$",
}  # fmt: skip
# Fractions need air; a display is a group, so the stretch ends with it.
_BEGIN = "\\[\n\\renewcommand{\\arraystretch}{1.4}\n\\begin{array}{lrll}"
_END = "\\end{array}\n\\]"
_SCIENTIFIC = re.compile(r"([\d.]+)e(-?\d+)")


class Latex(Notation):
    """Write formulas in LaTeX, for math mode."""

    times, minus, adjoint, juxtaposed = r" \cdot ", "-", "^T", r" \, "

    def symbol(self, name: str, accent: str) -> str:
        """Write `v₋₁` as `v_{-1}`, x1 as `x_1`, theta as `\theta`."""
        if name in _SIGNS:
            return _SIGNS[name]
        word, rest = split_name(name)
        number = re.match(r"[₋₀-₉\d]*", rest)
        index = number[0].translate(_PLAIN_SCRIPTS) if number else ""
        path = rest[len(index) :]
        if word in _GREEK:
            word = "\\" + word
        elif len(word) > 1:
            word = rf"\mathit{{{_escaped(word)}}}"
        written = word
        if accent:
            single = len(word) == 1 or word[1:] in _GREEK
            written = rf"\{accent} {word}" if single else rf"\{accent}{{{word}}}"
        if index:
            written += f"_{_braced(index)}"
        return written + (self.code(path) if path else "")

    def number(self, value: Any) -> str:
        """Write a number, with a power of ten for its exponent."""
        return _number(show_literal(value))

    def name(self, function: str) -> str:
        """Write a function's name upright: `\\sin`, `\\mathrm{cumsum}`."""
        by, function = _split_partial(function)
        base = function.removesuffix("′")
        prime = "'" * (len(function) - len(base))
        if base in _FUNCTIONS:
            written = "\\" + base
        else:
            written = _SIGNS.get(base) or rf"\mathrm{{{_escaped(base)}}}"
        return by + written + prime

    def code(self, text: str) -> str:
        """Write a piece of a program in typewriter letters."""
        return rf"\mathtt{{{_escaped(text)}}}" if text.strip(", ") else text

    def fraction(self, above: Formula, below: Formula) -> str:
        """Write a quotient with a bar."""
        return rf"\frac{{{self.write(above)}}}{{{self.write(below)}}}"

    def superscript(self, base: str, exponent: Formula) -> str:
        """Write a power."""
        return f"{{{base}}}^{_braced(self.write(exponent))}"

    def root(self, of: Formula) -> str:
        """Write a square root."""
        return rf"\sqrt{{{self.write(of)}}}"

    def modulus(self, of: str) -> str:
        """Write an absolute value."""
        return rf"\left|{of}\right|"

    def application(self, name: str, argument: str) -> str:
        """Write a function before its argument, without parentheses."""
        spaced = name.startswith("\\") and name[1:].isalpha()
        return f"{name} {argument}" if spaced else rf"{name}\, {argument}"

    def component(self, of: str, number: int) -> str:
        """Write one of several results."""
        return f"{{{of}}}_{_braced(str(number))}"

    def parentheses(self, written: str, formula: Formula) -> str:
        """Put parentheses that grow, or Iverson's brackets."""
        left, right = "()" if not self.is_statement(formula) else "[]"
        return rf"\left{left}{written}\right{right}"

    def derivative(self, of: Formula, by: Formula) -> str:
        """Write ∂y/∂x."""
        return rf"\frac{{\partial {self.write(of)}}}{{\partial {self.write(by)}}}"


LATEX = Latex()


def latex(heading: str, tables: Sequence[Table], digits: int, limit: int | None) -> str:
    """Write tables as LaTeX arrays; see `text` for the parameters.

    The text goes between `\\begin{document}` and `\\end{document}` of any class.
    """
    blocks = [rf"\paragraph{{{_in_text(heading)}}}"]
    for table in tables:
        title = rf"\noindent {_in_text(table.title)}"
        seeds, others = table.shown_seeds()
        written = [
            f"{LATEX.write(name)} = {_value(show_seed(seed, digits))}"
            for name, seed in seeds
        ]
        if written:
            written += [r"\ldots"] if others else []
            title += ", seed $" + r",\quad ".join(written) + "$"
        rows = [_row(line, digits) for line in table.shown(limit)]
        blocks.append("\n".join([title, _BEGIN, *rows, _END]))
    return "\n\n".join(blocks) + "\n"


def _row(line: Line | int, digits: int) -> str:
    if isinstance(line, int):
        return rf"\vdots & & \mathrm{{({line}\ more\ lines)}} & \\"
    formula = "" if line.formula is None else LATEX.write(line.formula)
    relation = "=" if line.relation == "=" else r"\mathrel{{+}{=}}"
    value = _written(line.value, digits)
    return rf"{LATEX.write(line.target)} & {relation} & {formula} & {value} \\"


def _written(value: Any, digits: int) -> str:
    if isinstance(value, Tracer):  # a symbol, which knows how it is written
        return str(getattr(value, "latex")())  # noqa: B009
    return _value(show_value(value, digits))


def _value(shown: str) -> str:
    """Write what `show_value` gave: a number, a vector, or shape and norm."""
    described, norm, number = shown.partition("  ‖·‖ = ")
    if norm:
        return rf"{LATEX.code(described)}\quad \Vert\cdot\Vert = {_number(number)}"
    if described.startswith("["):
        elements = map(_number, described[1:-1].split(", "))
        return "[" + r",\ ".join(elements) + "]"
    if described.endswith("]"):
        return LATEX.code(described)
    return _number(described)


def _number(shown: str) -> str:
    written = shown.replace("−", "-")
    written = _SCIENTIFIC.sub(r"\1 \\cdot 10^{\2}", written)
    written = written.replace("inf", r"\infty")
    written = re.sub(r" everywhere", r"\\ \\mathrm{everywhere}", written)
    return re.sub(r"(nan|True|False)", r"\\mathrm{\1}", written)


def _split_partial(function: str) -> tuple[str, str]:
    """Take ∂ and its number off a name: `∂₂solve`."""
    match = re.match(r"∂([₀-₉]+)", function)
    if not match:
        return "", function
    index = match[1].translate(_PLAIN_SCRIPTS)
    return rf"\partial_{_braced(index)} ", function[match.end() :]


def _braced(written: str) -> str:
    return written if len(written) == 1 else f"{{{written}}}"


def _escaped(written: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in written)


def _in_text(written: str) -> str:
    """Escape what stands outside math mode."""
    return "".join(_TEXT.get(c) or (f"\\{c}" if c in "{}_#$%&" else c) for c in written)
