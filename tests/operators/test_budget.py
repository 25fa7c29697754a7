"""Gradients within a budget: right, within it, and as predicted."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.peaks import peak_bytes
from wengert import cost, grad, hessian, jacobian, jit, jvp, scan, tree, value_and_grad
from wengert.errors import ArgumentError, BudgetError, NotScalarError

RNG = np.random.default_rng(2)
X = np.linspace(-1.0, 1.0, 9_000)
SIZE = X.nbytes


def chain(x, n=20):
    for _ in range(n):
        x = np.tanh(np.exp(-x * x) + np.sin(x)) * 0.9
    return (x * x).sum()


def network(weights, x, target):
    """Give a loss, and more; it asks for a value."""
    for w in weights:
        x = np.maximum(w @ x, 0) + x
        if x[0, 0] > 0:
            x = x * 0.5
    return ((x - target) ** 2).mean(), {"x": x, "n": 3}


WEIGHTS = [RNG.normal(size=(40, 40)) / 6 for _ in range(12)]
INPUTS, TARGET = RNG.normal(size=(2, 40, 100))


def close(found, expected):
    pairs = zip(tree.flatten(found)[0], tree.flatten(expected)[0], strict=True)
    for a, b in pairs:
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("share", [1.0, 0.7, 0.5, 0.4, 0.3])
def test_a_chain_fits_and_is_as_predicted(share):
    limit = int(share * 82 * SIZE)
    gradient = grad(chain, memory=limit)
    close(gradient(X), grad(chain)(X))
    report = gradient.report(X)
    assert report.predicted <= limit
    assert report.predicted / 1.5 < report.measured < 1.5 * report.predicted
    assert peak_bytes(gradient, X) < limit + 10 * SIZE
    assert (report.flops > report.flops_plain) == (report.plain > limit)
    assert report.flops < 2 * report.flops_plain


@pytest.mark.parametrize("megabytes", ["0.9MB", "0.6MB", "0.45MB"])
def test_a_network_with_branches_and_more_outputs(megabytes):
    within = value_and_grad(network, has_aux=True, memory=megabytes)
    plain = value_and_grad(network, has_aux=True)
    for x in (INPUTS, -INPUTS):
        close(within(WEIGHTS, x, TARGET), plain(WEIGHTS, x, TARGET))
        report = within.report(WEIGHTS, x, TARGET)
        assert report.predicted <= report.budget
        assert report.predicted / 1.5 < report.measured < 1.5 * report.predicted


def test_light_operations_are_done_again_first():
    f = lambda x: np.exp(np.sin(x) * 2.0 + 1.0).sum() + chain(x, 4)  # noqa: E731
    plain = grad(f, memory="1GB").report(X)
    report = grad(f, memory=plain.predicted - 1).report(X)
    assert report.kept < report.kept_plain
    assert report.flops < 1.2 * report.flops_plain


def test_scans_keep_fewer_states():
    def f(c):
        return scan(lambda c, _: (np.sin(c) * c, None), c, None, 60)[0].sum()

    c = np.linspace(0.1, 1.0, 500)
    plain = grad(f, memory="1GB").report(c)
    for limit in (100 * c.nbytes, 30 * c.nbytes):
        assert limit < plain.predicted
        gradient = grad(f, memory=limit)
        close(gradient(c), grad(f)(c))
        report = gradient.report(c)
        assert report.measured < 1.5 * report.predicted <= 1.5 * limit


def test_what_is_impossible_is_said_with_what_is_possible():
    with pytest.raises(
        BudgetError, match=r"chain does not fit.*Say memory=\d+"
    ) as info:
        grad(chain, memory="1kB")(X)
    least = int(str(info.value).rpartition("memory=")[2].split(",")[0])
    assert grad(chain, memory=least).report(X).predicted == least
    with pytest.raises(BudgetError):
        grad(chain, memory=least - 1)(X)
    assert isinstance(info.value, MemoryError)


@pytest.mark.filterwarnings("ignore:overflow")
@settings(deadline=None, max_examples=12)
@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=9), st.data())
def test_random_programs(names, data):
    steps = {
        "a": np.sin, "b": lambda v: v * v[::-1], "c": lambda v: v / (1 + v * v),
        "d": np.cumsum, "e": lambda v: np.where(v > 0, v, np.exp(v)),
        "f": lambda v: np.concatenate([v[2:], v[:2] * v.mean()]),
    }  # fmt: skip

    def f(x):
        values = [x]
        for k, name in enumerate(names):
            values.append(steps[name](values[-1]) + values[k // 2])
        return (values[-1] * values[len(values) // 2]).sum()

    x = np.linspace(-1, 1, 50)
    assume(np.isfinite(f(x)))
    plain = grad(f, memory=10**9).report(x)
    limit = data.draw(st.integers(plain.predicted // 2, plain.predicted))
    gradient = grad(f, memory=limit)
    try:
        close(gradient(x), grad(f)(x))
    except BudgetError as error:
        assert f"memory={plain.predicted}," in str(error) or "at least" in str(error)
    else:
        assert gradient.report(x).predicted <= limit


def test_another_branch_is_another_plan():
    def f(x):
        return (x**3).sum() if x[0] > 0 else (np.sin(x) * x).sum()

    gradient = grad(f, memory="1MB")
    for x in (X, -X, X):
        close(gradient(x), grad(f)(x))


def test_derivatives_of_it_and_compiled():
    x = np.array([0.3, -0.2, 0.8])
    gradient = grad(chain, memory=900)
    assert gradient.report(x).predicted <= 900 < gradient.report(x).plain
    close(jacobian(gradient)(x), hessian(chain)(x))
    close(jvp(gradient, (x,), (x,)), jvp(grad(chain), (x,), (x,)))
    run = jit(gradient)
    for _ in range(2):
        close(run(x), grad(chain)(x))


def test_compiled_it_takes_no_more():
    limit = 30 * SIZE
    run = jit(grad(chain, memory=limit)).compile(X)
    (path,) = run.report(X).paths
    assert sum(stage.scratch for stage in path.inspection.stages) <= limit


def test_the_cost_report_tells_the_same():
    gradient = grad(chain, memory=30 * SIZE)
    assert cost(gradient)(X).memory_forward == gradient.report(X).predicted


def test_forms_of_arguments():
    assert grad(lambda x: x * x, memory=100)(3.0) == 6.0
    assert grad(lambda x, y: x * y, argnames="y", memory=100)(3.0, y=2.0) == 3.0
    assert grad(lambda x, y: x * y, (0, 1), memory=100)(3.0, 2.0) == (2.0, 3.0)
    value, bars = value_and_grad(
        lambda d: d["a"] * d["b"].sum(), memory="1 kB"
    )({"a": 2.0, "b": np.ones(3)})  # fmt: skip
    assert value == 6.0 and bars["a"] == 3.0
    np.testing.assert_array_equal(bars["b"], [2.0, 2.0, 2.0])
    z = grad(lambda z: z * z * z, holomorphic=True, memory=100)(1.0 + 2.0j)
    assert z == 3 * (1 + 2j) ** 2

    class Model:
        def loss(self, x):
            return (x * x).sum()

        slope = grad(loss, 1, memory="1kB")

    np.testing.assert_array_equal(Model().slope(np.ones(2)), [2.0, 2.0])


def test_bad_input():
    for memory in ("lots", -3, "3 parsecs", 2.5j, True):
        with pytest.raises(ArgumentError, match="no number of bytes"):
            grad(chain, memory=memory)
    with pytest.raises(NotScalarError, match="jacobian"):
        grad(lambda x: x, memory=100)(X)
    with pytest.raises(NotScalarError, match="complex"):
        grad(lambda x: (x * 1j).sum(), memory=10**6)(X)
    with pytest.raises(ArgumentError, match="floating-point"):
        grad(chain, memory=100)(np.array([1, 2]))


def test_the_report_is_text():
    text = str(grad(chain, memory=30 * SIZE).report(X))
    assert [line.split()[0] for line in text.splitlines()] == [
        "budget", "predicted", "measured", "plain", "operations",
    ]  # fmt: skip
