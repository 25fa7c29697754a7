"""Distributions on traced values: SciPy's values; derivatives against differences."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from wengert import check_grads, grad, jvp, vjp
from wengert.errors import MissingRuleError
from wengert.scipy import stats

Q = np.array([0.15, 0.4, 0.8])

# name → shapes, and whether cdf and its inverses have a rule in the shapes.
CONTINUOUS = {
    "norm": (), "uniform": (), "expon": (), "cauchy": (), "laplace": (),
    "logistic": (), "gumbel_r": (), "gumbel_l": (), "halfnorm": (), "rayleigh": (),
    "lognorm": (0.7,), "gamma": (2.3,), "chi2": (3.4,), "t": (4.5,),
    "pareto": (2.6,), "invgamma": (3.3,), "weibull_min": (1.7,),
    "weibull_max": (1.7,), "genextreme": (0.3,), "beta": (1.6, 2.4),
    "f": (3.5, 6.0), "truncnorm": (-0.8, 1.9),
}  # fmt: skip
REFUSED = {"gamma", "chi2", "t", "invgamma", "beta", "f"}
DISCRETE = {
    "poisson": (2.5,), "binom": (6, 0.3), "bernoulli": (0.3,), "geom": (0.4,),
    "nbinom": (2.5, 0.4), "betabinom": (6, 1.5, 2.5),
}  # fmt: skip
LOC, SCALE = 0.4, 1.3


def value(f, *args):
    """Give the value that f has on traced arguments, the same in both modes."""
    args = tuple(np.asarray(a, float)[()] for a in args)
    y, _ = vjp(f, *args)
    forward, _ = jvp(f, args, tuple(map(np.ones_like, args)))
    np.testing.assert_array_equal(y, forward)
    return y


def points(name):
    return getattr(scipy.stats, name).ppf(Q, *CONTINUOUS[name], LOC, SCALE)


# ----- continuous -----


@pytest.mark.parametrize("method", ["logpdf", "pdf", "cdf", "sf", "logcdf", "logsf"])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_functions_of_x(name, method):
    ours, theirs = (getattr(getattr(m, name), method) for m in (stats, scipy.stats))
    shapes, x = CONTINUOUS[name], points(name)
    expected = theirs(x, *shapes, LOC, SCALE)
    np.testing.assert_array_equal(ours(x, *shapes, LOC, SCALE), expected)
    everywhere = np.concatenate([[-50.0], x, [20.0, np.nan]])
    if name != "genextreme":  # whose density SciPy has as exp(−inf + inf) far out
        np.testing.assert_allclose(
            value(lambda v: ours(v, *shapes, LOC, SCALE), everywhere),
            theirs(everywhere, *shapes, LOC, SCALE),
            rtol=1e-10,
            atol=1e-15,
        )
    moved = (x, *shapes, LOC, SCALE)
    if name in REFUSED and "pdf" not in method:
        with pytest.raises(MissingRuleError, match="no closed derivative"):
            grad(lambda s: ours(x, s, *shapes[1:]).sum())(shapes[0])

        def f(v, loc, scale):
            return ours(v, *shapes, loc, scale)

        moved = (x, LOC, SCALE)
    else:
        f = ours
    np.testing.assert_allclose(value(f, *moved), expected, rtol=1e-10)
    check_grads(f, *moved, order=2).raise_if_failed()


@pytest.mark.parametrize("method", ["ppf", "isf"])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_quantiles(name, method):
    ours, theirs = (getattr(getattr(m, name), method) for m in (stats, scipy.stats))
    shapes = CONTINUOUS[name]
    q = np.concatenate([[0.0, -0.1], Q, [1.0, 1.5]])
    np.testing.assert_allclose(
        value(lambda v: ours(v, *shapes, LOC, SCALE), q),
        theirs(q, *shapes, LOC, SCALE),
        rtol=1e-10,
    )
    if name in REFUSED:

        def f(v, loc, scale):
            return ours(v, *shapes, loc, scale)

        check_grads(f, Q, LOC, SCALE, order=2).raise_if_failed()
    else:
        check_grads(ours, Q, *shapes, LOC, SCALE, order=2).raise_if_failed()


@pytest.mark.parametrize("method", ["mean", "var", "std", "entropy", "median"])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_moments(name, method):
    ours, theirs = (getattr(getattr(m, name), method) for m in (stats, scipy.stats))
    shapes = CONTINUOUS[name]
    expected = theirs(*shapes, LOC, SCALE)
    f = lambda loc, scale: ours(*shapes, loc=loc, scale=scale)  # noqa: E731
    np.testing.assert_allclose(value(f, LOC, SCALE), expected, rtol=1e-9)
    if np.isnan(expected):  # Cauchy's have none
        return
    check_grads(f, LOC, SCALE, order=1).raise_if_failed()
    known = getattr(stats, name).formulas
    if shapes and {"std": "var"}.get(method, method) in known:
        np.testing.assert_allclose(value(ours, *shapes, LOC, SCALE), expected, 1e-9)
        check_grads(ours, *shapes, LOC, SCALE, order=2).raise_if_failed()


@pytest.mark.parametrize("name", CONTINUOUS)
def test_outside_of_the_support_the_gradient_is_zero(name):
    dist, shapes = getattr(stats, name), CONTINUOUS[name]
    low, high = getattr(scipy.stats, name).support(*shapes)
    for end, step in ((low, -1.0), (high, 1.0)):
        if not np.isfinite(end):
            continue
        x = np.array([end + step, (end + step) * 3 + step])
        f = lambda v, *p: dist.logpdf(v, *p)  # noqa: E731
        y, pullback = vjp(f, x, *map(np.float64, (*shapes, 0.0, 1.0)))
        assert (y == -np.inf).all()
        for x_bar in pullback(np.ones_like(y)):
            assert not np.any(x_bar)


def test_wrong_parameters_give_nan():
    assert np.isnan(value(stats.norm.logpdf, 0.0, 0.0, -1.0))
    assert np.isnan(value(stats.gamma.logpdf, 1.0, -2.0))
    assert np.isnan(value(stats.poisson.logpmf, 1.0, -2.0))


def test_extreme_values_at_shape_zero():
    x = np.array([-0.5, 0.3, 1.2])
    c = np.float64(0.0)
    np.testing.assert_allclose(
        value(lambda c: stats.genextreme.logpdf(x, c), c), stats.gumbel_r.logpdf(x)
    )
    check_grads(stats.genextreme.logpdf, x, c, order=2).raise_if_failed()


def test_the_normal_distribution_far_out():
    assert grad(lambda x: stats.norm.logsf(x))(40.0) == pytest.approx(-40.025, rel=1e-4)
    f = lambda a: stats.truncnorm.logpdf(31.0, a, np.inf)  # noqa: E731
    assert grad(f)(30.0) == pytest.approx(30.033, rel=1e-4)


# ----- discrete -----


@pytest.mark.parametrize("method", ["logpmf", "pmf", "cdf", "sf", "logcdf", "logsf"])
@pytest.mark.parametrize("name", DISCRETE)
def test_functions_of_counts(name, method):
    ours, theirs = (getattr(getattr(m, name), method) for m in (stats, scipy.stats))
    shapes = DISCRETE[name]
    counts = name in ("binom", "betabinom")
    fixed, moved = (shapes[:1], shapes[1:]) if counts else ((), shapes)
    k = np.array([-1, 0, 1, 2, 5, 6, 9])
    if name == "betabinom" and "pmf" not in method:
        with pytest.raises(MissingRuleError, match="betabinom"):
            grad(lambda a: ours(k, 6, a, 2.0).sum())(1.0)
        return
    expected = theirs(k, *shapes)
    np.testing.assert_array_equal(ours(k, *shapes), expected)
    if name == "nbinom" and "pmf" not in method:
        fixed, moved = shapes[:1], shapes[1:]
    f = lambda *p: ours(k, *fixed, *p)  # noqa: E731
    np.testing.assert_allclose(value(f, *moved), expected, rtol=1e-10)
    finite = k[np.isfinite(expected)]
    f = lambda *p: ours(finite, *fixed, *p)  # noqa: E731
    check_grads(f, *map(np.float64, moved), order=2).raise_if_failed()
    if "pmf" in method:
        apart = np.array([-1.0, 0.5])
        f = lambda p: ours(apart, *fixed, p, *moved[1:])  # noqa: E731
        assert grad(lambda p: np.exp(f(p)).sum())(np.float64(moved[0])) == 0


@pytest.mark.parametrize("method", ["mean", "var", "std"])
@pytest.mark.parametrize("name", DISCRETE)
def test_moments_of_counts(name, method):
    ours, theirs = (getattr(getattr(m, name), method) for m in (stats, scipy.stats))
    shapes = DISCRETE[name]
    fixed = shapes[:1] if name in ("binom", "betabinom") else ()
    f = lambda *p: ours(*fixed, *p)  # noqa: E731
    moved = tuple(map(float, shapes[len(fixed) :]))
    np.testing.assert_allclose(value(f, *moved), theirs(*shapes), rtol=1e-12)
    check_grads(f, *moved, order=2).raise_if_failed()


# ----- multivariate -----

A = np.array([[2.0, 0.4, 0.1], [0.4, 1.5, -0.3], [0.1, -0.3, 1.2]])
X = np.array([[0.3, -0.2, 0.9], [1.1, 0.5, -0.4]])
MEAN = np.array([0.1, 0.2, -0.3])
P = np.array([0.2, 0.3, 0.5])

MULTIVARIATE = [
    ("multivariate_normal", "logpdf", (X, MEAN, A)),
    ("multivariate_normal", "pdf", (X[0], MEAN, np.diagonal(A).copy())),
    ("multivariate_normal", "logpdf", (X[0], MEAN, 1.5)),
    ("multivariate_t", "logpdf", (X, MEAN, A, 3.5)),
    ("dirichlet", "pdf", (P[:2], P + 1)),
    ("wishart", "logpdf", (A @ A, 4.5, A)),
]


@pytest.mark.parametrize("name,method,args", MULTIVARIATE)
def test_multivariate_densities(name, method, args):
    ours, theirs = (getattr(getattr(m, name), method) for m in (stats, scipy.stats))
    matrices = [i for i, a in enumerate(args) if np.shape(a) == (3, 3)]
    np.testing.assert_array_equal(ours(*args), theirs(*args))
    np.testing.assert_allclose(value(ours, *args), theirs(*args), rtol=1e-12)

    def f(*moved):
        # Matrices stay symmetric, whichever way they move.
        return ours(
            *(
                (m + np.swapaxes(m, 0, 1)) / 2 if i in matrices else m
                for i, m in enumerate(moved)
            )
        )

    check_grads(f, *args, order=2).raise_if_failed()


def test_multinomial_probabilities():
    x = np.array([[1, 2, 3], [1, 1, 1]])
    f = lambda p: stats.multinomial.logpmf(x, 6, p)  # noqa: E731
    np.testing.assert_allclose(value(f, P), scipy.stats.multinomial.logpmf(x, 6, P))

    def of_shares(p):
        return stats.multinomial.pmf(
            x[0], 6, np.concatenate([p, 1 - p.sum(keepdims=True)])
        )

    check_grads(of_shares, P[:2]).raise_if_failed()


# ----- frozen, passed on, refused -----


def test_frozen_distributions():
    gradient = grad(lambda m: stats.norm(m, scale=2.0).logpdf(1.0))(0.0)
    assert gradient == 0.25
    assert stats.norm(1.0, 2.0).mean() == 1.0
    assert grad(lambda m: stats.norm(m).mean())(1.0) == 1.0
    assert grad(lambda x: stats.norm(1.0, 2.0).logpdf(x))(0.0) == 0.25
    frozen = stats.gamma(2.0).rvs(3, random_state=1)
    np.testing.assert_array_equal(frozen, scipy.stats.gamma(2.0).rvs(3, random_state=1))
    f = lambda m: stats.multivariate_normal(m, np.eye(3)).logpdf(X).sum()  # noqa: E731
    np.testing.assert_allclose(grad(f)(MEAN), (X - MEAN).sum(0))


def test_parameters_by_name():
    gradient = grad(lambda a: stats.gamma.logpdf(x=1.0, a=a, scale=2.0))(1.5)
    assert gradient == pytest.approx(grad(lambda a: stats.gamma.logpdf(0.5, a))(1.5))
    with pytest.raises(TypeError, match="no parameter 'b'"):
        grad(lambda a: stats.gamma.logpdf(1.0, a, b=2.0))(1.0)
    with pytest.raises(TypeError, match="missing"):
        grad(lambda x: stats.gamma.logpdf(x))(1.0)


def test_the_rest_is_scipys_or_refused():
    assert stats.norm.rvs(random_state=1) == scipy.stats.norm.rvs(random_state=1)
    assert stats.norm.interval(0.9) == scipy.stats.norm.interval(0.9)
    assert stats.ttest_1samp is not None
    for f in (
        lambda x: stats.norm.rvs(x, random_state=1),
        lambda x: stats.norm(x).rvs(random_state=1),
        lambda x: stats.norm.interval(0.9, x),
        lambda x: stats.ttest_1samp([1.0, 2.0], x),
        lambda x: stats.multivariate_normal.cdf(x, 0.0),
        lambda x: stats.poisson.ppf(0.5, x),
    ):
        with pytest.raises(MissingRuleError, match=f"{__name__.split('.')[-1]}"):
            grad(f)(1.5)


# ----- samples -----

SAMPLE = np.array([[0.4, 1.2], [2.2, 0.7], [1.1, 3.1], [0.9, 0.5], [1.7, 2.0]])
WEIGHTS = np.array([0.1, 0.2, 0.3, 0.25, 0.15])


@pytest.mark.parametrize(
    "name,keywords",
    [
        ("zscore", {}), ("zscore", {"ddof": 1}), ("sem", {}), ("gmean", {}),
        ("gmean", {"axis": None}), ("hmean", {}), ("pmean", {"p": 2.5}),
        ("pmean", {"p": 0}), ("skew", {}), ("skew", {"bias": False}),
        ("kurtosis", {}), ("kurtosis", {"bias": False, "fisher": False}),
        ("moment", {"order": 3}), ("moment", {"order": 2, "center": 0.5}),
        ("entropy", {}), ("entropy", {"base": 2, "axis": 1}),
        ("entropy", {"qk": SAMPLE[::-1]}),
    ],
)  # fmt: skip
def test_statistics_of_samples(name, keywords):
    f = lambda a: getattr(stats, name)(a, **keywords)  # noqa: E731
    expected = getattr(scipy.stats, name)(SAMPLE, **keywords)
    np.testing.assert_array_equal(f(SAMPLE), expected)
    np.testing.assert_allclose(value(f, SAMPLE), expected, rtol=1e-12)
    check_grads(f, SAMPLE, order=2).raise_if_failed()


def test_correlation():
    x, y = SAMPLE.T.copy()
    f = lambda x, y: stats.pearsonr(x, y).statistic  # noqa: E731
    np.testing.assert_allclose(value(f, x, y), scipy.stats.pearsonr(x, y).statistic)
    check_grads(f, x, y, order=2).raise_if_failed()
    with pytest.raises(MissingRuleError, match="pvalue"):
        grad(lambda x: stats.pearsonr(x, y).pvalue)(x)


def test_an_option_of_samples_that_is_not_known():
    with pytest.raises(MissingRuleError, match="nan_policy"):
        grad(lambda a: stats.skew(a, nan_policy="omit"))(SAMPLE[:, 0])
