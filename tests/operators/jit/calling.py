"""What the tests of `jit` share: a jitted function beside the plain one."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np

from wengert import jit
from wengert.errors import PathWarning


def outcome(f: Any, args: Any, kwargs: Any) -> Any:
    """What a call gives, or what it raises; and its arguments afterwards."""
    args = copy.deepcopy(args)
    try:
        return "gives", f(*args, **kwargs), args
    except Exception as error:
        return "raises", type(error), args


def assert_same(x: Any, y: Any) -> None:
    """Compare results: types, structures, dtypes, and values to the last bits."""
    assert type(x) is type(y), (x, y)
    if isinstance(x, tuple | list):
        assert len(x) == len(y)
        for a, b in zip(x, y, strict=True):
            assert_same(a, b)
    elif isinstance(x, dict):
        assert list(x) == list(y)
        for key in x:
            assert_same(x[key], y[key])
    elif isinstance(x, np.ndarray):
        assert x.dtype == y.dtype and x.shape == y.shape
        np.testing.assert_allclose(y, x, rtol=1e-13, atol=1e-300)
        assert y.flags.writeable or not x.flags.writeable
    elif isinstance(x, float | np.floating):
        np.testing.assert_allclose(y, x, rtol=1e-13)
    else:
        assert x == y


def check_calls(f: Any, *calls: Any, jitted: Any = None) -> Any:
    """Call jit(f) as f with each tuple of arguments, and compare."""
    jitted = jit(f) if jitted is None else jitted
    for args in calls:
        assert_same(outcome(f, args, {}), outcome(jitted, args, {}))
    return jitted


def states(jitted: Any) -> list[Any]:
    """What is known of each signature."""
    return [s for s in jitted._dispatcher.states.values() if not s.by_floats]


def paths(jitted: Any) -> list[int]:
    """How many paths each signature has."""
    return [len(state.paths) for state in states(jitted)]


def refusals(jitted: Any, *calls: Any) -> list[str]:
    """What PathWarnings some calls give."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for args in calls:
            jitted(*args)
    return [str(w.message) for w in caught if w.category is PathWarning]
