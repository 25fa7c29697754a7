import numpy as np
import pytest

from wengert import nn

HISTORY = {"loss": [2.0, 1.0, 0.5], "validation loss": [2.0, 1.5, 1.0]}


def test_rows_and_columns():
    history = nn.History()
    assert len(history) == 0
    for loss in (2.0, 1.0):
        history.add({"loss": loss, "accuracy": 1 - loss / 4})
    assert len(history) == 2
    assert history.names == ["loss", "accuracy"]
    np.testing.assert_array_equal(history["accuracy"], [0.5, 0.75])
    assert repr(history) == "<History of 2 epochs: loss, accuracy>"


def test_a_long_one_prints_some_of_its_rows():
    lines = str(nn.History({"loss": np.arange(1000.0)})).splitlines()
    assert len(lines) == 13
    assert lines[1].split() == ["1", "0"]
    assert lines[-1].split() == ["1000", "999"]


@pytest.mark.parametrize("metrics", [{}, {"accuracy": [0.1, 0.5, 0.9]}])
def test_plot(metrics, tmp_path):
    pytest.importorskip("matplotlib")
    history = nn.History({**HISTORY, **metrics, "seconds": [1, 1, 1]})
    figure = history.plot(tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert len(figure.axes) == 1 + len(metrics)
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["loss", "validation loss"]
    assert figure.axes[0].get_yscale() == "log"


def test_a_negative_loss_has_no_logarithm():
    pytest.importorskip("matplotlib")
    assert nn.History({"loss": [1.0, -1.0]}).plot().axes[0].get_yscale() == "linear"
