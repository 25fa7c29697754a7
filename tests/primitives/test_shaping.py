"""Shapes: reshape and its kin, joining, cutting, moving, repeating, dtypes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.primitives.comparing import calls, check_call, face, faces_of, same
from wengert.errors import MissingRuleError, ShapeError
from wengert.graph.types import ArrayType
from wengert.operators import grad
from wengert.primitives.joining import concatenate_, stack_
from wengert.primitives.shaping import (
    broadcast_to_,
    cast,
    cast_,
    reshape_,
    transpose_,
)

RNG = np.random.default_rng(3)
S = np.float64(1.5)
V = RNG.uniform(-2, 2, 4)
M = RNG.uniform(-2, 2, (3, 4))
T = RNG.uniform(-2, 2, (2, 3, 4))
C = M + 1j * RNG.uniform(-2, 2, (3, 4))
F = M.astype(np.float32)
L = RNG.uniform(-2, 2, (2, 1, 3, 1))
E = np.zeros((2, 0, 3))
N = np.arange(12).reshape(3, 4)

SHAPES = {
    np.reshape: [((M, (2, 6)), {}), ((M, -1), {}), ((T, [4, -1]), {}),
        ((S, (1, 1)), {}),
        ((M, (2, -1)), {"order": "F"}), ((C, (12,)), {"order": "F"}), ((N, (6, 2)), {}),
        ((E, (0, 7)), {}), ((F, np.int64(12)), {})],
    np.ravel: [((M,), {}), ((T,), {"order": "F"}), ((S,), {}), ((V,), {"order": "K"})],
    np.transpose: [((M,), {}), ((T,), {"axes": (2, 0, 1)}), ((T, (-1, 0, 1)), {}),
                   ((V,), {}), ((S,), {}), ((C,), {})],
    np.matrix_transpose: [((T,), {})],
    np.linalg.matrix_transpose: [((M,), {})],
    np.swapaxes: [((T, 0, 2), {}), ((T, -1, 1), {}), ((V, 0, 0), {})],
    np.moveaxis: [((T, 0, -1), {}), ((L, (0, 2), (-1, 0)), {}),
        ((T, [2, 0], [0, 1]), {})],
    np.rollaxis: [((L, a, s), {}) for a in (0, 2, -1) for s in (0, 1, 3, 4, -1)],
    np.squeeze: [((L,), {}), ((L,), {"axis": 1}), ((L,), {"axis": (1, -1)}),
        ((M,), {})],
    np.expand_dims: [((M, 0), {}), ((M, (0, -1)), {}), ((S, 0), {}), ((T, [1, 3]), {})],
    np.atleast_1d: [((S,), {}), ((M,), {}), ((S, V), {})],
    np.atleast_2d: [((S,), {}), ((V,), {}), ((T,), {}), ((S, V, M), {})],
    np.atleast_3d: [((S,), {}), ((V,), {}), ((M,), {}), ((T,), {}), ((L, S), {})],
    np.broadcast_to: [((V, (3, 4)), {}), ((S, (2,)), {}), ((M[:, :1], (2, 3, 4)), {}),
                      ((V, (4,)), {}), ((S, ()), {}), ((V, (300, 4)), {}),
        ((S, 3), {})],
    np.broadcast_arrays: [((V, M, S), {}), ((M[:, :1], T), {}), ((F, V), {})],
    np.full_like: [((M, 2.5), {}), ((N, 2.5), {}), ((M, S), {"dtype": np.float32}),
                   ((M, V), {}), ((M, S), {"shape": (2, 2)}), ((F, 1), {})],
    np.zeros_like: [((M,), {}), ((F,), {}), ((N,), {}), ((M,), {"dtype": complex}),
                    ((M,), {"shape": 3})],
    np.ones_like: [((C,), {}), ((S,), {}), ((M,), {"shape": (1, 2)})],
    np.copy: [((M,), {}), ((S,), {}), ((N,), {})],
}  # fmt: skip
if hasattr(np, "astype"):
    SHAPES[np.astype] = [((M, np.float32), {}), ((F, float), {}), ((M, complex), {}),
        ((M, int), {}), ((N, float), {}), ((M, bool), {}), ((M, float), {}),
        ((M, float), {"copy": False}), ((C, np.complex64), {})]  # fmt: skip

MOVED = {
    np.roll: [((V, 1), {}), ((M, 5), {}), ((M, -1), {"axis": 0}),
        ((T, 3), {"axis": -1}),
        ((M, (1, 2)), {"axis": (0, 1)}), ((M, 1), {"axis": (0, 1)}),
        ((E, 1), {"axis": 1}),
        ((V, (1, 2)), {"axis": 0}), ((N, 7), {"axis": 1})],
    np.flip: [((M,), {}), ((M,), {"axis": 0}), ((T,), {"axis": (0, -1)}), ((V,), {})],
    np.fliplr: [((M,), {})], np.flipud: [((V,), {}), ((M,), {})],
    np.rot90: [((M,), {"k": k}) for k in range(-1, 5)] + [((T,), {"axes": (1, 2)})],
}  # fmt: skip

JOINED = {
    np.concatenate: [(([V, V],), {}), (((M, M[:1]),), {}), (([M, N],), {"axis": 1}),
        (([M, V],), {"axis": None}), (([F, F],), {"axis": -1}), (([C, M],), {}),
        (([[1.0, 2.0], V],), {}), ((T,), {})],
    np.stack: [(([V, V],), {}), (([M, M],), {"axis": 1}), (([M, C],), {"axis": -1}),
        (([S, 2.0, S],), {}), ((T,), {"axis": 1}), (([F, F],), {}), ((M,), {})],
    np.vstack: [(([V, V],), {}), (([M, V],), {}), (([S, S],), {}), ((T,), {})],
    np.hstack: [(([V, S],), {}), (([M, M[:, :1]],), {}), (([T, T],), {})],
    np.dstack: [(([V, V],), {}), (([M, M],), {}), (([T, T],), {})],
    np.column_stack: [(([V, V],), {}), (([M, M[:, 0], M],), {}), (([S, S],), {})],
    np.append: [((V, S), {}), ((M, M), {"axis": 0}), ((M, [1.0, 2.0]), {})],
    np.block: [(([V, V],), {}), (([[M, M], [N, M]],), {}), ((M,), {}),
        (([[[T], [T]]],), {}), (([[S, S], [S, S]],), {}),
        (([[M, M[:, :1]], [V, S]],), {})],
    np.meshgrid: [((V, V[:3]), {}), ((V, V[:2], V[:3]), {"indexing": "ij"}), ((V,), {}),
        ((V, V[:3], V[:2]), {"sparse": True}), ((S, V), {}), ((), {})],
    np.array_split: [((V, 3), {}), ((M, 5), {}), ((T, [1, 3]), {"axis": 2}),
                     ((V, [2, 2, 9]), {}), ((M, np.array([1])), {"axis": 1})],
    np.split: [((V, 2), {}), ((M, [1]), {}), ((M, 2), {"axis": 1}),
        ((T, 3), {"axis": -2})],
    np.hsplit: [((V, 2), {}), ((M, [1, 3]), {})],
    np.vsplit: [((M, 3), {})], np.dsplit: [((T, 2), {})],
    np.tile: [((V, 3), {}), ((M, (2, 1)), {}), ((V, (2, 2)), {}), ((T, 2), {}),
              ((S, (2, 3)), {}), ((M, 0), {}), ((M, (1, 2, 1)), {})],
    np.repeat: [((V, 2), {}), ((M, 3), {}), ((M, 2), {"axis": 1}), ((S, 4), {}),
        ((M, [1, 0, 2]), {"axis": 0}), ((V, [0, 1, 2, 3]), {}),
        ((T, [2]), {"axis": -1})],
    np.resize: [((V, (2, 3)), {}), ((M, 5), {}), ((V[:0], 2), {}), ((M, (5, 5)), {})],
    np.pad: [((M, 1), {}), ((M, (1, 2)), {}), ((M, ((0, 1), (2, 3))), {}), ((V, 0), {}),
        ((M, 2), {"constant_values": 7.0}), ((F, 1), {"constant_values": (1, 2)}),
        ((C, 1), {}), ((N, 1), {})]
        + [((M, 3), {"mode": mode}) for mode in ("edge", "symmetric", "wrap")]
        + [((M, ((1, 2), (0, 3))), {"mode": "reflect"})],
}  # fmt: skip
if hasattr(np, "unstack"):
    JOINED[np.unstack] = [((M,), {}), ((T,), {"axis": -1})]
CASES = SHAPES | MOVED | JOINED


@calls(CASES)
def test_face_gives_what_numpy_gives(function, args, keywords):
    same(face(function)(*args, **keywords), function(*args, **keywords))


@calls(CASES)
def test_derivatives_agree_with_differences(function, args, keywords):
    check_call(function, args, keywords)


# NumPy warns of row_stack, an alias, wherever it still has it.
APART = {np.empty_like, getattr(np, "row_stack", np.empty_like)}


def test_every_face_is_compared():
    assert faces_of("shaping", "moving", "joining") - APART == set(CASES)


def test_empty_like_has_shape_and_dtype():
    y = face(np.empty_like)(F)
    assert (y.shape, y.dtype) == (F.shape, F.dtype)


def test_lists_are_arrays():
    same(face(np.reshape)([1.0, 2.0], (2, 1)), np.array([[1.0], [2.0]]))
    same(face(np.expand_dims)([1, 2], 0), np.array([[1, 2]]))


# ----- derivatives seen whole -----


def test_gradients_of_repetition_count():
    assert np.array_equal(grad(lambda x: np.tile(x, 3).sum())(V), [3.0] * 4)
    assert np.array_equal(grad(lambda x: np.repeat(x, [0, 1, 2, 3]).sum())(V), range(4))
    assert np.array_equal(grad(lambda x: np.pad(x, 2, "wrap").sum())(V), [2.0] * 4)
    assert grad(lambda x: np.broadcast_to(x, (300, 4)).sum())(1.5) == 1200


def test_reflections_of_reflections_count():
    x, f = V[:2], lambda x: np.pad(x, 3, "reflect").sum()
    assert np.array_equal(grad(f)(x), [4.0, 4.0])


def test_cast_keeps_the_gradient_in_the_dtype_of_the_argument():
    g = grad(lambda x: np.sum(x.astype(np.float64) ** 2))(F)
    assert g.dtype == np.float32
    same(g, 2 * F)
    g = grad(lambda x: np.sum(np.abs(x.astype(complex) * (3 + 4j))))(M)
    same(g, 5 * np.sign(M))


def test_cast_to_the_real_part_drops_the_rest_silently():
    same(cast(C, np.float64), C.real)
    same(cast_.transpose((ArrayType.of(C),), M, dtype=np.dtype(float)), M + 0j)


def test_integers_do_not_vary():
    assert np.array_equal(grad(lambda x: (x.astype(int) * x).sum())(V), V.astype(int))


# ----- what is refused -----


@pytest.mark.parametrize(
    "call",
    [
        lambda: face(np.reshape)(M, (4, 3), order="A"),
        lambda: face(np.ravel)(M, order="K"),
        lambda: face(np.concatenate)([M, M], out=M),
        lambda: face(np.stack)([M, M], dtype=np.float32),
        lambda: face(np.pad)(M, 1, mode="mean"),
        lambda: face(np.pad)(M, 1, mode="reflect", reflect_type="odd"),
    ],
)
def test_what_has_no_rule_is_refused(call):
    with pytest.raises(MissingRuleError, match="Instead, "):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: face(np.reshape)(M, (5, -1)),
        lambda: face(np.reshape)(M, (5, 2)),
        lambda: face(np.reshape)(M, (-1, -1)),
        lambda: face(np.squeeze)(M, 0),
        lambda: face(np.split)(V, 3),
        lambda: face(np.concatenate)([]),
        lambda: face(np.stack)([M, V]),
    ],
)
def test_errors_are_value_errors_as_in_numpy(call):
    with pytest.raises(ValueError):
        call()


@pytest.mark.parametrize(
    "row,types,params",
    [
        (reshape_, [M], {"shape": (5,)}),
        (transpose_, [M], {"axes": (0, 0)}),
        (broadcast_to_, [M], {"shape": (3,)}),
        (broadcast_to_, [V], {"shape": (3,)}),
        (broadcast_to_, [V], {"shape": (1,)}),
        (concatenate_, [M, V], {"axis": 0}),
        (concatenate_, [M, M], {"axis": 2}),
        (concatenate_, [M, T[0].T], {"axis": 0}),
        (stack_, [M, V], {"axis": 0}),
    ],
)
def test_types_that_do_not_fit_are_refused(row, types, params):
    with pytest.raises(ShapeError, match=row.name):
        row.type(*map(ArrayType.of, types), **params)
