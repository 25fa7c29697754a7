"""Faces against NumPy: with plain arrays, every face gives what NumPy gives.

The calls are written once and made twice, of NumPy's function and of its face.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import wengert.primitives  # noqa: F401  (fills the registry)
from wengert.errors import MissingRuleError
from wengert.graph.primitive import FACES, PRIMITIVES, lookup
from wengert.primitives.axes import (
    as_array,
    expand_like,
    indicator,
    normalize_axes,
    refuse,
    typed,
    unbroadcast,
)

RNG = np.random.default_rng(7)
V = np.array([3.0, -1.5, 0.25, 2.0])
M = RNG.uniform(-2, 2, (3, 4))
T = RNG.uniform(-2, 2, (2, 3, 4))
C = M + 1j * RNG.uniform(-2, 2, (3, 4))
N = np.array([[5, -3, 2], [7, 0, 2]])
B = M > 0
F = M.astype(np.float32)
HOLES = np.where(RNG.uniform(size=(3, 4)) < 0.3, np.nan, M)
HOLES[1] = np.nan
WEIRD = np.array([np.nan, np.inf, -np.inf, -0.0, 1.5, -2.5])
EMPTY = np.zeros((0, 3))
ROW = np.array([True, False, True, True])

_axes = [{}, {"axis": 0}, {"axis": -1}, {"axis": (0, 1)}, {"axis": 1, "keepdims": True}]
_reduced = [((x,), k) for x in (M, T, F, N, B) for k in _axes]
_reduced += [((np.float64(2.0),), {}), (([1.0, 2.0, 4.0],), {"axis": 0})]
_complex = [((C,), k) for k in _axes]
_where = [((M,), {"where": B}), ((F,), {"axis": 1, "where": ROW, "keepdims": True})]
_bounded = [
    ((M,), {"axis": 1, "initial": 0.5}),
    ((M,), {"axis": 0, "where": B, "initial": -9.0}),
    ((EMPTY,), {"axis": 0, "initial": 1.5, "keepdims": True}),
]
_ddof = [((M,), {"ddof": 1, "axis": 0}), ((C,), {"correction": 1, "axis": 1})]
_nan = [((HOLES,), k) for k in _axes] + [((N,), {"axis": 1})]
_nan_where = [((HOLES,), {"where": B}), ((HOLES,), {"axis": 1, "where": ROW})]
_along = [((M,), {}), ((T,), {"axis": 1}), ((N,), {"axis": -1}), ((B,), {"axis": 0}),
          ((np.float64(2.0),), {}), ((F,), {"axis": 0, "dtype": float})]  # fmt: skip
_sorted = [((V,), {}), ((T,), {"axis": 1}), ((M,), {"axis": None}), ((C,), {})]
_medians = [((V,), {}), ((V[:3],), {}), ((HOLES,), {"axis": 1}), ((N,), {}),
            ((T,), {"axis": (0, -1), "keepdims": True}),
            ((F,), {"axis": 0})]  # fmt: skip

CASES = {
    np.sum: _reduced + _complex + _where + _bounded[:1] + [((EMPTY,), {"axis": 0}),
            ((F,), {"dtype": np.float64}), ((np.int8([100, 100]),), {})],
    np.prod: _reduced + _complex + _where + _bounded[:1] + [((EMPTY,), {"axis": 0})],
    np.max: _reduced + _bounded,
    np.min: _reduced + _bounded,
    np.any: _reduced + _where,
    np.all: _reduced + _where,
    np.count_nonzero: _reduced[:-1],
    np.mean: _reduced + _complex + _where + [((F,), {"dtype": np.float64})],
    np.var: _reduced + _complex + _where + _ddof,
    np.std: _reduced + _complex + _where + _ddof,
    np.ptp: [c for c in _reduced if c[0][0] is not B],
    np.average: _reduced[:5] + [((M,), {"weights": abs(M)}),
        ((M,), {"axis": 1, "weights": [1, 2, 3, 4]}),
        ((T,), {"axis": (0, 2), "weights": np.arange(1.0, 9).reshape(2, 4)}),
        ((M,), {"axis": 0, "weights": abs(M), "returned": True, "keepdims": True}),
        ((M,), {"returned": True})],
    np.nansum: _nan, np.nanprod: _nan,
    np.nanmax: _nan + [((HOLES,), {"initial": 0.0}),
                       ((HOLES,), {"where": B, "initial": -5.0})],
    np.nanmin: _nan + [((HOLES,), {"initial": 0.0})],
    np.nanmean: _nan + _nan_where,
    np.nanvar: _nan + _nan_where + [((HOLES,), {"axis": 0, "ddof": 1})],
    np.nanstd: _nan + _nan_where + [((HOLES,), {"axis": 0, "ddof": 1})],
    np.cumsum: _along, np.cumprod: _along,
    np.nancumsum: [((HOLES,), {}), ((HOLES,), {"axis": 0})],
    np.nancumprod: [((HOLES,), {}), ((HOLES,), {"axis": 0})],
    np.diff: [((V,), {}), ((T,), {"n": 2, "axis": 1}), ((B,), {"axis": 0}),
        ((M,), {"n": 0}), ((M,), {"prepend": 0.0, "append": M[:, :2]}), ((N,), {})],
    np.ediff1d: [((M,), {}), ((V,), {"to_begin": 7.0, "to_end": [8, 9]})],
    np.trapezoid: [((V,), {}), ((T,), {"dx": 0.5, "axis": 1}), ((M, V), {}),
        ((T, np.array([0.0, 1, 3])), {"axis": 1}), ((M, np.cumsum(M, 0)), {"axis": 0})],
    np.sort: _sorted + [((V,), {"kind": "stable"})],
    np.argsort: _sorted,
    np.lexsort: [(((V, V[::-1]),), {}), ((N,), {}), (((M, M),), {"axis": 0})],
    np.argmax: [((M,), {}), ((M,), {"axis": 1}), ((T,), {"axis": 0, "keepdims": True})],
    np.argmin: [((M,), {}), ((M,), {"axis": 1}), ((T,), {"axis": 0, "keepdims": True})],
    np.nanargmax: [((HOLES,), {}), ((HOLES[::2],), {"axis": 1})],
    np.nanargmin: [((HOLES,), {}), ((HOLES[::2],), {"axis": 1})],
    np.searchsorted: [((np.sort(V), M), {}), ((np.sort(V), 2.0), {"side": "right"}),
                      ((V, M), {"sorter": np.argsort(V)})],
    np.digitize: [((M, np.sort(V)), {}), ((M, np.sort(V)), {"right": True})],
    np.median: _medians,
    np.quantile: [((*args, q), k) for args, k in _medians
                  for q in (0.3, 1, [0.0, 0.5, 0.9], np.full((2, 2), 0.25))],
    np.percentile: [((V, 30), {}), ((T, [10.0, 75.0]), {"axis": 1}), ((F, 50.0), {})],
    np.divmod: [((M, 0.7), {}), ((N, 3), {}), ((F, F[0]), {})],
    np.modf: [((M,), {}), ((WEIRD,), {}), ((F,), {})],
    np.frexp: [((M,), {}), ((WEIRD[3:],), {}), ((F,), {})],
    np.sign: [((M,), {}), ((C,), {}), ((WEIRD,), {}), ((N,), {})],
    np.clip: [((M, -1, 1), {}), ((M, None, V), {}), ((F, 0.5, None), {}),
              ((N,), {"a_min": 0, "a_max": 3})],
    np.nan_to_num: [((WEIRD,), {}), ((WEIRD.astype(np.float32),), {"nan": 2.0}),
        ((WEIRD,), {"posinf": 9.0, "neginf": -9.0}), ((N,), {}),
        ((WEIRD + 1j * V[0],), {})],
    np.float_power: [((abs(F), F), {}), ((N, 2), {}), ((C, 1.5), {}), ((2, M), {})],
    np.round: [((M,), {}), ((M, 2), {}), ((N, -1), {}), ((C, 1), {})],
    np.fix: [((M,), {}), ((WEIRD,), {})],
    np.isposinf: [((WEIRD,), {})],
    np.isneginf: [((WEIRD,), {})],
    np.isreal: [((C,), {}), ((M,), {}), ((C.real + 0j,), {})],
    np.iscomplex: [((C,), {}), ((M,), {}), ((C.real + 0j,), {})],
    np.isclose: [((M, M + 1e-9), {}), ((M, M + 1e-3), {"rtol": 1e-3}),
                 ((WEIRD, WEIRD), {}), ((WEIRD, WEIRD), {"equal_nan": True})],
    np.allclose: [((M, M + 1e-9), {}), ((M, M + 1e-3), {"atol": 1e-4})],
    np.array_equal: [((M, M.copy()), {}), ((M, V), {}), ((WEIRD, WEIRD), {}),
                     ((WEIRD, WEIRD), {"equal_nan": True}), (([1, 2], (1, 2)), {})],
    np.array_equiv: [((V, [V, V]), {}), ((V, M), {}), ((V, V[:3]), {})],
    np.angle: [((C,), {}), ((M,), {"deg": True}), ((F,), {})],
    np.real_if_close: [((C,), {}), ((M + 1e-15j,), {}), ((M + 1e-9j,), {"tol": 1e-8}),
                       ((M,), {})],
}  # fmt: skip
CASES[np.amax], CASES[np.amin] = CASES[np.max], CASES[np.min]
CASES[np.around] = CASES[np.round]
if hasattr(np, "cumulative_sum"):
    _cumulative = [((V,), {}), ((T,), {"axis": 1, "include_initial": True}),
                   ((N,), {"axis": 0})]  # fmt: skip
    CASES[np.cumulative_sum] = CASES[np.cumulative_prod] = _cumulative

# The order within the parts is free: compared by its meaning below.
PARTITIONS = {np.partition, np.argpartition}
FAMILIES = (
    "arithmetic comparison complexes ordering reductions running statistics".split()
)

CALLS = [
    pytest.param(function, args, keywords, id=f"{function.__name__}-{k}")
    for function, calls in CASES.items()
    for k, (args, keywords) in enumerate(calls)
]


def same(actual, expected):
    if isinstance(expected, tuple):
        assert isinstance(actual, tuple)
        for a, b in zip(actual, expected, strict=True):
            same(a, b)
        return
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.dtype == expected.dtype
    tolerance = 1e-6 if expected.dtype == np.float32 else 1e-13
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)
    assert actual.shape == expected.shape
    if expected.dtype.kind == "f":
        numbers = ~np.isnan(expected)
        np.testing.assert_array_equal(
            np.signbit(actual)[numbers], np.signbit(expected)[numbers]
        )


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function,args,keywords", CALLS)
def test_face_gives_what_numpy_gives(function, args, keywords):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # NumPy's, of np.fix
        expected = function(*args, **keywords)
    same(FACES[function](*args, **keywords), expected)


def test_every_face_of_these_families_is_compared():
    faces = {
        function
        for function, face in FACES.items()
        if face.__module__.split(".")[-1] in FAMILIES
    }
    # Some faces answer two callables: np.max and np.amax, say.
    answered = {FACES[function] for function in faces - PARTITIONS}
    assert answered == {FACES[function] for function in CASES}


@pytest.mark.parametrize("function", sorted(PARTITIONS, key=str))
def test_partitions_put_the_kth_in_its_place(function):
    for x, kth, axis in ((V, 1, -1), (M, (0, 2), 1), (T, 1, 1)):
        y = FACES[function](x, kth, axis=axis)
        if function is np.argpartition:
            y = np.take_along_axis(x, y, axis)
        for k in np.ravel(kth):
            place = np.take(y, [k], axis)
            assert np.array_equal(place, np.take(np.sort(x, axis), [k], axis))
            assert np.all(np.take(y, range(k), axis) <= place)


@pytest.mark.parametrize("method", ["real", "imag", "conjugate"])
def test_complex_parts_of_real_and_complex_arrays(method):
    for x in (C, M, F, np.float64(2.0), np.complex128(1 + 2j)):
        same(lookup(method)(x), getattr(np, method)(x))


# ----- what is answered, and what is refused -----

# Products of vectors and matrices have a family of their own.
PRODUCTS = {"matmul", "matvec", "vecdot", "vecmat"}


def test_every_ufunc_is_answered():
    ufuncs = {u for u in vars(np).values() if isinstance(u, np.ufunc)}
    unanswered = {u.__name__ for u in ufuncs if not lookup(u) and u not in FACES}
    assert unanswered - PRODUCTS == set()


@pytest.mark.parametrize(
    "call",
    [
        lambda: FACES[np.sum](M, out=V),
        lambda: FACES[np.clip](M, 0, 1, casting="unsafe"),
        lambda: FACES[np.sort](M, order="x"),
        lambda: FACES[np.quantile](M, 0.5, method="nearest"),
        lambda: FACES[np.median](M, overwrite_input=True),
        lambda: FACES[np.nan_to_num](M, copy=False),
    ],
)
def test_what_has_no_rule_is_refused(call):
    with pytest.raises(MissingRuleError, match=r"np\.\w+\(.*test_faces.*Instead, "):
        call()


def test_defaults_are_not_refused():
    refuse("sum", out=None, casting="same_kind", order="K", where=True)
    refuse("sum", out=np._NoValue, subok=True, overwrite_input=False)


@pytest.mark.parametrize(
    "function,args,error",
    [
        (np.sum, (M, 2), np.exceptions.AxisError),
        (np.sum, (M, (0, 0)), ValueError),
        (np.max, (EMPTY, 0), ValueError),
        (np.diff, (V, -1), ValueError),
        (np.quantile, (V, 1.5), ValueError),
        (np.average, (M, 0, V), ValueError),
        (np.average, (M, None, V), TypeError),
    ],
)
def test_errors_are_those_of_numpy(function, args, error):
    for called in (function, FACES[function]):
        with pytest.raises(error):
            called(*args)


# ----- the helpers -----


def test_axes_are_sorted_and_not_negative():
    assert normalize_axes(None, 3) == (0, 1, 2)
    assert normalize_axes(-1, 3) == (2,)
    assert normalize_axes((2, -3), 3) == (0, 2)
    assert normalize_axes((), 0) == ()


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axes", [(), (0,), (1,), (0, 2), (0, 1, 2)])
def test_expand_like_undoes_the_shape_of_a_sum(axes, keepdims):
    reduced = np.sum(T, axis=axes, keepdims=keepdims)
    expected = np.broadcast_to(np.sum(T, axis=axes, keepdims=True), T.shape)
    np.testing.assert_array_equal(
        expand_like(reduced, T.shape, axes, keepdims), expected
    )


@pytest.mark.parametrize("shape", [(), (1,), (4,), (3, 1), (1, 1, 4), (2, 3, 4)])
def test_unbroadcast_is_the_adjoint_of_broadcasting(shape):
    x = RNG.uniform(size=shape)
    x_bar = unbroadcast(T, shape)
    assert x_bar.shape == shape
    assert np.sum(x_bar * x) == pytest.approx(np.sum(T * np.broadcast_to(x, T.shape)))


def test_dtypes_are_kept():
    one = np.float32(1)
    assert indicator(F > 0, F, 0.5).dtype == np.float32
    assert indicator(one > 0, 2, one).dtype == np.float32
    assert indicator(F > 0, F, V).dtype == np.float64
    assert typed(2, F.dtype).dtype == np.float32
    assert typed(V, F.dtype) is V


def test_lists_become_arrays():
    assert as_array(M) is M
    assert as_array([[1, 2], [3, 4]]).shape == (2, 2)

    class Traced:
        """Stand for a Tracer: known by its method, stacked by NumPy's protocol."""

        dtype, shape = np.dtype(float), ()

        def __wengert_bind__(self):
            raise AssertionError

        def __array_function__(self, function, types, args, kwargs):
            return function, args

    function, (parts,) = as_array([1.0, Traced()])
    assert function is np.stack and len(parts) == 2


def test_names_of_rows_are_their_keys():
    assert all(PRIMITIVES[name].name == name for name in PRIMITIVES)
