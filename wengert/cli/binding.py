"""Bind the values after `--at` to the parameters of a Python function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from typing import Any

from wengert.cli.options import InputError
from wengert.expression.vocabulary import suggest

__all__ = ["Binding"]

_CATCH_ALL = (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL)
_LARGEST = 2.0**53  # beyond it a float is no sure whole number


class Binding:
    """Which parameter takes which value, as if they were given by keyword.

    Parameters
    ----------
    f : callable
    title : str
        What the user calls it.
    given : mapping
        Values by name. Names that are no parameters go where `**kwargs` or else
        `*args` catch them.

    Attributes
    ----------
    names : tuple of str
        The given names, in the order of the parameters.
    floats : tuple of int
        The positions of those that are not said to be whole numbers: by annotation
        (`n: int`) or by default (`n=3`).

    Raises
    ------
    InputError
        For unknown and for missing parameters.

    Examples
    --------
    >>> b = Binding(lambda x, n=2, y=0.0: x**n + y, "f", {"y": 1.0, "x": 3.0})
    >>> b.names, b.floats
    (('x', 'y'), (0, 1))
    >>> b.callable(3.0, 1.0)
    10.0
    """

    def __init__(
        self, f: Callable[..., Any], title: str, given: Mapping[str, Any]
    ) -> None:
        self._f = f
        try:
            self._signature = inspect.signature(f)
        except (TypeError, ValueError):  # a builtin that does not tell its parameters
            self._signature = Signature([Parameter("args", Parameter.VAR_POSITIONAL)])
        parameters = self._signature.parameters
        self._catching = {p.kind: n for n, p in parameters.items()}
        self._plain = {n: p for n, p in parameters.items() if p.kind not in _CATCH_ALL}
        self._extra = [n for n in given if n not in self._plain]
        if self._extra and not any(kind in self._catching for kind in _CATCH_ALL):
            hint = suggest(self._extra[0], self._plain)
            raise InputError(
                f"--at: {title} has no parameter {self._extra[0]!r}{hint} "
                f"(parameters: {', '.join(self._plain) or 'none'})"
            )
        needed = [n for n, p in self._plain.items() if p.default is Parameter.empty]
        if missing := [n for n in needed if n not in given]:
            example = ",".join(f"{n}=…" for n in [*given, *missing])
            raise InputError(f"no value for {', '.join(missing)}; write --at {example}")
        self.names = (*(n for n in self._plain if n in given), *self._extra)
        self.floats = tuple(
            i for i, name in enumerate(self.names) if self._kind(name) in (None, float)
        )

    @property
    def callable(self) -> Callable[..., Any]:
        """f as a function of the given values by position: f itself, if it is one."""
        parameters = list(self._plain.values())[: len(self.names)]
        positional = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        first = tuple(p.name for p in parameters if p.kind in positional)
        return self._f if first == self.names else self._call

    def fixed(self, name: str, value: Any) -> Any:
        """Give a value that is not differentiated by: a whole number as an int.

        So `range(n)` works in f; not where the annotation says float.
        """
        kind = self._kind(name) or int
        is_whole = isinstance(value, float) and abs(value) <= _LARGEST
        return kind(value) if is_whole and value == round(value) else value

    def _call(self, *values: Any) -> Any:
        given = dict(zip(self.names, values, strict=True))
        more = {name: given.pop(name) for name in self._extra}
        bound = inspect.BoundArguments(self._signature, given)
        bound.apply_defaults()
        if keywords := self._catching.get(Parameter.VAR_KEYWORD):
            bound.arguments[keywords] = more
        elif more:
            catching = self._catching[Parameter.VAR_POSITIONAL]
            bound.arguments[catching] = tuple(more.values())
        return self._f(*bound.args, **bound.kwargs)

    def _kind(self, name: str) -> type | None:
        """Find what a parameter is said to be, by its annotation or its default."""
        parameter = self._plain.get(name)
        if parameter is None:
            return None
        for kind in (bool, int, float):
            if parameter.annotation in (kind, kind.__name__):
                return kind
        default = type(parameter.default)
        return default if default in (bool, int) else None
