"""The rod's conductivity is found from its ends."""

import numpy as np
import pytest

from examples import heat

pytest.importorskip("matplotlib")


def check(outcome):
    assert 0.9 < outcome.misfit < 1.1
    assert outcome.error < 0.06
    away = np.abs(np.log(outcome.k / heat.TRUTH)) / outcome.deviations
    assert np.mean(away < 2) > 0.9


def test_the_conductivity_is_found(tmp_path, capsys):
    check(heat.main(quick=True, folder=tmp_path))
    assert "log evidence" in capsys.readouterr().out
    assert (tmp_path / "heat.png").is_file()


def test_heat_is_neither_made_nor_lost():
    between = heat.conduction(heat.TRUTH)
    np.testing.assert_allclose(between.sum(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(between, between.T)


def test_the_gradient_through_all_time_steps_is_that_of_differences():
    measured = heat.ends(np.log(heat.TRUTH))
    log_k, v = np.full(heat.CELLS, -0.5), np.cos(np.arange(heat.CELLS))
    exact = heat.objective(log_k, measured, 1.0)[1] @ v
    h = 1e-5
    above, below = (heat.objective(log_k + s * v, measured, 1.0)[0] for s in (h, -h))
    np.testing.assert_allclose(exact, (above - below) / (2 * h), rtol=1e-6)


@pytest.mark.slow
def test_the_most_probable_penalty_finds_it_too(tmp_path):
    check(heat.main(folder=tmp_path))
