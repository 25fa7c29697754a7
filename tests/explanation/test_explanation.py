"""Explanations of arrays and pytrees, their forms and their limits."""

import re
import subprocess
import sys

import numpy as np
import pytest

from wengert.errors import ArgumentError
from wengert.explanation import explain

A = np.linspace(-1, 1, 50).reshape(5, 10)


def layer(x, b):
    return np.tanh(A @ x + b)


def test_vector_function_shows_shapes_and_norms():
    explanation = explain(layer)(np.full(10, 0.1), np.ones(5))
    text = explanation.text()
    assert re.search(r"v₋₁ = x +f64\[10\]  ‖·‖ = 0\.3162\n", text)
    assert re.search(r"v₁  = A v₋₁ +f64\[5\]  ‖·‖ = ", text)
    assert "Reverse adjoint trace, seed ȳ = 1 everywhere" in text
    assert "Forward tangent trace, seed ẋ = 1 everywhere, ḃ = 0 everywhere" in text
    assert "Transposed Jacobian times the seed\n  x̄ = v̄₋₁" in text
    x_bar, b_bar = explanation.gradient
    slope = 1 - explanation.value**2
    np.testing.assert_allclose(b_bar, slope)
    np.testing.assert_allclose(x_bar, A.T @ slope)


def test_small_vectors_are_written_out():
    text = explain(lambda x: x * 2)(np.array([1.0, -0.25])).text()
    assert "[1, −0.25]" in text


def test_jacobian_of_few_outputs_by_rows():
    f = lambda x: {"p": x[0] * x[1], "q": 2 * x[:2]}
    table = explain(f)(np.array([2.0, 3.0, 4.0])).tables.derivative
    assert table.title == "Jacobian, by 3 reverse sweeps, one for each row"
    assert [line.name for line in table.lines] == [
        "∂y['p']/∂x", "∂y['q'][0]/∂x", "∂y['q'][1]/∂x",
    ]  # fmt: skip
    np.testing.assert_array_equal(
        [line.value for line in table.lines], [[3, 2, 0], [2, 0, 0], [0, 2, 0]]
    )


def test_weighted_scalar_output_is_no_gradient():
    explanation = explain(lambda x: x * x, seed_bar=2.0)(3.0)
    assert explanation.gradient == 12
    assert "seed ȳ = 2" in explanation.text()
    assert explanation.tables.derivative.lines[0].value == 6


def test_digits():
    explanation = explain(np.sin)(2.0)
    assert "0.9093" in explanation.text()
    assert "0.90929743" in explanation.text(digits=8)
    assert "0.91" in str(explain(np.sin, digits=2)(2.0))


def test_titles_name_few_seeds():
    f = lambda x: sum(v**2 for v in x)
    title = explain(f, seed="x[7]")([float(k) for k in range(9)]).text()
    assert "Forward tangent trace, seed ẋ[7] = 1, …\n" in title


def test_long_tables_are_cut_in_the_middle():
    def f(x):
        for _ in range(1000):
            x = np.sin(x)
        return x

    explanation = explain(f)(2.0)
    text = explanation.text(limit=10)
    assert text.count("992 more lines") == 2  # of the primal and the tangent trace
    assert "v₁₀₀₀" in text
    assert "v₅₀₀" not in text
    for form in (explanation.markdown, explanation.latex, explanation.html):
        assert "992" in form(limit=10)
    assert len(explanation.text(limit=None).splitlines()) > 3000


def test_every_form_has_every_line():
    explanation = explain(layer)(np.full(10, 0.1), np.ones(5))
    count = sum(len(table.lines) for table in explanation.tables)
    assert explanation.html().count("<tr><td>") == count
    assert explanation.latex().count(r" \\") == count
    rows = [line for line in explanation.markdown().splitlines() if line[:1] == "|"]
    assert len(rows) == count + 2 * 4
    assert str(explanation) == explanation.text()
    assert explanation._repr_html_() == explanation.html()


def test_html_is_self_contained_and_escaped():
    html = explain(lambda w: w["<b>"] * 2 > w["<b>"])({"<b>": 1.0}).html()
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
    assert "<script" not in html
    assert "http" not in html


def test_latex_is_balanced():
    f = lambda w, theta_1: (
        np.hypot(w["a_b"][0], theta_1) / np.sqrt(theta_1) ** 2 + 1e-20
    )
    latex = explain(f)({"a_b": [2.0]}, 3.0).latex()
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")
    for environment in set(re.findall(r"\\begin{(\w+)}", latex)):
        begin, end = rf"\begin{{{environment}}}", rf"\end{{{environment}}}"
        assert latex.count(begin) == latex.count(end)
    assert all(ord(character) < 128 for character in latex)
    for row in latex.splitlines():
        if row.endswith(r" \\"):
            assert row.count("&") == 3


def test_markdown_escapes_bars():
    table = explain(np.abs)(-2.0).markdown()
    assert r"| v₁ | = | \|v₀\| | 2 |" in table


def test_it_prints_briefly_in_a_list():
    assert repr([explain(layer)(np.ones(10), np.ones(5))]) == (
        "[<Explanation of y = layer(x, b): 3 lines>]"
    )


def test_values_that_are_not_finite_raise_no_warning():
    text = explain(lambda x: np.log(x) / x)(0.0).text()
    assert "−inf" in text


def test_f_is_run_once():
    calls = []

    def f(x):
        calls.append(x)
        return x * x

    str(explain(f)(2.0))
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("ending", "begin"), [("svg", "<svg"), ("dot", "digraph"), ("mmd", "flowchart")]
)
def test_the_drawing_is_saved_in_the_format_of_its_name(tmp_path, ending, begin):
    path = tmp_path / f"picture.{ending}"
    assert explain(np.sin)(2.0).save_graph(path) == str(path)
    assert begin in path.read_text(encoding="utf-8")


def test_the_drawing_needs_a_known_ending(tmp_path):
    with pytest.raises(ArgumentError, match="Let it end with one of .svg, .dot"):
        explain(np.sin)(2.0).save_graph(tmp_path / "picture.png")


def test_rich_is_not_loaded():
    code = "import sys, wengert.explanation; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
