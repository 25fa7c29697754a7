"""scipy.interpolate's drop-in: SciPy's values, and derivatives."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.interpolate as si

from tests.primitives.comparing import check_call
from tests.scipy.calling import check_namespace
from wengert.engines import open_engine
from wengert.errors import MissingRuleError
from wengert.operators import grad, jvp, trace
from wengert.scipy import interpolate

r = np.random.default_rng(1)
w0 = r.normal(size=7) * 0.3
X = lambda w: np.cumsum(np.exp(w))
x0 = X(w0)
y = r.normal(size=7)
Y = r.normal(size=(7, 2))
q = np.sort(r.uniform(x0[0], x0[-1], 4))
yp = y.copy()
yp[-1] = yp[0]
F = {}
for nm, kws in {
    "CubicSpline": [
        {},
        {"bc_type": "natural"},
        {"bc_type": "clamped"},
        {"bc_type": ("clamped", "natural")},
        {"bc_type": ("not-a-knot", "natural")},
        {"bc_type": ("natural", "not-a-knot")},
    ],
    "PchipInterpolator": [{}],
    "Akima1DInterpolator": [{}, {"method": "makima"}],
    "interp1d": [
        {"kind": k, "axis": 0, "fill_value": "extrapolate"}
        for k in (
            "linear",
            "nearest",
            "cubic",
            "quadratic",
            "zero",
            "slinear",
            "previous",
            "next",
            "nearest-up",
            3,
        )
    ],
    "make_interp_spline": [{"k": k} for k in (1, 2, 3, 4, 5)],
}.items():
    for kw in kws:
        for nu in (0, 1, 2) if nm not in ("interp1d",) else (0,):
            a = () if nm == "interp1d" else (nu,)
            if nm == "make_interp_spline" and kw["k"] < 2 and nu:
                continue
            F[nm + str(kw) + str(nu)] = (
                lambda mod, y, w, q, nm=nm, kw=kw, a=a: getattr(mod, nm)(X(w), y, **kw)(
                    q, *a
                ),
                y,
                w0,
                q,
            )
        F[nm + str(kw) + "Y"] = (
            lambda mod, y, q, nm=nm, kw=kw: getattr(mod, nm)(x0, y, **kw)(
                np.reshape(q, (2, 2))
            ),
            Y,
            q,
        )
        F[nm + str(kw) + "x"] = (
            lambda mod, q, nm=nm, kw=kw: getattr(mod, nm)(x0, Y, **kw)(q),
            q,
        )
        if nm not in ("interp1d",):
            F[nm + str(kw) + "ax"] = (
                lambda mod, y, q, nm=nm, kw=kw: getattr(mod, nm)(x0, y.T, axis=1, **kw)(
                    np.reshape(q, (2, 2))
                ),
                Y,
                q,
            )
            F[nm + str(kw) + "int"] = (
                lambda mod, y, w, q, nm=nm, kw=kw: (
                    lambda s: (
                        s.integrate(q[0], q[2])
                        * s.antiderivative()(q[3])
                        * s.derivative()(q[1])
                    )
                )(getattr(mod, nm)(X(w), y, **kw)),
                y,
                w0,
                q,
            )


def per(mod, y, w, q):
    return mod.CubicSpline(X(w), np.concatenate([y, y[:1]]), bc_type="periodic")(
        q + 1.0
    )


F["per"] = (per, y[:-1], w0, q)
F["per3"] = (
    lambda mod, y, q: mod.CubicSpline(
        x0[:4], np.concatenate([y, y[:1]]), bc_type="periodic"
    )(q),
    y[:3],
    q,
)
F["per2"] = (
    lambda mod, y, q: mod.CubicSpline(
        x0[:3], np.concatenate([y, y[:1]]), bc_type="periodic"
    )(q),
    y[:2],
    q,
)
for n in (2, 3, 4):
    F[f"nk{n}"] = (lambda mod, y, q, n=n: mod.CubicSpline(x0[:n], y[:n])(q), y, q)
    F[f"pc{n}"] = (
        lambda mod, y, q, n=n: mod.PchipInterpolator(x0[:n], y[:n])(q),
        y,
        q,
    )
F["nat2"] = (
    lambda mod, y, q: mod.CubicSpline(x0[:2], y[:2], bc_type="natural")(q),
    y,
    q,
)
F["herm"] = (
    lambda mod, y, d, q: mod.CubicHermiteSpline(x0, y, d)(q),
    y,
    y[::-1] * 0.5,
    q,
)
F["extF"] = (
    lambda mod, y, q: np.nan_to_num(mod.CubicSpline(x0, y, extrapolate=False)(q)),
    y,
    np.append(q, 100.0),
)
t = np.array([0, 0, 0, 0, 1.0, 2, 3, 4, 4, 4, 4])
c = r.normal(size=7)
qq = np.array([0.5, 1.7, 3.2, 3.9])
F["BSpline"] = (lambda mod, c, q: mod.BSpline(t, c, 3)(q), c, qq)
F["BSplinet"] = (
    lambda mod, w, c, q: mod.BSpline(
        np.concatenate([np.zeros(3), np.cumsum(np.exp(w)), np.full(3, 50.0)]), c[:5], 3
    )(q, 1),
    w0[:3] * 0.3,
    c,
    qq,
)
F["PPoly"] = (
    lambda mod, c, w, q: mod.PPoly(c, X(w))(q, 1),
    r.normal(size=(4, 6)),
    w0,
    q,
)
F["splrep"] = (lambda mod, y, w, q: mod.splev(q, mod.splrep(X(w), y)), y, w0, q)
F["splrep5"] = (lambda mod, y, q: mod.splev(q, mod.splrep(x0, y, k=5), der=2), y, q)
F["splint"] = (
    lambda mod, y, q: (
        mod.splint(q[0], q[2], mod.splrep(x0, y))
        * mod.splev(q[1], mod.splder(mod.splrep(x0, y)))
        * mod.splev(q[1], mod.splantider(mod.splrep(x0, y)))
    ),
    y,
    q,
)
F["ext"] = (
    lambda mod, y, q: np.stack(
        [mod.splev(q, mod.splrep(x0, y), ext=e) for e in (0, 1, 3)]
    ),
    y,
    np.append(q, x0[-1] + 1),
)
F["uni"] = (
    lambda mod, q: (
        mod.UnivariateSpline(x0, y, s=0.5)(q)
        * mod.InterpolatedUnivariateSpline(x0, y)(q, 1)
        * mod.UnivariateSpline(x0, y).integral(q[0], q[1])
    ),
    q,
)
g = (np.array([0, 1.0, 2.5]), np.array([0, 1.0, 2, 4]))
V = r.normal(size=(3, 4))
V2 = r.normal(size=(3, 4, 2))
xi = r.uniform(0.1, 2.4, (5, 2))
F["rgi"] = (lambda mod, V, xi: mod.RegularGridInterpolator(g, V)(xi), V, xi)
F["rgi2"] = (
    lambda mod, V, xi: mod.RegularGridInterpolator(g, V, method="nearest")(xi),
    V2,
    xi,
)
F["rgi3"] = (
    lambda mod, V, xi: mod.RegularGridInterpolator(
        g, V, bounds_error=False, fill_value=None
    )(xi),
    V2,
    xi * 2,
)
F["rgi4"] = (
    lambda mod, V, xi: mod.RegularGridInterpolator(
        g, V, bounds_error=False, fill_value=0.0
    )(xi),
    V2,
    xi * 2,
)
F["rgix"] = (lambda mod, xi: mod.RegularGridInterpolator(g, V2)(xi), xi)
F["interpn"] = (lambda mod, V, xi: mod.interpn(g, V, xi), V2, xi)
for k in (
    "linear",
    "thin_plate_spline",
    "cubic",
    "quintic",
    "multiquadric",
    "inverse_multiquadric",
    "inverse_quadratic",
    "gaussian",
):
    F["rbf" + k] = (
        lambda mod, d, xi, k=k: mod.RBFInterpolator(xi0, d, kernel=k, epsilon=1.3)(xi),
        r.normal(size=8),
        xi,
    )
xi0 = r.uniform(0, 2, (8, 2))
F["rbfc"] = (
    lambda mod, c, d: mod.RBFInterpolator(c, d, kernel="cubic", smoothing=0.1)(xi),
    xi0,
    r.normal(size=(8, 2)),
)
F["bary"] = (lambda mod, y, w, q: mod.barycentric_interpolate(X(w), y, q), Y, w0, q)
F["krogh"] = (lambda mod, y, q: mod.krogh_interpolate(x0, y, q), y, np.append(q, x0[2]))

CASES = F


@pytest.mark.parametrize("name", CASES)
def test_values_are_scipys(name):
    f, *args = CASES[name]
    expected = f(si, *args)
    np.testing.assert_allclose(f(interpolate, *args), expected, rtol=1e-12)
    tangents = tuple(np.ones_like(a) for a in args)
    y, _ = jvp(lambda *a: f(interpolate, *a), tuple(args), tangents)
    np.testing.assert_allclose(y, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_derivatives_agree_with_differences(name):
    f, *args = CASES[name]
    check_call(lambda *a: f(interpolate, *a), args, {})


@pytest.mark.parametrize(
    "name", ["per", "splrep", "BSplinet", "rgi", "bary", "rbfcubic"]
)
def test_second_derivatives_agree_with_differences(name):
    f, *args = CASES[name]
    check_call(lambda *a: f(interpolate, *a), args, {}, order=2)


def test_ends_with_values():
    def f(y, slope, bend):
        return interpolate.CubicSpline(x0, y, bc_type=((1, slope), (2, bend)))(q)

    expected = si.CubicSpline(x0, y, bc_type=((1, 0.3), (2, -0.4)))(q)
    found, _ = jvp(f, (y, 0.3, -0.4), (y, 1.0, 1.0))
    np.testing.assert_allclose(found, expected)
    check_call(f, (y, np.float64(0.3), np.float64(-0.4)), {}, order=2)


def test_a_graph_finds_its_own_intervals():
    graph = trace(lambda q: interpolate.CubicSpline(x0, y)(q), q)
    other = q[::-1] - 0.2
    (found,) = open_engine("numpy").compile(graph)(other)
    np.testing.assert_allclose(found, si.CubicSpline(x0, y)(other))


def test_plain_interpolants_are_scipys_classes():
    spline = interpolate.CubicSpline(x0, y)
    assert isinstance(spline, si.CubicSpline)
    np.testing.assert_array_equal(spline.roots(), si.CubicSpline(x0, y).roots())
    slope = grad(lambda t: spline.derivative()(t))(q[0])
    np.testing.assert_allclose(slope, si.CubicSpline(x0, y)(q[0], 2))


def test_what_has_no_rule_says_why():
    for call in (
        lambda y: interpolate.UnivariateSpline(x0, y)(q),
        lambda y: interpolate.splev(q, interpolate.splrep(x0, y, s=0.5)),
        lambda y: interpolate.make_interp_spline(x0, y, bc_type="natural")(q),
        lambda y: interpolate.CubicSpline(x0, y).roots(),
        lambda y: interpolate.lagrange(x0, y),
    ):
        with pytest.raises(MissingRuleError, match="test_interpolate"):
            grad(lambda y, call=call: np.sum(call(y)))(y)


def test_every_public_name_is_there():
    check_namespace(interpolate, si)
