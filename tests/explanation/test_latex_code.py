"""Functions as lines of LaTeX."""

import numpy as np
import pytest

from tests.cases import CASES
from wengert import grad, to_latex
from wengert.errors import ArgumentError

A = np.ones((3, 2))


def test_a_derivative():
    assert to_latex(grad(lambda x: np.exp(3 * x)), 1.0) == (
        "\\begin{aligned}\ny &= {e}^{3 \\cdot x} \\cdot 3\n\\end{aligned}"
    )


def test_values_used_twice_have_names():
    text = to_latex(lambda x: np.sin(A @ x) * np.cos(A @ x + 1), np.ones(2))
    assert "v_1 &= A \\, x" in text
    assert text.count("A \\, x") == 1


def test_branches_are_stated():
    text = to_latex(lambda x: x**2 if x > 0 else x, 1.0)
    assert text.splitlines()[-2] == "&\\text{where } x > 0 \\text{ is True}"


@pytest.mark.filterwarnings("ignore")
def test_the_corpus_is_balanced():
    for case in CASES:
        text = to_latex(case.f, *case.args)
        assert text.count("{") == text.count("}"), case.name
        assert text.count(r"\left") == text.count(r"\right"), case.name
        assert text.isascii(), case.name


def test_refusals():
    with pytest.raises(ArgumentError, match="needs a function"):
        to_latex(3.0)
