"""What would turn a traced value into a plain number raises, wherever Python does it,
or a second run with stand-ins gives the derivative.

The gradients of these functions are not zero: an answer of zero would be the worst of
all errors, a silent constant.
"""

from __future__ import annotations

import array
import cmath
import copy
import ctypes
import decimal
import fractions
import functools
import io
import json
import marshal
import math
import operator
import pickle
import random
import statistics
import struct

import numpy as np
import pytest

import wengert.engines  # noqa: F401
from wengert.engines.engine import open_engine
from wengert.errors import (
    ArgumentError,
    MissingRuleError,
    TracerLeakError,
    WengertError,
)
from wengert.operators import grad, jvp, trace, vjp
from wengert.trace import standing

X = np.array([0.7, 1.3, 0.4])
RNG = np.random.default_rng(0)
MASKED = np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0])
MATRIX = np.array([[1.0], [2.0], [3.0]]).view(np.matrix)


def written(make, write):
    """Make f that writes into a plain array and sums it."""

    def f(x):
        plain = make()
        write(plain, x)
        return np.sum(plain)

    return f


def saved(save, load, make=io.BytesIO):
    def f(x):
        file = make()
        save(file, x)
        file.seek(0)
        return np.sum(load(file))

    return f


def zeros():
    return np.zeros(3)


LEAKS = {
    # ----- Python -----
    "float": lambda x: float(x[0]),
    "float of a vector": lambda x: float(x),
    "complex": lambda x: complex(x[0], 1).real,
    "complex, second": lambda x: complex(1, x[0]).imag,
    "math.exp": lambda x: math.exp(x[0]),
    "math.pow": lambda x: math.pow(x[0], 2),
    "math.hypot": lambda x: math.hypot(*x),
    "math.dist": lambda x: math.dist(x, [0, 0, 0]),
    "math.fsum": lambda x: math.fsum(x),
    "cmath.exp": lambda x: cmath.exp(x[0]).real,
    "pow with a modulus": lambda x: pow(x[0], 2, 3),
    "Decimal": lambda x: float(decimal.Decimal(x[0])),
    "Fraction": lambda x: float(fractions.Fraction(x[0])),
    "percent f": lambda x: float("%f" % x[0]),  # noqa: UP031
    "struct.pack": lambda x: struct.unpack("d", struct.pack("d", x[0]))[0],
    "array.array": lambda x: sum(array.array("d", [x[0], x[1]])),
    "ctypes": lambda x: ctypes.c_double(x[0]).value,
    "json": lambda x: json.loads(json.dumps([x[0]]))[0],
    "marshal": lambda x: marshal.loads(marshal.dumps(x))[0],
    "statistics.fmean": lambda x: statistics.fmean(list(x)),
    "statistics.stdev": lambda x: statistics.stdev(list(x)),
    "range": lambda x: sum(range(x[0])) * x[1],
    "slice bound": lambda x: x[: x[0]].sum(),
    "list index": lambda x: [1.0, 2.0][x[0]] * x[1],
    "operator.index": lambda x: operator.index(x[0]) * x[1],
    "dict key": lambda x: {x[0]: 1.0}[x[0]] * x[1],
    "set element": lambda x: len({x[0]}) * x[1],
    "lru_cache": lambda x: functools.lru_cache(lambda t: t * t)(x[0]),
    "random seed": lambda x: random.Random(x[0]).random() * x[1],
    # ----- NumPy: reading -----
    "np.float64": lambda x: np.float64(x[0]) ** 2,
    "np.float32": lambda x: np.float32(x[0]) ** 2,
    "np.int64": lambda x: np.int64(x[0]) * x[1],
    "np.complex128": lambda x: np.complex128(x[0]).real,
    "dtype.type": lambda x: x.dtype.type(x[0]) ** 2,
    "np.array of a list": lambda x: np.array([x[0], x[1]]).sum(),
    "np.array": lambda x: np.array(x).sum(),
    "np.asarray": lambda x: np.asarray(x).sum(),
    "np.array of objects": lambda x: np.array(x, dtype=object).sum(),
    "np.full": lambda x: np.full(3, x[0]).sum(),
    "np.fromiter": lambda x: np.fromiter((t * t for t in x), float).sum(),
    "np.arange": lambda x: np.arange(0, x[0] * 3, x[1]).sum(),
    "np.r_": lambda x: np.r_[x, 1.0].sum(),
    "np.c_": lambda x: np.c_[x, x].sum(),
    "np.poly1d": lambda x: np.poly1d([x[0], x[1]])(2.0),
    "Polynomial": lambda x: np.polynomial.Polynomial([x[0], x[1]])(2.0),
    "np.matrix": lambda x: np.matrix(x).sum(),
    "np.ma.array": lambda x: np.ma.array(x, mask=[0, 1, 0]).sum(),
    "np.ndenumerate": lambda x: sum(t for _, t in np.ndenumerate(x)),
    "np.nditer": lambda x: sum(float(t) for t in np.nditer(x)),
    "np.vectorize": lambda x: np.vectorize(lambda t: t * t)(x).sum(),
    "np.vectorize, closing": lambda x: np.vectorize(lambda t: t * x[0])(X).sum(),
    "np.frompyfunc": lambda x: np.frompyfunc(lambda t: t * t, 1, 1)(x).sum(),
    "np.apply_along_axis": lambda x: np.apply_along_axis(lambda r: r * x, 0, X).sum(),
    "np.sum of a list": lambda x: np.sum([x[0], x[1]]),
    "np.frombuffer": lambda x: np.frombuffer(x)[0],
    "memoryview": lambda x: memoryview(x)[0],
    "tobytes": lambda x: np.frombuffer(x.tobytes())[0],
    "view": lambda x: x.view(np.float64).sum(),
    "array interface": lambda x: x.__array_interface__["data"][0] * x[0],
    "np.char.mod": lambda x: float(np.char.mod("%f", x[0])),
    # ----- NumPy: writing -----
    "B[0] = x": written(zeros, lambda B, x: B.__setitem__(0, x[0])),
    "B[:] = x": written(zeros, lambda B, x: B.__setitem__(slice(None), x)),
    "B[mask] = x": written(zeros, lambda B, x: B.__setitem__(X > 0.5, x[:2])),
    "B[0] = x, complex": lambda x: (
        written(lambda: np.zeros(3, complex), lambda B, x: B.__setitem__(0, x[0]))(
            x
        ).real
    ),
    "B.flat[0] = x": written(zeros, lambda B, x: B.flat.__setitem__(0, x[0])),
    "B.real = x": written(zeros, lambda B, x: setattr(B, "real", x)),
    "B.fill": written(zeros, lambda B, x: B.fill(x[0])),
    "B.put": written(zeros, lambda B, x: B.put(0, x[0])),
    "np.put": written(zeros, lambda B, x: np.put(B, 0, x[0])),
    "np.copyto": written(zeros, lambda B, x: np.copyto(B, x)),
    "np.add.at": written(zeros, lambda B, x: np.add.at(B, [0, 0], x[:2])),
    "a field": written(
        lambda: np.zeros(3, [("a", float)]), lambda B, x: B["a"].__setitem__(0, x[0])
    ),
    "x[0] = v": lambda x: (operator.setitem(x, 0, 1.0), x.sum())[1],
    "del x[0]": lambda x: operator.delitem(x, 0),
    "x += v": lambda x: operator.iadd(x, 1.0).sum(),
    "B += x": written(zeros, operator.iadd),
    "B @= x": lambda x: operator.imatmul(np.eye(3), np.outer(x, x)).sum(),
    "out= of a ufunc": written(zeros, lambda B, x: np.add(x, 1, out=B)),
    "out= as a tuple": written(zeros, lambda B, x: np.exp(x, out=(B,))),
    "out= of np.sum": written(lambda: np.zeros(()), lambda B, x: np.sum(x, out=B)),
    "out= of np.dot": written(zeros, lambda B, x: np.dot(np.eye(3), x, out=B)),
    "out= of a method": written(lambda: np.zeros(()), lambda B, x: x.mean(out=B)),
    "np.save": saved(np.save, np.load),
    "np.savetxt": saved(np.savetxt, np.loadtxt, io.StringIO),
    # ----- random numbers -----
    "rng.normal": lambda x: RNG.normal(x[0]),
    "rng.normal, scale": lambda x: RNG.normal(0, x).sum(),
    "np.random.normal": lambda x: np.random.normal(loc=x[0]),
    "rng.uniform": lambda x: RNG.uniform(0, x[0]),
    "rng.choice": lambda x: RNG.choice(x),
    "rng.choice, p": lambda x: RNG.choice(3, p=x / x.sum()) * x[0],
    "rng.permutation": lambda x: RNG.permutation(x)[0],
    "rng.shuffle": lambda x: (np.random.default_rng(0).shuffle(x), x[0] ** 2)[1],
}


# What raises; everything else has its derivative.
RAISING = {
    # No number, or no number with a derivative, comes out of these.
    "float of a vector", "pow with a modulus", "Decimal", "Fraction", "percent f",
    "struct.pack", "array.array", "ctypes", "json", "marshal", "statistics.fmean",
    "statistics.stdev", "range", "slice bound", "list index", "operator.index",
    "dict key", "set element", "lru_cache", "random seed", "np.int64", "dtype.type",
    # NumPy's classes, and its C code that takes memory as it is.
    "np.array of objects", "np.poly1d", "Polynomial", "np.matrix", "np.ma.array",
    "np.nditer", "np.frompyfunc", "np.apply_along_axis", "np.frombuffer", "memoryview",
    "tobytes", "view", "array interface", "np.char.mod", "np.save", "np.savetxt",
    "a field", "del x[0]", "B @= x",
    # Random numbers.
    "rng.normal", "rng.normal, scale", "np.random.normal", "rng.uniform", "rng.choice",
    "rng.choice, p", "rng.permutation",
}  # fmt: skip
DERIVES = {
    "grad": lambda f: grad(f)(X),
    "jvp": lambda f: jvp(f, (X,), (np.ones(3),))[1],
    "trace": lambda f: trace(f, X),
    "grad of grad": lambda f: grad(lambda x: grad(f)(x).sum())(X),
}


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """No function is known to have leaked: functions of one code are told apart."""
    monkeypatch.setattr(standing, "_LEAKY", {})


@pytest.mark.filterwarnings("ignore")  # of np.matrix and of shuffling
@pytest.mark.parametrize("name", sorted(RAISING))
@pytest.mark.parametrize("derive", DERIVES)
def test_a_leak_raises(name, derive):
    loud = (WengertError, TypeError, ValueError, AttributeError, struct.error)
    with pytest.raises(loud):
        DERIVES[derive](LEAKS[name])


@pytest.mark.filterwarnings("ignore")  # of shuffling
@pytest.mark.parametrize("name", sorted(set(LEAKS) - RAISING - {"np.float32"}))
def test_a_second_run_has_the_derivative(name):
    f = LEAKS[name]
    exact = np.array([(f(X + e) - f(X - e)) / 2e-6 for e in 1e-6 * np.eye(3)])
    close = {"rtol": 1e-6, "atol": 1e-8}
    np.testing.assert_allclose(DERIVES["grad"](f), exact, **close)
    np.testing.assert_allclose(DERIVES["jvp"](f), exact.sum(), **close)
    (again,) = open_engine("numpy").compile(trace(grad(f), X))(X)
    np.testing.assert_allclose(again, exact, **close)
    moved = [grad(f)(X + e).sum() - grad(f)(X - e).sum() for e in 1e-5 * np.eye(3)]
    second = np.array(moved) / 2e-5
    np.testing.assert_allclose(DERIVES["grad of grad"](f), second, rtol=1e-4, atol=1e-4)
    x = X.copy()
    grad(f)(x)
    assert (x == X).all(), "the caller's array was written to"


PLAIN = {
    # Here the value is meant, and its derivative is rightly zero.
    "int": (lambda x: int(x[1] * 10) * x[0], [13.0, 0, 0]),
    "floor": (lambda x: math.floor(x[1]) * math.trunc(x[1]) * x[0], [1.0, 0, 0]),
    "ceil": (lambda x: math.ceil(x[1]) * x[0], [2.0, 0, 0]),
    "round": (lambda x: round(x[0], 1) * x[1] * round(x[1]), [0, 0.7, 0]),
    "bool": (lambda x: bool(x[0]) * x[0], [1.0, 0, 0]),
    "B[0] = int(x)": (lambda x: _counted(x) * x[0], [3.0, 0, 0]),
    "in a list": (lambda x: x[0] * (x[1] in [1.3, 2.0]), [1.0, 0, 0]),
    "contains": (lambda x: x[0] * (1.3 in x), [1.0, 0, 0]),
    "argmax": (lambda x: x[np.argmax(x)] ** 2, [0, 2.6, 0]),
    # And here Python's own arithmetic carries the Tracer.
    "random.gauss": (lambda x: random.Random(0).gauss(x[0], 0), [1.0, 0, 0]),
    "statistics.median": (lambda x: statistics.median(list(x)), [1.0, 0, 0]),
    "an array of objects": (lambda x: sum(_objects(x)), [1.0, 1.0, 1.0]),
    "copy.copy": (lambda x: copy.copy(x)[0] ** 2, [1.4, 0, 0]),
    "item": (lambda x: x[0].item() * x.item(1), [1.3, 0.7, 0]),
    "tolist": (lambda x: sum(v * v for v in x.tolist()), 2 * X),
    "a shuffled list": (lambda x: _shuffled(list(x)), [1.0, 1.0, 1.0]),
}  # fmt: skip


def _counted(x):
    counts = np.zeros(3, int)
    counts[0] = int(x[1])
    counts[1] = np.argmax(x)
    counts[2] = x[0] > 0.5
    return counts.sum()


def _objects(x):
    values = np.zeros(3, object)
    for i in range(3):
        values[i] = x[i]
    return values


def _shuffled(values):
    random.Random(0).shuffle(values)
    return functools.reduce(operator.add, values)


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_no_leak_has_its_derivative(name):
    f, expected = PLAIN[name]
    np.testing.assert_allclose(grad(f)(X), expected, rtol=1e-12)
    np.testing.assert_allclose(jvp(f, (X,), (np.ones(3),))[1], np.sum(expected))


SLIPPERY = {
    # Each of these once gave a derivative of zero, or a wrong one.
    "deepcopy": lambda x: copy.deepcopy(x)[0] ** 2,
    "deepcopy of a dict": lambda x: copy.deepcopy({"a": [x]})["a"][0][0] ** 2,
    "pickle of an argument": lambda x: pickle.loads(pickle.dumps(x))[0] ** 2,
    "pickle of a result": lambda x: pickle.loads(pickle.dumps(x * 2)).sum(),
    "astype(object)": lambda x: sum(math.sin(v) for v in x.astype(object)),
    "astype(str)": lambda x: x.astype(str).astype(float).sum(),
    "through a string": lambda x: float(str(x[0])),
    "through a format": lambda x: float(f"{x[0]!s}"),
    "times a masked array": lambda x: (x * MASKED).sum(),
    "a masked array times": lambda x: (MASKED * x).sum(),
    "plus a masked array": lambda x: (x + MASKED).sum(),
    "times a matrix": lambda x: np.sum((x[None] * MATRIX)[0, 0]),
    "a matrix times": lambda x: np.sum((MATRIX.T * x[:, None])[0, 0]),
    "a matrix at": lambda x: np.sum((MATRIX.T @ x)[0, 0]),
    "a scaled matrix": lambda x: np.sum((x[0] * MATRIX)[1, 0]),
}


@pytest.mark.filterwarnings("ignore")  # of np.matrix
@pytest.mark.parametrize("name", SLIPPERY)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_what_slipped_through_raises_or_is_right(name, mode):
    f = SLIPPERY[name]
    exact = sum(float(f(X + e) - f(X - e)) / 2e-6 for e in 1e-6 * np.eye(3))
    try:
        if mode == "forward":
            found = float(jvp(f, (X,), (np.ones(3),))[1])
        else:
            found = float(np.sum(vjp(f, X)[1](1.0)[0]))
    except (WengertError, TypeError, ValueError, AttributeError):
        return
    assert found == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("derive", ["grad", "jvp"])
def test_through_a_short_float(derive):
    # Differences are too rough here.
    assert np.sum(DERIVES[derive](LEAKS["np.float32"])) == pytest.approx(1.4, rel=1e-6)


# ----- what the messages say -----


KEPT = np.zeros(3)
COUNTS = np.zeros(3, int)
MESSAGES = {
    "struct": (lambda x: array.array("d", [x[0]]), TracerLeakError,
               ["f64[]", "Python float", "np.exp"]),
    "np.ma.array": (lambda x: np.ma.array(x).sum(), TracerLeakError,
                    ["f64[3]", "np.stack"]),
    "KEPT[0] = x": (lambda x: KEPT.__setitem__(0, x[0]), TracerLeakError,
                    ["y[i] = x", "np.stack"]),
    "KEPT[1:] = x": (lambda x: operator.setitem(KEPT, slice(1, 3), x[1:]),
                     TracerLeakError, ["f64[2]", "plain NumPy array"]),
    "KEPT += x": (lambda x: operator.iadd(KEPT, x), TracerLeakError,
                  ["np.add", "B = B + x"]),
    "out=KEPT": (lambda x: np.sin(x, out=KEPT), TracerLeakError,
                 ["np.sin", "drop out="]),
    "np.cumsum, out=KEPT": (lambda x: np.cumsum(x, out=KEPT), TracerLeakError,
                            ["np.cumsum", "drop out="]),
    "np.copyto(KEPT)": (lambda x: np.copyto(KEPT, x), WengertError, ["plain"]),
    "dict key": (lambda x: {x[0]: 1}, TracerLeakError, ["dictionary key", "position"]),
    "slice": (lambda x: x[: x[0]], TracerLeakError, ["no integer", "int(x)"]),
    "no rule": (lambda x: np.isnat(x), MissingRuleError,
                ["numpy.isnat", "dates", "coverage"]),
    "integers": (lambda x: _truncated(x), ArgumentError,
                 ["array of integers", "int(x)", "np.zeros(n)"]),
    "ragged": (lambda x: np.array([x[:2], x]), ArgumentError, ["ragged"]),
    "float of a vector": (lambda x: float(x), TypeError, []),
    "math.exp of a vector": (lambda x: math.exp(x), TypeError, []),
}  # fmt: skip


def _truncated(x):
    COUNTS[0] = x[0]


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_names_the_call_the_line_and_the_repair(name):
    f, error, words = MESSAGES[name]
    with pytest.raises(error) as raised:
        grad(f)(X)
    for word in [*words, *(["test_leaks.py:"] if words else [])]:
        assert word in str(raised.value)
    assert not KEPT.any() and not COUNTS.any()


def test_a_message_names_the_users_line_and_not_that_of_a_library():
    optimize = pytest.importorskip("scipy.optimize")
    with pytest.raises(WengertError) as raised:
        grad(lambda x: optimize.brentq(lambda t: t - x[0], 0, 1))(X)
    assert "test_leaks.py:" in str(raised.value)


def test_a_foreign_ufunc_is_named_with_its_arguments():
    foreign = np.frompyfunc(math.erf, 1, 1)
    with pytest.raises(MissingRuleError) as raised:
        grad(lambda x: foreign(x).sum())(X)
    assert "numpy.erf" not in str(raised.value)
    assert "erf (vectorized)(f64[3])" in str(raised.value)


def test_clip_as_a_method_of_a_plain_array():
    assert grad(lambda x: np.arange(3.0).clip(x[0], 1.5).sum())(X)[0] == 1.0
