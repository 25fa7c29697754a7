"""Exact derivatives and scikit-learn come to the same answers."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

from examples import beside_scikit_learn as beside  # noqa: E402  (needs scikit-learn)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return beside.main(quick=True, folder=tmp_path_factory.mktemp("pictures"))


@pytest.mark.parametrize(
    ("model", "tolerance"),
    [("logistic regression", 1e-5), ("Gaussian process", 1e-8), ("mixture", 1e-6)],
)
def test_all_numbers_agree(models, model, tolerance):
    for ours, theirs in models[model].numbers.values():
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance)


def test_packing_a_mixture_and_taking_it_apart(models):
    x, _, means, covariances = models["mixture"].shown
    weights, precisions = np.array([0.2, 0.3, 0.5]), np.linalg.inv(covariances)
    log_weights, again, factors = beside.parts(
        beside.packed(weights, means, precisions), 3, x.shape[1]
    )
    np.testing.assert_allclose(np.exp(log_weights), weights)
    np.testing.assert_allclose(again, means)
    np.testing.assert_allclose(np.swapaxes(factors, 1, 2) @ factors, precisions)
