"""The words of the command line, and the help that explains them."""

from __future__ import annotations

import argparse
import difflib
import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from wengert.cli.manual import ABOUT, COMMANDS, EXAMPLES, FORMATS, VOCABULARY, WHAT
from wengert.errors import WengertError

__all__ = ["InputError", "parse_words"]


class InputError(WengertError):
    """Refuse what the user asked for; the message is all that is shown."""


class _Parser(argparse.ArgumentParser):
    """Report an error in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of leaving."""
        said = re.sub(r"^argument [^:]*?(--\w+): ", r"\1: ", message)
        said = re.sub(r"^the following arguments are required: ", "missing: ", said)
        raise InputError(f"{said} (see {self.prog} --help)")


class _Version(argparse.Action):
    """Print the version and leave."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        # Not at the top of the file: it takes as long to load as all of argparse.
        metadata = importlib.import_module("importlib.metadata")
        try:
            print(f"wengert {metadata.version('wengert')}")
        except metadata.PackageNotFoundError:  # run from its sources
            print("wengert (not installed)")
        parser.exit()


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
        options, unknown = parser.parse_known_args(_protected(words, commands))
    except SystemExit:  # help or the version was printed
        return None
    if options.command is None:
        raise InputError(
            f"no command; one of {', '.join(COMMANDS)} (see wengert --help)"
        )
    if unknown:
        raise InputError(_unknown(unknown[0].strip(), commands[options.command]))
    if options.target.startswith(" -"):
        options.target = options.target[1:]
    return options


def _parsers() -> tuple[_Parser, dict[str, _Parser]]:
    layout = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        "wengert",
        usage="wengert COMMAND WHAT --at POINT [options]",
        description=ABOUT,
        epilog=f"{WHAT}\n{VOCABULARY}\n{EXAMPLES['']}",
        formatter_class=layout,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show the version and exit"
    )
    children = parser.add_subparsers(
        prog="wengert", dest="command", metavar="COMMAND", help=argparse.SUPPRESS
    )
    commands: dict[str, _Parser] = {}
    for name, (short, long) in COMMANDS.items():
        commands[name] = children.add_parser(
            name,
            help=short,
            usage=f"wengert {name} WHAT --at POINT [options]",
            description=long,
            epilog=f"{WHAT}\n{EXAMPLES[name]}",
            formatter_class=layout,
            allow_abbrev=False,
        )
        _add_options(commands[name], name)
    return parser, commands


def _add_options(parser: _Parser, command: str) -> None:
    add = parser.add_argument
    add("target", metavar="WHAT", help="a formula, or path.py:name")
    add(
        "--at",
        action="append",
        default=[],
        metavar="POINT",
        help='values of the variables: x1=2,x2=pi/2 or "v=[1,2,3]"',
    )
    add(
        "--wrt",
        metavar="NAMES",
        help="differentiate by these variables only: x1,x2",
    )
    if command == "explain":
        add(
            "--seed",
            metavar="SEED",
            help="direction of the forward sweep: x2, or x1=1,x2=-1 (default: the "
            "first variable)",
        )
    if command in ("diff", "check", "formula"):
        what = "how often to differentiate, 2 for the Hessian"
        if command == "check":
            what = "check derivatives up to this order"
        add(
            "--order",
            type=_whole(1, 9),
            default=2 if command == "check" else 1,
            metavar="N",
            help=f"{what} (default: %(default)s)",
        )
    if command in ("c", "python"):
        add(
            "--order",
            type=_whole(0, 2),
            default=1,
            metavar="N",
            help="0 for the value, 1 for the gradient too, 2 for the Hessian too "
            "(default: %(default)s)",
        )
        add("--name", metavar="NAME", help="of the function and the files")
        add(
            "--folder",
            default=".",
            metavar="PATH",
            help="where to write (default: the current folder)",
        )
    if command == "check":
        for name, what in (("--rtol", "relative"), ("--atol", "absolute")):
            add(name, type=_tolerance, metavar="X", help=f"{what} tolerance")
    if command == "smoothness":
        add(
            "--tolerance",
            type=_tolerance,
            default=1e-8,
            metavar="X",
            help="how near a kink is reported (default: %(default)s)",
        )
    if formats := FORMATS.get(command):
        add("--format", choices=list(formats), help="default: by the file's ending")
        add(
            "-o",
            "--output",
            metavar="FILE",
            help="write to a file, not to the terminal",
        )
    if command in ("explain", "diff", "compare"):
        add(
            "--digits",
            type=_whole(1, 17),
            default=4 if command == "explain" else 10,
            metavar="N",
            help="significant digits of numbers (default: %(default)s)",
        )
    if command == "explain":
        add(
            "--lines",
            type=_whole(0, 10**9),
            default=200,
            metavar="N",
            help="show at most so many lines of a table, 0 for all (default: 200)",
        )
    add("--traceback", action="store_true", help="show where in Python an error arose")


def _unknown(word: str, parser: _Parser) -> str:
    see = f"(see {parser.prog} --help)"
    if not word.startswith("--"):
        return f"{word!r} is one word too many; put a formula in quotes {see}"
    known = [name for action in parser._actions for name in action.option_strings]
    close = difflib.get_close_matches(word.partition("=")[0], known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"there is no option {word}{hint} {see}"


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            wanted = f"{least} or more" if most > 99 else f"from {least} to {most}"
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number {wanted}")
        return int(text)

    return read


def _tolerance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number ≥ 0")
    return value


def _protected(words: Sequence[str], commands: Mapping[str, _Parser]) -> list[str]:
    """Put a space before a formula that starts with a minus sign.

    argparse would take `-x**2` for an option. Options of one letter are `-o` and `-h`.
    """
    if not words or words[0] not in commands:
        return list(words)
    kept, literal = list(words[:1]), False
    for before, word in zip(words, words[1:], strict=False):
        literal = literal or word == "--"
        is_option = word in ("-", "-h") or word.startswith(("--", "-o"))
        is_value = before in _WITH_VALUE
        if word.startswith("-") and not (literal or is_option or is_value):
            word = f" {word}"
        kept.append(word)
    return kept


_WITH_VALUE = frozenset(
    ["--at", "--atol", "--digits", "--folder", "--format", "--lines", "--name"]
    + ["--order", "--output", "--rtol", "--seed", "--tolerance", "--wrt", "-o"]
)


def _no_command(word: str) -> str:
    names = ", ".join(COMMANDS)
    if close := difflib.get_close_matches(word, COMMANDS, n=1):
        return f"there is no command {word!r}; did you mean {close[0]}? (all: {names})"
    if re.search(r"[^\w-]", word):
        return f"name a command first: wengert diff {word!r} --at … (all: {names})"
    return f"there is no command {word!r}; the commands are {names}"
