"""What `--help` tells newcomers: the texts, and nothing else."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from wengert.expression import CONSTANTS, FUNCTIONS

__all__ = ["ABOUT", "COMMANDS", "EXAMPLES", "FORMATS", "VOCABULARY", "WHAT"]

ABOUT = """\
Exact derivatives of formulas and of NumPy functions, and how they come about.

  wengert diff     gives the value and the derivatives
  wengert explain  shows each step of the forward and the reverse sweep in tables
  wengert graph    draws the steps as a picture
  wengert check    tests the derivatives against finite differences
  wengert compare  puts every method side by side: value, error and cost
  wengert smoothness  finds kinks, jumps and poles at the point or near it
  wengert c        writes the value and the derivatives as C
  wengert python   writes them as NumPy code that needs no wengert
  wengert formula  gives them as formulas (needs SymPy)
"""

WHAT = """\
what to differentiate:
  "x**2 * sin(y)"   a formula, in quotes, of numbers, variables, + - * / **,
                    comparisons, and functions such as exp, log, sqrt, abs, where, sum
  path.py:name      a function in a file; the file is run, as Python runs it
"""

VOCABULARY = (
    "what a formula may contain:\n"
    + textwrap.fill(
        ", ".join([*FUNCTIONS, *CONSTANTS]),
        width=78,
        initial_indent="  ",
        subsequent_indent="  ",
    )
    + "\n  elements of an array: v[0], A[1, :]; one comparison at a time: x > 0\n"
)

EXAMPLES: Mapping[str, str] = {
    "": """\
examples:
  wengert diff "log(x1) + x1*x2 - sin(x2)" --at x1=2,x2=5
  wengert explain "x * sin(x)" --at x=pi/2
  wengert compare "exp(x**2)" --at x=1

`wengert COMMAND --help` tells more about each.
""",
    "explain": """\
examples:
  wengert explain "log(x1) + x1*x2 - sin(x2)" --at x1=2,x2=5
  wengert explain "log(x1) + x1*x2 - sin(x2)" --at x1=2,x2=5 --seed x2
  wengert explain "sum(v**2)" --at "v=[1,2,3]" --format latex
  wengert explain model.py:loss --at "w=[1,2,3]" --output loss.html
""",
    "graph": """\
examples:
  wengert graph "x * sin(x)" --at x=2 --output graph.svg
  wengert graph "x * sin(x)" --at x=2 --format mermaid
  wengert graph model.py:loss --at "w=[1,2,3]" -o loss.dot
""",
    "smoothness": """\
examples:
  wengert smoothness "abs(x) + sqrt(y)" --at x=0,y=1
  wengert smoothness model.py:loss --at "w=[1,2,3]" --tolerance 1e-4

The exit status is 0 if nothing was found, 1 if something was.
""",
    "c": """\
examples:
  wengert c "x**2 * sin(y)" --at x=3,y=1
  wengert c "sum(v**2)" --at "v=[1,2,3]" --order 2 --folder out
  wengert c model.py:loss --at "w=[1,2,3]" --name loss_and_gradient

The shapes of the arrays are those of the point; the numbers may differ at each call.
""",
    "python": """\
examples:
  wengert python "x**2 * sin(y)" --at x=3,y=1
  wengert python model.py:loss --at "w=[1,2,3]" --name loss_and_gradient --folder out

The shapes of the arrays are those of the point; the numbers may differ at each call.
""",
    "formula": """\
examples:
  wengert formula "sin(x**2)"
  wengert formula "x * y**2 + cos(x*y)" --order 2 --format latex
  wengert formula "sum(v**2)" --at "v=[1,2,3]"
  wengert formula model.py:loss --at "w=[1,2,3]"

Of a formula of numbers no point is needed. A program follows its path at the point,
and the conditions are stated.
""",
    "diff": """\
examples:
  wengert diff "x**2 * sin(y)" --at x=3,y=1
  wengert diff "x**2 * sin(y)" --at x=3,y=1 --wrt x --order 2
  wengert diff "v[0] * exp(v)" --at "v=[1,2]" --digits 17
  wengert diff model.py:loss --at "w=[1,2,3]"
""",
    "check": """\
examples:
  wengert check "x**2 * sin(y)" --at x=3,y=1
  wengert check model.py:loss --at "w=[1,2,3]" --order 1

The exit status is 0 if all derivatives agree with finite differences, 1 if not.
""",
    "compare": """\
examples:
  wengert compare "exp(x**2)" --at x=1
  wengert compare "abs(x)" --at x=0
  wengert compare model.py:loss --at "w=[1,2,3]" --output methods.md
  wengert compare "exp(x**2)" --at x=1 --output methods.svg
""",
}

COMMANDS: Mapping[str, tuple[str, str]] = {
    "explain": (
        "show each step of the derivative in tables",
        "Show how a derivative comes about, step by step, as lectures write it:\n"
        "the values, the tangents of forward mode, the adjoints of reverse mode.\n"
        "Equal parts of a formula are computed once.",
    ),
    "graph": (
        "draw the steps as a picture",
        "Draw the steps of a function as one picture: values forward along the\n"
        "arrows, adjoints back.",
    ),
    "diff": (
        "give the value and the derivatives",
        "Give the value and the exact derivatives of a function at a point: the\n"
        "gradient, the Jacobian if it returns an array, the Hessian with --order 2.",
    ),
    "check": (
        "test the derivatives against finite differences",
        "Test forward mode, reverse mode and their mixtures against finite\n"
        "differences at a point, and report the worst disagreement.",
    ),
    "compare": (
        "put every method side by side",
        "Compute the derivative by forward mode, reverse mode, native code, the\n"
        "complex step and every finite difference, and show the value, the error, the\n"
        "work, the memory and the time of each.",
    ),
    "smoothness": (
        "find kinks, jumps and poles at the point or near it",
        "Find the operations that are not smooth at a point, or close to it, and tell\n"
        "what is taken for their derivative there.",
    ),
    "c": (
        "write the value and the derivatives as C",
        "Write a function and its derivatives as self-contained C99: a header, the\n"
        "code, and a program that checks it at the point.",
    ),
    "python": (
        "write them as NumPy code that needs no wengert",
        "Write a function and its derivatives as readable NumPy code, a module of its\n"
        "own.",
    ),
    "formula": (
        "give the value and the derivatives as formulas",
        "Give a function and its derivatives as formulas. Long ones are written in\n"
        "lines, each part once.",
    ),
}

_REPORT = {
    "text": (".txt",),
    "markdown": (".md", ".markdown"),
    "html": (".html", ".htm"),
}
FORMATS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "explain": {
        "text": (".txt",),
        "markdown": (".md", ".markdown"),
        "latex": (".tex",),
        "html": (".html", ".htm"),
    },
    "graph": {
        "svg": (".svg",),
        "dot": (".dot", ".gv"),
        "mermaid": (".mmd", ".mermaid"),
    },
    "formula": {"text": (".txt",), "latex": (".tex",)},
    "compare": {**_REPORT, "svg": (".svg",)},
    "smoothness": _REPORT,
}
"""What a command writes, and the endings of file names that ask for it."""
