import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from tests.nn.gradients import check
from wengert import grad, nn

NAMES = (
    "elu", "gelu", "leaky_relu", "log_softmax", "relu", "sigmoid", "silu", "softmax",
    "softplus", "tanh",
)  # fmt: skip
X = np.array([-3.0, -0.7, 0.2, 1.5])


@pytest.mark.parametrize("name", NAMES)
def test_derivatives(name):
    check(getattr(nn, name), X)


@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_and_float32_too(name):
    f = getattr(nn, name)
    with np.errstate(invalid="ignore"):
        assert np.isnan(f(np.array([np.nan, 1.0]))[0])
    assert f(X.astype(np.float32)).dtype == np.float32


@given(st.floats(-1e3, 1e3))
def test_values(x):
    at = np.float64(x)
    assert nn.relu(at) == max(x, 0)
    assert nn.leaky_relu(at, 0.1) == (x if x > 0 else 0.1 * x)
    assert nn.elu(at) == pytest.approx(x if x > 0 else math.expm1(x))
    assert nn.gelu(at) == pytest.approx(x * special.ndtr(x), 1e-12, 1e-300)
    assert nn.silu(at) == pytest.approx(x * special.expit(x))
    assert nn.softplus(at) == pytest.approx(math.log1p(math.exp(-abs(x))) + max(x, 0))


def test_gelu_by_tanh_is_near():
    x = np.linspace(-5, 5, 101)
    assert 1e-5 < np.max(abs(nn.gelu(x, approximate=True) - nn.gelu(x))) < 5e-4


@pytest.mark.parametrize("name", [n for n in NAMES if "soft" not in n])
def test_slopes_far_out(name):
    f = getattr(nn, name)
    right = {"sigmoid": 0.0, "tanh": 0.0}.get(name, 1.0)
    left = 0.01 if name == "leaky_relu" else 0.0
    assert grad(f)(1e4) == pytest.approx(right)
    assert grad(f)(-1e4) == pytest.approx(left)


def test_slopes_at_the_kink():
    assert grad(nn.relu)(0.0) == 0
    assert grad(nn.leaky_relu)(0.0) == 0.01
    assert grad(nn.elu)(0.0) == 1


def test_softmax_does_not_overflow():
    x = np.array([[1e4, 0.0], [-1e4, -1e4]])
    np.testing.assert_array_equal(nn.softmax(x), [[1, 0], [0.5, 0.5]])
    np.testing.assert_allclose(nn.log_softmax(x)[0], [0, -1e4])
    np.testing.assert_allclose(nn.softmax(x, axis=0)[:, 1], [1, 0])
