import numpy as np
import pytest

from tests.nn.gradients import check
from wengert import nn
from wengert.errors import ShapeError

RNG = np.random.default_rng(3)


@pytest.mark.parametrize("lead", [(), (4,), (2, 3)])
def test_derivatives(lead):
    p = nn.dense_params(RNG, 3, 2)
    x = RNG.normal(size=(*lead, 3))
    np.testing.assert_allclose(nn.dense(x, **p), x @ p["w"] + p["b"])
    check(lambda x, p: nn.dense(x, **p), x, p)


def test_shapes_that_do_not_fit():
    x, w = np.ones((32, 10)), np.ones((12, 5))
    with pytest.raises(ShapeError, match=r"dense: x \(32, 10\) does not fit w \(12, 5"):
        nn.dense(x, w)
    with pytest.raises(
        ShapeError, match=r"b \(1,\) does not fit w \(10, 5\).*test_den"
    ):
        nn.dense(x, np.ones((10, 5)), np.ones(1))
