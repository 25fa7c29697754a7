"""Bundle adjustment reaches the noise, and its files are read as they were written."""

import bz2

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from examples import bal, bundle_adjustment

pytest.importorskip("matplotlib")


def check(outcome):
    noise = bundle_adjustment.NOISE
    assert outcome.before > 10 and 0.6 * noise < outcome.after < noise


def test_a_small_scene(tmp_path):
    outcome = bundle_adjustment.main(quick=True, folder=tmp_path)
    check(outcome)
    assert outcome.distance < 0.04
    rows, unknowns = outcome.found.jac.shape
    assert outcome.found.jac.nnz == 12 * rows < rows * unknowns / 20
    assert (tmp_path / "bundle_adjustment.png").is_file()


@pytest.mark.slow
def test_a_large_scene(tmp_path):
    outcome = bundle_adjustment.main(folder=tmp_path)
    check(outcome)
    assert outcome.distance < 0.005


def test_turning_is_that_of_scipy():
    rng = np.random.default_rng(0)
    axes, points = rng.normal(size=(2, 7, 3))
    turned = Rotation.from_rotvec(axes).apply(points)
    np.testing.assert_allclose(bundle_adjustment.rotated(axes, points), turned)


def test_a_camera_sees_its_middle_in_the_middle():
    camera = bundle_adjustment.looking(np.array([3.0, -9, 2]), np.array([0.2, 0, 1]))
    seen = bundle_adjustment.project(
        camera[None].repeat(2, 0), np.array([[0.2, 0, 1], [0.2, 0, 1.5]])
    )
    np.testing.assert_allclose(seen[0], 0, atol=1e-9)
    assert seen[1, 1] > 10 and abs(seen[1, 0]) < 1  # above, since it is upright


def test_files_are_read_as_they_were_written(tmp_path):
    problem, _ = bundle_adjustment.scene(3, 10)
    bal.write(problem, tmp_path / "a.txt")
    text = (tmp_path / "a.txt").read_bytes()
    assert text.startswith(f"3 10 {len(problem.seen)}\n".encode())
    (tmp_path / "a.txt.bz2").write_bytes(bz2.compress(text))
    for name in ("a.txt", "a.txt.bz2"):
        for ours, read in zip(problem, bal.read(tmp_path / name), strict=True):
            assert np.array_equal(ours, read)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 1", "no first line"),
        ("1 1 1\n0 0 1.0 2.0\n" + "0.1\n" * 11, "holds 18 numbers.*take 19"),
        ("1 1 1\n0 3 1.0 2.0\n" + "0.1\n" * 12, "observation of point 3, but 1"),
    ],
)
def test_broken_files_are_refused(tmp_path, text, said):
    (tmp_path / "broken.txt").write_text(text)
    with pytest.raises(ValueError, match=said):
        bal.read(tmp_path / "broken.txt")
