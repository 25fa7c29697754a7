"""The derivatives of a target, each block by its name, and how `diff` writes them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from wengert import tree
from wengert.cli.options import InputError
from wengert.cli.target import Target
from wengert.explanation.naming import name_outputs
from wengert.explanation.values import MINUS, show_value
from wengert.operators import derivative, hessian, jacobian

__all__ = ["derivatives", "show_derivatives"]

Found = list[tuple[str, Any]]

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_WIDTH = 88
_INLINE = 12  # numbers of an array of the point that is written out
_WRITTEN_OUT = 200  # numbers of an array; of larger ones only the edges


def derivatives(target: Target, order: int) -> Found:
    """Compute the value and the derivatives up to an order.

    Parameters
    ----------
    target : Target
    order : int
        1 for gradient or Jacobian, 2 for the Hessian too; more for one number only.

    Returns
    -------
    list of (name, value)
        The outputs first: `("y", 6.0), ("∂y/∂x", 5.0)`. Of mixed derivatives, which do
        not depend on their order, each once.

    Raises
    ------
    InputError
        For an order above 2 by several variables or an array.
    """
    f, xs, names = target.restricted(), target.point, target.chosen
    if order > 2 and (len(xs) > 1 or np.ndim(xs[0])):
        raise InputError(
            f"--order {order}: an order above 2 needs one variable that is a number; "
            "choose it with --wrt"
        )
    value = f(*xs)
    outputs = name_outputs(lambda y: tree.paths(value, y), target.names)
    if not outputs:
        raise InputError(
            f"{target.title} returned {value!r}: no number. Did it forget to return?"
        )
    every = tuple(range(len(xs)))
    found = list(zip(outputs, tree.flatten(value)[0], strict=True))
    found += zip(
        [f"∂{y}/∂{x}" for y in outputs for x in names],
        tree.flatten(jacobian(f, every)(*xs))[0],
        strict=True,
    )
    if order > 1:
        pairs = [(i, j) for i in every for j in every]
        blocks = iter(tree.flatten(hessian(f, every)(*xs))[0])
        for y in outputs:
            for (i, j), block in zip(pairs, blocks, strict=False):
                if i <= j:
                    below = f"∂{names[i]}²" if i == j else f"∂{names[i]}∂{names[j]}"
                    found.append((f"∂²{y}/{below}", block))
    for n in range(3, order + 1):
        nth = tree.flatten(derivative(f, n)(*xs))[0]
        power = str(n).translate(_SUPERSCRIPTS)
        found += [
            (f"∂{power}{y}/∂{names[0]}{power}", block)
            for y, block in zip(outputs, nth, strict=True)
        ]
    return found


def show_derivatives(target: Target, found: Found, digits: int) -> str:
    """Write a line for each number, and arrays row below row."""
    point = ", ".join(
        f"{name} = {_inline(value, digits)}"
        for name, value in zip(target.names, target.values, strict=True)
    )
    width = max(len(name) for name, _ in found)
    lines = [" ".join(target.title.split()), f"at {point}", ""]
    for name, value in found:
        lead = f"{name:<{width}} = "
        lines.append(lead + _shown(value, digits, len(lead)))
    return "\n".join(lines)


def _inline(value: Any, digits: int) -> str:
    """Write a value of the point on one line; of a large array shape and norm."""
    if np.size(value) > _INLINE:
        return show_value(value, digits).replace(MINUS, "-")
    return re.sub(r"(?<=\[) +", "", re.sub(r"\s+", " ", _shown(value, digits, 0)))


def _shown(value: Any, digits: int, indent: int) -> str:
    """Write a number, or an array in equal columns."""
    if np.ndim(value) == 0:
        return _number(value, digits)
    value = np.asarray(value)
    numbers = value.reshape(-1)[:_WRITTEN_OUT]
    column = max((len(_number(number, digits)) for number in numbers), default=0)

    def padded(number: Any) -> str:
        return _number(number, digits).rjust(column)

    return np.array2string(
        value,
        max_line_width=max(_WIDTH, indent + 2 * column),
        prefix=" " * indent,
        separator=", ",
        threshold=_WRITTEN_OUT,
        formatter={"all": padded},
    )


def _number(value: Any, digits: int) -> str:
    kind = np.asarray(value).dtype.kind
    if kind not in "fc":
        return str(value)
    return f"{value + 0.0:.{digits}g}"  # + 0.0 makes -0.0 a zero like any other
