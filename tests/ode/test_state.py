"""Any pytree of floats is a state; what is none is refused, with the user's line."""

import numpy as np
import pytest

from wengert import grad, ode
from wengert.errors import ArgumentError, ShapeError

T = np.array([0.0, np.pi / 2])


def test_a_dict_of_numbers_and_matrices():
    def f(t, y, a):
        return {"m": a @ y["m"], "v": (-y["v"][1], y["v"][0])}

    a = np.array([[0.0, 1.0], [-1.0, 0.0]])
    y = ode.solve(f, {"m": np.eye(2), "v": (1.0, 0.0)}, T, a)
    np.testing.assert_allclose(y["m"][-1], a, atol=1e-7)
    np.testing.assert_allclose(y["v"], [[1.0, 0.0], [0.0, 1.0]], atol=1e-7)
    assert y["m"].shape == (2, 2, 2) and y["v"][0].shape == (2,)


def test_the_gradient_in_a_pytree_has_its_form():
    def loss(y0, p):
        y = ode.solve(lambda t, y, p: {"x": -p["k"] * y["x"]}, y0, [0.0, 1.0], p)
        return np.sum(y["x"][-1])

    y0, p = {"x": np.array([[1.0, 2.0]])}, {"k": 0.7, "name": "k"}
    by_y0 = grad(loss)(y0, p)
    np.testing.assert_allclose(by_y0["x"], np.full((1, 2), np.exp(-0.7)), rtol=1e-7)
    by_k = grad(lambda k: loss(y0, p | {"k": k}))(0.7)
    assert by_k == pytest.approx(-3 * np.exp(-0.7), rel=1e-7)


def test_a_complex_state():
    y = ode.solve(lambda t, y, w: 1j * w * y, 1 + 0j, [0.0, 1.0], 2.0)
    assert y[-1] == pytest.approx(np.exp(2j), rel=1e-7)
    d = grad(lambda w: ode.solve(lambda t, y, w: 1j * w * y, 1j, T[:2], w)[-1].real)
    assert d(2.0) == pytest.approx(-T[1] * np.cos(2 * T[1]), rel=1e-7)


def test_a_float32_state_stays_one():
    y = ode.solve(lambda t, y: -y, np.ones(2, np.float32), [0.0, 1.0])
    assert y.dtype == np.float32


def test_a_list_will_do_for_an_array():
    y = ode.solve(lambda t, y: [y[1], -y[0]], np.array([0.0, 1.0]), T)
    np.testing.assert_allclose(y[-1], [1.0, 0.0], atol=1e-7)


def test_f_may_write_to_its_arguments_and_to_what_it_has_returned():
    work = np.zeros(2)

    def f(t, y):
        work[:] = -y
        y[:] = np.nan
        return work

    y = ode.solve(f, np.ones(2), [0.0, 1.0])
    np.testing.assert_allclose(y[-1], np.exp(-1.0), rtol=1e-7)


@pytest.mark.parametrize(
    ("f", "y0", "error", "says"),
    [
        (lambda t, y: y, 1, ArgumentError, "y0 is i64"),
        (lambda t, y: y, {"a": [1.0, 2]}, ArgumentError, r"y0\['a'\]\[1\] is i64"),
        (lambda t, y: y, {}, ArgumentError, "no array"),
        (lambda t, y: y[:1], np.ones(2), ShapeError, r"f64\[1\] for y"),
        (lambda t, y: {"a": y}, 1.0, ShapeError, "structure"),
        (lambda t, y: None, 1.0, ShapeError, "structure"),
        (lambda t, y: "a", 1.0, ArgumentError, "str is no number"),
        (lambda t, y: 1j * y, 1.0, ArgumentError, r"y0 \+ 0j"),
    ],
)
def test_what_does_not_fit_is_refused(f, y0, error, says):
    with pytest.raises(error, match=says) as raised:
        ode.solve(f, y0, [0.0, 1.0])
    assert "test_state.py" in str(raised.value)
