import numpy as np
import pytest

from wengert.errors import ArgumentError, ShapeError
from wengert.optimize.unknowns import Unknowns, as_vector, box


def test_lists_of_numbers_are_arrays():
    assert isinstance(Unknowns("f", [1, 2]).x0, np.ndarray)
    assert Unknowns("f", ((1, 2), (3, 4.0))).x0.shape == (2, 2)
    assert isinstance(Unknowns("f", [np.ones(2), 1.0]).x0, list)
    assert isinstance(Unknowns("f", [[1.0], [2.0, 3.0]]).x0, list)
    assert Unknowns("f", np.arange(3)).start.dtype == float


def test_back_and_forth():
    x0 = {"a": 1, "b": [np.ones((2, 2), np.float32), 2.0]}
    unknowns = Unknowns("f", x0)
    back = unknowns.result(unknowns.start)
    assert type(back["a"]) is float and back["b"][0].dtype == np.float32
    np.testing.assert_array_equal(as_vector(back), unknowns.start)


def test_boxes():
    unknowns = Unknowns("f", {"a": 1.0, "b": np.zeros(2)})
    low, high = box(unknowns, ({"a": None, "b": np.array([0.0, -1.0])}, 3))
    np.testing.assert_array_equal(low, [-np.inf, 0, -1])
    np.testing.assert_array_equal(high, [3, 3, 3])
    low, high = box(Unknowns("f", np.zeros(2)), ([0, None], None))
    np.testing.assert_array_equal([low, high], [[0, -np.inf], [np.inf, np.inf]])


def test_what_does_not_fit_is_refused():
    unknowns = Unknowns("f", {"a": 1.0, "b": np.zeros(2)})
    with pytest.raises(ShapeError, match="lower bound"):
        box(unknowns, ({"a": 1.0, "b": np.zeros(3)}, None))
    with pytest.raises(ArgumentError, match=r"\(lower, upper\)"):
        box(unknowns, 3.0)
    with pytest.raises(ArgumentError, match="no order"):
        box(Unknowns("f", 1j), (0, 1))
    for wrong in (None, "x", {"a": True}, [np.inf]):
        with pytest.raises(ArgumentError):
            Unknowns("f", wrong)
