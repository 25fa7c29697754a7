"""`B += x` with a plain B and a traced x: rebinding, where no one else sees B."""

import numpy as np
import pytest

from wengert import grad, jacfwd, jvp
from wengert.errors import TracerLeakError

DATA = np.array([1.0, 2.0, 3.0])
X = np.array([0.3, 0.5, 0.9])
WEIGHTS = np.array([2.0, -1.0, 0.5])


def residual(x):
    r = -DATA
    r += x * x
    r *= WEIGHTS
    return (r * r).sum()


def in_an_attribute(x):
    class Model:
        pass

    model = Model()
    model.r = DATA.copy()
    model.r -= x
    model.parts = {"r": DATA * 2}
    model.parts["r"] /= x
    return (model.r**2).sum() + model.parts["r"].sum()


def test_one_name_is_rebound():
    r = WEIGHTS * (X * X - DATA)
    np.testing.assert_allclose(grad(residual)(X), 4 * r * WEIGHTS * X)
    np.testing.assert_allclose(jacfwd(residual)(X), grad(residual)(X))
    expected = -2 * (DATA - X) - 2 * DATA / X**2
    np.testing.assert_allclose(grad(in_an_attribute)(X), expected)


def another_name(x):
    b = DATA * 1
    c = b
    b += x
    return c.sum()


def a_view(x):
    b = DATA * 1
    c = b[1:]
    b += x
    return c.sum()


def through_a_view(x):
    b = DATA * 1
    c = b[1:]
    c += x[1:]
    return b.sum()


def an_argument(x):
    def update(b):
        b += x

    b = DATA * 1
    update(b)
    return b.sum()


def a_call(x):
    b = DATA * 1
    np.add(b, x, out=b)
    return b.sum()


def in_a_list(x):
    b = DATA * 1
    both = [b]
    b += x
    return both[0].sum()


def captured(x):
    global DATA
    before = DATA
    DATA += x  # noqa: PLW0603
    return (before + DATA).sum()


@pytest.mark.parametrize(
    "f",
    [another_name, a_view, through_a_view, an_argument, a_call, in_a_list, captured],
)
def test_where_another_would_not_see_it_it_raises(f):
    for run in (grad(f), lambda x: jvp(f, (x,), (x,))):
        with pytest.raises(TracerLeakError, match="plain array"):
            run(X)
    assert (DATA == [1, 2, 3]).all()


def test_numpy_s_rules_for_casting_hold():
    def integers(x):
        b = np.arange(3) * 2
        b += x
        return b.sum()

    def too_small(x):
        b = DATA[:1] * 1
        b += x
        return b.sum()

    def single(x):
        b = DATA.astype(np.float32) * np.float32(1)
        b += x
        assert b.dtype == np.float32
        return b.sum()

    with pytest.raises(TypeError, match="cast"):
        grad(integers)(X)
    with pytest.raises(ValueError, match="fit"):
        grad(too_small)(X)
    np.testing.assert_allclose(grad(single)(X), 1)
