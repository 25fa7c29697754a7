"""The data sets are read whole: each fits its certified residual sum of squares."""

import numpy as np
import pytest

from examples.nist import DATA, load


def rational(b, x):
    top = b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3
    return top / (1 + b[4] * x + b[5] * x**2 + b[6] * x**3)


MODELS = {
    "Eckerle4": lambda b, x: b[0] / b[1] * np.exp(-0.5 * ((x - b[2]) / b[1]) ** 2),
    "Hahn1": rational,
    "MGH17": lambda b, x: b[0] + b[1] * np.exp(-x * b[3]) + b[2] * np.exp(-x * b[4]),
    "Misra1a": lambda b, x: b[0] * (1 - np.exp(-b[1] * x)),
    "Thurber": rational,
}
SIZES = {
    "Eckerle4": (3, 35),
    "Hahn1": (7, 236),
    "MGH17": (5, 33),
    "Misra1a": (2, 14),
    "Thurber": (7, 37),
}


def test_every_file_is_known_here():
    assert {path.stem for path in DATA.glob("*.dat")} == set(MODELS) == set(SIZES)


@pytest.mark.parametrize("name", MODELS)
def test_certified_parameters_give_the_certified_residual(name):
    problem = load(name)
    parameters, observations = SIZES[name]
    for values in (
        problem.start1,
        problem.start2,
        problem.certified,
        problem.deviations,
    ):
        assert values.shape == (parameters,) and values.dtype == np.float64
    assert problem.x.shape == problem.y.shape == (observations,)
    residuals = problem.y - MODELS[name](problem.certified, problem.x)
    np.testing.assert_allclose(residuals @ residuals, problem.residual, rtol=1e-8)


@pytest.mark.parametrize("name", MODELS)
def test_deviations_follow_from_the_curvature(name):
    """NIST's deviations are √(s² (JᵀJ)⁻¹ᵢᵢ); no columns are mixed."""
    problem, model = load(name), MODELS[name]
    columns = []
    for i, value in enumerate(problem.certified):
        step = np.zeros_like(problem.certified)
        step[i] = 1e-6 * value
        difference = model(problem.certified + step, problem.x)
        difference = difference - model(problem.certified - step, problem.x)
        columns.append(difference / 2e-6)  # scaled by the parameter
    jacobian = np.stack(columns, axis=1)
    variance = problem.residual / (problem.x.size - len(columns))
    covariance = variance * np.linalg.inv(jacobian.T @ jacobian)
    deviations = np.sqrt(np.diag(covariance)) * abs(problem.certified)
    np.testing.assert_allclose(deviations, problem.deviations, rtol=1e-4)


def test_first_and_last_values():
    problem = load("Hahn1")
    assert (problem.x[0], problem.y[0]) == (24.41, 0.591)
    assert problem.start1[6] == -0.000001
    assert problem.start2[0] == 1.0


def test_unknown_names_and_foreign_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="no data set 'Misra'.*Misra1a"):
        load("Misra")
    (tmp_path / "Other.dat").write_text("x,y\n1,2\n")
    with pytest.raises(ValueError, match="does not state where"):
        load("Other", tmp_path)
