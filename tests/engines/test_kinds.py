"""What has native code, and why the rest has none."""

import numpy as np
import pytest

import wengert.primitives.special  # noqa: F401  (rows are registered by import)
from wengert import scan, trace
from wengert.engines.loops.kinds import is_lowered, kind_of, why_not
from wengert.graph import PRIMITIVES, ArrayType, GraphBuilder

X = np.array([3, 1, 2])


def equations(row):
    for dtype in ("f8", "f4", "c16", "i8", "?"):
        try:
            for sample in row.samples(np.random.default_rng(0), np.dtype(dtype)):
                build = GraphBuilder()
                atoms = [
                    build.input(ArrayType.of(x))
                    if hasattr(x, "dtype")
                    else build.constant(x)
                    for x in sample.inputs
                ]
                build.add(row, atoms, sample.params)
                yield from build.finish([]).equations
        except (TypeError, ValueError, OverflowError):
            continue  # a dtype that this row does not take


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_there_is_native_code_or_a_reason(name):
    for equation in equations(PRIMITIVES[name]):
        assert (kind_of(equation) is None) == bool(why_not(equation))
        assert is_lowered(equation) == (not why_not(equation))


@pytest.mark.parametrize(
    ("f", "x", "reason"),
    [
        (lambda x: x * 2, X + 1j, "of c128"),
        (lambda x: x * 2, np.ones(3, np.float16), "of f16"),
        (lambda x: np.argsort(x), np.eye(2), "no native code is written"),
        (lambda x: np.linalg.inv(x), np.ones((0, 0)), "of no elements"),
        (lambda x: x**x, X, "to a power"),
        (lambda x: x << x, X, "a shift by"),
        (lambda x: np.reciprocal(x), X, "of integers"),
        (lambda x: x @ x, X, "a product of integers"),
        (lambda x: x[X, :, X], np.ones((4, 4, 4)), "index arrays"),
        (lambda x: scan(lambda c, a: (c * a, c), 1j, x)[1], X / 2, "c128"),
    ],
)
def test_the_reason(f, x, reason):
    reasons = [why_not(equation) for equation in trace(f, x).equations]
    assert any(reason in why for why in reasons), reasons


def test_the_reason_of_a_body_names_the_line():
    def f(x):
        return scan(lambda c, a: (np.argsort(c) + c, a), x, x)

    (why,) = filter(None, map(why_not, trace(f, np.eye(2)).equations))
    assert "its body has argsort" in why and "test_kinds.py" in why
