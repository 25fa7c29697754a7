"""Indexing, and what selects: brackets, take, where, diagonals, triangles."""

from __future__ import annotations

import numpy as np
import pytest

from tests.primitives.comparing import calls, check_call, face, faces_of, same
from wengert.errors import MissingRuleError, ShapeError
from wengert.graph.primitive import PRIMITIVES
from wengert.graph.types import ArrayType
from wengert.operators import check_grads, grad
from wengert.primitives.indexing import ARRAY, Index, getitem, indexed_shape

RNG = np.random.default_rng(11)
S = np.float64(1.5)
V = RNG.uniform(-2, 2, 5)
M = RNG.uniform(-2, 2, (3, 4))
T = RNG.uniform(-2, 2, (2, 3, 4))
C = M + 1j * RNG.uniform(-2, 2, (3, 4))
F = M.astype(np.float32)
N = np.arange(12).reshape(3, 4)
B = M > 0
I2 = np.array([[0, 2], [1, 1]])
ROWS, COLUMNS = np.array([[0], [2]]), np.array([3, 1, -1])

KEYS = [
    (V, 2), (V, -1), (V, slice(1, None)), (V, slice(None, None, -2)), (V, ...),
    (V, None), (V, ()), (V, np.int64(3)), (V, slice(np.int64(1), 4)), (S, ()),
    (S, None),
    (M, 1), (M, (1, 2)), (M, (slice(None), 1)), (M, (..., 0)),
    (M, (None, 1, ..., None)),
    (T, (1, ..., slice(0, 2))), (T, (slice(None), slice(2, 0, -1), -1)), (N, (1, ...)),
    (V, [0, 2, 2]), (V, I2), (V, np.array(3)), (V, []), (V, np.array([], int)),
    (M, [2, 0, 2]), (M, (slice(None), [1, 1, 0])), (M, (ROWS, COLUMNS)),
    (M, (1, [0, 0])),
    (M, ([0, 1], slice(1, 3))), (T, (ROWS % 2, slice(None), COLUMNS)),
    (T, (0, ..., [1])),
    (T, ([0, 1], [2, 0], slice(None))), (T, (slice(None), [2, 0], [1, 1])),
    (T, (slice(None), 1, I2)), (T, (1, slice(None), I2)), (T, (..., None, [0, 3])),
    (T, (np.uint8(1), I2)), (T, (None, [1, 0], None, [0, 2])), (C, (0, [1, 1])),
    (M, B), (M, B[:, 0]), (M, (slice(None), B[0])), (M, (B[:, 0], 1)), (T, (1, B)),
    (T, (..., B[0])), (T, (slice(None), B)), (T, (None, B[:2, 1], ..., 0)), (V, V > 9),
    (T, (B[:2, 1], [0, 2, 1][: B[:2, 1].sum()])), (V, (V > 0).tolist()), (F, B),
]  # fmt: skip

READ = {
    np.take: [((V, 2), {}), ((M, [5, 0, 5]), {}), ((M, I2), {"axis": 0}),
        ((T, [2, 0]), {"axis": -2}), ((V, [7, -9]), {"mode": "wrap"}), ((N, 3), {}),
        ((V, [7, -9]), {"mode": "clip"}), ((F, [1]), {"axis": 1})],
    np.take_along_axis: [((M, np.argsort(M, 0)), {"axis": 0}),
        ((M, I2[:1]), {"axis": 1}),
        ((M, np.array([3, 3])), {"axis": None}),
        ((T, np.argmax(T, 1)[:, None]), {"axis": 1})],
    np.compress: [((B[0], M), {"axis": 1}), (([True, False], M), {"axis": 0}),
                  ((V > 0, V), {}), (([0, 1, 1], T), {})],
    np.extract: [((B, M), {}), ((V > 0, V), {})],
    np.delete: [((V, 1), {}), ((M, [0, 2]), {"axis": 1}), ((M, slice(2)), {"axis": 0}),
                ((M, 3), {}), ((V, V > 0), {}), ((T, -1), {"axis": -1})],
    np.nonzero: [((M,), {}), ((B,), {}), ((N,), {})],
    np.argwhere: [((M,), {}), ((B,), {}), ((V > 9,), {})],
    np.flatnonzero: [((B,), {}), ((N,), {})],
}  # fmt: skip

CHOSEN = {
    np.where: [((B, M, -M), {}), ((B, M, 0.0), {}), ((B, 1.0, F), {}), ((B, 2, F), {}),
        ((B[:, :1], S, M), {}), ((True, V, 1.0), {}), ((B, C, M), {}), ((B,), {}),
        ((N, M, 3), {}), ((B, [1.0, 2.0, 3.0, 4.0], M), {}), ((B, 1.0, 2.0), {}),
        ((V > 0, 1j, V.astype(np.float32)), {})],
    np.select: [(([B, N > 5], [M, -M]), {}), (([B, ~B], [F, F]), {"default": 2.0}),
        (([V > 0], [V], S), {}), (([B[0], B], [M[0], C]), {})],
    np.choose: [((N % 3, [M, -M, V[0]]), {}), ((N, [M, -M]), {"mode": "wrap"}),
        ((N - 2, [M, -M]), {"mode": "clip"}), (([1, 0, 1, 1], [M[0], M[:, :1]]), {})],
    np.diagonal: [((M,), {}), ((M, 1), {}), ((M, -2), {}), ((T, 0, 0, 2), {}),
                  ((T,), {"axis1": -1, "axis2": 1, "offset": 1}), ((M, 9), {})],
    np.linalg.diagonal: [((T,), {}), ((T,), {"offset": -1})],
    np.trace: [((M,), {}), ((T, -1, 2, 1), {}), ((C,), {}), ((F,), {"dtype": float})],
    np.linalg.trace: [((T,), {}), ((T,), {"offset": 2})],
    np.diag: [((V,), {}), ((V, 1), {}), ((V, -2), {}), ((M,), {"k": 1}), ((C,), {})],
    np.diagflat: [((M,), {}), ((V, -1), {})],
    np.diag_indices_from: [((T[:, :2, :2],), {}), ((N[:, :3],), {})],
    np.tril_indices_from: [((M,), {}), ((N, 1), {})],
    np.triu_indices_from: [((M,), {}), ((N,), {"k": -1})],
    np.tril: [((M,), {}), ((T, 1), {}), ((V,), {}), ((C, -1), {}), ((F,), {}),
        ((N,), {})],
    np.triu: [((M,), {}), ((T, 1), {}), ((V,), {}), ((C, -1), {}), ((F,), {}),
        ((N,), {})],
}  # fmt: skip
CASES = READ | CHOSEN
IN_PLACE = {
    np.copyto, np.fill_diagonal, np.place, np.put, np.put_along_axis, np.putmask,
}  # fmt: skip


# ----- brackets -----


@pytest.mark.parametrize("x,key", KEYS, ids=[str(k) for k in range(len(KEYS))])
def test_brackets_read_what_numpy_reads(x, key):
    same(getitem(x, key), x[key])


@pytest.mark.parametrize("x,key", KEYS, ids=[str(k) for k in range(len(KEYS))])
def test_derivatives_of_brackets_agree_with_differences(x, key):
    if x.dtype.kind == "i" or x[key].size == 0:
        pytest.skip("nothing varies")
    check_grads(lambda v: v[key], x, order=1).raise_if_failed()


def test_a_place_read_twice_collects_twice():
    f = lambda x: x[[0, 2, 2]].sum() + x[2] + x[I2].sum()
    assert np.array_equal(grad(f)(V), [2.0, 2.0, 4.0, 0.0, 0.0])
    g = grad(lambda x: (x[:, [1, 1, 3]] * 2).sum())(M)
    assert np.array_equal(g, [[0.0, 4.0, 0.0, 2.0]] * 3)


def test_reading_a_traced_place():
    # The index is computed from x: its values are constant, the elements read are not.
    same(grad(lambda x: x[np.argmax(x)] ** 2)(V), 2 * V * (V == V.max()))
    same(grad(lambda x: (x[np.argsort(x)] * np.arange(5)).sum())(V),
         np.argsort(np.argsort(V)).astype(float))  # fmt: skip
    same(grad(lambda x: (x[x > 0] ** 2).sum())(M), 2 * M * B)


def test_an_index_is_hashable_and_prints():
    index = Index((slice(1, None), 2, None, ..., ARRAY))
    assert hash(index) == hash(Index((slice(1, None), 2, None, ..., ARRAY)))
    assert index == Index((slice(1, None), 2, None, ..., ARRAY))
    assert index != Index((slice(2, None), 2, None, ..., ARRAY))


@pytest.mark.parametrize(
    "key,error",
    [
        (5, IndexError),
        ((0, 0), IndexError),
        ([0.5], IndexError),
        (np.array([]), IndexError),
        (np.ones(4, bool), IndexError),
        ("a", IndexError),
    ],
)
def test_wrong_keys_raise_as_in_numpy(key, error):
    with pytest.raises(error):
        V[key]
    with pytest.raises(error):
        getitem(V, key)


def test_boolean_scalars_are_refused():
    with pytest.raises(MissingRuleError, match="Instead"):
        getitem(V, True)


def test_shapes_of_indexing_that_does_not_fit():
    for shape, index in (((3,), (0, 0)), ((3,), (3,)), ((2, 3), (slice(None), -4))):
        with pytest.raises(ShapeError, match="getitem"):
            indexed_shape(shape, index)


def test_scatter_adds_in_the_dtype_of_its_input():
    for row in ("scatter", "scatter_add"):
        for sample in PRIMITIVES[row].samples(RNG, np.dtype(np.float32)):
            assert PRIMITIVES[row](*sample.inputs, **sample.params).dtype == np.float32


# ----- faces -----


@calls(CASES)
def test_face_gives_what_numpy_gives(function, args, keywords):
    same(face(function)(*args, **keywords), function(*args, **keywords))


@calls(CASES)
def test_derivatives_agree_with_differences(function, args, keywords):
    check_call(function, args, keywords)


def test_every_face_is_compared():
    assert faces_of("indexing", "selection") == set(CASES)
    assert faces_of("writing") == IN_PLACE


# What each of these writes into the first argument, with a value from the second.
WRITES = {
    "copyto": lambda m, v: np.copyto(m, v),
    "copyto, where": lambda m, v: np.copyto(m, v[0], where=B),
    "copyto, a number": lambda m, v: np.copyto(m, 7.0, where=B[:, :1]),
    "fill_diagonal": lambda m, v: np.fill_diagonal(m, v[0]),
    "fill_diagonal, a vector": lambda m, v: np.fill_diagonal(m, v[:2]),
    "fill_diagonal, tall": lambda m, v: np.fill_diagonal(m.T, v[0], wrap=True),
    "place": lambda m, v: np.place(m, B, v[:2]),
    "put": lambda m, v: np.put(m, [0, -1, 5, 0], v),
    "put, wrap": lambda m, v: np.put(m, [40, 5], v[:1], mode="wrap"),
    "put, clip": lambda m, v: np.put(m, [-3, 99], v[:2], mode="clip"),
    "put, nothing": lambda m, v: np.put(m, [], v),
    "put_along_axis": lambda m, v: np.put_along_axis(m, N[:, :1] % 3, v[0], 1),
    "put_along_axis, flat": lambda m, v: np.put_along_axis(m, np.array([3, 4]), v[:2],
                                                           None),
    "put_along_axis, argmax": lambda m, v: np.put_along_axis(
        m, np.argmax(m, axis=0, keepdims=True), v, 0),
    "putmask": lambda m, v: np.putmask(m, B, v),
    "putmask, short": lambda m, v: np.putmask(m, m > 0, v[:3]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
def test_writing(name):
    write = WRITES[name]

    def f(x):
        m, v = x * 1.0, np.sin(x[1] * x[0])
        write(m, v)
        return m * np.cos(x)

    plain = M.copy()
    write(plain, np.sin(M[1] * M[0]))
    assert not np.array_equal(plain, M) or name == "put, nothing"
    check_grads(f, M, order=2).raise_if_failed()


def test_every_function_that_writes_is_tried():
    assert {name.partition(",")[0] for name in WRITES} == {
        function.__name__ for function in IN_PLACE
    }


@pytest.mark.parametrize(
    "call,words",
    [
        (lambda x: np.copyto(x, 1j * x), "cannot cast"),
        (lambda x: np.copyto(x, np.ones((3, 9))), "broadcast"),
        (lambda x: np.put(x, [99], 1.0), "out of bounds|invalid"),
        (lambda x: np.fill_diagonal(x[0], 1.0), "2-d"),
    ],
)
def test_what_cannot_be_written_raises(call, words):
    with pytest.raises((TypeError, ValueError, IndexError), match=words):
        grad(lambda x: (call(x), x.sum())[1])(M)


@pytest.mark.parametrize(
    "call",
    [
        lambda: face(np.take)(M, 0, out=V),
        lambda: face(np.choose)(N % 2, [M, M], out=M),
        lambda: face(np.trace)(M, out=S),
        lambda: face(np.compress)(B[0], M, 1, out=M),
    ],
)
def test_what_has_no_rule_is_refused(call):
    with pytest.raises(MissingRuleError, match="Instead, "):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: face(np.take_along_axis)(M, np.array([0]), 0),
        lambda: face(np.select)([B], [M, M]),
        lambda: face(np.diag)(T),
        lambda: PRIMITIVES["argwhere"](M, size=1),
        lambda: face(np.where)(B, M, T[:, :2]),
    ],
)
def test_shapes_that_do_not_fit_raise(call):
    with pytest.raises(ValueError):
        call()


# ----- the side that is not taken -----


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_side_not_taken_gets_zero_even_from_inf():
    x = np.array([0.0, 4.0])
    assert np.array_equal(
        grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0).sum())(x), [0.0, 0.25]
    )
    row = PRIMITIVES["where"]
    types = tuple(ArrayType.of(v) for v in (x, x))
    y_bar = np.array([np.inf, np.nan])
    left, right = row.transpose((np.array([True, False]), *types), y_bar)
    assert np.array_equal(left, [np.inf, 0]) and np.array_equal(
        right, [0, np.nan], equal_nan=True
    )


def test_where_keeps_float32_beside_a_python_number():
    g = grad(lambda x: np.where(x > 0, x, 0.0).sum())(F)
    assert g.dtype == np.float32
    assert np.array_equal(g, B)


def test_where_sums_over_what_was_broadcast():
    left, right = grad(lambda x, y: np.where(B, x, y).sum(), argnums=(0, 1))(
        S, M[:, :1]
    )
    assert left == B.sum()
    assert np.array_equal(right, (~B).sum(1, keepdims=True))
