"""Random programs: the formula is the derivative, at matrix level."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert import grad
from wengert.symbolic import matrix_gradient, matrix_hessian

rng = np.random.default_rng(0)
ARRAYS = {
    "x": rng.normal(size=3),
    "v": rng.normal(size=3),
    "y": rng.normal(size=4),
    "u": rng.normal(size=4),
    "A": rng.normal(size=(4, 3)),
    "S": rng.normal(size=(4, 4)),
    "X": rng.normal(size=(3, 3)),
    "c": 0.7,
}
NAMES = {"m": "yu", "n": "xv", "mn": ["A"], "nm": ["A.T"], "mm": ["S"], "nn": ["X"]}


class Programs:
    """Write random NumPy programs of matrices."""

    def __init__(self, choose):
        self.choose = choose

    def letter(self):
        return self.choose(["m", "n"])

    def vector(self, d, k):
        if k <= 0:
            return self.choose(list(NAMES[d]))
        e = self.letter()
        return self.choose(
            [
                lambda: self.vector(d, 0),
                lambda: f"({self.matrix(d, e, k - 1)} @ {self.vector(e, k - 1)})",
                lambda: f"({self.vector(d, k - 1)} + {self.vector(d, k - 1)})",
                lambda: f"({self.vector(d, k - 1)} - {self.vector(d, k - 1)})",
                lambda: f"({self.vector(d, k - 1)} * {self.vector(d, k - 1)})",
                lambda: f"np.tanh({self.vector(d, k - 1)})",
                lambda: f"np.exp(np.sin({self.vector(d, k - 1)}))",
                lambda: f"({self.scalar(k - 1)} * {self.vector(d, k - 1)})",
                lambda: f"np.sum({self.matrix(d, e, k - 1)}, axis=1)",
                lambda: f"np.diagonal({self.matrix(d, d, k - 1)})",
                lambda: f"np.linalg.solve({self.definite(d)}, {self.vector(d, k - 1)})",
            ]
        )()

    def definite(self, d):
        name = NAMES[d + d][0]
        return f"({name} @ {name}.T + 2 * np.eye({name}.shape[0]))"

    def matrix(self, d, e, k):
        if k <= 0:
            return NAMES[d + e][0]
        f = self.letter()
        return self.choose(
            [
                lambda: self.matrix(d, e, 0),
                lambda: f"{self.matrix(e, d, k - 1)}.T",
                lambda: f"({self.matrix(d, f, k - 1)} @ {self.matrix(f, e, k - 1)})",
                lambda: f"({self.matrix(d, e, k - 1)} + {self.matrix(d, e, k - 1)})",
                lambda: f"({self.matrix(d, e, k - 1)} * {self.matrix(d, e, k - 1)})",
                lambda: f"np.outer({self.vector(d, k - 1)}, {self.vector(e, k - 1)})",
                lambda: f"np.tanh({self.matrix(d, e, k - 1)})",
                lambda: f"({self.matrix(d, e, k - 1)} * {self.vector(e, k - 1)})",
                lambda: f"({self.matrix(d, e, k - 1)} + {self.vector(e, k - 1)})",
                lambda: f"({self.scalar(k - 1)} * {self.matrix(d, e, k - 1)})",
                lambda: f"({self.definite(d)} @ {self.matrix(d, e, k - 1)})",
            ]
        )()

    def scalar(self, k):
        if k <= 0:
            return self.choose(["2.0", "0.5", "c"])
        d, e = self.letter(), self.letter()
        return self.choose(
            [
                lambda: self.scalar(0),
                lambda: f"({self.vector(d, k - 1)} @ {self.vector(d, k - 1)})",
                lambda: f"np.sum({self.matrix(d, e, k - 1)})",
                lambda: f"np.trace({self.matrix(d, d, k - 1)})",
                lambda: f"np.mean({self.vector(d, k - 1)})",
                lambda: f"np.sum({self.vector(d, k - 1)} ** 2)",
                lambda: f"({self.scalar(k - 1)} + {self.scalar(k - 1)})",
                lambda: f"np.log(3 + {self.scalar(k - 1)} ** 2)",
                lambda: f"np.linalg.norm({self.vector(d, k - 1)} + 0.1)",
                lambda: f"np.linalg.slogdet({self.definite(d)})[1]",
                lambda: (
                    f"np.einsum('ij,ij->', {self.matrix(d, e, k - 1)}, "
                    f"{self.matrix(d, e, k - 1)})"
                ),
            ]
        )()


@st.composite
def programs(draw, depth):
    code = Programs(lambda among: draw(st.sampled_from(among))).scalar(depth)
    names = [name for name in ARRAYS if re.search(rf"\b{name}\b", code)]
    return code, names, draw(st.sampled_from(names)) if names else ""


def check(code, names, by):
    f = eval(f"lambda {', '.join(names)}: {code}", {"np": np})
    arguments = {name: ARRAYS[name] for name in names}
    d = matrix_gradient(f, by)(**arguments)
    assert d.is_lifted, d.reason
    assert d.text and d.latex().count("{") == d.latex().count("}")
    exact = grad(f, argnums=names.index(by))(*arguments.values())
    found = d.function()(*arguments.values())
    size = 1 + np.max(np.abs(exact))
    np.testing.assert_allclose(found, exact, rtol=1e-7, atol=1e-9 * size)
    return f, arguments


@settings(max_examples=40, deadline=None, derandomize=True)
@given(programs(depth=3))
def test_the_gradient_of_a_random_program(program):
    code, names, by = program
    if by:
        check(code, names, by)


@pytest.mark.slow
@settings(max_examples=600, deadline=None)
@given(programs(depth=4))
def test_the_gradients_of_many_random_programs(program):
    code, names, by = program
    if by:
        check(code, names, by)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(programs(depth=3))
def test_the_hessian_of_a_random_program_is_right_or_refused(program):
    code, names, by = program
    if by:
        f = eval(f"lambda {', '.join(names)}: {code}", {"np": np})
        d = matrix_hessian(f, by)(**{name: ARRAYS[name] for name in names})
        assert d.is_lifted or "did not agree" not in d.reason, d.reason
