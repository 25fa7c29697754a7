"""A Tracer behaves in Python as the array that it stands for."""

from __future__ import annotations

import copy
import operator

import numpy as np
import pytest

from wengert.errors import TracerLeakError
from wengert.operators import grad, jvp, trace, vjp

X = np.array([0.7, -1.3, 0.4])
M = np.arange(6.0).reshape(2, 3) + 0.5


def seen(look, x):
    """Collect what a function under each kind of trace sees of its argument."""
    found = []

    def f(x):
        found.append(look(x))
        return np.sum(x)

    vjp(f, x)
    jvp(f, (x,), (np.ones_like(x),))
    trace(f, x)
    grad(lambda y: grad(f)(y).sum())(x)
    return found


LOOKS = {
    "shape": lambda x: x.shape,
    "ndim": lambda x: x.ndim,
    "size": lambda x: x.size,
    "dtype": lambda x: x.dtype,
    "itemsize": lambda x: x.itemsize,
    "nbytes": lambda x: x.nbytes,
    "len": len,
    "np.shape": np.shape,
    "np.ndim": np.ndim,
    "np.size": np.size,
    "np.result_type": lambda x: np.result_type(x, 1.0, np.float32),
    "np.iscomplexobj": np.iscomplexobj,
    "np.isrealobj": np.isrealobj,
    "items": lambda x: [f"{v:.3f}" for v in x.ravel()],
    "format": lambda x: format(x[0].item() if x.ndim == 1 else x[0, 0], ".4f"),
    "array2string": lambda x: np.array2string(x, precision=2),
    "bool": lambda x: bool(x.ravel()[0]),
    "int": lambda x: int(x.ravel()[-1] * 10),
    "comparison": lambda x: [bool(v > 0) for v in x.ravel()],
    "contains": lambda x: (0.5 in x, 0.7 in x, 99 in x),
    "in a list": lambda x: x.ravel()[0] in [0.5, 0.7],
    "is None": lambda x: (x is None, x is x),
    "all and any": lambda x: (bool((x > 0).all()), bool(np.any(x > 0))),
    "argmax": lambda x: int(np.argmax(x)),
    "count_nonzero": lambda x: int(np.count_nonzero(x > 0)),
    "array_equal": lambda x: bool(np.array_equal(x, X)),
    "allclose": lambda x: bool(np.allclose(x, x * 1)),
    "reversed": lambda x: f"{next(iter(reversed(x.ravel()))):.3f}",
    "sorted": lambda x: [f"{v:.3f}" for v in sorted(x.ravel())],
    "max": lambda x: f"{max(x.ravel(), key=lambda v: -v):.3f}",
    "callable": callable,
    "hasattr": lambda x: (hasattr(x, "T"), hasattr(x, "nonsense")),
}


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("x", [X, M], ids=["vector", "matrix"])
def test_a_tracer_looks_like_its_array(name, x):
    expected = LOOKS[name](x)
    for found in seen(LOOKS[name], x):
        assert found == expected


def test_a_scalar_tracer_has_no_length_and_does_not_iterate():
    for error in seen(lambda x: [_error(len, x[0]), _error(iter, x[0])], X):
        assert error == ["TypeError", "TypeError"]


def test_an_array_has_no_truth_value():
    assert set(seen(lambda x: _error(bool, x), X)) == {"ValueError"}


def test_a_float_is_no_index():
    for name in seen(lambda x: _error(operator.index, x[0]), X):
        assert name == TracerLeakError.__name__


def _error(function, x):
    try:
        function(x)
    except Exception as error:
        return type(error).__name__
    return None


def test_printing_a_nested_tracer_shows_its_value():
    shown = []
    grad(lambda x: grad(lambda y: shown.append(f"{y:.2f} {y}") or y * x)(x))(1.5)
    assert shown == ["1.50 1.5"]


def test_it_compares_with_none_and_strings_as_unequal():
    for answer in seen(lambda x: (x[0] == None, x[0] != "a"), X):  # noqa: E711
        assert answer == (False, True)


def test_a_copy_by_copy_copy_is_the_same_variable():
    assert grad(lambda x: (copy.copy(x) * x).sum())(X).tolist() == (2 * X).tolist()


@pytest.mark.parametrize("name", ["copy", "round", "sum", "T", "real", "mT", "flatten"])
def test_its_methods_are_those_of_arrays(name):
    def method(x):
        y = getattr(x, name)
        return y() if callable(y) else y

    expected = method(M)
    y, y_dot = jvp(method, (M,), (M,))
    np.testing.assert_array_equal(y, expected)
    if name != "round":
        np.testing.assert_array_equal(y_dot, expected)


def test_compress_as_a_method_takes_the_condition_first():
    f = lambda x: x.compress([True, False, True]).sum()
    assert grad(f)(X).tolist() == [1, 0, 1]


def test_what_has_no_rule_is_an_attribute_error_that_names_the_line():
    with pytest.raises(AttributeError, match="test_tracer.py:"):
        grad(lambda x: x.byteswap().sum())(X)


def test_foreign_objects_get_their_turn():
    class Money:
        def __radd__(self, other):
            return "paid"

        def __rmul__(self, other):
            return other * 2.0

    assert seen(lambda x: x[0] + Money(), X) == ["paid"] * 4
    assert grad(lambda x: x * Money())(3.0) == 2.0


def test_foreign_objects_without_a_turn_are_a_type_error():
    with pytest.raises(TypeError):
        grad(lambda x: x + object())(1.0)
    with pytest.raises(TypeError):
        grad(lambda x: "a" * x)(1.0)
