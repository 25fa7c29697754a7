"""What distributions of one variable share: parameters, location and scale, support.

A distribution is a table of formulas for the standard variable z = (x − loc)/scale.
Where nothing is traced they are not used: the answer is SciPy's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from wengert.errors import MissingRuleError, user_source
from wengert.primitives.axes import as_array

__all__ = ["Distribution", "Frozen", "Parameters", "is_traced", "refusal"]

Formula = Callable[..., Any]


def is_traced(*values: Any) -> bool:
    """Tell whether a value is traced, or holds what is."""
    return any(
        is_traced(*(x.values() if isinstance(x, dict) else x))
        if isinstance(x, list | tuple | dict)
        else hasattr(type(x), "__wengert_bind__")
        for x in values
    )


def refusal(name: str, why: str = "it has no rule for traced values") -> Exception:
    """Make the error of a method that has no rule."""
    return MissingRuleError(
        f"scipy.stats.{name} has no derivative: {why} (at {user_source()}). Keep its "
        "arguments constant, by wengert.stop_gradient, or write it with the methods "
        "that have a formula: logpdf, cdf, …"
    )


class Parameters(NamedTuple):
    """Shapes, location and scale: numbers or arrays, traced or not."""

    shapes: tuple[Any, ...]
    loc: Any
    scale: Any


class Distribution:
    """Offer the methods of a distribution of SciPy's, on traced values too.

    Parameters
    ----------
    original : a distribution of scipy.stats
    support : callable
        `(*shapes) → (low, high)` of the standard variable.
    interior : callable
        `(*shapes) → z` inside of the support: stands in for what is outside.
    valid : callable
        `(*shapes) → bool`, where the distribution is defined; all positive, if None.
    is_open : bool
        Whether the density is 0 at the ends of the support.
    formulas : callables
        `logpdf(z, *shapes)`, `cdf`, `sf`, `logcdf`, `logsf`, `ppf(q, *shapes)`, `isf`;
        `mean(*shapes)`, `var`, `entropy`.
    """

    has_scale = True
    evaluators: Mapping[str, Callable[..., Any]] = {}

    def __init__(
        self,
        original: Any,
        *,
        support: Callable[..., tuple[Any, Any]] = lambda *_: (-np.inf, np.inf),
        interior: Formula = lambda *_: 0.0,
        valid: Formula | None = None,
        is_open: bool = False,
        **formulas: Formula,
    ) -> None:
        self.original = original
        self.support_of = support
        self.interior = interior
        self.valid = valid or _all_positive
        self.is_open = is_open
        self.formulas = formulas
        shapes = original.shapes or ""
        self.shape_names = tuple(part for part in shapes.replace(",", " ").split())
        self.__name__ = original.name
        self.__doc__ = original.__doc__

    def __repr__(self) -> str:
        return f"<wengert.scipy.stats.{self.__name__}>"

    def __call__(self, *args: Any, **keywords: Any) -> Frozen:
        """Freeze the parameters."""
        return Frozen(self, args, keywords)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        theirs = getattr(self.original, name)
        if not callable(theirs):
            return theirs

        @functools.wraps(theirs)
        def method(*args: Any, **keywords: Any) -> Any:
            if not is_traced(args, keywords):
                return theirs(*args, **keywords)
            evaluator = self.evaluators.get(name)
            if evaluator is None:
                raise refusal(f"{self.__name__}.{name}")
            return evaluator(self, name, args, keywords)

        return method

    def formula(self, name: str) -> Formula:
        """Find a formula.

        Raises
        ------
        MissingRuleError
            If there is none.
        """
        if name not in self.formulas:
            raise refusal(f"{self.__name__}.{name}")
        return self.formulas[name]

    def parameters(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> Parameters:
        """Sort shapes, location and scale, given by place or by name."""
        names = (*self.shape_names, "loc", *(["scale"] if self.has_scale else []))
        if len(args) > len(names):
            raise TypeError(f"{self.__name__}: too many parameters; it has {names}")
        given = {"loc": 0.0, "scale": 1.0, **dict(zip(names, args, strict=False))}
        for name, value in keywords.items():
            if name not in names:
                raise TypeError(f"{self.__name__} has no parameter {name!r}: {names}")
            given[name] = value
        missing = [name for name in self.shape_names if name not in given]
        if missing:
            raise TypeError(f"{self.__name__}: missing parameters {missing}")
        shapes = tuple(as_array(given[name]) for name in self.shape_names)
        return Parameters(shapes, as_array(given["loc"]), as_array(given["scale"]))

    def split(
        self, name: str, args: tuple[Any, ...], keywords: dict[str, Any], first: str
    ) -> tuple[Any, Parameters]:
        """Take the point off the arguments, which may have SciPy's name for it."""
        keywords = dict(keywords)
        if args:
            point, args = args[0], args[1:]
        elif first in keywords:
            point = keywords.pop(first)
        else:
            raise TypeError(f"{self.__name__}.{name}: missing argument {first!r}")
        return as_array(point), self.parameters(args, keywords)


class Frozen:
    """Hold a distribution together with its parameters."""

    def __init__(
        self, dist: Distribution, args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> None:
        self.dist = dist
        self.args = args
        self.kwds = keywords

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        dist, parameters = self.dist, (self.args, self.kwds)
        if name not in dist.evaluators:
            if is_traced(*parameters):
                raise refusal(f"{dist.__name__}.{name}")
            theirs = getattr(dist.original(*self.args, **self.kwds), name)

            def guarded(*args: Any, **keywords: Any) -> Any:
                if is_traced(args, keywords):
                    raise refusal(f"{dist.__name__}.{name}")
                return theirs(*args, **keywords)

            return guarded if callable(theirs) else theirs

        def method(*args: Any, **keywords: Any) -> Any:
            return getattr(dist, name)(*args, *self.args, **self.kwds, **keywords)

        return method


def _all_positive(*shapes: Any) -> Any:
    valid: Any = True
    for shape in shapes:
        valid = valid & (shape > 0)
    return valid
