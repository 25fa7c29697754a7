"""All 27 sets of NIST's nonlinear regression, from both starting points."""

import numpy as np
import pytest

from examples.nist import load
from examples.nist_models import MODELS, SETS, response
from tests.house.test_pages import script
from wengert.optimize import curve_fit, fit

# Data that the model makes exactly, to the digits stored: there is no deviation.
EXACT = {"Lanczos1"}
# From there a full step of MINPACK's method leads to where the model is flat.
BY_TRUST_REGION = {("BoxBOD", 1)}
TIGHT = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}


def test_there_are_all_sets():
    assert {path.stem for path in SETS.glob("*.dat")} == set(MODELS)
    assert len(MODELS) == 27


@pytest.mark.parametrize("start", [1, 2])
@pytest.mark.parametrize("name", MODELS)
def test_six_certified_digits(name, start):
    problem = load(name, SETS)
    popt, pcov, found = curve_fit(
        MODELS[name],
        problem.x,
        response(name, problem.y),
        p0=problem.start1 if start == 1 else problem.start2,
        method="trf" if (name, start) in BY_TRUST_REGION else None,
        max_nfev=5000,
        compile=False,
        full_output=True,
        **TIGHT,
    )
    np.testing.assert_allclose(popt, problem.certified, rtol=1e-6)
    if name not in EXACT:
        deviations = np.sqrt(np.diag(pcov))
        np.testing.assert_allclose(deviations, problem.deviations, rtol=1e-6)
        np.testing.assert_allclose(found.sum_of_squares, problem.residual, rtol=1e-8)


def test_a_compiled_fit_is_as_good():
    problem = load("Thurber", SETS)
    names = [f"b{i}" for i in range(1, 8)]
    found = fit(
        lambda x, p: MODELS["Thurber"](x, **p),
        problem.x,
        problem.y,
        dict(zip(names, problem.start2, strict=True)),
        compile=True,
        **TIGHT,
    )
    popt = [found.params[name] for name in names]
    np.testing.assert_allclose(popt, problem.certified, rtol=1e-6)
    assert found.report.counts["Jacobian"].compiled_at == 1


def test_the_page_names_every_set():
    nist = script("nist")
    text = nist.PAGE.read_text(encoding="utf-8")
    assert nist.is_true(text), "run `make docs-pages`"
    assert not nist.is_true(text.replace("| Rat42 | 2 |", "| Rat42 | 3 |"))


def test_differences_are_worse_on_the_hardest():
    nist = script("nist")
    exact = nist.fitted("Hahn1", 2, None, 1e-15)
    differences = nist.fitted("Hahn1", 2, "2-point", 1e-15)
    assert exact.digits > 6 > differences.digits
    assert exact.residuals + exact.jacobians < differences.residuals
