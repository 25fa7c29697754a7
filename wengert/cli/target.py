"""What is differentiated, and where: a formula or a function of a file, at a point."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

from wengert.cli.binding import Binding
from wengert.cli.files import find_function, functions_in, listed, running
from wengert.cli.options import InputError
from wengert.engines import open_engine
from wengert.errors import ExpressionError
from wengert.expression import Expression, parse, parse_point
from wengert.expression.vocabulary import suggest
from wengert.operators import trace
from wengert.passes import prune

__all__ = ["Target", "choose", "opened", "read_point"]

_IN_FILE = re.compile(
    r"(?P<path>.+\.py):(?P<name>[^\W\d]\w*(\.[^\W\d]\w*)*)", re.DOTALL
)
_FILE = re.compile(r"[^()]+\.py(:.*)?")


@dataclass(frozen=True)
class Target:
    """A function at a point.

    Attributes
    ----------
    f : callable
        Takes the values by position; named and with a signature.
    title : str
        The formula, or `path.py:name`.
    names, values : tuple
        Its arguments: floats and arrays of float64; ints and bools where a function of
        a file asks for them.
    wrt : tuple of int
        The positions of the arguments to differentiate by.
    expression : Expression or None
        Where it was a formula.
    """

    f: Callable[..., Any]
    title: str
    names: tuple[str, ...]
    values: tuple[Any, ...]
    wrt: tuple[int, ...]
    expression: Expression | None = None

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of the variables to differentiate by."""
        return tuple(self.names[i] for i in self.wrt)

    @property
    def point(self) -> tuple[Any, ...]:
        """Their values."""
        return tuple(self.values[i] for i in self.wrt)

    def restricted(self) -> Callable[..., Any]:
        """Give the function of the variables to differentiate by, the others fixed."""
        if self.wrt == tuple(range(len(self.values))):
            return self.f

        def restricted(*chosen: Any) -> Any:
            values = list(self.values)
            for i, value in zip(self.wrt, chosen, strict=True):
                values[i] = value
            return self.f(*values)

        name = getattr(self.f, "__name__", self.title)
        return named(restricted, name, self.chosen)

    def merged(self) -> Callable[..., Any]:
        """Give the formula with equal parts computed once; a program as it is.

        A formula has no order of execution, and a lecture writes `x1/x2` only once.
        """
        if self.expression is None:
            return self.f
        graph = prune(trace(self.expression, *self.values))
        run = open_engine("numpy").compile(graph)

        return named(lambda *values: run(*values)[0], "f", self.names)


@contextlib.contextmanager
def opened(
    text: str, at: Sequence[str], wrt: str | None, needs_point: bool = True
) -> Iterator[Target]:
    """Read what the user wrote after the command; run the file if it names one.

    Parameters
    ----------
    text : str
        A formula, or `path.py:name`.
    at : sequence of str
        Points, which are taken together.
    wrt : str or None
        Names of variables with commas between; None for all that are floats.
    needs_point : bool
        Whether a formula without any point is refused; else its variables are numbers.

    Raises
    ------
    InputError, ExpressionError
        For what is neither, and for values that are missing, unknown or no numbers.
    """
    point = ",".join(at)
    if match := _IN_FILE.fullmatch(text):
        with running(match["path"]) as module:
            f = find_function(module, match["path"], match["name"])
            yield _program(f, text, point, wrt)
    elif _FILE.fullmatch(text) or Path(text).is_file():
        raise InputError(_which_function(text))
    else:
        yield _formula(text, point, wrt, needs_point)


def _formula(text: str, point: str, wrt: str | None, needs_point: bool) -> Target:
    expression = parse(text)
    if point or needs_point:
        values = read_point(point, expression.names)
    else:
        values = dict.fromkeys(expression.names, 1.0)
    if not values:
        raise InputError(f"{text!r} has no variable to differentiate by")
    names = tuple(values)
    title = text.strip()
    f = named(expression, title, names)
    wanted = choose(wrt, names, range(len(names)))
    return Target(f, title, names, tuple(values.values()), wanted, expression)


def _program(f: Callable[..., Any], title: str, point: str, wrt: str | None) -> Target:
    given = read_point(point, None)
    binding = Binding(f, title, given)
    names = binding.names
    wanted = choose(wrt, names, binding.floats)
    if not wanted:
        raise InputError(
            f"{title} has no value to differentiate by; give one with --at"
        )
    values = [
        given[name] if i in wanted else binding.fixed(name, given[name])
        for i, name in enumerate(names)
    ]
    call = binding.callable
    if call is not f:
        call = named(call, getattr(f, "__name__", title.rpartition(":")[2]), names)
    return Target(call, title, names, tuple(values), wanted)


def read_point(
    text: str, names: Sequence[str] | None, option: str = "--at"
) -> dict[str, Any]:
    """Read values of variables; say in a message which option they belong to."""
    try:
        return dict(parse_point(text, names))
    except ExpressionError as error:
        message = str(error).replace("; write ", f"; write {option} ", 1)
        missing = message.startswith("no value for")
        raise InputError(message if missing else f"{option}: {error}") from None


def choose(wrt: str | None, names: Sequence[str], default: Iterable[int]) -> Any:
    """Give the positions of the variables that `--wrt` names.

    Raises
    ------
    InputError
        For an unknown name, or none at all.
    """
    if wrt is None:
        return tuple(default)
    chosen = []
    for name in filter(None, map(str.strip, wrt.split(","))):
        if name not in names:
            hint = suggest(name, names)
            known = ", ".join(names)
            raise InputError(f"--wrt: no variable {name!r}{hint} (variables: {known})")
        chosen.append(names.index(name))
    if not chosen:
        raise InputError("--wrt: name at least one variable, as in --wrt x1")
    return tuple(dict.fromkeys(chosen))


def named(f: Callable[..., Any], name: str, names: Sequence[str]) -> Callable[..., Any]:
    """Make a function that goes by this name, with parameters of these names."""

    def call(*values: Any) -> Any:
        return f(*values)

    call.__name__ = call.__qualname__ = name
    parameters = [Parameter(n, Parameter.POSITIONAL_ONLY) for n in names]
    call.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return call


def _which_function(text: str) -> str:
    path = text.partition(":")[0]
    if text != path and not text.endswith(":"):
        return f"{text!r} does not name a function; write {path}:name"
    if not Path(path).is_file():
        return f"cannot read {path}: no such file; write path.py:name"
    if not path.endswith(".py"):
        return f"{path} is no Python file: its name must end with .py"
    there = functions_in(path)
    example = f"{path}:{there[0] if there else 'name'}"
    return f"say which function of {path}, as in {example}{listed(path)}"
