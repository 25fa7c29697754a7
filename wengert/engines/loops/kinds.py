"""What each equation is for the engines that make loops.

* `elementwise`  computes each element of its output from one element of each input
* `view`         its elements are those of its input, at other indices
* `piecewise`    its elements are those of this or that input, depending on the index
* `gather`       reads at places that are computed
* `reduction`    combines the elements along axes
* `opaque`       is a step of its own
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.engines.loops.expressions import type_of
from wengert.engines.loops.scalars import SCALARS
from wengert.engines.loops.special import SPECIAL
from wengert.graph import Equation, Graph, Literal, is_scalar
from wengert.primitives.indexing import ARRAY

__all__ = [
    "REDUCTIONS",
    "STRUCTURED",
    "dtype_of",
    "inner_graphs",
    "is_lowered",
    "kind_of",
    "weight_of",
]

_SAME = ("cast", "discretize", "where", "copy", "real", "conjugate", "stop_gradient")
_VIEWS = frozenset({"getitem", "transpose", "reshape", "broadcast_to", "flip"})
_PIECEWISE = frozenset({"scatter", "concatenate", "stack", "update", "roll"})

# Rows that hold Graphs.
STRUCTURED = frozenset({"scan", "switch", "while_loop", "while_back"})

# Of each reduction, how two values become one.
REDUCTIONS = {
    "sum": "add",
    "prod": "mul",
    "max": "max",
    "min": "min",
    "any": "or",
    "all": "and",
    "count_nonzero": "add",
}

_HEAVY = {"divide": 6, "sqrt": 6, "reciprocal": 6, "floor_divide": 25, "remainder": 25}
_LIGHT = frozenset(
    {
        "add", "subtract", "negative", "positive", "multiply", "square", "scale",
        "absolute", "fabs", "copysign", "sign", "heaviside", "maximum", "minimum",
        "fmax", "fmin", "less", "less_equal", "greater", "greater_equal", "equal",
        "not_equal", "isnan", "isfinite", "isinf", "signbit", "logical_and",
        "logical_or", "logical_xor", "logical_not", "invert", "bitwise_and",
        "bitwise_or", "bitwise_xor", "left_shift", "right_shift", "floor", "ceil",
        "trunc", "rint", "round_half_even", "deg2rad", "rad2deg", *_SAME,
    }
)  # fmt: skip


def dtype_of(atom: Any) -> Any:
    """Give the dtype of an atom; of a Python number, the one that NumPy gives it."""
    type = atom.type
    return type.dtype if hasattr(type, "dtype") else np.asarray(type).dtype


def kind_of(equation: Equation) -> str | None:
    """Tell what an equation is; None where there is no native code for it."""
    name, params = equation.primitive.name, equation.params
    if any(type_of(dtype_of(atom)) is None for atom in equation.inputs):
        return None
    if any(type_of(var.type.dtype) is None for var in equation.outputs):
        return None
    if name in SCALARS or name in _SAME:
        return "elementwise" if _is_expressible(equation) else None
    if name in _VIEWS:
        return "view"
    if name == "scatter_add" or name == "update" and ARRAY in params["index"]:
        adds_bools = name == "scatter_add" and dtype_of(equation.inputs[0]).kind == "b"
        return "opaque" if _gathers(equation) and not adds_bools else None
    if name in _PIECEWISE:
        return "piecewise"
    if name == "gather":
        return "gather" if _gathers(equation) else None
    if name in REDUCTIONS:
        x = equation.inputs[0].type
        empty = 0 in getattr(x, "shape", ())
        return None if empty and name in ("max", "min") else "reduction"
    if name == "matmul":
        return "opaque" if _is_product(equation) else None
    if name in STRUCTURED:
        return "opaque" if all(map(_is_body, inner_graphs(equation))) else None
    return None


def is_lowered(equation: Equation) -> bool:
    """Tell whether there is native code for an equation."""
    return kind_of(equation) is not None


def weight_of(equation: Equation) -> int:
    """Estimate the time of one element: 1 is an addition."""
    name = equation.primitive.name
    if name in _LIGHT:
        return 1
    if name == "power":
        exponent = equation.inputs[1]
        light = isinstance(exponent, Literal) and exponent.value in (1, 2, 3, 4)
        return 2 if light else 40
    return _HEAVY.get(name, 200 if name in SPECIAL else 20)


def _is_expressible(equation: Equation) -> bool:
    name = equation.primitive.name
    dtype = equation.outputs[0].type.dtype
    integers = dtype.kind in "iub"
    if name in SPECIAL:
        return dtype == np.float64
    if name == "power":
        exponent = equation.inputs[1]
        known = isinstance(exponent, Literal) and exponent.value in range(9)
        return not integers or (known and dtype.kind != "b")
    if name in ("left_shift", "right_shift"):
        shift = equation.inputs[1]
        if not isinstance(shift, Literal) or not is_scalar(shift.value):
            return False
        return 0 <= int(shift.value) < 8 * dtype.itemsize
    if name in ("fmod", "heaviside", "copysign", "reciprocal"):
        return not integers
    if name in ("negative", "subtract", "sign", "square"):
        return dtype.kind != "b"
    if name in ("floor_divide", "remainder"):
        return dtype.kind not in "b"
    if name == "discretize" and dtype.kind == "u":
        # What C does with −1.0 is not said.
        return bool(dtype_of(equation.inputs[0]).kind in "iub")
    return True


def inner_graphs(equation: Equation) -> list[Graph]:
    """List the Graphs that an equation holds."""
    graphs: list[Graph] = []
    for value in equation.params.values():
        parts = value if isinstance(value, tuple) else (value,)
        graphs += [part for part in parts if isinstance(part, Graph)]
    return graphs


def _is_body(graph: Graph) -> bool:
    plain = not graph.guards and not graph.captures
    known = all(type_of(dtype_of(var)) for var in graph.inputs)
    return plain and known and all(map(is_lowered, graph.equations))


def _gathers(equation: Equation) -> bool:
    """Index arrays, and full slices on the other axes, in the plain order."""
    index = equation.params["index"]
    arrays = [
        place for place, part in enumerate(index) if part is ARRAY or part == ARRAY
    ]
    together = arrays[-1] - arrays[0] == len(arrays) - 1
    full = all(
        part == ARRAY or (type(part) is slice and part == slice(None)) for part in index
    )
    return together and full


def _is_product(equation: Equation) -> bool:
    left, right = (atom.type for atom in equation.inputs)
    same = left.dtype == right.dtype and left.dtype.kind == "f"
    return same and 0 not in (*left.shape, *right.shape)
