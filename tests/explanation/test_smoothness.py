"""smoothness: what is reported, and what is not."""

import numpy as np
import pytest

from wengert import grad, smoothness
from wengert.errors import ArgumentError

pytestmark = pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")

ONE_HALF = np.array([[1.0, 0.5], [0.5, 1.0]])


def piecewise(x):
    if x > 1:
        return x * x
    return 2 * x - 1


def halve(x):
    while x > 0.25:
        x = x * 0.5
    return x


# name: f, the point, the kind, the operation
ROUGH = {
    "abs": (np.abs, 0.0, "kink", "absolute"),
    "abs near": (lambda x: np.abs(x - 1), 1 + 1e-10, "kink", "absolute"),
    "maximum": (lambda x: np.maximum(x, 1.0), 1.0, "kink", "maximum"),
    "minimum": (lambda x: np.minimum(x, x * x), 1.0, "kink", "minimum"),
    "clip": (lambda x: np.clip(x, 0, 1), np.array([0.5, 1.0]), "kink", "minimum"),
    "relu": (lambda x: x * (x > 0), np.array([1.0, 0.0]), "jump", "greater"),
    "sqrt": (np.sqrt, 0.0, "infinite slope", "sqrt"),
    "length": (
        lambda x: np.sqrt((x**2).sum()),
        np.zeros(2),
        "infinite slope",
        "sqrt",
    ),
    "norm": (np.linalg.norm, np.zeros(2), "kink", "norm2"),
    "hypot": (lambda x: np.hypot(x[0], x[1]), np.zeros(2), "kink", "hypot"),
    "sign": (np.sign, 1e-9, "jump", "sign"),
    "floor": (np.floor, 2.0, "jump", "floor"),
    "round": (lambda x: np.round(x, 1), 0.25, "jump", "round"),
    "trunc": (np.trunc, -1.0, "jump", "trunc"),
    "mod": (lambda x: x % 1.5, 3.0, "jump", "remainder"),
    "int": (lambda x: x * int(x), 2.0, "jump", "int"),
    "astype": (lambda x: x * x.astype(int), np.ones(1), "jump", "discretize"),
    "arccos": (np.arccos, 1.0, "infinite slope", "arccos"),
    "median": (np.median, np.array([0, 1.0, 1, 2, 3]), "tie", "sort"),
    "sort": (np.sort, np.array([1.0, 1.0]), "tie", "sort"),
    "max": (np.max, np.array([1.0, 3.0, 3.0]), "kink", "max"),
    "min": (
        lambda x: np.min(x, axis=1),
        np.array([[1.0, 1], [0, 2]]),
        "kink",
        "min",
    ),
    "max of constants too": (
        lambda x: np.max(np.concatenate([x, np.ones(3)])),
        np.array([1.0, 0.0]),
        "kink",
        "max",
    ),
    "argmax": (lambda x: x[np.argmax(x)], np.ones(2), "jump", "argmax"),
    "where": (
        lambda x: np.where(x > 1, x**2, x),
        np.array([0.0, 1.0]),
        "jump",
        "greater",
    ),
    "select": (
        lambda x: np.select([x < 0, x >= 1], [x, x * x], 0.0),
        np.array([1.0, 3.0]),
        "jump",
        "greater_equal",
    ),
    "logic": (
        lambda x: np.where((x > 0) & (x < 1), x, 0.0),
        1.0,
        "jump",
        "less",
    ),
    "mask": (lambda x: x[x > 0].sum(), np.array([0.0, 1.0]), "jump", "greater"),
    "if": (piecewise, 1.0, "jump", "greater"),
    "while": (halve, 1.0, "jump", "greater"),
    "truth": (lambda x: x if x else 2 * x, 0.0, "jump", "bool"),
    "min of Python": (lambda x: min(x, 1.0), 1.0, "jump", "greater"),
    "eigenvalues": (np.linalg.eigvalsh, np.eye(2), "tie", "eigh"),
    "eig": (lambda x: np.linalg.eigvals(x).real, np.eye(2), "tie", "eig"),
    "singular values": (
        lambda x: np.linalg.svd(x)[1],
        np.diag([1.0, 1.0]),
        "tie",
        "svd",
    ),
    "solve": (
        lambda x: np.linalg.solve(x, np.ones(2)),
        np.array([[1, 1], [1, 1 + 1e-13]]),
        "singular",
        "solve",
    ),
    "inv": (np.linalg.inv, np.diag([1.0, 1e-10]), "singular", "inv"),
    "cholesky": (np.linalg.cholesky, np.diag([1.0, 1e-10]), "singular", "cholesky"),
    "divide": (lambda x: 1 / x, 1e-12, "pole", "divide"),
    "log": (np.log, 0.0, "pole", "log"),
    "power": (lambda x: x**0.5, 0.0, "branch point", "power"),
    "negative power": (lambda x: x**-1, 0.0, "branch point", "power"),
    "interp": (lambda x: np.interp(x, [0, 1, 2], [0, 1, 0]), 1.0, "kink", "interp"),
    "angle": (lambda x: np.arctan2(x, -1.0), 0.0, "branch cut", "arctan2"),
    "complex": (lambda z: np.abs(np.sqrt(z)), -1.0 + 0j, "branch cut", "sqrt"),
}


@pytest.mark.parametrize("name", ROUGH)
def test_reported(name):
    f, x, kind, operation = ROUGH[name]
    report = smoothness(f)(x)
    assert not report and not report.is_smooth and len(report) >= 1
    assert (kind, operation) in {(found.kind, found.operation) for found in report}


# name: f and the point
SMOOTH = {
    "sin": (np.sin, 0.0),
    "a tie with itself": (lambda x: np.maximum(x, x), 1.0),
    "a tie by computation": (lambda x: np.maximum(x, 2 * x - x), 1.0),
    "a zero by computation": (lambda x: np.abs(x - x), 1.0),
    "tied constants": (
        lambda x: np.max(np.concatenate([x, np.full(3, 5.0)])),
        np.ones(2),
    ),
    "counters": (lambda x: sum(x * k for k in range(5) if k >= 2), 1.0),
    "a branch not taken": (lambda x: np.where(x > 1, np.log(x), 0.0), 0.0),
    "a mask": (lambda x: np.sqrt(x) * (x > 0.5), 0.0),
    "not read": (lambda x: (np.abs(x), x + 1)[1], 0.0),
    "another element": (lambda x: np.abs(x)[1:], np.array([0.0, 1.0])),
    "another row": (
        lambda x: np.max(x, axis=1)[1],
        np.array([[1.0, 1.0], [0.0, 2.0]]),
    ),
    "a tie beside the median": (np.median, np.array([0, 0, 1.0, 2, 3])),
    "a tie below the least": (lambda x: np.sort(x)[0], np.array([1.0, 2.0, 2.0])),
    "square": (lambda x: x**2, 0.0),
    "inside a bound": (lambda x: np.sqrt(np.clip(x, 0, 1)), -5.0),
    "after a jump": (lambda x: x * (np.floor(x) == 2.0), 2.5),
    "integers": (lambda x: x * int(x), 2.5),
    "inverse": (np.linalg.inv, ONE_HALF),
    "determinant": (np.linalg.det, np.ones((2, 2))),
    "qr": (lambda x: np.linalg.qr(x)[1], ONE_HALF),
    "infinity": (lambda x: np.where(x == np.inf, 0.0, x), 1.0),
    "constant": (lambda x: 3.0, 1.0),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_not_reported(name):
    f, x = SMOOTH[name]
    report = smoothness(f)(x)
    assert report and report.findings == ()


def test_what_a_finding_holds():
    report = smoothness(lambda x: np.abs(x).sum())(np.array([3.0, -1e-9, 0.0]))
    (found,) = report
    assert (found.place, found.values, found.distance) == ("x = 0", (0.0,), 0.0)
    assert (found.index, found.count, found.is_exact) == ((2,), 2, True)
    assert found.derivative.startswith("0") and found.decides == ()
    assert found.source.file == __file__ and "np.abs(x)" in found.code


def test_what_a_jump_decides():
    def decided(f, x):
        return [found.decides for found in smoothness(f)(x)]

    assert decided(piecewise, 1.0) == [("if",)]
    assert decided(lambda x: np.where(x > 1, x * x, x), 1.0) == [("where",)]
    assert decided(lambda x: x * (x > 0), 0.0) == [("multiply",)]


def test_tolerance():
    f = lambda x: np.abs(x)
    assert smoothness(f)(1e-6) and not smoothness(f, tolerance=1e-5)(1e-6)
    assert smoothness(f, tolerance=0.0)(1e-300)
    # Of a tie, relative to what ties.
    tie = lambda x: np.maximum(x, 1e6)
    assert not smoothness(tie)(1e6 + 1e-3) and smoothness(tie)(1e6 + 1)
    with pytest.raises(ArgumentError, match="tolerance"):
        smoothness(f, tolerance=-1)


def test_a_loop_makes_one_finding():
    def f(x):
        total = 0.0
        for k in (0, 1, 1, 1):
            total = total + np.abs(x - k)
        return total

    (found,) = smoothness(f)(1.0)
    assert found.count == 3


def test_arguments_and_pytrees():
    f = lambda w, x: np.abs(w["a"]) * x
    assert smoothness(f, 1)({"a": 0.0}, 2.0)
    assert not smoothness(f)({"a": 0.0}, 2.0)
    assert "f(w['a'], x)" in str(smoothness(f)({"a": 0.0}, 2.0))
    with pytest.raises(ArgumentError):
        smoothness(np.abs)("x")


def test_text():
    report = smoothness(piecewise)(1.0)
    lines = str(report).splitlines()
    assert lines[0] == "piecewise(x) may not be smooth here: 1 finding (tolerance 1e−8)"
    assert lines[2] == "jump of greater at x = y"
    assert lines[-1].strip() == "if x > 1:"
    near = smoothness(np.abs)(1e-9)
    assert "is close to not being smooth" in str(near)
    assert "kink of absolute near x = 0" in str(near)
    assert "is smooth here: none of 1 operation" in str(smoothness(np.sin)(1.0))
    assert repr(report).startswith("<SmoothnessReport of piecewise(x)")


def test_markdown_and_html():
    report = smoothness(piecewise)(1.0)
    assert report.markdown().startswith("**piecewise(x) may not be smooth here")
    assert "  * `if x > 1:`" in report.markdown()
    assert "<code>if x &gt; 1:</code>" in report.html()
    assert report._repr_html_() == report.html()
    assert report.html().count("<table") == report.html().count("</table>") == 1


def test_derivatives_have_kinks_of_their_own():
    assert not smoothness(grad(lambda x: x * np.abs(x)))(0.0)
    assert smoothness(grad(np.sin))(0.0)
