"""No call of NumPy turns a traced value into a constant without saying so.

Every public callable of NumPy is called with traced values wherever they might stand:
as positional arguments, inside lists and tuples, as keywords. Where the call works on
plain arrays it must, on Tracers, do one of two things: give the derivative that
differences find (which may be zero), or raise. Nothing here knows which rules exist.
"""

from __future__ import annotations

import inspect
import itertools
import warnings

import numpy as np
import pytest

from wengert.errors import WengertError
from wengert.operators import jvp, vjp

# Input and output, settings, tests, what returns memory that nobody has written to, and
# short floats, whose differences are too rough.
UNCALLED = {
    "complex64", "csingle", "float16", "float32", "half", "single",
    "asarray_chkfinite", "bench", "bmat", "breakpoint", "empty", "empty_like",
    "format_parser", "fromfile", "fromfunction", "fromregex", "frompyfunc",
    "genfromtxt", "get_include", "getbufsize", "geterr", "geterrcall", "info", "load",
    "loadtxt", "memmap", "ndarray", "printoptions", "save", "savetxt", "savez",
    "savez_compressed", "set_printoptions", "setbufsize", "seterr", "seterrcall",
    "show_config", "show_runtime", "test",
}  # fmt: skip
# What is loud: NumPy's own refusals, besides wengert's.
LOUD = (WengertError, TypeError, ValueError, AttributeError, IndexError)

# Away from ties and from where rounding jumps.
V = np.array([0.313, 0.527, 0.829])
W = np.array([0.419, 0.637, 0.941])
B = np.array([[2.03, 0.31, 0.13], [0.27, 3.07, 0.43], [0.57, 0.17, 4.09]])
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


class Point:
    """What may stand in a call: values that vary with x, and fresh plain ones."""

    def __init__(self, x):
        self.v, self.u = x, x * x
        self.M = np.multiply.outer(x, W) + B
        self.N = self.M * self.M
        self.s, self.r = x[0], x[1]
        self.varying = [self.v, self.u, self.M, self.N]
        self.w, self.z, self.B, self.mask = W.copy(), W + 0.1, B.copy(), W > 0.5


# Positional arguments: the capitals M, N and B are matrices, s and r scalars.
ARGUMENTS = {
    "v": lambda t: (t.v,),
    "M": lambda t: (t.M,),
    "s": lambda t: (t.s,),
    "[v, u]": lambda t: ([t.v, t.u],),
    "(v, w)": lambda t: ((t.v, t.w),),
    "[s, 1.0]": lambda t: ([t.s, 1.0],),
    "[[s], [1.0]]": lambda t: ([[t.s], [1.0]],),
    "[v], [s]": lambda t: ([t.v], [t.s]),
    "v, u": lambda t: (t.v, t.u),
    "v, w": lambda t: (t.v, t.w),
    "w, v": lambda t: (t.w, t.v),
    "w, [s, r, 1.0]": lambda t: (t.w, [t.s, t.r, 1.0]),
    "[s, r, 1.0], w": lambda t: ([t.s, t.r, 1.0], t.w),
    "s, r": lambda t: (t.s, t.r),
    "s, 2": lambda t: (t.s, 2),
    "2, s": lambda t: (2, t.s),
    "0.2, s, 4": lambda t: (0.2, t.s, 4),
    "2.0, v": lambda t: (2.0, t.v),
    "v, 1": lambda t: (t.v, 1),
    "v, (3, 3)": lambda t: (t.v, (3, 3)),
    "M, 1": lambda t: (t.M, 1),
    "M, N": lambda t: (t.M, t.N),
    "M, B": lambda t: (t.M, t.B),
    "B, M": lambda t: (t.B, t.M),
    "M, v": lambda t: (t.M, t.v),
    "v, M": lambda t: (t.v, t.M),
    "B, v": lambda t: (t.B, t.v),
    "w, 1, v": lambda t: (t.w, 1, t.v),
    "w, 1, s": lambda t: (t.w, 1, t.s),
    "w, z, v": lambda t: (t.w, t.z, t.v),
    "w, v, z": lambda t: (t.w, t.v, t.z),
    "v, w, z": lambda t: (t.v, t.w, t.z),
    "v, 0.1, 0.6": lambda t: (t.v, 0.1, 0.6),
    "w, s, 0.6": lambda t: (t.w, t.s, 0.6),
    "w, 0.1, s": lambda t: (t.w, 0.1, t.s),
    "w, [0, 2, 1], v": lambda t: (t.w, [0, 2, 1], t.v),
    "w, 0, s": lambda t: (t.w, 0, t.s),
    "mask, v": lambda t: (t.mask, t.v),
    "mask, v, w": lambda t: (t.mask, t.v, t.w),
    "mask, w, v": lambda t: (t.mask, t.w, t.v),
    "w, mask, v": lambda t: (t.w, t.mask, t.v),
    "w, mask, s": lambda t: (t.w, t.mask, t.s),
    "[mask], [v]": lambda t: ([t.mask], [t.v]),
    "(3,), s": lambda t: ((3,), t.s),
    "(3,), v": lambda t: ((3,), t.v),
    "sin, v": lambda t: (np.sin, t.v),
    "sum, 0, M": lambda t: (np.sum, 0, t.M),
    "'i,i', v, w": lambda t: ("i,i", t.v, t.w),
    "'i->i', [s, 1.0]": lambda t: ("i->i", [t.s, 1.0]),
    "[0, 1, 1], v": lambda t: (np.array([0, 1, 1]), t.v),
}
# And these, for one parameter by its name, where the required ones are plain.
NAMED = {
    "s": lambda t: t.s,
    "v": lambda t: t.v,
    "[s, r, 1.0]": lambda t: [t.s, t.r, 1.0],
}


def calls(function):
    """Yield (text, build): build makes (args, kwargs) of a Point."""
    for text, make in ARGUMENTS.items():
        yield text, lambda t, make=make: (make(t), {})
    for required, name in named_parameters(function):
        for (text, make), shape in itertools.product(NAMED.items(), "wB"):

            def build(t, make=make, name=name, required=required, shape=shape):
                plain = getattr(t, shape)
                return [plain.copy() for _ in range(required)], {name: make(t)}

            yield f"{required} × {shape}, {name}={text}", build


def named_parameters(function):
    """Yield how many parameters a function requires, with the name of another one."""
    if isinstance(function, np.ufunc):
        yield from ((function.nin, name) for name in ("where", "out", "dtype"))
        return
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return
    positional = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )
    required = sum(p.default is p.empty and p.kind in positional for p in parameters)
    for p in parameters:
        if p.default is not p.empty and p.kind is not inspect.Parameter.POSITIONAL_ONLY:
            yield required, p.name


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
        point = Point(x)
        args, kwargs = build(point)
        result = function(*args, **kwargs)
        written = [
            a for a in (*args, *kwargs.values())
            if isinstance(a, np.ndarray) and not any(a is v for v in point.varying)
        ]  # fmt: skip
        return numbers([result, written])

    return f


def differences(f):
    """Give value and derivative along DIRECTION, None where a plain call fails."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            y = f(V.copy())
            high, low = f(V + STEP * DIRECTION), f(V - STEP * DIRECTION)
        except Exception:  # NumPy refuses this call itself, in whatever way
            return None
    if any(np.asarray(part).dtype.kind == "O" for part in y):
        return None
    if [np.shape(a) for a in high] != [np.shape(b) for b in low]:
        return None
    with np.errstate(all="ignore"):
        exact = [(a - b) / (2 * STEP) for a, b in zip(high, low, strict=True)]
    return (y, exact) if all(np.isfinite(part).all() for part in exact) else None


def by_forward(f):
    """Give value and derivative along DIRECTION by forward mode."""
    return jvp(f, (V.copy(),), (DIRECTION,))


def weights(parts):
    """Give a cotangent for each part, no two of whose entries are alike."""
    return [
        np.sqrt(2.0 + k + np.arange(np.size(part))).reshape(np.shape(part))
        for k, part in enumerate(parts)
    ]


def paired(y_bar, y_dot):
    return [
        float(
            sum(
                np.real(np.sum(np.multiply(a, b)))
                for a, b in zip(y_bar, y_dot, strict=True)
            )
        )
    ]


def by_reverse(f):
    """Give value and <weights, derivative along DIRECTION> by reverse mode."""
    y, pullback = vjp(f, V.copy())
    y_bar = [
        w.astype(getattr(part, "dtype", float))
        for w, part in zip(weights(y), y, strict=True)
    ]
    (x_bar,) = pullback(y_bar)
    return y, [float(x_bar @ DIRECTION)]


def wrong(f):
    """Say what is wrong with the derivative of f, None if nothing."""
    found = differences(f)
    if found is None:
        return None
    y, exact = found
    for derive in (by_forward, by_reverse):
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                value, y_dot = derive(f)
        except LOUD:
            continue
        except Exception as error:
            return f"raises {type(error).__name__}: {error}"
        if not same(value, y):
            return f"gives {value}, not {y}"
        expected = exact if derive is by_forward else paired(weights(y), exact)
        if not same(y_dot, expected):
            return f"has {derive.__name__} the derivative {y_dot}, not {expected}"
    return None


def same(found, expected):
    """Compare lists of arrays, shapes included."""
    pairs = list(itertools.zip_longest(found, expected))
    return all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-4, atol=1e-6)
        for a, b in pairs
    )


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


@pytest.mark.parametrize(
    "name", [n for n in dir(np) if isinstance(getattr(np, n), np.ufunc)]
)
@pytest.mark.parametrize("method", ["reduce", "accumulate", "reduceat", "outer", "at"])
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
