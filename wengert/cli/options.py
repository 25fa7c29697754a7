"""The words of the command line, and the help that explains them."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import NoReturn

from wengert.errors import WengertError

__all__ = ["COMMANDS", "InputError", "parse_words"]


class InputError(WengertError):
    """Refuse what the user asked for; the message is all that is shown."""


_ABOUT = """\
Exact derivatives of formulas and of NumPy functions, and how they come about.

  wengert diff     gives the value and the derivatives
  wengert explain  shows each step of the forward and the reverse sweep in tables
  wengert graph    draws the steps as a picture
  wengert check    tests the derivatives against finite differences
  wengert compare  puts every method side by side: value, error and time
"""

_TARGETS = """\
what to differentiate:
  "x**2 * sin(y)"   a formula, in quotes, of numbers, variables, + - * / **,
                    comparisons, and functions such as exp, log, sqrt, abs, where, sum
  path.py:name      a function in a file; the file is run, as Python runs it
"""

_EXAMPLES: Mapping[str, str] = {
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
""",
}

COMMANDS: Mapping[str, tuple[str, str]] = {
    "explain": (
        "show each step of the derivative in tables",
        "Show how a derivative comes about, step by step, as lectures write it: the\n"
        "values, the tangents of forward mode, and the adjoints of reverse mode. Equal\n"
        "parts of a formula are computed once.",
    ),
    "graph": (
        "draw the steps as a picture",
        "Draw the steps of a function as one picture: values forward along the arrows,\n"
        "adjoints back.",
    ),
    "diff": (
        "give the value and the derivatives",
        "Give the value and the exact derivatives of a function at a point: the\n"
        "gradient, the Jacobian if it returns an array, the Hessian with --order 2.",
    ),
    "check": (
        "test the derivatives against finite differences",
        "Test forward mode, reverse mode and their mixtures against finite differences\n"
        "at a point, and report the worst disagreement.",
    ),
    "compare": (
        "put every method side by side",
        "Compute the derivative by forward mode, reverse mode, the complex step and\n"
        "every finite difference, and show the value, the error and the time of each.",
    ),
}


class _Parser(argparse.ArgumentParser):
    """Report an error in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of leaving."""
        said = re.sub(r"^argument [^:]*?(--\w+): ", r"\1: ", message)
        said = re.sub(r"^the following arguments are required: ", "missing: ", said)
        raise InputError(f"{said} (see {self.prog} --help)")


def parse_words(words: Sequence[str]) -> argparse.Namespace | None:
    """Read the words after `wengert`.

    Parameters
    ----------
    words : sequence of str

    Returns
    -------
    Namespace or None
        With `command` and its options; None where help or the version was asked for,
        and is printed.

    Raises
    ------
    InputError
        For words that mean nothing.

    Examples
    --------
    >>> parse_words(["diff", "x**2", "--at", "x=3"]).target
    'x**2'
    """
    parser, commands = _parsers()
    if words and not words[0].startswith("-") and words[0] not in commands:
        raise InputError(_no_command(words[0]))
    try:
        options = parser.parse_args(_protected(words, commands))
    except SystemExit:  # help or the version was printed
        return None
    if options.command is None:
        raise InputError(f"no command; one of {', '.join(COMMANDS)} (see wengert --help)")
    options.target = options.target.removeprefix(" ")
    return options


def _parsers() -> tuple[_Parser, dict[str, _Parser]]:
    settings = {
        "formatter_class": argparse.RawDescriptionHelpFormatter,
        "allow_abbrev": False,
    }
    parser = _Parser(
        "wengert",
        usage="wengert COMMAND WHAT --at POINT [options]",
        description=_ABOUT,
        epilog=f"{_TARGETS}\n{_EXAMPLES['']}",
        **settings,  # type: ignore[arg-type]
    )
    version = f"wengert {metadata.version('wengert')}"
    parser.add_argument(
        "--version", action="version", version=version, help="show the version and exit"
    )
    children = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands = {}
    for name, (short, long) in COMMANDS.items():
        child = children.add_parser(
            name,
            help=short,
            description=long,
            epilog=f"{_TARGETS}\n{_EXAMPLES[name]}",
            **settings,
        )
        _add_options(child, name)
        commands[name] = child
    return parser, commands
