"""What the tests of faces share: a call is written once, and made in three ways.

Of NumPy's function; of its face, on plain arrays; and of NumPy's function on traced
values, whose derivatives are compared with differences.
"""

from __future__ import annotations

import numpy as np
import pytest

import wengert.operators  # noqa: F401  (fills the registry)
from wengert.graph.primitive import FACES, lookup
from wengert.operators import check_grads


def calls(cases):
    """Parametrize over the calls `{function: [(args, keywords), …]}`."""
    return pytest.mark.parametrize(
        "function,args,keywords",
        [
            pytest.param(function, args, keywords, id=f"{function.__name__}-{k}")
            for function, listed in cases.items()
            for k, (args, keywords) in enumerate(listed)
        ],
    )


def face(function):
    return FACES.get(function) or lookup(function)


def same(actual, expected):
    """Compare values, shapes and dtypes, of nested tuples and lists too."""
    if isinstance(expected, tuple | list):
        assert isinstance(actual, list if isinstance(expected, list) else tuple)
        for a, b in zip(actual, expected, strict=True):
            same(a, b)
        return
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype)
    tolerance = 2e-6 if expected.dtype in (np.float32, np.complex64) else 1e-12
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


def floating(x):
    if isinstance(x, tuple | list):
        return any(map(floating, x))
    return np.size(x) > 0 and np.asarray(x).dtype.kind in "fc"


def check_call(function, args, keywords, order=1):
    """Compare the derivatives of a call with differences, in both modes.

    Python numbers among the arguments stay fixed, since moved they were no longer weak.
    """
    moved = [a for a in args if type(a) not in (int, float, complex)]

    def call(*moved):
        rest = iter(moved)
        filled = [a if type(a) in (int, float, complex) else next(rest) for a in args]
        return function(*filled, **keywords)

    if not (floating(moved) and floating(call(*moved))):
        pytest.skip("nothing varies")
    check_grads(call, *moved, order=order).raise_if_failed()


def faces_of(*families):
    """Name the NumPy functions whose faces stand in these files."""
    return {
        function
        for function, answer in FACES.items()
        if answer.__module__ in {f"wengert.primitives.{name}" for name in families}
        and not str(getattr(function, "__module__", "")).startswith("scipy")
    }
