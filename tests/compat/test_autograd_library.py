"""The parts of autograd beside its core: optimizers, and functions of SciPy."""

import importlib

import numpy as onp
import pytest

import wengert.compat.autograd


@pytest.fixture(autouse=True)
def installed():
    wengert.compat.autograd.install()
    yield
    wengert.compat.autograd.uninstall()


def client(name):
    return importlib.import_module(name)


def test_misc():
    misc = client("autograd.misc")
    optimizers = client("autograd.misc.optimizers")
    fixed_point = client("autograd.misc.fixed_points").fixed_point
    ag = client("autograd")
    flat, unflatten = misc.flatten({"b": onp.ones((2, 2)), "a": 3.0})
    assert onp.array_equal(flat, [3.0, 1.0, 1.0, 1.0, 1.0])
    assert unflatten(2 * flat)["a"] == 6.0
    loss = lambda x, i: x["w"] ** 2
    for optimize in (optimizers.adam, optimizers.sgd, optimizers.rmsprop):
        found = optimize(ag.grad(loss), {"w": 1.0}, step_size=0.05, num_iters=300)
        assert abs(found["w"]) < 0.05
    newton = lambda a: lambda x: 0.5 * (x + a / x)
    root = lambda a: fixed_point(newton, a, 1.0, lambda x, y: abs(x - y), 1e-10)
    assert onp.isclose(ag.grad(root)(2.0), 0.5 / onp.sqrt(2.0))


def test_scipy_functions():
    check = client("autograd.test_util").check_grads
    special = client("autograd.scipy.special")
    x = onp.array([[0.5, 1.5, -0.2], [0.1, 0.3, 2.0]])
    for f in (
        lambda x: special.logsumexp(x, axis=1, b=onp.array([1.0, 2.0, 3.0])),
        lambda x: special.polygamma(1, x**2 + 1.0),
        lambda x: special.softmax(x, axis=0),
        lambda x: special.multigammaln(x**2 + 3.0, 3),
    ):
        check(f)(x)
    onp.testing.assert_allclose(
        special.logsumexp(x, axis=1), onp.log(onp.exp(x).sum(axis=1))
    )


@pytest.mark.parametrize(
    ("name", "functions", "args"),
    [
        ("norm", "pdf logpdf cdf logcdf sf logsf", (0.3, 0.1, 1.5)),
        ("t", "pdf logpdf cdf logcdf", (0.3, 4.0, 0.1, 1.5)),
        ("gamma", "pdf logpdf cdf", (0.8, 2.5)),
        ("beta", "pdf logpdf cdf", (0.3, 2.0, 3.0)),
        ("chi2", "pdf logpdf cdf", (0.8, 3.0)),
        ("poisson", "pmf logpmf cdf", (3, 2.5)),
    ],
)
def test_distributions(name, functions, args):
    ag = client("autograd")
    check = client("autograd.test_util").check_grads
    module = client(f"autograd.scipy.stats.{name}")
    n = 1 if name == "poisson" else 0
    for function in map(module.__dict__.get, functions.split()):
        value, _ = ag.value_and_grad(function, n)(*args)
        assert onp.isclose(value, function(*args), rtol=1e-12)
        check(function, n)(*args)


def test_distributions_of_vectors():
    check = client("autograd.test_util").check_grads
    normal = client("autograd.scipy.stats.multivariate_normal")
    x, mean = onp.array([0.3, -0.2]), onp.array([0.1, 0.4])
    cov = onp.array([[2.0, 0.3], [0.3, 1.0]])
    logpdf = lambda x, mean, cov: normal.logpdf(x, mean, (cov + cov.T) / 2)
    value, _ = client("autograd").value_and_grad(logpdf, (0, 1, 2))(x, mean, cov)
    assert onp.isclose(value, normal.logpdf(x, mean, cov))
    check(logpdf, (0, 1, 2))(x, mean, cov)
    dirichlet = client("autograd.scipy.stats.dirichlet")
    check(dirichlet.logpdf, 1)(onp.array([0.2, 0.8]), onp.array([1.5, 2.5]))


@pytest.mark.parametrize("mode", ["full", "valid", "same"])
def test_convolution(mode):
    from scipy import signal

    convolve = client("autograd.scipy.signal").convolve
    check = client("autograd.test_util").check_grads
    rng = onp.random.default_rng(0)
    a, b = rng.standard_normal((4, 5)), rng.standard_normal((2, 3))
    onp.testing.assert_allclose(convolve(a, b, mode=mode), signal.convolve(a, b, mode))
    check(lambda a, b: convolve(a, b, mode=mode), (0, 1))(a, b)
    rows = convolve(a, rng.standard_normal((3, 4)), axes=([1], [0]), mode=mode)
    assert rows.shape[:2] == (4, 4)


def test_odeint_by_its_adjoint():
    np = client("autograd.numpy")
    odeint = client("autograd.scipy.integrate").odeint
    check = client("autograd.test_util").check_grads
    f = lambda y, t, a, b: np.array([a * y[1], -np.sum(b * y) * t])

    def last(y0, t, a, b):
        return odeint(f, y0, t, (a, b), rtol=1e-10, atol=1e-10)

    args = onp.array([1.0, 0.5]), onp.linspace(0.1, 0.6, 3), 1.5, onp.array([1.0, 2.0])
    check(last, (0, 1, 2, 3), modes=["rev"], order=1)(*args)
