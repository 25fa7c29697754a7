"""Where results go: to a file, or to the terminal, with colour where there is one."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping

from wengert.cli.manual import FORMATS
from wengert.cli.options import InputError

__all__ = ["choose_format", "write"]

_NUMBER = r"(?<![\w.₀₁₂₃₄₅₆₇₈₉])[-−]?\d[\d.,]*(?:e[-+−]?\d+)?(?![\w.])"
_STYLES: Mapping[str, str] = {
    rf"(?:{_NUMBER})": "cyan",
    r"\A[^\n]*": "bold",
    r"\b(?:nan|inf|failed|wrong)\b": "bold red",
    r"\bpassed\b": "green",
}


def choose_format(options: argparse.Namespace) -> str:
    """Choose what to write: what `--format` says, or else the ending of the file.

    Raises
    ------
    InputError
        Where neither says it, and the command has no form of its own.
    """
    formats = FORMATS.get(options.command, {"text": ()})
    chosen, output = getattr(options, "format", None), getattr(options, "output", None)
    if chosen:
        return str(chosen)
    ending = os.path.splitext(output)[1].lower() if output else ""
    for name, endings in formats.items():
        if ending in endings:
            return name
    if "text" in formats and (not output or output == "-" or not ending):
        return "text"
    known = ", ".join(end for endings in formats.values() for end in endings)
    if output and output != "-":
        raise InputError(
            f"--output: the ending of {output} tells no format; let it be one of "
            f"{known}, or add --format"
        )
    raise InputError(
        "where to? write --output graph.svg, or --format svg, dot or mermaid "
        "to see it here"
    )


def write(text: str, output: str | None, styles: Mapping[str, str] | None) -> None:
    """Write a result.

    Parameters
    ----------
    text : str
    output : str or None
        The name of a file; None or `-` for standard output.
    styles : mapping or None
        Patterns that are coloured on a terminal, beside numbers; None for no colour.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    text = text.rstrip("\n")
    if output and output != "-":
        try:
            with open(output, "w", encoding="utf-8", newline="\n") as file:
                file.write(f"{text}\n")
        except OSError as error:
            raise InputError(f"cannot write {output}: {error.strerror}") from None
        print(f"wrote {output}", file=sys.stderr)
    elif styles is not None and _is_coloured():
        _print_coloured(text, {**_STYLES, **styles})
    else:
        print(text)


def _is_coloured() -> bool:
    # https://no-color.org: set and not empty, whatever the value.
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and sys.stdout.isatty()


def _print_coloured(text: str, styles: Mapping[str, str]) -> None:
    from rich.console import Console
    from rich.text import Text

    styled = Text(text)
    for pattern, style in styles.items():
        styled.highlight_regex(pattern, style)
    Console(highlight=False).print(styled, soft_wrap=True)
