import numpy as np
import pytest

from wengert.errors import ArgumentError, ShapeError
from wengert.optimize import load, save

TREE = {"w": [np.arange(6.0).reshape(2, 3), np.float32(1.5)], "n": 3, "z": 1 + 2j}


def test_back_as_it_was(tmp_path):
    save(tmp_path / "state", TREE)
    back = load(tmp_path / "state.npz", TREE)
    np.testing.assert_array_equal(back["w"][0], TREE["w"][0])
    assert [type(v) for v in (back["w"][1], back["n"], back["z"])] == [
        np.float32, int, complex,
    ]  # fmt: skip
    with np.load(tmp_path / "state.npz") as file:
        assert "x['w'][0]" in file.files
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]


def test_an_interrupted_save_loses_nothing(tmp_path, monkeypatch):
    save(tmp_path / "a.npz", TREE)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(tmp_path / "a.npz", {**TREE, "n": 4})
    assert load(tmp_path / "a.npz", TREE)["n"] == 3
    assert len(list(tmp_path.iterdir())) == 1


def test_what_does_not_fit_is_refused(tmp_path):
    save(tmp_path / "a.npz", TREE)
    with pytest.raises(ShapeError, match="missing"):
        load(tmp_path / "a.npz", {"w": 1.0})
    with pytest.raises(ShapeError, match="shape"):
        load(tmp_path / "a.npz", {**TREE, "n": np.ones(2)})
    with pytest.raises(ArgumentError, match="no number"):
        save(tmp_path / "b.npz", {"f": np.sum})
