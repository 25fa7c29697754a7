"""Expressions: formulas that are built by computing, with NumPy, on symbols."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from wengert.errors import ArgumentError, TracerLeakError
from wengert.graph import ArrayType
from wengert.symbolic.conversion import elements, operations
from wengert.symbolic.level import LEVEL, SymbolicLevel, as_one, leak
from wengert.symbolic.nodes import Input, Variable
from wengert.symbolic.printing import write_latex, write_text
from wengert.trace.tracer import Recorders, Tracer, install_operators, record

__all__ = [
    "Expression",
    "as_expression",
    "node_of",
    "symbol",
    "symbols",
    "variable_of",
]

# Formulas of more operations are no longer read by anybody.
_LEGIBLE = 2000
_RANGE = re.compile(r"(.*?)(\d*):(\d+)$")


class Expression(Tracer):
    """A formula: a symbol, or what NumPy computes from symbols and numbers.

    It behaves as an array of its shape and dtype, and prints as its formula. Equal
    formulas are told by `equal`; `==` is an equation, as NumPy's is.

    Examples
    --------
    >>> x, y = symbols("x y")
    >>> x**2 * np.sin(y)
    x**2*sin(y)
    >>> np.array([x, y]) @ np.array([[0.0, 2.0], [3.0, 0.0]])
    array([3*y, 2*x], dtype=object)
    """

    __slots__ = ()
    recorders: ClassVar[Recorders] = Recorders(record)
    variable: Any = vars(Tracer)["own"]

    def __init__(self, level: SymbolicLevel, value: Any, node: Input) -> None:
        self.level = level
        self.value = value
        self.variable = node

    def latex(self) -> str:
        """Write it in LaTeX, for math mode."""
        return write_latex(self._elements())

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __str__(self) -> str:
        formulas = self._elements()
        count = operations(formulas.flat)
        if count > _LEGIBLE:
            return (
                f"<expression {ArrayType.of(self)} of {count:,} operations: see "
                "wengert.symbolic.formula>"
            )
        return write_text(formulas)

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self.variable)

    def __bool__(self) -> bool:
        return self.level.told(self, True)  # type: ignore[no-any-return]

    def __int__(self) -> int:
        return self.level.told(self, 0)  # type: ignore[no-any-return]

    __index__ = __int__

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        # Of a list, `np.array([x, y])`, NumPy makes an array of Python objects, which
        # computes by the operators of its elements.
        if dtype is not None and np.dtype(dtype).kind != "O":
            raise self._leak(f"an array of {np.dtype(dtype)}", "NumPy's functions")
        array = np.empty(self.shape, object)
        for i in np.ndindex(*self.shape):
            array[i] = self[i] if i else self
        return array

    def __getattr__(self, name: str) -> Any:
        # For a function of an array of objects NumPy calls a method of each: x.sin().
        ufunc = getattr(np, name, None)
        if isinstance(ufunc, np.ufunc) and ufunc.nin == 1:
            return functools.partial(ufunc, self)
        return super().__getattr__(name)

    def _leak(self, target: str, instead: str) -> TracerLeakError:
        return leak(self, target, instead)

    def _what(self) -> str:
        return f"the symbolic expression {self}"

    def _elements(self) -> Any:
        return elements([self.variable])[0]


install_operators(Expression)
SymbolicLevel.kind = Expression


def symbol(
    name: str, shape: int | tuple[int, ...] = (), dtype: Any = np.float64
) -> Expression:
    """Make a symbol, or an array of symbols.

    Parameters
    ----------
    name : str
    shape : int or tuple of int
        Of an array; its elements are called `A[0, 1]`.
    dtype : dtype
        Floating for a real number, or complex.

    Returns
    -------
    Expression
        The same for the same name, shape and dtype.

    Raises
    ------
    ArgumentError
        If the name is no text, or the dtype is neither floating nor complex.

    Examples
    --------
    >>> A = symbol("A", shape=(2, 2))
    >>> A @ np.array([1.0, 2.0])
    [A[0, 0] + 2*A[0, 1], A[1, 0] + 2*A[1, 1]]
    """
    if not (isinstance(name, str) and name.strip()):  # type: ignore[redundant-expr]
        raise ArgumentError(f"a symbol needs a name, such as 'x', not {name!r}")
    kind = np.dtype(dtype)
    if kind.kind not in "fc":
        raise ArgumentError(
            f"the symbol {name} would be {kind}, which has no derivative. "
            "Leave out dtype, or say complex"
        )
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    made: Expression = LEVEL.wrap(
        LEVEL.builder.variable(name.strip(), ArrayType(shape, kind))
    )
    return made


def symbols(names: str, shape: int | tuple[int, ...] = ()) -> Any:
    """Make several symbols.

    Parameters
    ----------
    names : str
        Separated by blanks or commas: `"x y"`. `"x:3"` stands for x0, x1, x2.
    shape : int or tuple of int
        Of each.

    Returns
    -------
    Expression or tuple of Expression
        One, if there is one name.

    Examples
    --------
    >>> symbols("x y"), symbols("x:3"), symbols("t")
    ((x, y), (x0, x1, x2), t)
    """
    found = [
        name for word in names.replace(",", " ").split() for name in _expanded(word)
    ]
    if not found:
        raise ArgumentError(f"symbols needs names, as in 'x y', not {names!r}")
    made = tuple(symbol(name, shape) for name in found)
    return made[0] if len(made) == 1 and ":" not in names else made


def _expanded(word: str) -> Iterator[str]:
    match = _RANGE.match(word)
    if match is None:
        yield word
        return
    stem, start, stop = match.groups()
    yield from (f"{stem}{i}" for i in range(int(start or 0), int(stop)))


def as_expression(value: Any) -> Any:
    """Make one expression of a number, an array, or a list of expressions.

    Raises
    ------
    ArgumentError
        If it is none of these.
    """
    if isinstance(value, Tracer):
        value = value.settled()
        if type(value) is Expression:
            return value
    elif isinstance(value, list | tuple):
        return as_expression(as_one(np.asarray([as_expression(v) for v in value])))
    elif isinstance(value, np.ndarray) and value.dtype.kind == "O":
        return as_expression(as_one(value))
    elif isinstance(value, int | float | complex | np.ndarray | np.generic):
        return LEVEL.wrap(LEVEL.builder.constant(_inexact(value)))
    raise ArgumentError(
        f"{value!r} is no symbolic expression. Make symbols with "
        'symbols("x y"), and compute with them as with numbers'
    )


def _inexact(value: Any) -> Any:
    array = np.asarray(value)[()]
    return array if array.dtype.kind in "fc" else array.astype(np.float64)


def node_of(value: Any) -> Input:
    """Give the node, or the literal, of what can be made an expression."""
    return as_expression(value).variable  # type: ignore[no-any-return]


def variable_of(value: Any) -> Variable | None:
    """Give the variable that an expression is; None if it is something else."""
    node = value.variable if type(value) is Expression else None
    return node if isinstance(node, Variable) else None
