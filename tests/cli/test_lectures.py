"""The worked examples of the lectures, from the command line, with their numbers."""

import re

import pytest

T1 = ("log(x1) + x1*x2 - sin(x2)", "--at", "x1=2,x2=5")
T2 = (
    "(sin(x1/x2) + (x1/x2 - exp(x2))) * (x1/x2 - exp(x2))",
    "--at",
    "x1=1.5,x2=0.5",
)


def tables(out):
    """Give the lines of each table as pairs (name with relation, value)."""
    found = {}
    for block in out.split("\n\n"):
        title, *lines = block.splitlines()
        cells = [re.split(r"\s{2,}|(?<==) ", line.strip()) for line in lines]
        found[title.split(",")[0]] = [
            (" ".join(line.split()[:2]), number(cell[-1]))
            for line, cell in zip(lines, cells, strict=True)
        ]
    return found


def number(text):
    return float(text.replace("−", "-"))


def subscripted(text):
    return text.translate(str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉"))


def named(pairs, accent=""):
    """Write `v1 = 0.693 …` with the names of the lectures."""
    return [
        (f"v{accent}{subscripted(name)} {relation}", pytest.approx(value, abs=6e-4))
        for name, relation, value in pairs
    ]


DOT, BAR = "\N{COMBINING DOT ABOVE}", "\N{COMBINING MACRON}"


def test_the_first_example_forward(good):
    found = tables(good("explain", *T1, "--digits", "6"))
    primal = [("-1", 2), ("0", 5), ("1", 0.693), ("2", 10), ("3", -0.959)]
    primal += [("4", 10.693), ("5", 11.652)]
    assert found["Forward primal trace"][:-1] == named(
        [(name, "=", value) for name, value in primal]
    )
    assert found["Forward primal trace"][-1] == ("y =", pytest.approx(11.652, abs=6e-4))
    tangent = [("-1", 1), ("0", 0), ("1", 0.5), ("2", 5), ("3", 0), ("4", 5.5)]
    expected = named([(n, "=", v) for n, v in [*tangent, ("5", 5.5)]], DOT)
    assert found["Forward tangent trace"][:-1] == expected


def test_the_first_example_along_the_second_variable(good):
    found = tables(good("explain", *T1, "--seed", "x2", "--digits", "6"))
    assert found["Forward tangent trace"][-1][1] == pytest.approx(1.7163, abs=6e-5)


def test_the_first_example_backward(good):
    found = tables(good("explain", *T1, "--digits", "6"))
    lines = [("5", "=", 1), ("4", "=", 1), ("3", "=", -1), ("1", "=", 1)]
    lines += [("2", "=", 1), ("0", "=", -0.284), ("-1", "=", 5)]
    lines += [("0", "+=", 1.716), ("-1", "+=", 5.5)]
    assert found["Reverse adjoint trace"] == named(lines, BAR)
    gradient = found["Gradient"]
    assert gradient[0] == ("∂y/∂x1 =", 5.5)
    assert gradient[1] == ("∂y/∂x2 =", pytest.approx(1.7163, abs=6e-5))


def test_the_second_example(good):
    found = tables(good("explain", *T2, "--digits", "7"))
    primal = [("-1", 1.5), ("0", 0.5), ("1", 3), ("2", 0.1411), ("3", 1.6487)]
    primal += [("4", 1.3513), ("5", 1.4924), ("6", 2.0167)]
    assert found["Forward primal trace"][:-1] == named(
        [(name, "=", value) for name, value in primal]
    )
    tangent = [("-1", 1), ("0", 0), ("1", 2), ("2", -1.98), ("3", 0), ("4", 2)]
    tangent += [("5", 0.02), ("6", 3.0118)]
    assert found["Forward tangent trace"][:-1] == named(
        [(name, "=", value) for name, value in tangent], DOT
    )
    last = dict(found["Reverse adjoint trace"])
    assert last[f"v{BAR}{subscripted('4')} +="] == pytest.approx(2.8437, abs=6e-5)
    assert last[f"v{BAR}{subscripted('1')} +="] == pytest.approx(1.5059, abs=6e-5)
    assert found["Gradient"] == [
        ("∂y/∂x1 =", pytest.approx(3.0118, abs=6e-5)),
        ("∂y/∂x2 =", pytest.approx(-13.7239, abs=6e-5)),
    ]


def test_equal_parts_of_a_formula_are_computed_once(good):
    out = good("explain", "sin(x) * sin(x)", "--at", "x=1")
    assert out.count("= sin v₀") == 1


def test_what_is_computed_once_is_still_in_the_formula(good):
    assert f"f(x1, x2) = {T2[0]}" in good("explain", *T2)


@pytest.mark.parametrize(
    ("formula", "point", "value", "derivatives"),
    [
        (T1[0], "x1=2,x2=5", 11.6521, [5.5, 1.7163]),
        (T2[0], "x1=1.5,x2=0.5", 2.0167, [3.0118, -13.7239]),
        ("(x**2 + 1)**2", "x=1", 4, [8]),
        ("3*x**2 + 2*x", "x=5", 85, [32]),
        ("3*x**2 + 2*y - 7", "x=3,y=5", 30, [18, 2]),
        ("where(x > 0, x**3, x**2)", "x=-2", 4, [-4]),
        ("abs(x)", "x=0", 0, [0]),
    ],
)
def test_values_and_gradients(good, formula, point, value, derivatives):
    lines = good("diff", formula, "--at", point).splitlines()
    found = [float(line.split("=")[1]) for line in lines[3:]]
    assert found == pytest.approx([value, *derivatives], abs=1e-4)


def test_a_product_of_three(good):
    out = good("diff", "x*y*sin(y*z)", "--at", "x=3,y=-1,z=2", "--digits", "12")
    found = [float(line.split("=")[1]) for line in out.splitlines()[4:]]
    # −sin(−2), 3 sin(−2) − 6 cos(−2), 3 cos(−2)
    assert found == pytest.approx([0.909297426826, -0.231011, -1.248440], abs=1e-6)
