"""Derivatives agree with SymPy's own, which shares no code with them.

Two formulas are equal if their difference is 0 when SymPy has put it together, or to 30
digits at three random points of 40 digits each.
"""

import random

import numpy as np
import pytest
import sympy

from tests.symbolic.random_formulas import formula
from tests.symbolic.textbook import TEXTBOOK
from wengert.symbolic import diff, from_sympy, gradient, hessian, symbol, to_sympy

REAL = sympy.symbols("x y z", real=True)
POSITIVE = sympy.Symbol("a", real=True)
NAMES = {"x": REAL[0], "y": REAL[1], "z": REAL[2], "a": POSITIVE}


def agree(ours, theirs, rng):
    """Tell how two formulas were found equal; fail if they are not."""
    if sympy.expand(ours - theirs) == 0:
        return "structure"
    free = sorted((ours - theirs).free_symbols, key=str)
    for _ in range(3):
        point = {s: sympy.Float(rng.uniform(0.1, 0.9), 40) for s in free}
        left, right = (sympy.N(e.subs(point), 40) for e in (ours, theirs))
        assert abs(left - right) <= sympy.Float("1e-30") * (1 + abs(right)), (
            ours,
            theirs,
            point,
        )
    return "digits"


def check(e, rng, orders=(1, 2)):
    """Compare first and second derivatives by each symbol."""
    ways = []
    ours = from_sympy(e)
    for s in sorted(e.free_symbols, key=str):
        for n in orders:
            found = to_sympy(diff(ours, symbol(s.name), n), real=True)
            ways.append(agree(found, sympy.diff(e, s, n), rng))
    return ways


@pytest.mark.parametrize("text", TEXTBOOK)
def test_a_textbook_function(text):
    e = sympy.sympify(text, locals=NAMES)
    check(e, random.Random(text), orders=(1, 2) if len(text) < 20 else (1,))


def test_random_formulas():
    rng = random.Random(0)
    ways = [way for _ in range(60) for way in check(formula(rng, 3), rng, (1,))]
    assert len(ways) > 60 and "structure" in ways


@pytest.mark.slow
def test_many_random_formulas():
    rng = random.Random(1)
    for _ in range(400):
        check(formula(rng, 3), rng)
    for _ in range(60):
        check(formula(rng, 4), rng, (1,))


def test_gradients_and_hessians():
    rng = random.Random(2)
    xs = [symbol(s.name) for s in REAL]
    for _ in range(12):
        e = formula(rng, 3) + sum(REAL) ** 2
        ours = from_sympy(e)
        first = to_sympy(gradient(ours, xs), real=True)
        second = to_sympy(hessian(ours, xs), real=True)
        assert second.shape == (3, 3)
        for i, s in enumerate(REAL):
            agree(first[i], sympy.diff(e, s), rng)
            for j, t in enumerate(REAL):
                agree(second[i, j], sympy.diff(e, s, t), rng)


def test_a_wrong_derivative_is_seen():
    x = REAL[0]
    with pytest.raises(AssertionError):
        agree(2.001 * x * sympy.cos(x**2), 2 * x * sympy.cos(x**2), random.Random(0))
    assert np.isclose(float(sympy.diff(x**2, x).subs(x, 1)), 2.0)
