"""The pendulum's parameters are found, and its standard errors are true."""

import numpy as np
import pytest

from examples import pendulum

pytest.importorskip("matplotlib")


def check(outcome, tolerance):
    fit = outcome.fit
    assert np.all(np.abs(fit.parameters - pendulum.TRUTH) < 4 * fit.errors)
    assert np.all(fit.errors < 0.01) and np.allclose(np.diag(fit.correlations), 1)
    assert np.all(np.abs(outcome.coverage - 0.95) < tolerance)
    assert np.all(np.abs(outcome.scores.std(axis=0) - 1) < 2 * tolerance)


def test_intervals_hold_the_truth(tmp_path):
    check(pendulum.main(quick=True, folder=tmp_path), 0.1)
    assert (tmp_path / "pendulum.png").is_file()


@pytest.mark.slow
def test_intervals_hold_the_truth_in_a_thousand_experiments(tmp_path):
    check(pendulum.main(folder=tmp_path), 0.025)
