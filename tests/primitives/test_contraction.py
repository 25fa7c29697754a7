"""Products: matmul, einsum, convolutions, and what is written in them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.primitives.comparing import calls, check_call, face, faces_of, same
from wengert.errors import MissingRuleError, ShapeError
from wengert.graph.primitive import PRIMITIVES
from wengert.graph.types import ArrayType
from wengert.operators import check_grads, grad, trace

RNG = np.random.default_rng(5)


def real(*shape):
    return RNG.uniform(-2, 2, shape)


def imaginary(*shape):
    return real(*shape) + 1j * real(*shape)


S = np.float64(1.5)
V, W = real(3), real(4)
A, B, Q = real(2, 3), real(3, 4), real(3, 3)
T, U = real(5, 2, 3), real(5, 3, 4)
C, D = imaginary(2, 3), imaginary(3, 4)
F = A.astype(np.float32)
N = np.arange(12).reshape(3, 4)

EINSUM = {
    np.einsum: [
        (("ij,jk->ik", A, B), {}), (("ij,jk", A, B), {}), (("ij,jk->ki", A, B), {}),
        (("i,i", V, V), {}), (("i,j->ij", V, W), {}), (("i,j->ji", V, W), {}),
        (("ij,j->i", A, V), {}), (("i,ij->j", V, B), {}), (("ii", Q), {}),
        (("ii->i", Q), {}), (("ij->ji", A), {}), (("ij->", A), {}), (("ij->j", A), {}),
        (("i->i", V), {}), (("bij,bjk->bik", T, U), {}),
        (("bij,bj->bi", T, T[:, 0]), {}),
        (("bij,bij->b", T, T), {}), (("...ij,...jk->...ik", T, U), {}),
        (("...ij,jk", T, B), {}), (("...", A), {}), (("...i->i...", T), {}),
        (("i...,i...", A, T[:2, 0]), {}), (("...i,...i->...", V, V), {}),
        (("ij,kl->", A, B), {}), (("ij,kl->ik", A, B), {}),
        (("ij,jk,kl->il", A, B, B.T), {}),
        (("ij,ij,ij->ij", A, A, A), {}), (("iij,jk->ik", real(3, 3, 3), B), {}),
        (("iji->j", real(3, 2, 3)), {}), (("iijj->ij", real(2, 2, 3, 3)), {}),
        ((",ij->ij", S, A), {}), ((",", S, S), {}), (("i,i,i->", V, V, V), {}),
        (("ij,jk->ik", A[:, :1], B), {}), (("ij,ij->i", A, A[:, :1]), {}),
        (("ij,jk", C, D), {}), (("ij,kj->ik", C, A), {}), (("ij,jk", F, B), {}),
        (("ij,kj", F, F), {}), (("ij , jk -> ik", A, B), {}),
        (("ij,jk", N[:, :3], B), {}),
        ((A, [0, 1], B, [1, 2], [0, 2]), {}), ((A, [0, 1], B, [1, 2]), {}),
        ((T, [..., 0], V, [0], [...]), {}), ((V, [27], W, [3]), {}),
        (("ij,jk,kl", A, B, B.T), {"optimize": True}),
        (("ij,jk,kl", A, B, B.T), {"optimize": ["einsum_path", (0, 1), (0, 1)]}),
        (("ij,jk", real(40, 40), real(40, 40)), {"optimize": "greedy"}),
        (("ijk,kl->ijl", real(20, 20, 20), real(20, 20)), {}),
        (("i,i", V[:0], V[:0]), {}), (("ij->i", B[:, :0]), {}),
    ],
}  # fmt: skip

CONVOLVED = {
    function: [
        ((x, y), {"mode": mode})
        for x, y in itertools.product((V, W, real(2), imaginary(6)), repeat=2)
        for mode in ("full", "same", "valid")
    ]
    for function in (np.convolve, np.correlate)
}

CONVOLVED[np.convolve] += [((S, V), {}), ((V, 2.0), {})]
_vectors = [((V, V), {}), ((S, S), {}), ((C[0], D[:, 0]), {}), ((F[0], F[1]), {})]
PRODUCTS = {
    np.dot: _vectors + [((A, B), {}), ((T, B), {}), ((A, V), {}), ((V, B), {}),
        ((T, V), {}), ((S, A), {}), ((A, 2.0), {}), ((A, U), {}), ((V, U), {}),
        ((T, U), {}), ((C, D), {}), ((N, W), {}), ((A, B.tolist()), {})],
    np.vdot: _vectors + [((C, C[::-1]), {}), ((A, A), {}), ((A, C), {})],
    np.inner: _vectors + [((A, A), {}), ((T, A), {}), ((A, T), {}), ((T, V), {}),
        ((S, A), {}), ((C, C), {})],
    np.outer: [((V, W), {}), ((A, V), {}), ((S, V), {}), ((C, V), {}), ((F, F), {})],
    np.linalg.outer: [((V, W), {})],
    np.tensordot: [((A, B, 1), {}), ((A, B, 0), {}), ((A, A), {}),
        ((T, U, ([0, 2], [0, 1])), {}),
        ((T, A, ((1, 2), (0, 1))), {}),
        ((T, A, ([-1], [1])), {}), ((C, D), {"axes": (1, 0)}), ((V, V, 1), {}),
        ((T, V, (2, 0)), {}), ((F, B, 1), {}), ((A[:0], A[:0], ([0], [0])), {})],
    np.linalg.tensordot: [((A, B), {"axes": 1})],
    np.kron: [((A, B), {}), ((V, A), {}), ((T, V), {}), ((S, A), {}), ((C, V), {})],
    np.cross: [((V, V[::-1]), {}), ((A, V), {}), ((T, A[0]), {}), ((C, A), {}),
        ((B, B[::-1]), {"axis": 0}), ((B, B.T), {"axisa": 0, "axisb": 1, "axisc": 0})],
    np.linalg.cross: [((A, V), {}), ((B, B[::-1]), {"axis": 0})],
    np.linalg.multi_dot: [(([A, B],), {}), (([A, B, B.T, V],), {}), (([V, B, W],), {}),
        (([V, B],), {}), (([real(2, 9), real(9, 1), real(1, 7), real(7, 3)],), {}),
        (([C, D, W],), {})],
    np.linalg.matrix_power: [((Q, n), {}) for n in (0, 1, 2, 3, 7, -1, -2)]
        + [((real(2, 3, 3), 3), {}), ((Q.astype(np.float32), 2), {})],
    np.vander: [((V,), {}), ((V, 2), {}), ((C[0], 4), {"increasing": True}),
        ((F[0],), {}), ((N[0],), {})],
    np.linalg.vecdot: [((V, V), {}), ((T, A), {}), ((C, C), {}), ((B, B), {"axis": 0})],
    np.vecdot: [((V, V), {}), ((T, A), {}), ((C, C[::-1]), {}), ((F, F), {})],
}  # fmt: skip
if hasattr(np, "matvec"):
    PRODUCTS[np.matvec] = [((A, V), {}), ((T, A[0]), {}), ((T, T[:, 0]), {}),
                           ((C, C[0]), {})]  # fmt: skip
    PRODUCTS[np.vecmat] = [((V, B), {}), ((T[:, 0], U), {}), ((C[0], D), {})]
CASES = EINSUM | CONVOLVED | PRODUCTS

MATMUL = [
    pytest.param(real(*a), real(*b), id=f"{a}{b}")
    for a, b in itertools.product(
        [(3,), (2, 3), (1, 3), (5, 2, 3), (1, 2, 3), (4, 1, 2, 3), (0, 3)],
        [(3,), (3, 4), (3, 1), (5, 3, 4), (1, 3, 4), (4, 5, 3, 2)],
    )
]


@pytest.mark.parametrize("x,y", MATMUL)
def test_matmul_of_all_combinations(x, y):
    row = PRIMITIVES["matmul"]
    product = row.impl(x, y)
    assert row.type(ArrayType.of(x), ArrayType.of(y)) == ArrayType.of(product)
    same(product, np.matmul(x, y))
    y_bar = np.asarray(real(*product.shape))
    for i, v in enumerate((x, y)):
        w = real(*v.shape)
        x_bar = row.transpose(i, (x, y), y_bar)
        assert x_bar.shape == v.shape
        moved = (w, y) if i == 0 else (x, w)
        expected = np.sum(y_bar * np.matmul(*moved))
        np.testing.assert_allclose(np.sum(x_bar * w), expected, rtol=1e-12)
    if product.size:
        check_grads(lambda x, y: x @ y, x, y, order=1).raise_if_failed()


@calls(CASES)
def test_face_gives_what_numpy_gives(function, args, keywords):
    same(face(function)(*args, **keywords), function(*args, **keywords))


@calls(CASES)
def test_derivatives_agree_with_differences(function, args, keywords):
    check_call(function, args, keywords)


@calls({np.einsum: EINSUM[np.einsum][::3], np.tensordot: PRODUCTS[np.tensordot][:2]})
def test_second_derivatives_agree_with_differences(function, args, keywords):
    if max(np.size(a) for a in args if hasattr(a, "size")) > 100:
        pytest.skip("large")
    check_call(function, args, keywords, order=2)


def test_every_face_is_compared():
    assert faces_of("contraction", "products") == set(CASES)


# ----- what is recorded -----


def recorded(f, *args):
    return [equation.primitive.name for equation in trace(f, *args).equations]


@pytest.mark.parametrize(
    "subscripts,x,y",
    [("ij,jk", A, B), ("i,ij->j", V, B), ("ij,j", A, V), ("i,i", V, V),
     ("bij,bjk->bik", T, U)],
)  # fmt: skip
def test_an_einsum_that_is_a_matrix_product_becomes_one(subscripts, x, y):
    assert recorded(lambda x, y: np.einsum(subscripts, x, y), x, y) == ["matmul"]


def test_an_einsum_is_one_equation_with_labels_of_its_own():
    f = lambda x, y: np.einsum("...xq,...q->...x", x, y)
    (equation,) = trace(f, T, T[:, 0]).equations
    assert equation.params == {"subscripts": "abc,ac->ab"}
    assert recorded(f, T, V) == ["einsum"]


def test_a_label_that_one_operand_has_alone_is_summed_first():
    names = recorded(lambda x, y: np.einsum("ij,kl->ik", x, y), A, B)
    assert names == ["sum", "sum", "einsum"]


def test_a_transposed_einsum_is_an_einsum():
    g = grad(lambda x: np.einsum("bij,bj->bi", x, T[:, 0]).sum())
    assert set(recorded(g, T)) <= {"einsum", "sum", "broadcast_to", "reshape"}


def test_multi_dot_takes_the_cheapest_order():
    x, y, z = real(2, 50), real(50, 3), real(3, 40)
    graph = trace(lambda *a: np.linalg.multi_dot(a), x, y, z)
    assert graph.equations[0].outputs[0].type.shape == (2, 3)
    graph = trace(lambda *a: np.linalg.multi_dot(a), z.T, y.T, x.T)
    assert graph.equations[0].outputs[0].type.shape == (3, 2)


# ----- what is refused -----


@pytest.mark.parametrize(
    "call",
    [
        lambda: face(np.einsum)("ij", A, out=A),
        lambda: face(np.einsum)("ij", A, dtype=np.float32),
        lambda: face(np.dot)(A, B, out=B),
        lambda: face(np.outer)(V, V, out=B),
        lambda: face(np.cross)(A[:, :2], A[:, :2]),
    ],
)
def test_what_has_no_rule_is_refused(call):
    with pytest.raises(MissingRuleError, match="Instead, "):
        call()


@pytest.mark.parametrize(
    "subscripts,operands",
    [
        ("ij,jk", (A, A)),
        ("ij", (V,)),
        ("ij,jk->il", (A, B)),
        ("ij->ii", (Q,)),
        ("ii", (A,)),
        ("ij,jk", (A,)),
        ("...i,i->i", (A, V)),
        ("i,j", (V,)),
    ],
)
def test_einsums_that_do_not_fit_raise(subscripts, operands):
    with pytest.raises(ValueError):
        np.einsum(subscripts, *operands)
    with pytest.raises(ShapeError, match="einsum"):
        face(np.einsum)(subscripts, *operands)


@pytest.mark.parametrize(
    "name,types,params",
    [
        ("matmul", (A, A), {}),
        ("matmul", (S, A), {}),
        ("matmul", (T, U[:4]), {}),
        ("einsum", (A, B), {"subscripts": "ab,ca->bc"}),
        ("convolve", (A, V), {}),
        ("convolve", (V, V[:0]), {}),
    ],
)
def test_types_that_do_not_fit_are_refused(name, types, params):
    with pytest.raises(ShapeError, match=name):
        PRIMITIVES[name].type(*map(ArrayType.of, types), **params)


def test_tensordot_and_outer_of_shapes_that_do_not_fit_raise():
    with pytest.raises(ShapeError, match="tensordot"):
        face(np.tensordot)(A, A, 1)
    with pytest.raises(ShapeError, match="outer"):
        face(np.linalg.outer)(A, V)
