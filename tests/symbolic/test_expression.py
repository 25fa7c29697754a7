import numpy as np
import pytest
import sympy

from wengert.errors import (
    ArgumentError,
    ControlFlowError,
    EngineError,
    ShapeError,
    TracerLeakError,
)  # fmt: skip
from wengert.symbolic import diff, equal, evaluate, symbol, symbols

x, y = symbols("x y")


def test_names():
    assert [str(s) for s in symbols("a:3")] == ["a0", "a1", "a2"]
    assert [str(s) for s in symbols("p, q")] == ["p", "q"]
    assert str(symbols("t")) == "t"
    assert symbols("x").variable is x.variable and hash(symbols("x")) == hash(x)
    assert symbol("x", 2).variable is not x.variable
    with pytest.raises(ArgumentError, match="needs names"):
        symbols(" ")
    with pytest.raises(ArgumentError, match="needs a name"):
        symbol(3)
    with pytest.raises(ArgumentError, match="no derivative"):
        symbol("n", dtype=int)


@pytest.mark.parametrize(
    ("e", "written"),
    [
        (2 * x, "2*x"), (x / 3, "x/3"), (1 / x, "1/x"), (-x, "-x"), (x**0.5, "sqrt(x)"),
        (np.pi * x, "pi*x"), (0.1 * x, "x/10"), (np.hypot(x, y), "sqrt(x**2 + y**2)"),
        (np.stack([x, y]) * 2, "[2*x, 2*y]"), (0.123456789 * x, "0.123456789*x"),
        (np.array([1.0, 2.0]) * x, "[x, 2*x]"), (np.cbrt(x), "Abs(x)**(1/3)*sign(x)"),
        (np.max(symbol("v", 3)), "Max(v[0], v[1], v[2])"), (x == y, "x == y"),
        (np.clip(x, 0, 1), "Min(1, Max(0, x))"), (np.var(np.stack([x, -x])), "x**2"),
        (np.linalg.norm(symbol("v", 2)), "sqrt(v[0]**2 + v[1]**2)"),
        (np.cumsum(np.stack([x, y, x])), "[x, x + y, 2*x + y]"),
        (np.exp(1j * x).real, "cos(x)"),
    ],
)  # fmt: skip
def test_text(e, written):
    assert str(e) == repr(e) == f"{e}" == written


def test_latex():
    assert diff(np.sin(x**2), x).latex() == r"2 x \cos{\left(x^{2} \right)}"
    assert symbol("v", 2)._repr_latex_() == (
        r"$\displaystyle \begin{bmatrix} v_{0} \\ v_{1} \end{bmatrix}$"
    )
    assert (0.123456789 * x).latex() == "0.123456789 x"
    assert symbol("T", (1, 1, 2)).latex().count("bmatrix") == 2


def test_lists_and_arrays_of_symbols():
    listed = np.array([x, y])
    assert listed.dtype == object and str(listed @ listed) == "x**2 + y**2"
    assert str(np.sin(listed)[1]) == "sin(y)"
    A = symbol("A", (2, 2))
    assert equal(listed @ A, np.stack([x, y]) @ A)
    assert equal(A @ np.array([x, 1.0]), A[:, 0] * x + A[:, 1])
    assert np.asarray(A).shape == (2, 2)


def test_arrays_that_are_written_to():
    z = np.zeros(3) + x
    z[1] = y
    z[2:] *= 2
    assert str(np.stack(list(z))) == "[x, y, 2*x]"


def test_equal_operations_are_one_node():
    assert np.sin(x * y).variable is np.sin(x * y).variable
    assert np.sin(x * 2).variable is not np.sin(x * 2.5).variable
    assert (x * True).variable is not (x * 1.0).variable


def test_a_long_formula_is_not_written_out():
    e = x
    for _ in range(14):
        e = e * np.sin(e) + y
    assert "operations" in str(e)
    assert np.isfinite(evaluate(e, x=0.1, y=0.1))


def test_a_symbol_has_no_truth_and_no_value():
    with pytest.raises(ControlFlowError, match=r"test_expression.py.*formula\(f"):
        if x > 0:
            pass
    with pytest.raises(TracerLeakError, match="Python float"):
        float(x)
    with pytest.raises(ControlFlowError, match="its value"):
        range(int(x))
    with pytest.raises(TracerLeakError, match="float64"):
        np.asarray(x, float)


def test_shapes_that_do_not_fit():
    A = symbol("A", (2, 2))
    with pytest.raises(ShapeError, match=r"matmul of f64\[2,2\], f64\[3\].*test_expr"):
        A @ np.ones(3)
    with pytest.raises(ShapeError, match=r"f64\[3\]"):
        np.ones(3) * symbol("v", 2)


def test_what_has_no_formula():
    with pytest.raises(EngineError, match="sort has no formula"):
        str(np.sort(symbol("v", 2)))


def test_the_engine_is_not_asked_twice(monkeypatch):
    e = np.sin(x * 17)
    assert str(e) == "sin(17*x)"
    monkeypatch.setattr(sympy, "sin", None)
    assert str(e) == "sin(17*x)"
