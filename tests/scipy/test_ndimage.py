"""scipy.ndimage's drop-in: SciPy's values, and derivatives."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage as ss

from tests.scipy.calling import check_derivatives, check_namespace, check_values, each
from wengert.errors import MissingRuleError
from wengert.operators import grad, vjp
from wengert.scipy import ndimage

r = np.random.default_rng(0)
x = r.normal(size=9)
X = r.permutation(30).reshape(5, 6) - 14.5
w = r.normal(size=3)
W = r.normal(size=(3, 2))
w4 = r.normal(size=4)
M = ("reflect", "constant", "nearest", "mirror", "wrap")
C = []
for m in M:
    for n in ("correlate", "convolve"):
        C += [
            (n, (X, W), {"mode": m, "cval": 0.7}),
            (n, (X, W), {"mode": m, "origin": (1, -1) if n == "correlate" else (1, 0)}),
            (n + "1d", (X, w4), {"mode": m, "axis": 0}),
            (n + "1d", (X, w), {"mode": m, "origin": 1}),
        ]
    C += [
        ("gaussian_filter", (X, 1.1), {"mode": m}),
        ("gaussian_filter1d", (x, np.float64(1.1)), {"mode": m, "order": 2}),
        ("uniform_filter", (X, 4), {"mode": m}),
        ("uniform_filter1d", (x, 3), {"mode": m, "origin": 1}),
        ("sobel", (X,), {"mode": m}),
        ("prewitt", (X, 0), {"mode": m}),
        ("laplace", (X,), {"mode": m}),
        ("gaussian_laplace", (X, 1.0), {"mode": m}),
        ("gaussian_gradient_magnitude", (X, 1.0), {"mode": m}),
        ("median_filter", (X, 3), {"mode": m}),
        ("median_filter", (X, 2), {"mode": m}),
        ("maximum_filter", (X, (2, 3)), {"mode": m}),
        ("minimum_filter1d", (x, 3), {"mode": m, "origin": 1}),
        ("percentile_filter", (X, 30, 3), {"mode": m}),
        ("rank_filter", (X, -2, 3), {"mode": m}),
    ]
C += [
    ("gaussian_filter", (X, (1.0, 0)), {"order": (1, 0)}),
    ("gaussian_filter", (X, 1.0), {"mode": ["wrap", "nearest"]}),
    ("gaussian_filter1d", (x, 1.0), {"order": 3}),
    ("gaussian_filter1d", (x, 1.0), {"radius": 2}),
    ("sum_labels", (X, (X > 0).astype(int)), {}),
    ("sum_labels", (X, np.arange(30).reshape(5, 6) % 3), {"index": [0, 2]}),
    ("mean", (X, np.arange(30).reshape(5, 6) % 3), {"index": 1}),
    ("mean", (X,), {}),
]
co = np.stack([r.uniform(-2.2, 6.3, 8), r.uniform(-2.4, 7.3, 8)])
R = np.array([[0.9137, 0.2331], [-0.1479, 1.1253]])
for m in (
    "reflect",
    "grid-mirror",
    "constant",
    "grid-constant",
    "nearest",
    "mirror",
    "grid-wrap",
    "wrap",
):
    for o in (0, 1, 3):
        if o == 3 and m in ("nearest", "grid-constant", "wrap"):
            continue
        C += [
            ("map_coordinates", (X, co), {"mode": m, "order": o, "cval": 0.4}),
            ("shift", (X, np.array([0.3, -1.2])), {"mode": m, "order": o}),
            ("affine_transform", (X, R), {"mode": m, "order": o, "offset": 0.1357}),
            ("zoom", (X, 1.7), {"mode": m, "order": o}),
            ("rotate", (X, np.float64(27.0)), {"mode": m, "order": o}),
        ]
C += [
    ("rotate", (X, np.float64(27.0)), {"reshape": False, "order": 1}),
    (
        "affine_transform",
        (X, np.array([0.9137, 1.1253])),
        {"order": 1, "mode": "nearest", "offset": 0.0571},
    ),
    ("affine_transform", (X, np.c_[R, [0.1357, 0.2357]]), {"order": 1}),
    ("spline_filter", (X,), {}),
    ("spline_filter1d", (X,), {"axis": 0, "mode": "reflect", "order": 2}),
]

CALLS = C


@each(CALLS)
def test_faces_give_what_scipy_gives(name, args, keywords):
    check_values(ss, name, args, keywords)


@each(CALLS[::3])
def test_derivatives_agree_with_differences(name, args, keywords):
    steps = keywords.get("order") == 0 or name == "rotate"
    check_derivatives(ndimage, name, args, keywords, fixed=(1,) if steps else ())


@pytest.mark.parametrize("mode", M)
def test_a_filter_and_its_adjoint(mode):
    _, pullback = vjp(lambda x: ndimage.gaussian_filter(x, 1.3, mode=mode), X)
    y_bar = r.normal(size=X.shape)
    filtered = ss.gaussian_filter(X, 1.3, mode=mode)
    np.testing.assert_allclose(np.sum(y_bar * filtered), np.sum(pullback(y_bar)[0] * X))


def test_second_derivatives_agree_with_differences():
    check_derivatives(ndimage, "map_coordinates", (X, co), {"mode": "reflect"}, order=2)


def test_what_has_no_rule_says_why():
    with pytest.raises(MissingRuleError, match=r"scipy\.ndimage\.label has no.*test_"):
        grad(lambda x: ndimage.label(x)[0])(X)
    with pytest.raises(MissingRuleError, match="order=2"):
        grad(lambda x: ndimage.shift(x, 0.5, order=2).sum())(X)


def test_every_public_name_is_there():
    check_namespace(ndimage, ss)
    np.testing.assert_array_equal(ndimage.sobel(X), ss.sobel(X))
