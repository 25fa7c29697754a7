"""Mathematical functions of vectors of any width, as IR functions.

There are four sources. What is an instruction, or nearly one (`sqrt`, `floor`), is
LLVM's intrinsic. The rest is, in this order: a kernel of ours, inlined (`kernels.py`);
glibc's libmvec, at the widths that the machine has; the C library or SciPy, one lane
after the other, which is right everywhere and slow. Which are faster was measured
(docs/decisions.md); with accuracy "exact" only the last is taken.

At a width that has no vector function of its own, a vector is cut into pieces that have
one, the last filled up with ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal

from wengert.engines.llvm.kernels import DIRECT, RESCUED
from wengert.engines.llvm.lanes import (
    Shape,
    VectorFunction,
    in_pieces,
    lane_by_lane,
)
from wengert.engines.llvm.special import special_symbol
from wengert.engines.llvm.symbols import in_libm, in_libmvec
from wengert.engines.llvm.target import Target, host_target
from wengert.engines.llvm.vectors import Writer
from wengert.errors import EngineError

__all__ = ["VectorFunction", "join_functions", "source_of", "vector_function"]

Source = Literal["intrinsic", "kernel", "libmvec", "libm", "special"]

# Name → LLVM's, and how many arguments.
_INTRINSICS = {
    "ceil": ("ceil", 1),
    "copysign": ("copysign", 2),
    "fabs": ("fabs", 1),
    "floor": ("floor", 1),
    "fma": ("fma", 3),
    "fmax": ("maxnum", 2),
    "fmin": ("minnum", 2),
    "maximum": ("maximum", 2),
    "minimum": ("minimum", 2),
    "rint": ("rint", 1),
    "sqrt": ("sqrt", 1),
    "trunc": ("trunc", 1),
}

# NumPy's names, where they are not those of C.
_ALIASES = {
    "absolute": "fabs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "power": "pow",
}

# Functions of the C library, and how many arguments.
_LIBM = {
    **dict.fromkeys(["acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt"], 1),
    **dict.fromkeys(["cos", "cosh", "erf", "erfc", "exp", "exp2", "expm1"], 1),
    **dict.fromkeys(["lgamma", "log", "log10", "log1p", "log2", "sin", "sinh"], 1),
    **dict.fromkeys(["tan", "tanh", "tgamma"], 1),
    **dict.fromkeys(["atan2", "fmod", "hypot", "pow"], 2),
}

# A class of libmvec's names, the feature it needs, and the bytes of its vectors.
_LIBMVEC = (("e", "avx512f", 64), ("d", "avx2", 32), ("c", "avx", 32), ("b", "", 16))


def join_functions(functions: Iterable[VectorFunction]) -> str:
    """Give the IR that several functions need, with nothing twice."""
    return "\n".join(
        dict.fromkeys(part for function in functions for part in function.parts)
    )


@cache
def vector_function(
    name: str,
    dtype: Literal["f64", "f32"],
    width: int,
    accuracy: Literal["fast", "exact"] = "fast",
    *,
    inline: bool = True,
    target: Target | None = None,
) -> VectorFunction:
    """Give an IR function that computes `name` in each lane of a vector.

    Parameters
    ----------
    name : str
        In C (`asin`, `pow`), NumPy (`arcsin`, `power`) or `scipy.special` (`psi`).
    dtype : "f64" or "f32"
    width : int
        Lanes, at least 1. Of width 1, arguments and result are scalars.
    accuracy : "fast" or "exact"
        At most 4 units in the last place from the exact value; or as the C library has
        it, which is less than 1 for most functions, at several times the cost.
    inline : bool
        Whether the function is inlined wherever it is called: best in loops. Straight
        code of hundreds of calls compiles faster when it is not.
    target : Target, optional
        The machine that the module is compiled for, if not this one.

    Returns
    -------
    VectorFunction

    Raises
    ------
    EngineError
        If there is no such function here.

    Cost
    ----
    Kernels are 30 to 120 instructions a piece of the machine's vector width.
    """
    name = _ALIASES.get(name, name)
    target = target or host_target()
    source = source_of(name, dtype, width, accuracy, inline=inline, target=target)
    if source is None:
        raise EngineError(
            f'there is no native function {name!r} of {dtype}; engine "numpy" has it'
        )
    shape = Shape(name, dtype, width, _arity(name))
    if source == "intrinsic":
        return _intrinsic(shape)
    if source == "kernel":
        return in_pieces(shape, _kernels(shape, target, inline))
    if source == "libmvec":
        return in_pieces(shape, _vector_library(shape, target))
    return _lanes(shape, inline)


def source_of(
    name: str,
    dtype: str,
    width: int,
    accuracy: str = "fast",
    *,
    inline: bool = True,
    target: Target | None = None,
) -> Source | None:
    """Tell where a function would come from; None where there is none.

    The parameters are those of `vector_function`.
    """
    name = _ALIASES.get(name, name)
    target = target or host_target()
    if name in _INTRINSICS:
        return "intrinsic"
    shape = Shape(name, dtype, width, _arity(name))
    if accuracy == "fast" and width > 1 and shape.arity:
        has_kernel = target.fuses and (name in DIRECT or name in RESCUED)
        has_vector = bool(_vector_library(shape, target))
        if has_kernel and not (has_vector and _is_slower(name, dtype, inline)):
            return "kernel"
        if has_vector:
            return "libmvec"
    if name in _LIBM and in_libm(_c_name(shape)):
        return "libm"
    return "special" if special_symbol(name) else None


def _is_slower(name: str, dtype: str, inline: bool) -> bool:
    """Tell whether libmvec took less time than our kernel, by measurement.

    Inlined, kernels share constants, reductions and registers with their neighbours;
    but of float32 libmvec takes twice as many lanes at a time.
    """
    return dtype == "f32" or name == "pow" or (not inline and name != "tanh")


def _arity(name: str) -> int:
    """Give how many arguments a function takes; 0 where it is unknown."""
    if name in _INTRINSICS:
        return _INTRINSICS[name][1]
    if name in _LIBM:
        return _LIBM[name]
    special = special_symbol(name)
    return special.arity if special else 0


def _c_name(shape: Shape) -> str:
    return shape.name if shape.dtype == "f64" else f"{shape.name}f"


# ----- the sources -----


def _intrinsic(shape: Shape) -> VectorFunction:
    suffix = f"f{shape.dtype[1:]}"
    suffix = suffix if shape.width == 1 else f"v{shape.width}{suffix}"
    symbol = f"llvm.{_INTRINSICS[shape.name][0]}.{suffix}"
    types = ", ".join([shape.type] * shape.arity)
    return VectorFunction(symbol, (f"declare {shape.type} @{symbol}({types})",))


def _vector_library(shape: Shape, target: Target) -> dict[int, VectorFunction]:
    """List what libmvec has for a machine, by width."""
    found: dict[int, VectorFunction] = {}
    if not target.is_x86 or shape.name not in _LIBM:
        return found
    for letter, feature, size in _LIBMVEC:
        lanes = size * 8 // int(shape.dtype[1:])
        if lanes in found or (feature and not target.has(feature)):
            continue
        symbol = f"_ZGV{letter}N{lanes}{'v' * shape.arity}_{_c_name(shape)}"
        if in_libmvec(symbol):
            parts = (shape._replace(width=lanes).declare(symbol),)
            found[lanes] = VectorFunction(symbol, parts)
    return found


def _lanes(shape: Shape, inline: bool) -> VectorFunction:
    """Call the C library, or else SciPy, for each lane."""
    if shape.name in _LIBM and in_libm(_c_name(shape)):
        return lane_by_lane(shape, _c_name(shape), special=False, inline=inline)
    special = special_symbol(shape.name)
    if special is None:
        raise EngineError(f"there is no native function {shape.name!r}")
    return lane_by_lane(shape, special.symbol, special=True, inline=inline)


def _kernels(shape: Shape, target: Target, inline: bool) -> dict[int, VectorFunction]:
    """List kernels for the machine's vectors, by width."""
    widths = [lanes for lanes in (2, 4, 8) if lanes * 8 <= target.vector_bytes]
    return {
        lanes: _kernel(shape._replace(width=lanes), target, inline) for lanes in widths
    }


def _kernel(shape: Shape, target: Target, inline: bool) -> VectorFunction:
    """Write a kernel as a function; of float32 it computes in float64."""
    w = Writer(shape.width, avx512=target.has("avx512f"))
    letters = "xyz"[: shape.arity]
    wide = w.type("f")
    if shape.dtype == "f32":
        arguments = [
            w.emit(f"fpext {shape.type} %{letter} to {wide}", "f") for letter in letters
        ]
    else:
        arguments = [w.input(letter) for letter in letters]
    if shape.name in DIRECT:
        result, outside = DIRECT[shape.name](w, *arguments), None
    else:
        result, where = RESCUED[shape.name](w, *arguments)
        outside = w.any(where)
    name = result.name
    if shape.dtype == "f32":
        name = w.emit(f"fptrunc {wide} {name} to {shape.type}", "f").name
    parts = w.declarations
    if outside is None:
        body = [*w.lines, f"  ret {shape.type} {name}"]
    else:
        rescue = _lanes(shape, inline=False)
        parts += rescue.parts
        body = _rescued(shape, w.lines, name, outside, rescue.symbol)
    return VectorFunction(shape.symbol(), (*parts, shape.define(body, inline)))


def _rescued(
    shape: Shape, lines: list[str], result: str, outside: str, rescue: str
) -> list[str]:
    """Write the body that asks the C library where a lane is outside the kernel."""
    return [
        "entry:",
        *lines,
        f"  br i1 {outside}, label %rescue, label %done",
        "rescue:",
        f"  %rescued = call {shape.type} @{rescue}({shape.parameters}) cold",
        "  br label %done",
        "done:",
        f"  %result = phi {shape.type} [ {result}, %entry ], [ %rescued, %rescue ]",
        f"  ret {shape.type} %result",
    ]
