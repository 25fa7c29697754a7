"""The V of truncation and rounding: measured, predicted, drawn."""

import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from wengert import numeric
from wengert.errors import ArgumentError, NanError
from wengert.numeric import error_study

U = 2.0**-53
PLAIN = ("forward", "backward", "forward2", "central", "central4", "central6")


@pytest.mark.parametrize("scheme", PLAIN)
def test_errors_draw_a_v_whose_bottom_is_predicted(scheme):
    study = error_study(np.exp, 0.5, scheme=scheme)
    order = numeric.SCHEMES[scheme].order
    # At the predicted step the error is near the least, which luck may make smaller.
    assert study.curves[0].error_at(study.predicted) < 30 * U ** (order / (order + 1))
    assert study.best / 30 < study.predicted < study.best * 30
    long = (study.steps < 0.3) & (study.steps > 5 * study.predicted)
    slope = np.polyfit(np.log(study.steps[long]), np.log(study.errors[long]), 1)[0]
    assert slope == pytest.approx(order, abs=0.3)
    short = study.steps < study.predicted / 100
    slope = np.polyfit(np.log(study.steps[short]), np.log(study.errors[short] + U), 1)
    assert slope[0] == pytest.approx(-1, abs=0.35)


def test_the_prediction_is_the_formula_of_the_lectures():
    study = error_study(lambda x: 3 * np.exp(2 * x), 0.0)
    # f = 3 and L = ½f'' = 6.
    assert study.predicted == pytest.approx(np.sqrt(2 * U * 3 / 6), rel=0.01)


def test_the_law_bounds_what_is_measured():
    for scheme in PLAIN:
        curve = error_study(np.exp, 0.5, scheme=scheme).curves[0]
        usual = curve.steps < 0.1
        assert np.all(curve.errors[usual] < 4 * curve.bound[usual] + U)


def test_steps_scale_with_x():
    study = error_study(np.sin, 1e6)
    assert study.steps[0] > 5e5
    assert study.predicted < 1.0


def test_complex_step_has_no_bottom():
    study = error_study(np.exp, 0.0, scheme=("forward", "complex"))
    assert np.isnan(study["complex"].predicted)
    assert study["complex"].least == 0
    assert "no best step" in study.text()
    with pytest.raises(KeyError):
        study["central"]


def test_noise_moves_the_bottom():
    def rounded(x):
        return np.round(np.exp(x), 8)

    quiet = error_study(np.exp, 0.0, exact=1.0)
    noisy = error_study(rounded, 0.0, exact=1.0)
    assert noisy.predicted > 1000 * quiet.predicted
    assert noisy.curves[0].error_at(noisy.predicted) < 1e-3


def test_black_boxes_are_measured_against_extrapolation():
    study = error_study(lambda x: np.sin(float(repr(float(x)))), 1.0)
    assert study.reference.startswith("extrapolation, ±")
    assert error_study(np.sin, 1.0).reference == "forward mode"
    assert error_study(np.sin, 1.0, exact=np.cos(1.0)).reference.endswith("given")
    assert study.best < 1e-6


def test_arrays_trees_and_directions():
    x = {"a": np.array([1.0, 2.0]), "b": 0.5}
    v = {"a": np.array([1.0, 0.0]), "b": -1.0}
    study = error_study(lambda t: t["a"] * np.exp(t["b"]), x, v)
    assert study["central"].least < 1e-9
    assert error_study(lambda x: x**2, np.ones(3))["forward"].least < 1e-7


def test_what_has_no_truncation_has_no_best_step():
    study = error_study(lambda x: 2 * x, 1.0)
    assert np.isnan(study.predicted) and study.curves[0].least == 0


def test_own_steps_are_sorted():
    study = error_study(np.exp, 0.0, steps=[1e-8, 1e-2, 1e-4])
    assert study.steps.tolist() == [1e-2, 1e-4, 1e-8]
    assert len(study.text().splitlines()) == 3 + 3 + 1 + 2 + 1


@pytest.mark.parametrize("steps", [[0.0], [-1.0], [1e-3, np.inf], [np.nan], [], ["a"]])
def test_bad_steps(steps):
    with pytest.raises(ArgumentError, match="steps must be"):
        error_study(np.exp, 0.0, steps=steps)


def test_bad_requests():
    with pytest.raises(ArgumentError, match="takes many steps at once"):
        error_study(np.exp, 0.0, scheme="ridders")
    with pytest.raises(ArgumentError, match="no difference scheme"):
        error_study(np.exp, 0.0, scheme="sideways")
    with pytest.raises(ArgumentError, match="no scheme to study"):
        error_study(np.exp, 0.0, scheme=())
    with pytest.raises(ArgumentError, match="floating"):
        error_study(np.exp, 1)
    with pytest.raises(NanError, match="log is NaN at x"):
        error_study(np.log, -1.0)
    with pytest.raises(NanError, match="one-sided"):
        error_study(np.sqrt, 0.0, scheme="central")


# ----- shown -----


def test_text_and_html():
    study = error_study(np.exp, 0.0)
    lines = str(study).splitlines()
    assert lines[0] == "error of the derivative of exp at x = 0"
    assert lines[2].split() == ["step", "forward", "central"]
    assert len(lines) == 3 + 17 + 1 + 2 + 1
    assert "by theory 2.1e-08" in lines[-3]
    assert study._repr_html_().count("<tr>") == 18


def test_pictures(tmp_path):
    pytest.importorskip("matplotlib")
    study = error_study(np.exp, 0.0)
    axes = study.plot()
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[0] == "forward" and labels[1].startswith("√(2u|f|/L) = 2.1e-08")
    assert axes.get_xscale() == axes.get_yscale() == "log"
    study.save(tmp_path / "v.png")
    assert (tmp_path / "v.png").read_bytes().startswith(b"\x89PNG")
    ElementTree.fromstring(drawn := study.svg())
    assert drawn in study.html()  # equal studies give equal pictures


def test_without_matplotlib_there_is_the_table(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    study = error_study(np.exp, 0.0)
    with pytest.raises(ImportError, match=r"pip install 'wengert\[plot\]'"):
        study.plot()
    assert "<svg" not in study.html() and "<table>" in study.html()
