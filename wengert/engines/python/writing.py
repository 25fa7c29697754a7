"""Rows that write into an array, as two statements: `v = np.zeros(5)`, `v[1:] = x`."""

from __future__ import annotations

from wengert.engines.python.body import Body
from wengert.engines.python.fragments import Fragment, value
from wengert.engines.python.table import key
from wengert.graph import Equation

__all__ = ["WRITING"]


def _scatter(body: Body, equation: Equation) -> None:
    name = _begin(body, equation, "")
    x, *indices = (body.atom(atom, bare=True) for atom in equation.inputs)
    where = key(equation.params["index"], indices)
    if equation.params.get("unique", True):
        body.say(f"{name}[{where}] = {x.text}")
    else:
        # Places that occur twice collect both.
        place = where if len(equation.params["index"]) == 1 else f"({where})"
        if ":" in place or "..." in place:
            place = f"np.s_[{where}]"
        body.say(f"np.add.at({name}, {place}, {x.text})")


def _update(body: Body, equation: Equation) -> None:
    x, new, *indices = (body.atom(atom, bare=True) for atom in equation.inputs)
    name = _begin(body, equation, f"np.array({x.text})")
    body.say(f"{name}[{key(equation.params['index'], indices)}] = {new.text}")


def _begin(body: Body, equation: Equation, start: str) -> str:
    (var,) = equation.outputs
    name = body.fresh(var)
    zeros = f"np.zeros({var.type.shape}, {value(var.type.dtype).text})"
    body.say(f"{name} = {start or zeros}")
    body.written[var] = Fragment(name)
    return name


WRITING = {"scatter": _scatter, "scatter_add": _scatter, "update": _update}
