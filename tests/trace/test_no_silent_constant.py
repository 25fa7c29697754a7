"""No call of NumPy turns a traced value into a constant without saying so.

Every public callable of NumPy is called with traced values wherever they might stand: as
positional arguments, inside lists and tuples, as keywords. Where the call works on plain
arrays it must, on Tracers, do one of two things: give the derivative that differences
find (which may be zero), or raise. Nothing here knows which rules exist.
"""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pytest

from wengert.errors import WengertError
from wengert.operators import jvp, vjp

# Input and output, settings, tests, and what returns memory that nobody has written to.
UNCALLED = {
    "asarray_chkfinite", "bench", "breakpoint", "empty", "empty_like", "format_parser",
    "fromfile", "fromfunction", "fromregex", "frompyfunc", "genfromtxt", "get_include",
    "getbufsize", "geterr", "geterrcall", "info", "load", "loadtxt", "memmap",
    "ndarray", "printoptions", "save", "savetxt", "savez", "savez_compressed", "set_printoptions",
    "setbufsize", "seterr", "seterrcall", "show_config", "show_runtime", "test",
}  # fmt: skip
# What is loud: NumPy's own refusals, besides wengert's.
LOUD = (WengertError, TypeError, ValueError, AttributeError, IndexError)

V = np.array([0.3, 0.5, 0.8])
W = np.array([0.4, 0.6, 0.9])
B = np.array([[2.0, 0.3, 0.1], [0.2, 3.0, 0.4], [0.5, 0.1, 4.0]])
DIRECTION = np.array([1.0, -0.7, 0.45])
STEP = 1e-6


def namespace(module, prefix):
    """List the callables of a module that are no classes, each with its full name."""
    found = {}
    for name in dir(module):
        value = getattr(module, name)
        if name.startswith("_") or name in UNCALLED or not callable(value):
            continue
        if not isinstance(value, type) or issubclass(value, np.inexact | np.vectorize):
            found[f"{prefix}.{name}"] = value
    return found


FUNCTIONS = {
    **namespace(np, "np"),
    **namespace(np.linalg, "np.linalg"),
    **namespace(np.fft, "np.fft"),
    **namespace(np.emath, "np.emath"),
    **namespace(np.polynomial.polynomial, "np.polynomial.polynomial"),
    **namespace(np.lib.stride_tricks, "np.lib.stride_tricks"),
}
METHODS = sorted(
    name
    for name in dir(np.ndarray)
    if callable(getattr(np.ndarray, name)) and name not in ("tofile", "dump", "dumps")
    and (not name.startswith("__") or name in ("__add__", "__matmul__", "__setitem__"))
)  # fmt: skip
IN_PLACE = [
    "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ipow__", "__imod__",
    "__ifloordiv__", "__imatmul__",
]  # fmt: skip


def vector(x):
    """A vector, a matrix, and a scalar that vary with x."""
    return x, np.multiply.outer(x, W) + B, x[0]


# Each makes positional arguments from the traced vector, matrix and scalar.
ARGUMENTS = {
    "v": lambda v, M, s: (v,),
    "M": lambda v, M, s: (M,),
    "s": lambda v, M, s: (s,),
    "[v, v]": lambda v, M, s: ([v, v * v],),
    "(v, w)": lambda v, M, s: ((v, W),),
    "[s, 1]": lambda v, M, s: ([s, 1.0],),
    "[[s], [1]]": lambda v, M, s: ([[s], [1.0]],),
    "[v], [s]": lambda v, M, s: ([v], [s]),
    "v, v": lambda v, M, s: (v, v * v),
    "v, w": lambda v, M, s: (v, W),
    "w, v": lambda v, M, s: (W.copy(), v),
    "w, [s, s, 1]": lambda v, M, s: (W.copy(), [s, s * s, 1.0]),
    "s, 2": lambda v, M, s: (s, 2),
    "2, s": lambda v, M, s: (2, s),
    "2., v": lambda v, M, s: (2.0, v),
    "v, 1": lambda v, M, s: (v, 1),
    "M, 1": lambda v, M, s: (M, 1),
    "M, M": lambda v, M, s: (M, M * M),
    "M, B": lambda v, M, s: (M, B),
    "B, M": lambda v, M, s: (B.copy(), M),
    "M, v": lambda v, M, s: (M, v),
    "B, v": lambda v, M, s: (B.copy(), v),
    "w, 1, v": lambda v, M, s: (W.copy(), 1, v),
    "w, 1, s": lambda v, M, s: (W.copy(), 1, s),
    "w, w, v": lambda v, M, s: (W.copy(), W + 0.1, v),
    "w, v, w": lambda v, M, s: (W.copy(), v, W + 0.1),
    "v, w, w": lambda v, M, s: (v, W.copy(), W + 0.1),
    "v, 0.1, 0.6": lambda v, M, s: (v, 0.1, 0.6),
    "w, s, 0.6": lambda v, M, s: (W.copy(), s, 0.6),
    "w, 0.1, s": lambda v, M, s: (W.copy(), 0.1, s),
    "w, [0], v": lambda v, M, s: (W.copy(), [0, 2, 1], v),
    "mask, v": lambda v, M, s: (W > 0.5, v),
    "mask, v, w": lambda v, M, s: (W > 0.5, v, W),
    "mask, w, v": lambda v, M, s: (W > 0.5, W.copy(), v),
    "w, mask, v": lambda v, M, s: (W.copy(), W > 0.5, v),
    "w, mask, s": lambda v, M, s: (W.copy(), W > 0.5, s),
    "[mask], [v]": lambda v, M, s: ([W > 0.5], [v]),
    "(3,), s": lambda v, M, s: ((3,), s),
    "3, s": lambda v, M, s: (3, s),
    "f, v": lambda v, M, s: (np.sin, v),
    "f, 0, M": lambda v, M, s: (np.sum, 0, M),
    "'i,i', v, w": lambda v, M, s: ("i,i", v, W),
    "counts, v": lambda v, M, s: (np.array([0, 1, 1]), v),
}
# And these, for a parameter called by its name, others being plain.
NAMED = {
    "s": lambda v, M, s: s,
    "v": lambda v, M, s: v,
    "[s, s, 1]": lambda v, M, s: [s, s * s, 1.0],
}


def calls(function):
    """Yield (text, builder): the builder makes (args, kwargs) from traced values."""
    for text, make in ARGUMENTS.items():
        yield text, lambda *t, make=make: (make(*t), {})
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    required = [
        p.name for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]  # fmt: skip
    named = [
        p.name for p in parameters
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name not in required
    ]  # fmt: skip
    if isinstance(function, np.ufunc):
        named = ["where", "out", "initial"]
    for plain in (W, B):
        for name in named:
            for text, make in NAMED.items():
                yield (
                    f"{len(required)} × plain {plain.shape}, {name}={text}",
                    lambda *t, make=make, name=name, plain=plain: (
                        [plain.copy() for _ in required], {name: make(*t)}
                    ),
                )  # fmt: skip


def numbers(result):
    """Collect the floating numbers in what a call returned; a set loses its order."""
    if isinstance(result, list | tuple):
        return [leaf for part in result for leaf in numbers(part)]
    if hasattr(type(result), "__wengert_bind__") or isinstance(result, float | complex):
        return [result]
    if isinstance(result, np.ndarray | np.generic) and result.dtype.kind in "fcO":
        return [result]
    return []


def calling(function, build):
    """Make x ↦ the numbers that a call gives back, or writes into plain arguments."""

    def f(x):
        args, kwargs = build(*vector(x))
        result = function(*args, **kwargs)
        written = [a for a in args if isinstance(a, np.ndarray)]
        return numbers([result, written])

    return f


def differences(f):
    """Give value and derivative along DIRECTION, None where a plain call fails."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            y, high, low = f(V), f(V + STEP * DIRECTION), f(V - STEP * DIRECTION)
        except Exception:  # NumPy refuses this call itself, in whatever way
            return None
    if any(np.asarray(part).dtype.kind == "O" for part in y):
        return None
    if [np.shape(a) for a in high] != [np.shape(b) for b in low]:
        return None
    return y, [(a - b) / (2 * STEP) for a, b in zip(high, low, strict=True)]


def tangents(f):
    """Give value and derivative along DIRECTION by both modes."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        y, y_dot = jvp(f, (V,), (DIRECTION,))
        yield y, y_dot
        _, pullback = vjp(f, V)
        # Where the pullback's pairing with ones fits, every entry of y_dot does.
        ones = [np.ones_like(part) for part in y]
        (x_bar,) = pullback(ones)
        yield y, float(np.real(x_bar @ DIRECTION)) if y else 0.0


def close(a, b):
    if np.shape(a) != np.shape(b):
        return False
    return np.allclose(a, b, rtol=1e-4, atol=1e-6, equal_nan=True)


def wrong(f):
    """Say what is wrong with the derivative of f, None if nothing."""
    found = differences(f)
    if found is None:
        return None
    y, exact = found
    try:
        (forward_y, forward), (_, reverse) = tangents(f)
    except LOUD:
        return None
    except Exception as error:
        return f"raises {type(error).__name__}: {error}"
    if [np.shape(a) for a in y] != [np.shape(a) for a in forward_y]:
        return f"gives shapes {[np.shape(a) for a in forward_y]}"
    if not all(close(a, b) for a, b in zip(y, forward_y, strict=True)):
        return f"gives the value {forward_y}, not {y}"
    if not all(close(a, b) for a, b in zip(forward, exact, strict=True)):
        return f"has the derivative {forward} by forward mode, not {exact}"
    total = sum(float(np.sum(np.real(part))) for part in exact)
    if not close(reverse, total):
        return f"has the derivative {reverse} by reverse mode, not {total}"
    return None


def complaints(function):
    said = {text: wrong(calling(function, build)) for text, build in calls(function)}
    return {text: what for text, what in said.items() if what is not None}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_call_differentiates_or_raises(name):
    assert complaints(FUNCTIONS[name]) == {}


@pytest.mark.parametrize("name", [*METHODS, *IN_PLACE])
def test_a_method_differentiates_or_raises(name):
    def method(x, *args, **kwargs):
        result = getattr(x, name)(*args, **kwargs)
        # A refusal to answer, in favour of the other operand.
        if result is NotImplemented:
            raise TypeError
        return result

    assert complaints(method) == {}


@pytest.mark.parametrize("name", [n for n in dir(np) if isinstance(getattr(np, n), np.ufunc)])
@pytest.mark.parametrize(
    "method", ["reduce", "accumulate", "reduceat", "outer", "at"]
)  # fmt: skip
def test_a_ufunc_method_differentiates_or_raises(name, method):
    assert complaints(getattr(getattr(np, name), method)) == {}


def test_the_walk_calls_most_of_numpy():
    called = sum(
        any(differences(calling(f, build)) is not None for _, build in calls(f))
        for f in FUNCTIONS.values()
    )
    assert called > 0.8 * len(FUNCTIONS)


def test_a_silent_constant_is_found():
    def leaky(x):
        return np.asarray(getattr(x, "value", x)) ** 2

    assert "derivative" in complaints(leaky)["v"]
