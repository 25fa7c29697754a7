import numpy as np
import pytest

from wengert import jit
from wengert.errors import ArgumentError
from wengert.optimize import schedules

ALL = {
    "constant": schedules.constant(0.5),
    "linear": schedules.linear(1.0, 0.1, 10),
    "exponential": schedules.exponential(1.0, 0.5, 4),
    "stairs": schedules.exponential(1.0, 0.5, 4, whole=True),
    "cosine": schedules.cosine(1.0, 10, 0.2),
    "warmup": schedules.warmup_cosine(1.0, 4, 12, 0.1, 0.2),
    "piecewise": schedules.piecewise(1.0, {3: 0.5, 6: 0.1}),
}


@pytest.mark.parametrize("name", ALL)
def test_compiled_is_the_same(name):
    schedule, compiled = ALL[name], jit(ALL[name])
    for count in np.arange(15.0):
        np.testing.assert_allclose(compiled(count), schedule(count), rtol=1e-14)


def test_values():
    at = lambda name, *counts: [float(ALL[name](np.float64(c))) for c in counts]
    np.testing.assert_allclose(at("linear", 0, 5, 10, 99), [1.0, 0.55, 0.1, 0.1])
    np.testing.assert_allclose(at("exponential", 0, 2, 8), [1, 0.5**0.5, 0.25])
    np.testing.assert_allclose(at("stairs", 0, 3, 4, 8), [1, 1, 0.5, 0.25])
    np.testing.assert_allclose(at("cosine", 0, 5, 10, 11), [1, 0.6, 0.2, 0.2])
    np.testing.assert_allclose(at("warmup", 0, 4, 8, 12), [0.1, 1, 0.6, 0.2])
    np.testing.assert_allclose(at("piecewise", 2, 3, 6), [1, 0.5, 0.05])


def test_wrong_ones_are_refused():
    with pytest.raises(ArgumentError, match="boundaries"):
        schedules.join([ALL["constant"]], [3])
    with pytest.raises(ArgumentError, match="rise"):
        schedules.join([ALL["constant"]] * 3, [3, 3])
    with pytest.raises(ArgumentError, match="positive"):
        schedules.cosine(1.0, 0)
