"""Formulas on the command line: each command, its options and its forms."""

import re

import numpy as np
import pytest

from wengert.explanation import explain


def test_diff_writes_value_and_gradient(good):
    assert good("diff", "x**2 * y", "--at", "x=3,y=2") == (
        "x**2 * y\nat x = 3, y = 2\n\nw     = 18\n∂w/∂x = 12\n∂w/∂y = 9\n"
    )


def test_diff_writes_a_hessian_each_mixed_derivative_once(good):
    out = good("diff", "x**2 * z", "--at", "x=3,z=2", "--order", "2")
    assert out.splitlines()[6:] == ["∂²y/∂x²  = 4", "∂²y/∂x∂z = 6", "∂²y/∂z²  = 0"]


def test_diff_of_high_order(good):
    out = good("diff", "x**5", "--at", "x=1", "--order", "5")
    assert [line.split("=")[1] for line in out.splitlines()[3:]] == [
        " 1", " 5", " 20", " 60", " 120", " 120",
    ]  # fmt: skip
    assert "∂⁵y/∂x⁵ = 120" in out


def test_diff_by_some_variables(good):
    out = good("diff", "x*y*z", "--at", "x=2,y=3,z=5", "--wrt", "z, x")
    assert out.splitlines()[3:] == ["w     = 30", "∂w/∂z = 6", "∂w/∂x = 15"]


def test_diff_of_a_vector_is_a_jacobian(good):
    out = good("diff", "v**2", "--at", "v=[1,-2]")
    assert "y     = [1, 4]\n" in out
    assert "∂y/∂v = [[ 2,  0],\n         [ 0, -4]]\n" in out
    assert "at v = [1, -2]" in out


def test_diff_by_a_matrix(good):
    out = good("diff", "sum(A) * x", "--at", "A=[[1,2],[3,4]],x=2", "--order", "2")
    assert "∂y/∂A    = [[2, 2],\n" in out
    assert "∂²y/∂A∂x = [[1, 1],\n" in out
    assert "∂²y/∂x²  = 0" in out
    assert "at A = [[1, 2], [3, 4]], x = 2\n" in out


def test_a_large_point_is_not_written_out(good):
    out = good("diff", "sum(v)", "--at", f"v=[{','.join('1' * 50)}]")
    assert "at v = f64[50]  ‖·‖ = 7.071067812\n" in out


def test_digits(good):
    out = good("diff", "sin(x)", "--at", "x=1", "--digits", "17")
    value, slope = (float(line.split("=")[1]) for line in out.splitlines()[3:])
    assert (value, slope) == (np.sin(1.0), np.cos(1.0))
    assert "= 0.84\n" in good("diff", "sin(x)", "--at", "x=1", "--digits", "2")


def test_a_zero_has_no_sign(good):
    assert "-0" not in good("diff", "-x*0", "--at", "x=1")


def test_a_truth_value(good):
    assert "y     = True\n∂y/∂x = 0\n" in good("diff", "x > 0", "--at", "x=2")


def test_where_a_result_is_infinite_a_note_says_why(run):
    ran = run("diff", "x + log(x)", "--at", "x=0")
    assert ran.status == 0
    assert "y     = -inf\n∂y/∂x = inf\n" in ran.out
    assert ran.err.startswith("note: first inf in the primal sweep: v₁ = ln v₀\n")
    assert " at " not in ran.err  # a formula has no line in a file


def test_points_may_be_given_one_by_one(good):
    together = good("diff", "x*y", "--at", "x=1,y=2")
    assert good("diff", "x*y", "--at", "x=1", "--at", "y=2") == together
    assert good("diff", "x*y", "--at=x=1,y=2") == together
    assert good("diff", "--at", "x=1,y=2", "x*y") == together


@pytest.mark.parametrize("formula", ["-x**2", "-3*x", "-sin(x)", "-x", "-(x)"])
def test_a_formula_may_start_with_a_minus(good, formula):
    assert good("diff", formula, "--at", "x=1").startswith(f"{formula}\n")
    assert good("diff", "--at", "x=1", formula).startswith(f"{formula}\n")
    assert good("diff", "--at", "x=1", "--", formula).startswith(f"{formula}\n")


def test_letters_beyond_ascii(good):
    assert "∂y/∂θ = -1" in good("diff", "cos(θ)", "--at", "θ=π/2")


# ----- explain -----


@pytest.mark.parametrize("form", ["text", "markdown", "latex", "html"])
def test_explain_in_each_form(good, form):
    out = good("explain", "x*sin(x)", "--at", "x=2", "--format", form)
    expected = explain(lambda x: x * np.sin(x))(2.0)
    assert out.endswith(getattr(expected, form)().rstrip("\n") + "\n")
    assert "f(x) = x*sin(x)" in out


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.txt", "f(x)"), ("a.md", "`f(x)"), ("a.tex", "% f(x)"), ("a.HTML", "<p>")],
)
def test_the_ending_of_a_file_tells_the_form(run, own_folder, name, start):
    ran = run("explain", "x*sin(x)", "--at", "x=2", "-o", name)
    assert ran == (0, "", f"wrote {name}\n")
    assert (own_folder / name).read_text("utf-8").startswith(start)


def test_the_form_may_be_another_than_the_ending_says(run, own_folder):
    assert run("explain", "x", "--at", "x=2", "-oa", "--format", "latex").status == 0
    assert "\\begin" in (own_folder / "a").read_text("utf-8")


def test_a_dash_stands_for_standard_output(good):
    words = ("explain", "x*sin(x)", "--at", "x=2")
    assert good(*words, "-o", "-") == good(*words)


@pytest.mark.parametrize(
    ("seed", "shown"),
    [
        ("x", "ẋ = 1, ż = 0"),
        ("z", "ẋ = 0, ż = 1"),
        ("x,z", "ẋ = 1, ż = 1"),
        ("x=2,z=-1", "ẋ = 2, ż = −1"),
        ("z=pi", "ẋ = 0, ż = 3.142"),
    ],
)
def test_seeds(good, seed, shown):
    out = good("explain", "x*z", "--at", "x=2,z=3", "--seed", seed)
    assert f"seed {shown}\n" in out


def test_a_seed_of_a_vector(good):
    out = good("explain", "sum(v**2)", "--at", "v=[1,2]", "--seed", "v=[0,1]")
    assert "seed v̇ = [0, 1]\n" in out


def test_long_tables_are_cut_on_request(good):
    formula = "+".join(f"sin({i}*x)" for i in range(1, 9))
    words = ("explain", formula, "--at", "x=1")
    assert "more lines" not in good(*words)
    assert "more lines" in good(*words, "--lines", "4")
    assert good(*words, "--lines", "0") == good(*words)


# ----- graph -----


@pytest.mark.parametrize(
    ("name", "form", "start"),
    [
        ("a.svg", "svg", "<svg"),
        ("a.dot", "dot", "digraph"),
        ("a.gv", "dot", "digraph"),
        ("a.mmd", "mermaid", "---\ntitle"),
    ],
)
def test_graph_to_a_file_and_to_the_terminal(run, good, own_folder, name, form, start):
    words = ("graph", "x*sin(x)", "--at", "x=2")
    assert run(*words, "--output", name) == (0, "", f"wrote {name}\n")
    written = (own_folder / name).read_text("utf-8")
    assert written.startswith(start)
    assert good(*words, "--format", form) == written


@pytest.mark.parametrize("form", ["svg", "dot", "mermaid"])
def test_a_formula_has_no_lines_of_python(good, form):
    out = good("graph", "x*sin(x) + log(x)", "--at", "x=2", "--format", form)
    assert ".py" not in out and " in test_" not in out


def test_equal_parts_are_drawn_once(good):
    out = good("graph", "sin(x) * sin(x)", "--at", "x=1", "--format", "dot")
    once = good("graph", "sin(x) * 2", "--at", "x=1", "--format", "dot")
    assert out.count("sin") == once.count("sin")


# ----- check -----


def test_check(good):
    out = good("check", "x1*x2 + sin(x1)", "--at", "x1=2,x2=5")
    assert out.startswith("derivatives of x1*x2 + sin(x1): all 24 comparisons passed\n")
    assert "argument x" in out and "args[" not in out


def test_check_of_first_order_by_one_variable(good):
    out = good("check", "x*y", "--at", "x=2,y=3", "--wrt", "y", "--order", "1")
    assert "argument y" in out


def test_a_failed_check_has_status_1(run):
    ran = run("check", "abs(x)", "--at", "x=0")
    assert (ran.status, ran.err) == (1, "")
    assert "comparisons failed" in ran.out and "a kink" in ran.out


def test_tolerances_of_a_check(run):
    words = ("check", "abs(x)", "--at", "x=0")
    assert run(*words).status == 1
    assert run(*words, "--rtol", "0", "--atol", "1e12").status == 0


# ----- compare -----


def test_compare(good):
    out = good("compare", "exp(x)", "--at", "x=0")
    lines = out.splitlines()
    assert lines[0] == "∂y/∂x of exp(x) at x = 0"
    head = "method derivative error calls flops memory time / µs"
    assert lines[2].split() == head.split()
    for method in ("forward mode ", "reverse mode "):
        (line,) = (line for line in lines if line.startswith(method))
        assert line.removeprefix(method).split()[:3] == ["1", "0", "1"]
    assert sum(bool(re.search(r"\d$", line)) for line in lines[3:]) >= 18


def test_compare_in_other_forms(good):
    words = ("compare", "exp(x)", "--at", "x=0", "--format")
    assert "| reverse mode | 1 | 0 | 1 |" in good(*words, "markdown")
    assert "<td>reverse mode</td>" in good(*words, "html")
