"""What each equation is for the engines that make loops.

* `elementwise`  computes each element of its output from one element of each input
* `view`         its elements are those of its input, at other indices
* `piecewise`    its elements are those of this or that input, depending on the index
* `gather`       reads at places that are computed
* `reduction`    combines the elements along axes
* `opaque`       is a step of its own

What is none of these has no native code, and `why_not` says why.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.engines.loops.expressions import type_of
from wengert.engines.loops.scalars import SCALARS
from wengert.engines.loops.special import SPECIAL
from wengert.graph import Atom, Equation, Graph, Literal, Missing, is_scalar
from wengert.graph.types import dtype_name
from wengert.graph.walk import inner_graphs
from wengert.primitives.indexing import ARRAY
from wengert.primitives.light import LIGHT

__all__ = [
    "LAPACK",
    "REDUCTIONS",
    "STRUCTURED",
    "dtype_of",
    "is_lowered",
    "kind_of",
    "weight_of",
    "why_not",
]

_SAME = (
    "cast", "discretize", "where", "copy", "real", "conjugate", "stop_gradient",
    "checkpoint_name",
)  # fmt: skip
_VIEWS = frozenset({"getitem", "transpose", "reshape", "broadcast_to", "flip"})
_PIECEWISE = frozenset({"scatter", "concatenate", "stack", "update", "roll"})

# Rows that hold Graphs.
STRUCTURED = frozenset({"checkpoint", "scan", "switch", "while_loop", "while_back"})

# Rows that are routines of LAPACK; engines without SciPy at hand refuse them.
LAPACK = frozenset(
    {
        "cholesky", "cholesky_back", "det", "eigh", "inv", "qr", "slogdet", "solve",
        "svd", "triangular_solve",
    }
)  # fmt: skip

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
_LIGHT = LIGHT | {"round_half_even", "deg2rad", "rad2deg", *_SAME}


def dtype_of(atom: Any) -> Any:
    """Give the dtype of an atom; of a Python number, the one that NumPy gives it."""
    type = atom.type
    return type.dtype if hasattr(type, "dtype") else np.asarray(type).dtype


def kind_of(equation: Equation) -> str | None:
    """Tell what an equation is; None where there is no native code for it."""
    kind = _classified(equation)
    return None if isinstance(kind, Missing) else kind


def is_lowered(equation: Equation) -> bool:
    """Tell whether there is native code for an equation."""
    return kind_of(equation) is not None


def why_not(equation: Equation) -> str:
    """Say why there is no native code for an equation; "" where there is some.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import trace
    >>> (equation,) = trace(lambda x: x + 1, np.ones(2, complex)).equations
    >>> why_not(equation)
    'of c128, for which there is no native code'
    """
    kind = _classified(equation)
    return kind.why if isinstance(kind, Missing) else ""


def _classified(equation: Equation) -> str | Missing:
    name, params = equation.primitive.name, equation.params
    for atom in (*equation.inputs, *equation.outputs):
        dtype = dtype_of(atom)
        if type_of(dtype) is None:
            return Missing(f"of {dtype_name(dtype)}, for which there is no native code")
    if name in SCALARS or name in _SAME:
        why = _why_not_expressible(equation)
        return Missing(why) if why else "elementwise"
    if name in _VIEWS:
        return "view"
    if name == "scatter_add" or name == "update" and ARRAY in params["index"]:
        if name == "scatter_add" and dtype_of(equation.inputs[0]).kind == "b":
            return Missing("a sum of bools")
        return "opaque" if _gathers(equation) else _SCATTERED
    if name in _PIECEWISE:
        return "piecewise"
    if name == "gather":
        return "gather" if _gathers(equation) else _SCATTERED
    if name in REDUCTIONS:
        x = equation.inputs[0].type
        empty = 0 in getattr(x, "shape", ())
        return _NO_EXTREMUM if empty and name in ("max", "min") else "reduction"
    if name == "matmul":
        return "opaque" if _is_product(equation) else _NO_PRODUCT
    if name in LAPACK:
        return "opaque" if _are_matrices(equation) else _NO_MATRIX
    if name in STRUCTURED:
        reasons = filter(None, map(_why_no_body, inner_graphs(equation)))
        why = next(reasons, "")
        return Missing(why) if why else "opaque"
    return _UNWRITTEN


_UNWRITTEN = Missing("no native code is written for it")
_SCATTERED = Missing("index arrays beside other indices than full slices, or apart")
_NO_EXTREMUM = Missing("the extremum of no elements, where NumPy raises")
_NO_MATRIX = Missing("linear algebra of integers, or of no elements")
_NO_PRODUCT = Missing("a product of integers, of two dtypes, or of no elements")


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


def _why_not_expressible(equation: Equation) -> str:
    """Say what of an elementwise equation the table has not; "" if nothing."""
    name = equation.primitive.name
    dtype = equation.outputs[0].type.dtype
    integers = dtype.kind in "iub"
    if name in SPECIAL and dtype != np.float64:
        return "SciPy's routine takes f64 alone"
    if name == "power" and integers:
        exponent = equation.inputs[1]
        known = isinstance(exponent, Literal) and exponent.value in range(9)
        if not known or dtype.kind == "b":
            return "integers to a power that is no number from 0 to 8"
    if name in ("left_shift", "right_shift"):
        if not _is_shift(equation.inputs[1], 8 * dtype.itemsize):
            return "a shift by what is no number below the width"
    if name in ("fmod", "heaviside", "copysign", "reciprocal") and integers:
        return "of integers"
    bools = ("negative", "subtract", "sign", "square", "floor_divide", "remainder")
    if name in bools and dtype.kind == "b":
        return "of bools"
    given = dtype_of(equation.inputs[0])
    if name == "discretize" and dtype.kind == "u" and given.kind not in "iub":
        return "to unsigned integers: what C does with −1.0 is not said"
    return ""


def _is_shift(atom: Atom, width: int) -> bool:
    if not isinstance(atom, Literal) or not is_scalar(atom.value):
        return False
    return 0 <= int(atom.value) < width


def _why_no_body(graph: Graph) -> str:
    """Say what of a body has no native code; "" if nothing."""
    if graph.guards or graph.captures:
        return "its body has guards or captured arrays"
    for var in graph.inputs:
        if type_of(var.type.dtype) is None:
            dtype = dtype_name(var.type.dtype)
            return f"its body takes {dtype}, for which there is no native code"
    for equation in graph.equations:
        if why := why_not(equation):
            where = f" at {equation.source}" if equation.source else ""
            return f"its body has {equation.primitive.name}{where}: {why}"
    return ""


def _gathers(equation: Equation) -> bool:
    """Index arrays, and full slices on the other axes, in the plain order."""
    index = equation.params["index"]
    arrays = [place for place, part in enumerate(index) if part == ARRAY]
    together = arrays[-1] - arrays[0] == len(arrays) - 1
    full = all(
        part == ARRAY or part is Ellipsis or part == slice(None)
        for part in index
        if part is not None
    )
    return together and full and None not in index


def _are_matrices(equation: Equation) -> bool:
    types = [atom.type for atom in (*equation.inputs, *equation.outputs)]
    floating = all(type.dtype.kind == "f" for type in types)
    return floating and not any(0 in type.shape for type in types)


def _is_product(equation: Equation) -> bool:
    left, right = (atom.type for atom in equation.inputs)
    same = left.dtype == right.dtype and left.dtype.kind == "f"
    return same and 0 not in (*left.shape, *right.shape)
