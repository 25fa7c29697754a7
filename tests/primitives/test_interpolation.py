"""Interpolation, unwrapping and slopes against NumPy's; their derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from tests.primitives.comparing import calls, check_call, face, faces_of, same
from wengert import check_grads, grad, jacobian
from wengert.errors import ShapeError

RNG = np.random.default_rng(5)
# The x stand in the middle between knots, since differences take wide steps.
XP = np.array([-2.0, -0.9, 0.0, 1.2, 2.1])
FP = RNG.uniform(-2, 2, 5)
CP = FP + 1j * RNG.uniform(-2, 2, 5)
X = np.array([[-3.0, -0.45, 0.6], [1.65, -1.45, 2.9]])
M = RNG.uniform(-2, 2, (3, 4))
T = RNG.uniform(-2, 2, (3, 4, 5))
C = M + 1j * RNG.uniform(-2, 2, (3, 4))
F = M.astype(np.float32)
N = np.array([[5, -3, 2], [7, 0, 2]])
# Steps of 0.15, -0.85, … of a period: far from half of one.
TURNS = np.cumsum(np.array([[1, 1, 1, -1, 1, 1], [-1, -1, 1, 2, -1, 1]]) * 0.15, 1) % 1
W = 2 * np.pi * TURNS
ROWS, COLUMNS = np.array([0.0, 0.5, 2.0]), np.array([0.0, 1.0, 1.5, 4.0])

_spaced = [
    ((), {}),
    ((2.0,), {"edge_order": 2}),
    ((0.5, 3.0), {}),
    ((ROWS, COLUMNS), {}),
    ((ROWS, COLUMNS), {"edge_order": 2}),
    ((ROWS, 2.0), {"edge_order": 2}),
    ((COLUMNS,), {"axis": 1}),
    ((COLUMNS, ROWS), {"axis": (1, 0)}),
    ((np.arange(4),), {"axis": -1, "edge_order": 2}),
    ((), {"axis": (0,)}),
]
CASES = {
    np.interp: [
        ((X, XP, FP), {}), ((X, XP, CP), {}), ((X[0], XP, FP), {"left": 9.0}),
        ((X, XP, FP), {"left": -1.0, "right": 2.5}),
        ((X[0], XP, FP), {"period": 5.0}), ((X[0], XP[::-1], CP), {"period": -5.0}),
        ((np.float64(0.6), XP, FP), {}), ((X, XP[:1], FP[:1]), {}),
        ((X, XP[:2], FP[:2]), {}), ((0.6, XP, FP), {}),
        ((X.astype(np.float32), XP.astype(np.float32), FP.astype(np.float32)), {}),
        ((X[:0], XP, FP), {}), ((X, np.arange(3), FP[:3]), {}),
    ],
    np.unwrap: [
        ((W,), {}), ((W,), {"axis": 0}), ((W,), {"discont": 4.0}),
        ((2 * TURNS,), {"period": 2.0}),
        ((1.5 * TURNS[0],), {"period": 1.5, "discont": 1.0}),
        ((W.astype(np.float32),), {}), ((N,), {}), ((N,), {"period": 4}),
        ((N,), {"period": 5}), ((W[:, :1],), {}),
    ],
    np.gradient: [
        ((x, *spacing), keywords) for x in (M, C, F) for spacing, keywords in _spaced
    ] + [((T,), {}), ((T, 1.0, ROWS[:0].sum() + 2, 3.0), {"edge_order": 2}),
         ((T,), {"axis": 1}), ((N,), {}), ((M[:2],), {"axis": 0}),
         ((M[:2], ROWS[:2]), {"axis": 0}), ((M[0],), {}),
         ((M, np.array([2.0, 1.0, -1.0])), {"axis": 0, "edge_order": 2})],
}  # fmt: skip


@calls(CASES)
def test_faces_give_what_numpy_gives(function, args, keywords):
    same(face(function)(*args, **keywords), function(*args, **keywords))


@calls(CASES)
def test_derivatives_agree_with_differences(function, args, keywords):
    check_call(function, args, keywords, order=2)


def test_every_face_is_called_here():
    assert faces_of("interpolation") == set(CASES)


def test_slopes_at_knots_are_those_to_the_right():
    x = np.array([-3.0, -2.0, -1.5, -0.9, 1.2, 2.1, 4.0])
    slopes = np.diff(FP) / np.diff(XP)
    expected = [0, slopes[0], slopes[0], slopes[1], slopes[3], 0, 0]
    got = grad(lambda x: np.interp(x, XP, FP).sum())(x)
    np.testing.assert_allclose(got, expected)


def test_ends_that_are_given_vary():
    # NumPy hands on its protocol for x, xp and fp only, so the face is called itself.
    f = lambda x, a, b: face(np.interp)(x, XP, FP, left=a, right=b).sum()
    check_grads(f, X, 0.5, 1.5).raise_if_failed()
    assert grad(f, argnums=1)(X, 0.5, 1.5) == 1


def test_a_gradient_in_coordinates_at_equal_distances():
    # Plain NumPy takes a short cut here, which a derivative in each must not.
    x = np.linspace(0, 1, 5)
    f = lambda x: np.gradient(np.sin(3 * XP), x, edge_order=2)
    check_grads(f, x).raise_if_failed()


def test_unwrapping_has_the_derivative_of_its_argument():
    np.testing.assert_array_equal(jacobian(np.unwrap)(W[0]), np.eye(6))


def test_what_is_refused():
    with pytest.raises(ValueError, match="same length"):
        grad(lambda f: np.interp(X, XP, f).sum())(FP[:3])
    with pytest.raises(ValueError, match="period"):
        grad(lambda f: np.interp(X, XP, f, period=0).sum())(FP)
    with pytest.raises(ShapeError, match="gradient"):
        grad(lambda f: np.gradient(f).sum())(FP[:1])
    with pytest.raises(ShapeError, match="coordinates"):
        grad(lambda f: np.gradient(f, XP).sum())(FP[:3])
    with pytest.raises(TypeError, match="number of arguments"):
        face(np.gradient)(M, 1.0, 2.0, 3.0)
    with pytest.raises(ValueError, match="edge_order"):
        face(np.gradient)(M, edge_order=3)
