"""Points are read by the same allow-list: names, numbers and lists of numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert.errors import ExpressionError
from wengert.expression import parse_point


def test_points_of_numbers():
    point = parse_point(" x1=2, x2 = -3e-2,k=pi/2 ,m=sqrt(4),n=-inf,o=+1,p=.5")
    expected = {"x1": 2.0, "x2": -0.03, "k": math.pi / 2, "m": 2.0, "n": -math.inf}
    assert point == {**expected, "o": 1.0, "p": 0.5}
    assert {type(value) for value in point.values()} == {float}


def test_points_of_arrays():
    point = parse_point("x=[1, 2, -3], A=[[1, 2], [3, 4e0], [pi, 2**-1]], y=5, z=[]")
    np.testing.assert_array_equal(point["x"], [1.0, 2.0, -3.0])
    np.testing.assert_array_equal(point["A"], [[1, 2], [3, 4], [math.pi, 0.5]])
    assert point["x"].dtype == point["A"].dtype == np.float64
    assert point["y"] == 5.0 and point["z"].shape == (0,)


def test_points_follow_the_order_of_the_names():
    assert list(parse_point("b=1,a=2")) == ["b", "a"]
    assert list(parse_point("b=1,a=2", ("a", "b"))) == ["a", "b"]
    assert parse_point("", ()) == {}
    assert parse_point("ｘ=1", ("x",)) == {"x": 1.0}  # as Python reads names


def test_long_arrays_are_read():
    text = "x=[" + ",".join(["-1.5"] * 20_000) + "]"
    assert parse_point(text)["x"].shape == (20_000,)


POINTS = [
    ("xx1=1", "did you mean 'x1'?"),
    ("x1=1", "no value for x2; write x1=…,x2=…"),
    ("x1=1,x2=2,x3=3", "'x3' is no variable here"),
    ("x1=1,x2=2,y=3", "(variables: x1, x2)"),
    ("x1=1,x1=2", "x1 is given twice (column 6)"),
    ("e=1", "e is a constant"),
    ("sin=1", "sin is a function"),
    ("x1", "write name=value"),
    ("x1=1,", "write name=value"),
    ("x1==1", "write name=value"),
    ("1x=1", "write name=value"),
    ("x1.real=1", "write name=value"),
    ("x1=", "a value such as 2.5"),
    ("x1=x2", "'x2' is no number (column 4)"),
    ("x1=1 x2=2", "put a comma between 1 and x2"),
    ("x1=[1,[2]]", "equal lengths"),
    ("x1=[1,2]*2", "lists take no part in arithmetic"),
    ("x1=[1,2][0]", "brackets stand only after a variable"),
    ("x1=[1,2", "never closed"),
    ("x1=1)", "unmatched ')'"),
    ("x1=1e999", "too large for float64"),
    ("x1=9**9**9", "no finite number"),
    ("x1='1'", "no meaning in a formula (column 4)"),
    ("x1=True", "True is no real number"),
    ("x1=1j", "not 1j"),
    ("x1=__import__('os')", "no meaning in a formula"),
    ("x1=open(1)", "'open' is no known function"),
    ("x1=" + "[" * 5000, "nested more than 200 levels deep"),
    ("x1=" + "[" * 100 + "1" + "]" * 100, "equal lengths"),
    ("x1=1" * 100_000, "at most 200,000 are read"),
]


@pytest.mark.parametrize(("text", "message"), POINTS, ids=lambda value: value[:20])
def test_bad_points_are_refused(text, message):
    with pytest.raises(ExpressionError) as caught:
        parse_point(text, ("x1", "x2"))
    assert message in str(caught.value)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    for point in (text, f"x={text}", f"x=[{text}]"):
        try:
            parse_point(point)
        except ExpressionError:
            pass
