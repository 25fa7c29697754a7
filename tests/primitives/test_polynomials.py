"""Polynomials against NumPy's, and their derivatives against differences."""

from __future__ import annotations

import numpy as np
import pytest

from tests.primitives.comparing import calls, check_call, face, faces_of, same
from wengert import check_grads, grad
from wengert.errors import MissingRuleError, ShapeError

RNG = np.random.default_rng(3)
P, Q = RNG.uniform(1, 2, 4), RNG.uniform(-2, -1, 2)
C = P + 1j * RNG.uniform(-2, 2, 4)
F, G = P.astype(np.float32), Q.astype(np.float32)
X = RNG.uniform(-2, 2, (2, 3))
N = np.array([3, -1, 2])
POINTS = np.linspace(-1, 2, 7)
Y = RNG.uniform(-1, 1, (7, 2))
PAIRED = np.array([1 + 2j, 1 - 2j, 3])
S = np.float64(0.7)

_two = [((P, Q), {}), ((Q, P), {}), ((P, P[::-1]), {}), ((C, Q), {}), ((F, G), {}),
        ((N, N), {}), ((P, S), {}), ((F, P), {}), (([1, 2], [3.0]), {})]  # fmt: skip
CASES = {
    np.polyval: [((P, X), {}), ((C, X), {}), ((P, C), {}), ((F, F), {}), ((P, S), {}),
        ((F, 2.0), {}), ((P, N), {}), ((N, X), {}), ((X, S), {}), ((P[:0], X), {})],
    np.polyadd: _two, np.polysub: _two,
    np.polymul: [*_two, ((P[:1] * 0, P), {}), ((N * [0, 1, 1], N), {})],
    np.polydiv: [*_two[:5], ((N, N[:2]), {}), (([1.0, 2, 1], [1.0, 1]), {})],
    np.polyder: [((P,), {}), ((P, 2), {}), ((P, 5), {}), ((P, 0), {}), ((C,), {}),
        ((F,), {}), ((N,), {})],
    np.polyint: [((P,), {}), ((P, 2), {}), ((P, 0), {}), ((P, 2, 3.0), {}),
        ((P, 2, Q), {}), ((C,), {}), ((F,), {}), ((N,), {}), ((P, 1), {"k": S})],
    np.poly: [((P,), {}), ((C,), {}), ((F,), {}), ((N,), {}), ((P[:0],), {}),
        ((PAIRED,), {})],
    np.polyfit: [((POINTS, Y, 2), {}), ((POINTS, Y[:, 0], 3), {}),
        ((POINTS, Y, 1), {"w": np.arange(1.0, 8)}),
        ((POINTS, Y[:, 0], 1), {"w": np.arange(1.0, 8), "rcond": 1e-10}),
        ((POINTS.astype("f4"), Y.astype("f4"), 1), {})],
}  # fmt: skip


@calls(CASES)
def test_faces_give_what_numpy_gives(function, args, keywords):
    same(face(function)(*args, **keywords), function(*args, **keywords))


DIFFERENT = {
    function: [
        case
        for case in cases
        # Moved by themselves, roots leave their pairs, and zeros are no zeros; which
        # remainders are zero to rounding, float32 does not tell.
        if not (case[0][0] is PAIRED or isinstance(case[0][0], list))
        and not (function is np.polydiv and case[0][0] is F)
        and np.all(np.asarray(case[0][0]) != 0)
    ]
    for function, cases in CASES.items()
}


@calls(DIFFERENT)
def test_derivatives_agree_with_differences(function, args, keywords):
    check_call(function, args, keywords, order=2)


def test_every_face_is_called_here():
    assert faces_of("polynomials") == set(CASES) | {np.roots}


def test_paired_roots_that_move_together():
    f = lambda z: np.poly(np.stack([z, np.conjugate(z)]))
    assert f(1 + 2j).dtype == np.float64
    check_grads(f, 1 + 2j).raise_if_failed()


def test_a_quotient_is_undone_by_its_product():
    f = lambda p, q: sum(np.sum(part**2) for part in np.polydiv(np.polymul(p, q), q))
    np.testing.assert_allclose(grad(f)(P, Q), 2 * P, atol=1e-12)
    np.testing.assert_allclose(grad(f, argnums=1)(P, Q), 0 * Q, atol=1e-12)


def test_what_is_refused():
    with pytest.raises(MissingRuleError, match="companion"):
        grad(lambda p: np.sum(np.abs(np.roots(p))))(P)
    with pytest.raises(MissingRuleError, match="poly1d"):
        grad(lambda p: np.polyval(p, np.poly1d([1, 2])))(P)
    with pytest.raises(MissingRuleError, match="full"):
        grad(lambda y: np.polyfit(POINTS, y, 1, full=True)[0].sum())(Y)
    with pytest.raises(MissingRuleError, match="cov"):
        grad(lambda y: np.polyfit(POINTS, y, 1, cov=True)[0].sum())(Y)
    with pytest.raises(ShapeError):
        face(np.poly)(X)
    with pytest.raises(ShapeError):
        face(np.polymul)(X, X)
    for function in (np.polyder, np.polyint):
        with pytest.raises(ValueError, match="positive"):
            face(function)(P, -1)
    with pytest.raises(ValueError, match="k must"):
        face(np.polyint)(P, 3, Q)
