import numpy as np
import pytest

from wengert import grad
from wengert.errors import ShapeError
from wengert.optimize.leafwise import apply_step, norm, over, real_zeros, zeros


def test_norm_is_of_all_leaves_together():
    values = {"a": np.array([1.0, 2.0]), "b": [2j, 0.0]}
    np.testing.assert_allclose(norm(values), 3.0)
    np.testing.assert_allclose(grad(norm)(np.array([3.0, 4.0])), [0.6, 0.8])


def test_steps_keep_the_dtype():
    after = apply_step({"w": np.ones(2, np.float32)}, {"w": np.full(2, 0.5)})
    assert after["w"].dtype == np.float32


def test_zeros_are_like_their_leaf():
    assert zeros(np.complex64(1)).dtype == np.complex64
    assert real_zeros(np.ones(2, np.complex64)).dtype == np.float32
    assert zeros(3.0) == 0.0


def test_other_structures_are_refused():
    with pytest.raises(ShapeError, match="same structure"):
        over(np.add, {"a": 1.0}, [1.0])
