"""The trebuchet hits, and what it learns from is right."""

import numpy as np
import pytest

from examples import trebuchet
from wengert import value_and_grad

pytest.importorskip("matplotlib")


def test_training_brings_the_stones_nearer(tmp_path):
    outcome = trebuchet.main(quick=True, folder=tmp_path)
    assert np.abs(outcome.seen_misses).mean() < 2
    assert np.abs(outcome.unseen_misses).mean() < 8  # 46 m before
    assert (tmp_path / "trebuchet.png").is_file()


def test_the_derivative_goes_through_release_and_landing():
    def distance(x):
        _, free = trebuchet.throw(x[0], 1000 * x[1], x[2])
        return free.y[-1, 0]

    x, h = np.array([0.6, 1.3, 3.0]), 1e-3
    exact = value_and_grad(distance)(x)[1]
    differences = [
        (distance(x + h * e) - distance(x - h * e)) / (2 * h) for e in np.eye(3)
    ]
    np.testing.assert_allclose(exact, differences, rtol=1e-4)


def test_the_swing_keeps_its_energy():
    """What the beam and its counterweight lose, the stone has."""
    weight, far = 1300.0, 0.5
    held, _ = trebuchet.throw(far, weight, 0.0)
    np.testing.assert_allclose(*(energy(y, weight) for y in held.y[[0, -1]]), rtol=1e-5)


def energy(y, weight):
    t = trebuchet
    beam, _, rate, _ = y
    _, height, vx, vy = t.stone(y)
    lever = weight * t.SHORT - t.BEAM * (t.LONG - t.SHORT) / 2
    moving = t.STONE * (vx**2 + vy**2) + (weight * t.SHORT**2 + t.INERTIA) * rate**2
    return moving / 2 + t.G * (t.STONE * height + lever * np.cos(beam))


@pytest.mark.slow
def test_targets_never_seen_are_hit_within_half_a_metre(tmp_path):
    outcome = trebuchet.main(folder=tmp_path)
    size = np.abs(outcome.unseen_misses)
    assert size.mean() < 0.2 and size.max() < 0.5
