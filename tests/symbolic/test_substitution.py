import numpy as np
import pytest

from wengert import grad
from wengert.errors import ArgumentError, ShapeError
from wengert.symbolic import (
    diff,
    equal,
    evaluate,
    gradient,
    lambdify,
    subs,
    symbol,
    symbols,
)

x, y = symbols("x y")


def test_subs():
    assert str(subs(np.sin(x) * y, {x: y, y: x})) == "x*sin(y)"
    assert str(subs(np.sin(x) * y, x=1)) == "y*sin(1)"
    assert str(subs({"a": x, "b": x * y}, x=2)["b"]) == "2*y"
    A = symbol("A", (2, 2))
    assert equal(subs(A @ A, {A: np.eye(2)}), np.eye(2))


def test_evaluate():
    assert evaluate(diff(np.sin(x**2), x), x=2) == 4 * np.cos(4.0)
    assert type(evaluate(x * 2, x=1)) is float
    v = symbol("v", 2)
    np.testing.assert_array_equal(evaluate(v * x, {v: [1, 2], x: 3}), [3.0, 6.0])
    z = symbol("z", dtype=complex)
    assert evaluate(z * z, z=1j) == -1
    assert evaluate((x, {"a": x + 1}), x=1) == (1.0, {"a": 2.0})


def test_lambdify():
    v = symbol("v", 3)
    e = np.sum(np.sin(v) * x)
    f = lambdify([v, x], (e, gradient(e, v)))
    point = np.array([0.1, 0.2, 0.3])
    value, slope = f(point, 2.0)
    assert value == pytest.approx(2 * np.sin(point).sum())
    np.testing.assert_allclose(slope, 2 * np.cos(point))
    assert grad(lambdify(x, np.sin(x)))(0.5) == pytest.approx(np.cos(0.5))
    assert lambdify([x, y], x / y)(1, 2) == 0.5
    assert lambdify(x, diff(np.sinc(x), x))(0.5) == pytest.approx(
        grad(np.sinc)(0.5), rel=1e-12
    )


def test_refusals():
    with pytest.raises(ArgumentError, match="no symbol z; its symbols are: x"):
        subs(x, z=1)
    with pytest.raises(ArgumentError, match="y has no value"):
        evaluate(x * y, x=1)
    with pytest.raises(ArgumentError, match="holds y, which is no argument"):
        lambdify([x], x * y)
    with pytest.raises(ArgumentError, match="is a symbol, not"):
        lambdify([x + 1], x)
    v = symbol("v", 2)
    with pytest.raises(ShapeError, match=r"has shape \(2,\)"):
        evaluate(v, v=np.ones(3))
    with pytest.raises(ShapeError, match=r"needs numbers of shape \(2,\)"):
        lambdify(v, v * 2)(np.ones(3))
    with pytest.raises(TypeError, match="takes x"):
        lambdify(x, x)(1.0, 2.0)


def test_equal():
    assert equal(np.tan(x), np.sin(x) / np.cos(x))
    assert not equal(x, y) and not equal(x, np.stack([x, x]))
