"""Run a function as the Graph that is recorded of it, as it is and simplified."""

from __future__ import annotations

import numpy as np

from wengert import trace
from wengert.engines import NumpyEngine
from wengert.graph.check import check
from wengert.graph.parse import parse
from wengert.passes import prune, simplify

__all__ = ["agrees", "recorded"]


def recorded(f, *args):
    """Give what the Graphs of f compute, which must be the same."""
    graph = check(trace(f, *args))
    small = check(prune(simplify(graph)))
    captures = {f"c{i}": c.value for i, c in enumerate(small.captures)}
    if all(c.value.size <= 16 for c in small.captures):
        captures = {}
    if "user." not in str(small):  # a function of the user's own has no text
        assert str(parse(str(small), captures)) == str(small)
    flat = [np.asarray(a)[()] for a in args]
    engine = NumpyEngine()
    y, z = engine.compile(graph)(*flat), engine.compile(small)(*flat)
    for a, b in zip(y, z, strict=True):
        np.testing.assert_array_equal(a, b)
    return y


def agrees(f, *args, rtol=1e-12):
    """Check that f gives the same when recorded, in one array."""
    (y,) = recorded(f, *args)
    np.testing.assert_allclose(y, f(*args), rtol=rtol, atol=1e-13)
    return y
