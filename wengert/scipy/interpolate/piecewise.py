"""Piecewise polynomials with traced points, coefficients or breakpoints."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.interpolate

from wengert.primitives.axes import as_array
from wengert.primitives.gathering import gathered
from wengert.primitives.refusal import undefined
from wengert.scipy.dropin import holds_tracer

__all__ = ["PPoly"]


def points(x: Any) -> Any:
    """Make an array of floats of the points where an interpolant is evaluated."""
    x = as_array(x)
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def interval(knots: Any, x: Any, first: int, last: int) -> Any:
    """Find the piece that each point lies in; the outermost ones reach beyond."""
    return np.clip(np.searchsorted(knots, x, side="right") - 1, first, last)


def wrapped(x: Any, start: Any, stop: Any) -> Any:
    """Bring points into one period."""
    return start + np.remainder(x - start, stop - start)


def column(s: Any, like: Any) -> Any:
    """Give points axes for what a value has beyond them."""
    return np.reshape(s, s.shape + (1,) * (like.ndim - s.ndim))


def placed(y: Any, count: int, axis: int) -> Any:
    """Move the axes of points, which come first, to where the nodes' axis was."""
    if axis == 0:
        return y
    return np.moveaxis(y, range(count), range(axis, axis + count))


class Part:
    """An attribute that a traced interpolant has by itself, and a plain one by SciPy.

    SciPy's own are properties, which make plain arrays of what they are given.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner, self.name = owner, name

    def _theirs(self, obj: Any) -> Any:
        classes = type(obj).__mro__
        later = classes[classes.index(self.owner) + 1 :]
        return next((vars(c)[self.name] for c in later if self.name in vars(c)), None)

    def __get__(self, obj: Any, cls: Any = None) -> Any:
        if obj is None:
            return self
        if f"own_{self.name}" in vars(obj):
            return vars(obj)[f"own_{self.name}"]
        return self._theirs(obj).__get__(obj, cls)

    def __set__(self, obj: Any, value: Any) -> None:
        theirs = self._theirs(obj)
        if theirs is None:
            vars(obj)[f"own_{self.name}"] = value
        else:
            theirs.__set__(obj, value)


class Piecewise:
    """Answer traced values, in the place of SciPy's methods; mixed into its classes."""

    c = Part()
    x = Part()
    axis: int
    extrapolate: Any

    def __wengert_holds__(self) -> bool:
        return holds_tracer((self.c, self.x))

    def _own(self, c: Any, x: Any, extrapolate: Any, axis: int) -> None:
        """Be made of traced parts."""
        vars(self).update(own_c=c, own_x=x)
        self.extrapolate, self.axis = extrapolate, axis

    def _made(self, c: Any, x: Any = None) -> Any:
        """Make a polynomial of other coefficients on the same breakpoints."""
        made = object.__new__(PPoly)
        Piecewise._own(made, c, self.x if x is None else x, self.extrapolate, self.axis)
        return made

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        """Evaluate the polynomial, or its derivative of an order."""
        if not holds_tracer((self, x)):
            return super().__call__(x, nu, extrapolate)  # type: ignore[misc]
        if extrapolate is None:
            extrapolate = self.extrapolate
        x, knots = points(x), as_array(self.x)
        c = as_array(derived(self.c, nu) if nu >= 0 else self.antiderivative(-nu).c)
        shape, x = x.shape, np.ravel(x)
        if extrapolate == "periodic":
            x = wrapped(x, knots[0], knots[-1])
        i = interval(knots, x, 0, c.shape[1] - 1)
        s = column(x - gathered(knots, i), c[0])
        y = gathered(c[0], i)
        for k in range(1, c.shape[0]):
            y = y * s + gathered(c[k], i)
        if extrapolate is False or extrapolate == 0:
            inside = column((x >= knots[0]) & (x <= knots[-1]), y)
            y = np.where(inside, y, np.nan)
        y = np.reshape(y, shape + c.shape[2:])
        return placed(y, len(shape), self.axis)

    def derivative(self, nu: int = 1) -> Any:
        """Give the derivative, a polynomial of a lower degree."""
        if not holds_tracer(self):
            return plainly(super().derivative(nu))  # type: ignore[misc]
        if nu < 0:
            return self.antiderivative(-nu)
        return self._made(derived(self.c, nu))

    def antiderivative(self, nu: int = 1) -> Any:
        """Give the integral from the first breakpoint, continuous across the others."""
        if not holds_tracer(self):
            return plainly(super().antiderivative(nu))  # type: ignore[misc]
        if nu <= 0:
            return self.derivative(-nu)
        c, widths = self.c, self.x[1:] - self.x[:-1]
        for _ in range(nu):
            degree = c.shape[0]
            factor = 1.0 / np.arange(degree, 0, -1)
            c = c * factor.reshape((-1,) + (1,) * (c.ndim - 1))
            rise: Any = 0.0
            for k in range(degree):
                rise = (rise + c[k]) * column(widths, c[0])
            start = np.cumsum(rise, axis=0)
            zero = np.zeros((1, *start.shape[1:]), start.dtype)
            last = np.concatenate([zero, start[:-1]], axis=0)
            c = np.concatenate([c, last[None]], axis=0)
        made = self._made(c)
        if self.extrapolate == "periodic":
            made.extrapolate = False
        return made

    def integrate(self, a: Any, b: Any, extrapolate: Any = None) -> Any:
        """Integrate from a to b."""
        if not holds_tracer((self, a, b)):
            return super().integrate(a, b, extrapolate)  # type: ignore[misc]
        extrapolate = self.extrapolate if extrapolate is None else extrapolate
        if extrapolate == "periodic":
            raise undefined(
                "scipy.interpolate.PPoly.integrate(extrapolate='periodic')",
                "none is written", "integrate within one period, and over all of it",
            )  # fmt: skip
        whole = self.antiderivative()
        return whole(b, 0, extrapolate) - whole(a, 0, extrapolate)

    def solve(self, *args: Any, **kwargs: Any) -> Any:
        """Find where a value is taken; of plain polynomials only."""
        if holds_tracer((self, args)):
            raise undefined(
                "scipy.interpolate.PPoly.solve", "none is written",
                "find it on plain values, and take one Newton step on traced ones",
            )  # fmt: skip
        return super().solve(*args, **kwargs)  # type: ignore[misc]

    def roots(self, *args: Any, **kwargs: Any) -> Any:
        """Find the zeros; of plain polynomials only."""
        return self.solve(0, *args, **kwargs)


def derived(c: Any, nu: int) -> Any:
    """Differentiate coefficients, the highest power first, nu times."""
    for _ in range(nu):
        degree = c.shape[0] - 1
        if degree < 1:
            return c * 0.0
        factor = np.arange(degree, 0, -1).reshape((-1,) + (1,) * (c.ndim - 1))
        c = c[:-1] * factor
    return c


def plainly(x: Any) -> Any:
    """Make one of our polynomials of what SciPy's method gave."""
    if isinstance(x, Piecewise):
        return x
    return PPoly.construct_fast(x.c, x.x, x.extrapolate, x.axis)


class PPoly(Piecewise, scipy.interpolate.PPoly):  # type: ignore[misc]
    """SciPy's `PPoly`, differentiable: in points, coefficients and breakpoints."""

    def __init__(self, c: Any, x: Any, extrapolate: Any = None, axis: int = 0) -> None:
        if not holds_tracer((c, x)):
            super().__init__(c, x, extrapolate, axis)
            return
        c = as_array(c)
        c = np.moveaxis(c, (axis + 1, axis), (1, 0)) if axis else c
        extrapolate = True if extrapolate is None else extrapolate
        self._own(c, as_array(x), extrapolate, axis)
