"""The small programs are those they are named after, and their Jacobians agree."""

import numpy as np
import pytest

from benchmarks.rows.elimination import PROGRAMS
from wengert import jacobian, jit


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_jacobians_agree(program):
    f, x = program.stacked(np), program.point
    expected = jacobian(f, mode="forward")(x)
    shape = tuple(map(int, program.name.split(", ")[1].split(" × ")))
    assert expected.shape == shape
    assert np.allclose(jit(jacobian(f, mode="eliminate"))(x), expected)


def test_the_hand_of_the_arm_is_turned_and_not_stretched():
    arm = PROGRAMS[1]
    y = arm.stacked(np)(arm.point)
    axes = y[3:].reshape(3, 3)
    assert np.allclose(axes @ axes.T, np.eye(3))


def test_roes_flux_of_equal_states_is_the_flux_itself():
    r, m, e = 1.2, 0.4, 2.5
    pressure = 0.4 * (e - 0.5 * m * m / r)
    flux = [m, m * m / r + pressure, (e + pressure) * m / r]
    states = np.array([r, m, e, r, m, e])
    assert np.allclose(PROGRAMS[2].stacked(np)(states), flux)
