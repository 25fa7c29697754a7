"""The pipeline restores a photograph that it was not trained on."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

from examples import photograph  # noqa: E402  (needs scikit-learn)


def gains(outcome):
    return [after - before for before, after in (outcome.trained, outcome.unseen)]


def test_a_part_of_a_photograph_is_restored(tmp_path):
    outcome = photograph.main(quick=True, folder=tmp_path)
    assert min(gains(outcome)) > 7
    assert (tmp_path / "photograph.png").is_file()


def test_sharpening_keeps_flat_parts_and_undoes_some_blur():
    flat = np.full((8, 9, 3), 0.3)
    rings = np.linspace(-0.2, 0.1, len(photograph.RINGS))
    np.testing.assert_allclose(photograph.sharpened(flat, rings), flat)
    assert np.array_equal(photograph.RINGS.sum(axis=0), photograph.SQUARES > 0)


def test_denoising_leaves_edges_and_averages_the_rest():
    rng = np.random.default_rng(0)
    edge = np.zeros((20, 20, 3))
    edge[:, 10:] = 1
    noisy = edge + 0.02 * rng.normal(size=edge.shape)
    clean = photograph.denoised(noisy, np.log(2.0), np.log(0.1), 2)
    assert photograph.psnr(clean, edge) > photograph.psnr(noisy, edge) + 8


@pytest.mark.slow
def test_both_photographs_gain(tmp_path):
    outcome = photograph.main(folder=tmp_path)
    assert min(gains(outcome)) > 8 and min(outcome.trained[1], outcome.unseen[1]) > 26
    np.testing.assert_allclose(outcome.numbers["middle"], photograph.MIDDLE, atol=0.03)
