"""Functions of parts of arrays against NumPy's, and their derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from tests.primitives.comparing import calls, check_call, face, faces_of, same
from wengert import check_grads, grad
from wengert.errors import ShapeError

RNG = np.random.default_rng(6)
V = np.array([-2.0, -0.5, 0.75, 1.5, 3.0])
M = RNG.uniform(-2, 2, (3, 4))
T = RNG.uniform(-2, 2, (2, 3, 4))
C = M + 1j * RNG.uniform(-2, 2, (3, 4))
F = M.astype(np.float32)
N = np.array([[5, -3, 2], [7, 0, 2]])
S = np.float64(0.7)
Z = np.array([0.0, 0.0, 1.5, 0.0, -2.0, 0.0])
BLOCK = np.pad(M, ((1, 2), (0, 1)))
MASK = np.array([True, False, True])


def root(x, factor=1.0):
    return factor * np.sqrt(x)


def total(x, axis):
    return np.sum(x, axis=axis)


def outer(x):
    return np.outer(x, x[:2])


_parts = [
    ((M, [M < 0, M >= 0], [np.sin, root]), {}),
    ((M, [M > 0], [root, -1.0]), {}),
    ((M, [M > 0], [root, np.exp]), {}),
    ((M, [M < 9, M > 0], [np.square, root]), {}),
    ((V, V > 0, [root]), {}),
    ((F, [F > 0], [root]), {"factor": 2.0}),
    ((C, [M > 0], [np.exp, np.cos]), {}),
    ((M, [M > 9], [root, np.sin]), {}),
    ((S, [S > 0], [root]), {}),
    ((N, [N > 0], [np.square, 7]), {}),
]
_places = [
    ((M, 1, 7.0), {}), ((M, 1, 7.0), {"axis": 0}), ((M, 2, M[:, 0]), {"axis": 1}),
    ((M, [1], M[:, :1]), {"axis": 1}), ((M, [1, 3, 1], 5.0), {"axis": 1}),
    ((M, slice(0, 3, 2), M[:, :2]), {"axis": -1}), ((V, -1, V[:2]), {}),
    ((V, [0, -1], V[:2]), {}), ((M, MASK, M[:2]), {"axis": 0}), ((V, [], V[:0]), {}),
    ((C, 0, C[0]), {"axis": 0}), ((F, 0, 1.5), {"axis": 0}), ((N, 1, 9), {"axis": 1}),
    ((V, 5, S), {}), ((T, 1, M[0]), {"axis": 1}),
]  # fmt: skip
CASES = {
    np.piecewise: _parts,
    np.apply_along_axis: [
        ((np.sum, 0, M), {}), ((np.cumsum, 1, T), {}), ((outer, 1, T), {}),
        ((np.sort, -1, F), {}), ((outer, 0, V), {}), ((root, 1, abs(M), 2.0), {}),
        ((len, 0, M), {}), ((np.prod, 1, C), {}),
    ],
    np.apply_over_axes: [
        ((np.sum, T, [0, 2]), {}), ((total, T, (-1, 0)), {}), ((np.cumsum, M, 1), {}),
    ],
    np.insert: _places,
    np.trim_zeros: [((Z,), {}), ((Z, "f"), {}), ((Z, "B"), {}), ((0 * Z,), {})],
    np.ix_: [((N[0], MASK), {}), ((N[0, :0],), {}), ((N[0], N[1], MASK), {})],
    np.sort_complex: [((V[::-1],), {}), ((C,), {}), ((F,), {}), ((N,), {}),
        ((N.astype("i1"),), {})],
}  # fmt: skip
if np.lib.NumpyVersion(np.__version__) >= "2.2.0":
    CASES[np.trim_zeros] += [
        ((BLOCK,), {}),
        ((BLOCK,), {"axis": 0, "trim": "f"}),
        ((0 * BLOCK,), {"axis": 1}),
    ]


@calls(CASES)
def test_faces_give_what_numpy_gives(function, args, keywords):
    same(face(function)(*args, **keywords), function(*args, **keywords))


@calls({np.insert: _places})
def test_insertion_has_a_derivative(function, args, keywords):
    arr, obj, values = args
    values = np.asarray(values, arr.dtype)[()]
    if arr.dtype.kind in "fc":
        f = lambda a, v: np.insert(a, obj, v, **keywords)
        check_grads(f, arr, values, order=1).raise_if_failed()


@calls({np.sort_complex: CASES[np.sort_complex]})
def test_sorting_has_a_derivative(function, args, keywords):
    check_call(function, args, keywords)


@calls({np.piecewise: _parts})
def test_each_part_has_the_derivative_of_its_function(function, args, keywords):
    x, conditions, functions = args
    if x.dtype.kind not in "fc":
        pytest.skip("nothing varies")
    # The conditions stay as they are: differences are not to cross them.
    order = 1 if x.dtype == np.float32 else 2
    safe = x + 3 * np.sign(x) if x.dtype.kind == "f" else x
    f = lambda x: np.piecewise(x, conditions, functions, **keywords)
    check_grads(f, safe.astype(x.dtype), order=order).raise_if_failed()


def test_conditions_of_a_traced_value():
    f = lambda x: np.piecewise(x, [x < 0, x >= 0], [np.sin, np.sqrt]).sum()
    expected = np.where(V < 0, np.cos(V), 0.5 / np.sqrt(abs(V)))
    np.testing.assert_allclose(grad(f)(V), expected)
    assert grad(lambda x: np.piecewise(x, [x < 0], [0, np.sqrt]))(4.0) == 0.25
    assert grad(lambda x: np.piecewise(x, x > 0, [np.square]).sum())(V)[-1] == 6


def test_functions_along_axes():
    for axis in (0, 1, -1):
        along = lambda x, axis=axis: np.apply_along_axis(outer, axis, x)
        check_grads(along, T).raise_if_failed()
    over = lambda x: np.apply_over_axes(np.prod, x, [0, 2])
    check_grads(over, T).raise_if_failed()


def test_trimmed_zeros():
    got = grad(lambda x: np.sum(np.trim_zeros(x) ** 2))(Z)
    np.testing.assert_array_equal(got, 2 * Z)


def test_indices_that_are_traced():
    f = lambda x: np.sum(x[np.ix_(np.argsort(x[:, 0])[:2], x[0] > 0)] ** 2)
    rows, columns = np.argsort(M[:, 0])[:2], M[0] > 0
    expected = np.zeros_like(M)
    expected[np.ix_(rows, columns)] = 2 * M[np.ix_(rows, columns)]
    np.testing.assert_array_equal(grad(f)(M), expected)


def test_every_face_is_called_here():
    assert faces_of("applying") == set(CASES)


def test_what_is_refused():
    with pytest.raises(ShapeError, match="piecewise"):
        grad(lambda x: np.piecewise(x, [MASK], [np.sin]).sum())(V)
    with pytest.raises(ValueError, match="functions are expected"):
        grad(lambda x: np.piecewise(x, [x > 0], [np.sin] * 3).sum())(V)
    with pytest.raises(ValueError, match="iteration dimensions"):
        face(np.apply_along_axis)(np.sum, 0, M[:, :0])
    with pytest.raises(ValueError, match="correct shape"):
        face(np.apply_over_axes)(lambda a, axis: a.sum(), M, 0)
    with pytest.raises(ValueError, match="trim"):
        face(np.trim_zeros)(V, "x")
    with pytest.raises(ValueError, match="1 dimensional"):
        face(np.ix_)(N)
