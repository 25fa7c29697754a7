"""Formulas of lines, tangents and adjoints, as the rows state them."""

import numpy as np
import pytest

from wengert.explanation import explain
from wengert.explanation.formula import (
    Call,
    Infix,
    Negated,
    Number,
    Power,
    Sum,
    Symbol,
    literal,
    power,
    product,
    quotient,
    total,
)
from wengert.explanation.latex import LATEX
from wengert.explanation.notation import PLAIN
from wengert.graph import General

a, b, c = map(Symbol, "abc")
A = np.arange(6.0).reshape(2, 3)


def adjoints(f, *args):
    return [str(line) for line in explain(f)(*args).tables.adjoint.lines][1:]


def primal(f, *args):
    return [str(line) for line in explain(f)(*args).tables.primal.lines][len(args) : -1]


@pytest.mark.parametrize(
    ("formula", "plain", "latex"),
    [
        (product(a, Sum((b, Negated(c)))), "a·(b − c)", r"a \cdot \left(b - c\right)"),
        (product(a, Call("sin", (b,))), "a·sin b", r"a \cdot \sin b"),
        (product(Call("sin", (b,)), a), "sin(b)·a", r"\sin(b) \cdot a"),
        (quotient(Call("sin", (b,)), a), "sin(b)/a", r"\frac{\sin b}{a}"),
        (quotient(a, product(b, c)), "a/(b·c)", r"\frac{a}{b \cdot c}"),
        (product(a, quotient(Number(1), b)), "a/b", r"\frac{a}{b}"),
        (product(a, quotient(Number(0.5), b)), "a/(2·b)", r"\frac{a}{2 \cdot b}"),
        (product(literal(-2), a), "−2·a", r"-2 \cdot a"),
        (total(a, product(literal(-1), b)), "a − b", "a - b"),
        (Sum((a, Negated(Sum((b, c))))), "a − (b + c)", r"a - \left(b + c\right)"),
        (Power(Sum((a, b)), Number(2)), "(a + b)²", r"{\left(a + b\right)}^2"),
        (Power(a, literal(-2)), "a⁻²", "{a}^{-2}"),
        (Power(a, Number(0.5)), "a^0.5", "{a}^{0.5}"),
        (Power(a, Negated(b)), "a^(−b)", "{a}^{-b}"),
        (Power(Call("sin", (a,)), Number(2)), "sin(a)²", r"{\sin(a)}^2"),
        (Call("sin", (Negated(a),)), "sin(−a)", r"\sin(-a)"),
        (Call("Σ", (a,), ("axis=0",)), "Σ(a, axis=0)", r"\sum(a, \mathtt{axis=0})"),
        (product(a, Infix(">", b, c)), "a·[b > c]", r"a \cdot \left[b > c\right]"),
        (
            product(a, Infix("mod", b, c)),
            "a·(b mod c)",
            r"a \cdot \left(b \bmod c\right)",
        ),
        (Symbol("theta", "bar"), "theta_bar", r"\bar \theta"),
        (Symbol("x1", "dot"), "ẋ1", r"\dot x_1"),
        (Symbol("w['a_b'][0]"), "w['a_b'][0]", r"w\mathtt{['a\_b'][0]}"),
        (Symbol("rate2", "bar"), "rate2_bar", r"\bar{\mathit{rate}}_2"),
        (Call("∂₂solve", (a, b)), "∂₂solve(a, b)", r"\partial_2 \mathrm{solve}(a, b)"),
        (Number(1e-20), "1e−20", r"1 \cdot 10^{-20}"),
        (Number(2 + 1j), "2 + 1i", "2 + 1i"),
    ],
)
def test_written(formula, plain, latex):
    assert PLAIN.write(formula) == plain
    assert LATEX.write(formula) == latex


def test_tidied():
    assert product(Number(1), a) == a
    assert product() == Number(1)
    assert product(a, Number(0)) == Number(0)
    assert total(a, Number(0)) == a
    assert total() == Number(0)
    assert power(a, Number(1)) == a
    assert power(a, Number(0)) == Number(1)
    assert quotient(a, literal(-1)) == Negated(a)


@pytest.mark.parametrize(
    ("f", "line", "adjoint"),
    [
        (np.negative, "v₁ = −v₀", "v̄₀ = −v̄₁"),
        (np.cos, "v₁ = cos v₀", "v̄₀ = −v̄₁·sin v₀"),
        (np.exp, "v₁ = e^v₀", "v̄₀ = v̄₁·v₁"),
        (np.exp2, "v₁ = 2^v₀", "v̄₀ = 0.693147·v̄₁·v₁"),
        (np.log, "v₁ = ln v₀", "v̄₀ = v̄₁/v₀"),
        (np.sqrt, "v₁ = √v₀", "v̄₀ = v̄₁/(2·v₁)"),
        (np.tanh, "v₁ = tanh v₀", "v̄₀ = v̄₁·(1 − v₁²)"),
        (np.square, "v₁ = v₀²", "v̄₀ = 2·v̄₁·v₀"),
        (np.abs, "v₁ = |v₀|", "v̄₀ = v̄₁·sign v₀"),
        (np.sinc, "v₁ = sinc v₀", "v̄₀ = v̄₁·sinc′ v₀"),
        (lambda x: x**3, "v₁ = v₀³", "v̄₀ = 3·v̄₁·v₀²"),
        (lambda x: x**-1.5, "v₁ = v₀^(−1.5)", "v̄₀ = −1.5·v̄₁·v₀^(−2.5)"),
        (lambda x: 2**x, "v₁ = 2^v₀", "v̄₀ = v̄₁·v₁·ln 2"),
        (lambda x: x / 9, "v₁ = v₀/9", "v̄₀ = v̄₁/9"),
        (lambda x: 9 / x, "v₁ = 9/v₀", "v̄₀ = −v̄₁·v₁/v₀"),
        (lambda x: -2 * x, "v₁ = −2·v₀", "v̄₀ = −2·v̄₁"),
        (lambda x: 1 * x, "v₁ = 1·v₀", "v̄₀ = v̄₁"),
        (lambda x: x - 1, "v₁ = v₀ − 1", "v̄₀ = v̄₁"),
        (lambda x: 1 - x, "v₁ = 1 − v₀", "v̄₀ = −v̄₁"),
        (lambda x: np.maximum(x, 0), "v₁ = max(v₀, 0)", "v̄₀ = v̄₁·[v₀ > 0]"),
    ],
)
def test_elementwise_rows(f, line, adjoint):
    assert primal(f, 0.7) == [line]
    assert adjoints(f, 0.7) == [adjoint]


def test_quotient_and_power_of_two_inputs():
    assert adjoints(np.divide, 2.0, 3.0) == ["v̄₋₁ = v̄₁/v₀", "v̄₀ = −v̄₁·v₁/v₀"]
    assert adjoints(np.power, 2.0, 3.0) == [
        "v̄₋₁ = v̄₁·v₀·v₋₁^(v₀ − 1)", "v̄₀ = v̄₁·v₁·ln v₋₁",
    ]  # fmt: skip


def test_the_same_input_twice_is_two_lines():
    assert adjoints(lambda x: x * x, 3.0) == ["v̄₀ = v̄₁·v₀", "v̄₀ += v̄₁·v₀"]


def test_matrix_products_name_their_transposes():
    f = lambda x, b: np.tanh(A @ x + b)
    assert primal(f, np.ones(3), np.ones(2)) == [
        "v₁ = A v₋₁", "v₂ = v₁ + v₀", "v₃ = tanh v₂",
    ]  # fmt: skip
    assert adjoints(f, np.ones(3), np.ones(2)) == [
        "v̄₂ = v̄₃·(1 − v₃²)", "v̄₁ = v̄₂", "v̄₀ = v̄₂", "v̄₋₁ = Aᵀ v̄₁",
    ]  # fmt: skip
    assert adjoints(np.matmul, A, np.ones(3)) == ["v̄₋₁ = v̄₁ v₀ᵀ", "v̄₀ = v₋₁ᵀ v̄₁"]
    assert adjoints(np.matmul, A, A.T) == ["v̄₋₁ = v̄₁ v₀ᵀ", "v̄₀ = v₋₁ᵀ v̄₁"]
    assert adjoints(np.matmul, np.ones(2), A) == ["v̄₋₁ = v₀ v̄₁", "v̄₀ = v₋₁ v̄₁ᵀ"]
    inner = adjoints(np.matmul, np.ones(2), np.ones(2))
    assert inner == ["v̄₋₁ = v̄₁·v₀", "v̄₀ = v̄₁·v₋₁"]
    assert primal(np.matmul, np.ones(2), np.ones(2)) == ["v₁ = v₋₁ᵀ v₀"]


def test_linear_rows_name_their_transposes():
    assert adjoints(np.sum, np.ones(3)) == ["v̄₀ = Σᵀ v̄₁"]
    assert primal(lambda x: np.sum(x, axis=0), A) == ["v₁ = Σ(v₀, axis=0)"]
    assert primal(lambda x: x.reshape(3, 2), A) == ["v₁ = reshape(v₀, (3, 2))"]
    assert adjoints(lambda x: x.reshape(3, 2), A) == ["v̄₀ = reshapeᵀ v̄₁"]
    assert adjoints(np.transpose, A) == ["v̄₀ = v̄₁ᵀ"]
    joined = lambda x, y: np.concatenate([x, y])
    assert adjoints(joined, A[0], A[1]) == [
        "v̄₋₁ = concatenateᵀ(v̄₁)₁", "v̄₀ = concatenateᵀ(v̄₁)₂",
    ]  # fmt: skip


def test_reading_an_element_adds_to_an_element():
    f = lambda x: x[0] * x[1]
    assert primal(f, A[0]) == ["v₁ = v₀[0]", "v₂ = v₀[1]", "v₃ = v₁·v₂"]
    assert adjoints(f, A[0]) == [
        "v̄₁ = v̄₃·v₂", "v̄₂ = v̄₃·v₁", "v̄₀[1] = v̄₂", "v̄₀[0] += v̄₁",
    ]  # fmt: skip


def test_general_rows_show_their_linear_map():
    line = str(explain(np.prod)(np.arange(1.0, 4)).tables.tangent.lines[1])
    assert line == "v̇₁ = Π′(v₀) v̇₀"
    assert adjoints(np.prod, np.arange(1.0, 4)) == ["v̄₀ = Π′(v₀)ᵀ v̄₁"]


def test_several_outputs_are_components_of_one_operation():
    polar = General(
        name="polar", numpy=(), outputs=2, active=(0, 1), ref="",
        impl=lambda x, y: (np.hypot(x, y), np.arctan2(y, x)),
        type=lambda x, y: (x, y),
        jvp=lambda y, x, x_dot: (
            (x[0] * (x_dot[0] or 0) + x[1] * (x_dot[1] or 0)) / y[0],
            (x[0] * (x_dot[1] or 0) - x[1] * (x_dot[0] or 0)) / y[0] ** 2,
        ),
        vjp=lambda y, x, y_bar: (
            y_bar[0] * x[0] / y[0] - y_bar[1] * x[1] / y[0] ** 2,
            y_bar[0] * x[1] / y[0] + y_bar[1] * x[0] / y[0] ** 2,
        ),
        cost=lambda types, y: 0, samples=lambda rng, dtype: (),
    )  # fmt: skip
    explanation = explain(lambda x, y: polar(x, y)[1], seed=(0.0, 1.0))(3.0, 4.0)
    tables = explanation.tables
    assert [str(line) for line in tables.primal.lines][2:] == [
        "v₁ = polar(v₋₁, v₀)₁", "v₂ = polar(v₋₁, v₀)₂", "w = v₂",
    ]  # fmt: skip
    assert str(tables.tangent.lines[3]) == (
        "v̇₂ = (∂₁polar(v₋₁, v₀) v̇₋₁ + ∂₂polar(v₋₁, v₀) v̇₀)₂"
    )
    assert [str(line) for line in tables.adjoint.lines] == [
        "v̄₂ = w̄",
        "v̄₋₁ = ∂₁polar(v₋₁, v₀)ᵀ (v̄₁, v̄₂)",
        "v̄₀ = ∂₂polar(v₋₁, v₀)ᵀ (v̄₁, v̄₂)",
    ]
    assert explanation.gradient == pytest.approx((-4 / 25, 3 / 25))
    assert tables.tangent.lines[-1].value == pytest.approx(3 / 25)


def test_constants_of_mathematics():
    assert primal(lambda x: x * np.pi, 2.0) == ["v₁ = v₀·π"]
    assert LATEX.write(literal(np.float64(-np.pi))) == r"-\pi"


def test_broadcasting_is_summed_back():
    scaled = adjoints(np.multiply, 2.0, np.ones(3))
    assert scaled == ["v̄₋₁ = Σ(v̄₁·v₀)", "v̄₀ = v̄₁·v₋₁"]
    assert adjoints(np.add, A, np.ones(3)) == ["v̄₋₁ = v̄₁", "v̄₀ = Σ(v̄₁, axis=0)"]


def test_where_shows_the_side():
    f = lambda x: np.where(x > 1, x, 2 * x)
    assert primal(f, A[0]) == ["v₁ = v₀ > 1", "v₂ = 2·v₀", "v₃ = where(v₁, v₀, v₂)"]
    assert adjoints(f, A[0]) == [
        "v̄₀ = where(v₁, v̄₃, 0)", "v̄₂ = where(v₁, 0, v̄₃)", "v̄₀ += 2·v̄₂",
    ]  # fmt: skip
