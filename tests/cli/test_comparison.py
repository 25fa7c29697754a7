"""compare: one derivative by every method, side by side."""

import math
from xml.etree import ElementTree

import numpy as np
import pytest

from wengert import numeric
from wengert.errors import ArgumentError
from wengert.explanation.comparison import Row, compare
from wengert.explanation.comparison_chart import Bar, draw_bars


def quickly(f, argnums=None):
    return compare(f, argnums, budget=1e-4)


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


EXACT = np.array([[5.5, 2 - math.cos(5)]])


def test_every_method_has_a_row():
    found = quickly(f)(2.0, 5.0)
    exact = [row.method for row in found.rows if not row.scheme]
    optional = {"symbolic, compiled", "Taylor coefficients"}
    assert [method for method in exact if method not in optional] == [
        "forward mode", "reverse mode", "reverse mode, compiled",
    ]  # fmt: skip
    rest = found.rows[len(exact) :]
    assert rest[0].method == "complex step"
    assert {row.scheme for row in rest} == set(numeric.SCHEMES)
    assert len({row.method for row in found.rows}) == len(found.rows)


def test_values_and_errors():
    found = quickly(f)(2.0, 5.0)
    assert found.reference == "reverse mode"
    tolerances = {"complex": 1e-14, "forward": 1e-6, "central": 1e-8, "ridders": 1e-11}
    for row in found.rows:
        tolerance = tolerances.get(row.scheme, 1e-6)
        np.testing.assert_allclose(row.derivative, EXACT, atol=tolerance, rtol=0)
        assert row.error <= tolerance and row.relative == row.error / 5.5
        assert row.seconds > 0 and row.note == ""
    assert found["forward"].error > 100 * found["central8"].error
    assert found["reverse mode"].error == 0


def test_calls_are_counted():
    found = quickly(f)(2.0, 5.0)
    calls = {name: found[name].calls for name in ("forward", "central", "complex")}
    assert calls == {"forward": 3, "central": 5, "complex": 3}
    assert found["reverse mode"].calls == found["forward mode"].calls == 1


def test_at_a_kink_the_slopes_of_both_sides_are_told_apart():
    found = quickly(np.abs)(0.0)
    assert [found[s].derivative[0, 0] for s in ("backward", "central", "forward")] == [
        -1, 0, 1,
    ]  # fmt: skip
    assert "slopes from left and right differ" in found.legend
    assert "slopes" not in quickly(np.abs)(1.0).legend
    assert "slopes" not in quickly(lambda x: 0 * x)(1.0).legend


def test_what_takes_no_complex_numbers_says_so():
    row = quickly(np.abs)(1.0)["complex step"]
    assert row.derivative is None and math.isnan(row.error)
    assert "needs f to be analytic in complex numbers" in row.note
    assert "erhaps you meant" not in row.note
    row = quickly(lambda x: np.arctan2(x, 2.0))(1.0)["complex step"]
    assert row.note == "arctan2 does not take numbers of this kind"
    row = quickly(lambda x: x if x > 0 else -x)(np.array(1.0))["complex step"]
    assert row.derivative is not None or row.note


def test_a_wrong_complex_step_says_why():
    row = quickly(lambda x: np.abs(x) * x)(2.0)["complex step"]
    assert row.derivative[0, 0] == 2 and row.error == 2
    assert row.note == (
        "wrong: f is not analytic in complex numbers, since it contains absolute"
    )


def test_a_dropped_imaginary_part_is_a_reason_and_no_warning():
    def dropped(x):
        return float(x.real) * 2.0 if np.iscomplexobj(x) else x * 2.0

    def cast(x):
        return np.array([x]).astype(float)[0] * 2.0

    assert quickly(dropped)(1.0)["complex step"].note
    assert "discards the imaginary part" in quickly(cast)(1.0)["complex step"].note


def test_where_no_mode_works_the_best_difference_is_the_reference():
    def numbers_only(x):
        if type(x) not in (float, np.float64):
            raise TypeError("numbers only")
        return math.exp(x)

    found = quickly(numbers_only)(1.0)
    for method in ("forward mode", "reverse mode", "complex step"):
        assert found[method].derivative is None
        assert found[method].note == "TypeError: numbers only"
    assert found.reference == "extrapolation"
    assert found["central"].error < 1e-8
    assert "reverse mode" in found.text()


def test_infinities_agree():
    found = quickly(np.log)(0.0)
    assert found["reverse mode"].derivative[0, 0] == np.inf
    assert found["forward mode"].error == 0 and found["complex"].error == np.inf


def test_arrays_and_containers():
    def g(x, n, *, w):
        return {"a": w["k"] * x**n, "b": np.sum(x)}

    x = np.array([1.0, 2.0])
    found = quickly(g)(x, 2, w={"k": 3.0})
    expected = [[6, 0, 1], [0, 12, 4], [1, 1, 0]]
    for row in found.rows:
        if row.scheme != "complex":
            np.testing.assert_allclose(row.derivative, expected, rtol=1e-6, atol=1e-6)
    assert found.heading == (
        "∂(y['a'], y['b'])/∂(x, w['k']) of g at x = [1, 2], w['k'] = 3"
    )
    assert "[6, 0, 1, …]" in found.text()
    only = quickly(g, argnums=0)(x, 2, w={"k": 3.0})
    assert only["reverse mode"].derivative.shape == (3, 2)


def test_complex_functions():
    found = quickly(lambda z: z**2)(1 + 2j)
    assert found["reverse mode"].derivative[0, 0] == 2 + 4j
    assert found["central"].error < 1e-6
    assert found["complex"].note == "the complex step needs real x"
    found = quickly(lambda z: np.abs(z) ** 2)(1 + 2j)
    assert found["reverse mode"].derivative[0, 0] == pytest.approx(2 - 4j)
    assert "holomorphic" in found["forward mode"].note
    found = quickly(lambda x: x * 1j)(1.0)
    assert "complex" in found["reverse mode"].note
    assert found["central"].derivative[0, 0] == pytest.approx(1j)


def test_names_do_not_collide():
    assert quickly(lambda y: y**2)(1.0).heading.startswith("∂w/∂y of ")


def test_text():
    lines = quickly(f)(2.0, 5.0).text(6).splitlines()
    assert lines[0] == "∂y/∂(x1, x2) of f at x1 = 2, x2 = 5"
    assert (
        lines[2].split()
        == "method derivative error calls flops memory time / µs".split()
    )
    reverse = next(line for line in lines if line.startswith("reverse mode"))
    assert reverse.split()[:4] == ["reverse", "mode", "[5.5,", "1.71634]"]
    assert len({len(line) for line in lines[2:-3]}) == 1  # in columns
    assert lines[-2].startswith("error: largest difference from reverse mode")


def test_notes_take_as_many_lines_as_they_need():
    text = quickly(np.abs)(0.0).text()
    assert "complex step                  f(x) is float64 for a complex" in text
    assert max(map(len, text.splitlines())) <= 88


def test_markdown():
    lines = quickly(np.abs)(1.0).markdown().splitlines()
    assert lines[0] == "**∂y/∂x of absolute at x = 1**"
    assert lines[3] == "|:--|:--|--:|--:|--:|--:|--:|"
    assert any(line.startswith("| reverse mode | 1 | 0 | 1 | ") for line in lines)
    assert {line.count(" |") for line in lines[4:-3]} == {7}


def test_html():
    found = quickly(lambda x: np.abs(x) * x)(1.0)
    html = found._repr_html_()
    assert html == found.html() and str(found) == found.text()
    assert html.count("<tr>") == 1 + len(found.rows) + 1 and "&lt;lambda&gt;" in html
    assert '<td colspan="6">wrong: ' in html


def test_rows_are_found_by_method_and_scheme():
    found = quickly(f)(2.0, 5.0)
    assert isinstance(found["central4"], Row)
    assert found["central4"] is found["central difference, order 4"]
    with pytest.raises(KeyError):
        found["sideways"]


def test_the_function_itself_must_work():
    with pytest.raises(ZeroDivisionError):
        quickly(lambda x: 1 // 0)(1.0)
    with pytest.raises(ArgumentError, match="returned None: no number"):
        quickly(lambda x: None)(1.0)
    with pytest.raises(ArgumentError, match="nothing to differentiate in"):
        quickly(lambda x: x)("text")


def test_nothing_at_all_works():
    def once(x, called=[]):  # noqa: B006
        called.append(x)
        if len(called) > 1:
            raise RuntimeError("once only")
        return 1.0

    found = quickly(once)(1.0)
    assert all(row.note == "RuntimeError: once only" for row in found.rows)
    assert "no method gave a derivative" in found.text()
    found.markdown()
    found.html()


# ----- what it costs -----


def test_work_is_counted_and_compiled_code_calls_no_python():
    def cubes(x):
        return (x * x * x).sum()

    found = quickly(cubes)(np.ones(10))
    assert found["central"].operations == found["central"].calls * 30
    assert found["central"].calls == 21
    assert 30 < found["reverse mode"].operations < 6 * 30
    compiled = found["reverse mode, compiled"]
    assert compiled.calls == 0 and compiled.error == 0
    assert 0 < compiled.operations <= found["reverse mode"].operations


def test_memory_is_that_of_the_arrays():
    def waves(x):
        return np.sin(x * np.ones((20_000, 1))).sum()

    found = quickly(waves)(np.ones(1))
    # The values of one product and one sine are 160 kB each.
    assert 3.2e5 <= found["central"].memory < 7e5
    assert 3.2e5 <= found["reverse mode"].memory < 1.6e6


def test_what_cannot_be_traced_has_no_work():
    found = quickly(lambda x: math.sin(float(repr(float(x)))))(1.0)
    assert found["central"].operations is None
    line = next(x for x in found.text().splitlines() if x.startswith("central diff"))
    assert " – " in line


# ----- the picture -----


def test_the_picture_is_valid_and_has_a_bar_for_each_number():
    found = quickly(np.abs)(0.0)
    root = ElementTree.fromstring(found.svg())
    name = "{http://www.w3.org/2000/svg}"
    kinds = [bar.get("class") for bar in root.iter(f"{name}rect")]
    known = [row for row in found.rows if row.derivative is not None]
    assert kinds.count("time") == len(known)
    assert kinds.count("error") == sum(row.error > 0 for row in known)
    texts = {text.text for text in root.iter(f"{name}text")}
    assert {row.method for row in found.rows} <= texts
    assert found.svg() in found.html()


def test_bars_are_as_long_as_their_logarithms():
    bars = [Bar("a", 1e-4, 1.0), Bar("b", 1e-8, 10.0), Bar("c", 0.0, 0.1)]
    root = ElementTree.fromstring(draw_bars("t & t", bars, "error"))
    widths = [
        float(bar.get("width"))
        for bar in root.iter("{http://www.w3.org/2000/svg}rect")
        if bar.get("class") == "error"
    ]
    assert len(widths) == 2 and widths[0] == pytest.approx(5 * widths[1], abs=0.2)


def test_files(tmp_path):
    found = quickly(f)(2.0, 5.0)
    for ending in ("svg", "txt", "md", "html"):
        found.save(tmp_path / f"x.{ending}")
        assert (tmp_path / f"x.{ending}").stat().st_size > 1000
    with pytest.raises(ValueError, match="ending must be one of"):
        found.save(tmp_path / "x.png")


def test_the_command_draws(run, own_folder):
    ran = run("compare", "x**2", "--at", "x=1", "--output", "m.svg")
    assert ran.status == 0
    assert (own_folder / "m.svg").read_text("utf-8").startswith("<svg")
