"""The first nan or inf, forward and backward, with the user's own line."""

import inspect

import numpy as np

from wengert.explanation import explain


def line_of(f, offset):
    return inspect.getsourcelines(f)[1] + offset


def logarithm(x):
    shifted = x - 3
    return np.log(shifted) * 2


def test_forward_logarithm_of_a_negative_number():
    found = explain(logarithm)(2.0).first_nan()
    assert (found.sweep, found.kind, str(found.line)) == ("primal", "nan", "v₂ = ln v₁")
    assert found.operands == (("v₁", -1.0),)
    assert np.isnan(found.result)
    assert found.source.file == __file__
    assert found.source.line == line_of(logarithm, 2)
    assert found.source.function == "logarithm"
    report = str(found)
    assert report.startswith("first nan in the primal sweep: v₂ = ln v₁\n  v₁ = −1\n")
    assert report.endswith("return np.log(shifted) * 2")


def root(x):
    y = 3 * np.sqrt(x)
    return y + 1


def test_backward_root_at_zero():
    found = explain(root)(0.0).first_nan()
    assert (found.sweep, found.kind) == ("adjoint", "inf")
    assert str(found.line) == "v̄₀ = v̄₁/(2·v₁)"
    assert found.operands == (("v̄₁", 3.0), ("v₁", 0.0))
    assert found.origin == "v₁ = √v₀"
    assert found.source.line == line_of(root, 1)
    assert "of the line v₁ = √v₀" in str(found)


def test_finite_programs_have_none():
    assert explain(lambda x: np.sqrt(x) * x)(2.0).first_nan() is None


def test_what_where_did_not_take_is_no_anomaly_of_the_derivative():
    f = lambda x: np.where(x > 0, np.sqrt(x), 0.0).sum()
    assert explain(f)(np.arange(3.0)).first_nan() is None


def test_elements_are_counted_and_placed():
    found = explain(lambda x: np.log(x).sum())(
        np.array([1.0, 0.0, 2.0, 0.0])
    ).first_nan()
    assert (found.kind, found.sweep) == ("inf", "primal")
    assert "2 of 4 elements, the first at [1]" in str(found)


def test_a_nan_in_one_element_does_not_hide_another():
    f = lambda x: np.sum(np.log(x))
    found = explain(f)(np.array([np.nan, -1.0])).first_nan()
    assert str(found.line) == "v₁ = ln v₀"


def test_overflow_and_what_follows_from_it():
    def f(x):
        y = np.exp(x)
        return y - y

    found = explain(f)(1000.0).first_nan()
    assert (found.kind, str(found.line)) == ("inf", "v₁ = e^v₀")


def test_nan_of_the_input_is_named():
    found = explain(lambda x1, x2: x1 * x2)(2.0, np.nan).first_nan()
    assert (found.sweep, found.kind) == ("input", "nan")
    assert str(found) == "x2 is nan from the beginning"


def test_infinity_of_a_program_is_no_anomaly():
    f = lambda x: np.minimum(x, np.inf)
    assert explain(f)(2.0).first_nan() is None


def test_tangent_alone():
    # The adjoint sweep goes through the second output only, the tangent through both.
    f = lambda x: (np.sqrt(x), 2 * x)
    found = explain(f, seed_bar=(0, 1))(0.0).first_nan()
    assert (found.sweep, str(found.line)) == ("tangent", "v̇₁ = v̇₀/(2·v₁)")
