import numpy as np
import pytest

from wengert import checkpoint_name, explain
from wengert.errors import ArgumentError


def f(x1, x2):
    product = checkpoint_name(x1 * x2, "product")
    return np.sin(product)


@pytest.mark.parametrize(
    ("name", "right"),
    [("x1", 5 * np.cos(10)), ("x2", 2 * np.cos(10)), ("product", np.cos(10)),
     ("y", 1.0), ("v₋₁", 5 * np.cos(10)), ("v1", np.cos(10)), ("v-1", 5 * np.cos(10))],
)  # fmt: skip
def test_adjoints_by_name(name, right):
    assert explain(f)(2.0, 5.0).adjoint(name) == pytest.approx(right)


@pytest.mark.parametrize("name", ["v₉", "x3", ""])
def test_a_name_that_is_none(name):
    with pytest.raises(
        ArgumentError, match="is no value of f. There are x1, x2, y, the"
    ):
        explain(f)(2.0, 5.0).adjoint(name)
