"""Run a command line: words in, an exit status out, and every error one line.

```
0    it worked
1    `wengert check` found a disagreement, `wengert smoothness` a kink
2    bad input, of whatever sort: the reason stands on standard error
130  interrupted by Ctrl-C
141  the reader of the output went away, as `head` does
```
"""

from __future__ import annotations

import contextlib
import io
import os
import site
import sys
import sysconfig
import traceback
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import wengert
from wengert.cli.commands import COMMANDS, Answer
from wengert.cli.options import parse_words
from wengert.cli.output import choose_format, write
from wengert.cli.target import opened
from wengert.errors import WengertError

__all__ = ["main"]

BAD_INPUT, INTERRUPTED, PIPE_CLOSED = 2, 130, 141


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    words : sequence of str, optional
        What stands after `wengert`; default, the words that Python was started with.

    Returns
    -------
    int
        The exit status.

    Examples
    --------
    >>> main(["diff", "x**2", "--at", "x=3"])
    x**2
    at x = 3
    <BLANKLINE>
    y     = 9
    ∂y/∂x = 6
    0
    """
    words = sys.argv[1:] if words is None else list(words)
    _replace_unprintable()
    try:
        status = _run(words or ["--help"])
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes once more when it ends; let that go nowhere.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED


def _run(words: Sequence[str]) -> int:
    shows_traceback = "--traceback" in words
    try:
        options = parse_words(words)
        if options is None:
            return 0
        options.format = choose_format(options)
        # Infinities and NaNs are results here, and shown as such.
        with (
            np.errstate(all="ignore"),
            opened(
                options.target, options.at, options.wrt, options.command != "formula"
            ) as target,
        ):
            answer: Answer = COMMANDS[options.command](target, options)
        write(answer.text, getattr(options, "output", None), answer.styles)
        if answer.note:
            print(f"note: {answer.note}", file=sys.stderr)
        return answer.status
    except BrokenPipeError:
        raise
    except SystemExit as left:
        message = f"the file left Python by exit({left.code!r})"
        print(f"wengert: error: {message}", file=sys.stderr)
    except Exception as error:
        if shows_traceback:
            traceback.print_exc()
        print(f"wengert: error: {_described(error)}", file=sys.stderr)
    return BAD_INPUT


def _described(error: Exception) -> str:
    """Say what went wrong; for errors of Python, and in which line of the user's."""
    if isinstance(error, WengertError):
        return str(error)
    message = " ".join(str(error).split())
    said = f"{type(error).__name__}: {message}" if message else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_library(frame.filename)]
    if not own:
        return said
    place = f"{own[-1].filename}:{own[-1].lineno}"
    name = own[-1].name
    if "cannot be interpreted as an integer" in message:
        said += f". {_WHOLE}"
    return f"{place}{'' if name == '<module>' else f' in {name}'}: {said}"


_WHOLE = (
    "Values are floats, except where nothing is differentiated by them: name the "
    "others with --wrt, or annotate the parameter (n: int)"
)


def _is_library(file: str) -> bool:
    folders = [str(Path(wengert.__file__).parent), str(Path(np.__file__).parent)]
    folders += [sysconfig.get_path("stdlib"), *site.getsitepackages()]
    return file.startswith(("<", *(folder + os.sep for folder in folders)))


def _replace_unprintable() -> None:
    """Write `?` where the terminal has no letter such as ∂, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
