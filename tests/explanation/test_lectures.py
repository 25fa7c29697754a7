"""The traces that lectures and books print, with their numbers and orders of lines."""

import math

import numpy as np
import pytest

from wengert.explanation import explain


def t1(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def t2(x1, x2):
    v1 = x1 / x2
    v2 = np.sin(v1)
    v3 = np.exp(x2)
    v4 = v1 - v3
    v5 = v2 + v4
    return v5 * v4


def newton(x, z, k):
    for _ in range(k):
        z = x + 1 / z
    return z


def branch(x):
    return x**3 if x > 0 else x**2


def lines(table):
    return [str(line) for line in table.lines]


def values(table):
    return [float(line.value) for line in table.lines]


def names(table):
    return [line.name for line in table.lines]


# ----- T1 -----


def test_t1_primal_trace():
    table = explain(t1)(2, 5).tables.primal
    assert lines(table) == [
        "v₋₁ = x1", "v₀ = x2", "v₁ = ln v₋₁", "v₂ = v₋₁·v₀", "v₃ = sin v₀",
        "v₄ = v₁ + v₂", "v₅ = v₄ − v₃", "y = v₅",
    ]  # fmt: skip
    assert values(table) == pytest.approx(
        [2, 5, 0.693, 10, -0.959, 10.693, 11.652, 11.652], abs=5e-4
    )


def test_t1_tangent_trace_for_each_seed():
    explanation = explain(t1)(2, 5)
    table = explanation.tables.tangent
    assert lines(table) == [
        "v̇₋₁ = ẋ1", "v̇₀ = ẋ2", "v̇₁ = v̇₋₁/v₋₁", "v̇₂ = v̇₋₁·v₀ + v̇₀·v₋₁",
        "v̇₃ = v̇₀·cos v₀", "v̇₄ = v̇₁ + v̇₂", "v̇₅ = v̇₄ − v̇₃", "ẏ = v̇₅",
    ]  # fmt: skip
    assert values(table) == pytest.approx([1, 0, 0.5, 5, 0, 5.5, 5.5, 5.5])
    for seed in ((0, 1), "x2", {"x2": 1}, [0.0, 1.0], np.array([0.0, 1.0]).tolist()):
        other = explanation.tangent(seed).tables.tangent
        assert values(other)[-1] == pytest.approx(2 - math.cos(5))


def test_t1_adjoint_trace_every_accumulation_a_line():
    table = explain(t1)(2, 5).tables.adjoint
    assert lines(table) == [
        "v̄₅ = ȳ", "v̄₄ = v̄₅", "v̄₃ = −v̄₅", "v̄₁ = v̄₄", "v̄₂ = v̄₄",
        "v̄₀ = v̄₃·cos v₀", "v̄₋₁ = v̄₂·v₀", "v̄₀ += v̄₂·v₋₁", "v̄₋₁ += v̄₁/v₋₁",
    ]  # fmt: skip
    assert values(table) == pytest.approx(
        [1, 1, -1, 1, 1, -0.284, 5, 1.716, 5.5], abs=5e-4
    )


def test_t1_gradient():
    explanation = explain(t1)(2, 5)
    assert explanation.gradient == pytest.approx((5.5, 1.7163), abs=5e-5)
    assert lines(explanation.tables.derivative) == ["∂y/∂x1 = v̄₋₁", "∂y/∂x2 = v̄₀"]
    assert explanation.value == pytest.approx(11.652, abs=5e-4)


# ----- T2 -----


def test_t2_primal_trace_keeps_the_order_of_the_program():
    table = explain(t2)(1.5, 0.5).tables.primal
    assert lines(table)[2:-1] == [
        "v₁ = v₋₁/v₀", "v₂ = sin v₁", "v₃ = e^v₀", "v₄ = v₁ − v₃", "v₅ = v₂ + v₄",
        "v₆ = v₅·v₄",
    ]  # fmt: skip
    assert values(table)[2:] == pytest.approx(
        [3, 0.1411, 1.6487, 1.3513, 1.4924, 2.0167, 2.0167], abs=6e-5
    )


def test_t2_tangent_trace():
    table = explain(t2)(1.5, 0.5).tables.tangent
    assert values(table)[2:] == pytest.approx(
        [2, -1.98, 0, 2, 0.02, 3.0118, 3.0118], abs=6e-5
    )


def test_t2_adjoint_trace():
    table = explain(t2)(1.5, 0.5).tables.adjoint
    assert lines(table) == [
        "v̄₆ = ȳ", "v̄₅ = v̄₆·v₄", "v̄₄ = v̄₆·v₅", "v̄₂ = v̄₅", "v̄₄ += v̄₅",
        "v̄₁ = v̄₄", "v̄₃ = −v̄₄", "v̄₀ = v̄₃·v₃", "v̄₁ += v̄₂·cos v₁",
        "v̄₋₁ = v̄₁/v₀", "v̄₀ += −v̄₁·v₁/v₀",
    ]  # fmt: skip
    assert values(table) == pytest.approx(
        [
            1, 1.3513, 1.4924, 1.3513, 2.8437, 2.8437, -2.8437, -4.6884, 1.5059,
            3.0118, -13.7239,
        ],
        abs=7e-5,
    )  # fmt: skip


# ----- the others -----


def test_t3_three_inputs_one_used_twice():
    explanation = explain(lambda x, y, z: x * y * np.sin(y * z))(3.0, -1.0, 2.0)
    tables = explanation.tables
    assert lines(tables.primal)[3:] == [
        "v₁ = v₋₂·v₋₁", "v₂ = v₋₁·v₀", "v₃ = sin v₂", "v₄ = v₁·v₃", "w = v₄",
    ]  # fmt: skip
    assert values(tables.primal)[3:5] == [-3, -2]
    adjoints = dict(zip(lines(tables.adjoint), values(tables.adjoint), strict=True))
    assert adjoints["v̄₃ = v̄₄·v₁"] == -3
    assert adjoints["v̄₁ = v̄₄·v₃"] == pytest.approx(math.sin(-2))
    assert adjoints["v̄₂ = v̄₃·cos v₂"] == pytest.approx(-3 * math.cos(-2))
    assert explanation.gradient == pytest.approx(
        (-math.sin(-2), 3 * math.sin(-2) - 6 * math.cos(-2), 3 * math.cos(-2))
    )


def test_t4_square_of_a_square():
    explanation = explain(lambda x: (x**2 + 1) ** 2)(1.0)
    assert explanation.value == 4
    assert explanation.gradient == 8
    assert values(explanation.tables.tangent)[-1] == 8
    assert lines(explanation.tables.adjoint) == [
        "v̄₃ = ȳ", "v̄₂ = 2·v̄₃·v₂", "v̄₁ = v̄₂", "v̄₀ = 2·v̄₁·v₀",
    ]  # fmt: skip


def test_t5_quotient():
    explanation = explain(lambda x: np.exp(x**2 - x) / x)(2.0)
    slope = math.exp(2) * ((2 * 2 - 1) / 2 - 1 / 2**2)
    assert explanation.gradient == pytest.approx(slope)
    assert values(explanation.tables.tangent)[-1] == pytest.approx(slope)


def test_t6_polynomial():
    explanation = explain(lambda x: 3 * x**2 + 2 * x)(5)
    assert (explanation.value, explanation.gradient) == (85, 32)
    assert lines(explanation.tables.primal) == [
        "v₀ = x", "v₁ = v₀²", "v₂ = 3·v₁", "v₃ = 2·v₀", "v₄ = v₂ + v₃", "y = v₄",
    ]  # fmt: skip


def test_t7_gradient_in_two_variables():
    a1, a2 = 1.3, 0.4
    explanation = explain(lambda x1, x2: x1 * np.exp(x2) - x1)(a1, a2)
    assert explanation.gradient == pytest.approx((math.exp(a2) - 1, a1 * math.exp(a2)))


def test_t8_loop_of_three_rounds_has_seven_steps():
    explanation = explain(newton)(2.0, 1.0, 3)
    table = explanation.tables.primal
    # The initial value of z, and a quotient and a sum in each round.
    steps = [line for line in lines(table) if line not in ("v₋₁ = x", "y = v₆")]
    assert steps == [
        "v₀ = z", "v₁ = 1/v₀", "v₂ = v₋₁ + v₁", "v₃ = 1/v₂", "v₄ = v₋₁ + v₃",
        "v₅ = 1/v₄", "v₆ = v₋₁ + v₅",
    ]  # fmt: skip
    h = 1e-6
    slope = (newton(2 + h, 1.0, 3) - newton(2 - h, 1.0, 3)) / (2 * h)
    assert explanation.gradient[0] == pytest.approx(slope)


def test_t8_is_differentiable_in_x_only():
    explanation = explain(newton)(2.0, 1, 3)
    assert explanation.sweeps.inputs.names == ["x"]
    assert lines(explanation.tables.primal)[1] == "v₁ = v₀ + 1"


@pytest.mark.parametrize(
    ("x", "line", "slope"), [(2.0, "v₂ = v₀³", 12), (-2.0, "v₂ = v₀²", -4)]
)
def test_t10_each_side_of_a_branch_has_its_own_graph(x, line, slope):
    explanation = explain(branch)(x)
    assert lines(explanation.tables.primal)[1:3] == ["v₁ = v₀ > 0", line]
    assert explanation.gradient == slope
    (guard,) = explanation.sweeps.graph.guards
    assert guard.told is (x > 0)
    # A statement has neither a tangent nor an adjoint.
    assert "v̇₁" not in names(explanation.tables.tangent)
    assert "v̄₁" not in names(explanation.tables.adjoint)
