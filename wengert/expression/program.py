"""The postfix program of a formula, and the function that runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any, NamedTuple

import numpy as np

from wengert.errors import ExpressionError, WengertError
from wengert.expression.vocabulary import refuse

__all__ = ["Apply", "Expression", "Number", "Step", "Variable", "numpy_number"]


class Number(NamedTuple):
    """Push a constant: a number, a truth value or, in a point, a nested list."""

    value: Any


class Variable(NamedTuple):
    """Push the value of a variable."""

    name: str


class Apply(NamedTuple):
    """Replace the topmost `arity` values by `function` of them."""

    function: Callable[..., Any]
    arity: int
    column: int  # in the text, from 0


Step = Number | Variable | Apply


def numpy_number(value: Any) -> Any:
    """Make a Python number NumPy's, for NumPy's rules at 1/0 and (-8)**0.5."""
    return np.float64(value) if type(value) in (int, float) else value


@dataclass(frozen=True, eq=False, repr=False)
class Expression:
    """Be a function of named variables that `parse` has read from text.

    Parameters
    ----------
    text : str
        The formula as it was written.
    names : tuple of str
        Its variables in the order in which a reader meets them, which is the order of
        the function's arguments.
    steps : tuple
        The postfix program.

    Examples
    --------
    >>> from wengert.expression import parse
    >>> f = parse("x1**2 * sin(x2)")
    >>> f.names
    ('x1', 'x2')
    >>> float(f(3.0, 0.0))
    0.0
    """

    text: str
    names: tuple[str, ...]
    steps: tuple[Step, ...]

    def __call__(self, *values: Any) -> Any:
        """Evaluate at one value for each name: numbers, arrays or traced values.

        Python's numbers count as NumPy's: 1/x at 0 is inf, with NumPy's warning.
        """
        if len(values) != len(self.names):
            wanted = ", ".join(self.names) or "none"
            raise ExpressionError(
                f"{self.text!r} takes {len(self.names)} values ({wanted}), "
                f"but was given {len(values)}"
            )
        point = dict(zip(self.names, map(numpy_number, values), strict=True))
        stack: list[Any] = []
        for step in self.steps:
            if isinstance(step, Number):
                stack.append(step.value)
            elif isinstance(step, Variable):
                stack.append(point[step.name])
            else:
                operands = stack[-step.arity :]
                del stack[-step.arity :]
                stack.append(self._apply(step, operands))
        (result,) = stack
        return result

    def __repr__(self) -> str:
        return f"parse({self.text!r})"

    def __str__(self) -> str:
        return self.text

    @property
    def __signature__(self) -> Signature:
        """Tell `inspect.signature` the names of the variables."""
        kind = Parameter.POSITIONAL_ONLY
        return Signature([Parameter(name, kind) for name in self.names])

    def _apply(self, step: Apply, operands: Sequence[Any]) -> Any:
        try:
            return step.function(*operands)
        except WengertError:
            raise
        except (IndexError, TypeError, ValueError) as error:
            # A shape or an index that does not fit; NumPy's own words say which.
            refuse(self.text, step.column, str(error))
