"""The programs of GradBench are what they say, and so are their derivatives."""

import math

import numpy as np
import pytest
from scipy.special import logsumexp, multigammaln

from benchmarks.building import compiler
from benchmarks.gradbench import PROGRAMS, ba, gmm, llsq, lse, lstm, ode
from benchmarks.handwritten.library import Handwritten
from benchmarks.network import classifier, weights
from benchmarks.programs import elementwise, griewank, rosenbrock
from benchmarks.rows.gradbench import QUESTIONS, expected, jacobian, question
from benchmarks.symbolic import Casadi, CasadiCompiled
from benchmarks.verify import verify

needs_gpp = pytest.mark.skipif(compiler(".cpp") is None, reason="no g++")
CASES = {
    "gmm": gmm.case(3, 4, 5),
    "lstm": lstm.case(2, 5),
    "ode": ode.case(6, 3),
    "llsq": llsq.case(13, 5),
    "lse": lse.case(7),
}


def by_complex_step(f, x):
    """Give the gradient of a function that takes complex numbers, exact to rounding."""
    step = 1e-20
    return np.array([f(x + step * 1j * unit).imag / step for unit in np.eye(x.size)])


# ----- values -----


def test_gmm_is_the_likelihood_and_the_prior():
    d, k, n = 3, 4, 5
    case = gmm.case(d, k, n)
    points = case.program.native.data[0]
    alphas, means = case.x[:k], case.x[k : k + k * d].reshape(k, d)
    parts, prior = np.zeros((n, k)), 0.0
    for j, triangle in enumerate(case.x[k + k * d :].reshape(k, -1)):
        root = np.diag(np.exp(triangle[:d]))
        root[1, 0], root[2, 0], root[2, 1] = triangle[d:]
        for i, point in enumerate(points):
            square = np.sum((root @ (point - means[j])) ** 2)
            log_density = np.linalg.slogdet(root)[1] - 0.5 * square
            parts[i, j] = alphas[j] - logsumexp(alphas) + log_density
        prior += 0.5 * np.sum(root**2)
        prior -= (d + 1) * d * -0.5 * math.log(2.0) - multigammaln(0.5 * (d + 1), d)
    right = np.sum(logsumexp(parts, axis=1)) - 0.5 * n * d * math.log(2 * math.pi)
    assert case.program.write(np)(case.x) == pytest.approx(right + prior, rel=1e-13)


def test_ode_goes_to_its_solution():
    # dy₀/dt = x₀, dy₁/dt = x₁ y₀, …: yᵢ(1) = x₀ x₁ … xᵢ / (i + 1)!, exact up to t⁴.
    x = np.array([1.5, 0.5, 2.0, 3.0])
    right = 1.5 + 0.75 / 2 + 1.5 / 6 + 4.5 / 24
    assert ode.writer(1)(np)(x) == pytest.approx(right, rel=1e-14)


def test_llsq_is_the_distance_of_a_polynomial():
    x, t = np.array([0.5, -1.0, 2.0]), np.linspace(-1.0, 1.0, 9)
    right = 0.5 * np.sum((np.sign(t) - np.polynomial.Polynomial(x)(t)) ** 2)
    assert llsq.writer(9, 3)(np)(x) == pytest.approx(right, rel=1e-14)


def test_lse_is_safe_from_overflow():
    x = np.array([1000.0, 999.0, -1000.0])
    assert lse.write(np)(x) == pytest.approx(logsumexp(x), rel=1e-15)


def test_lstm_without_weights_is_a_guess_of_equal_bits():
    layers, text = 1, np.eye(3, lstm.BITS)
    x = np.zeros(8 * layers * lstm.BITS + 3 * lstm.BITS)
    f = lstm.writer(layers, np.ones((2, lstm.BITS)), text)(np)
    # Each guess is 0, of which log(14 + 2) is taken: once for each of two characters.
    assert f(x) == pytest.approx(2 * math.log(16) / (2 * lstm.BITS), rel=1e-14)


def test_ba_projects_a_point_straight_ahead():
    # Hardly rotated, f = 2, a point at (1, 0.5, 4): x = 1/4, y = 1/8, s = 5/64.
    z = [
        np.array([v]) for v in (1e-9, 0, 0, 0, 0, 0, 2, 0.1, 0.2, 0.5, 0, 1, 0.5, 4, 3)
    ]
    u, v = ba.residuals(np, z, [0.0, 0.0])
    scale = 1 + 0.5 * 5 / 64
    assert u[0] == pytest.approx(3 * (2 * 0.25 * scale + 0.1), rel=1e-8)
    assert v[0] == pytest.approx(3 * (2 * 0.125 * scale + 0.2), rel=1e-8)


# ----- derivatives -----


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_the_complex_step(name):
    case = CASES[name]
    f = case.program.write(np)
    verify(name, case.program.by_hand(case.x), (f(case.x), by_complex_step(f, case.x)))


def test_the_example_of_griewank_and_walther_is_right():
    x, f = np.array([1.5, 0.5]), griewank().write(np)
    verify("by hand", griewank().by_hand(x), (f(x), by_complex_step(f, x)))


def test_a_network_learns():
    program, start = classifier((4, 3, 2), 5), weights((4, 3, 2))
    f = program.write(np)
    _, slopes = program.by_hand(start)
    for i, slope in enumerate(slopes):

        def moved(w, i=i):
            return f([*start[:i], w.reshape(start[i].shape), *start[i + 1 :]])

        verify(f"weight {i}", slope.ravel(), by_complex_step(moved, start[i].ravel()))


def test_the_sparse_jacobian_of_ba_is_that_of_all_residuals():
    case = ba.case(2, 3, 4)
    scene = case.x
    m, q, p = scene.cameras.size, scene.points.size, len(scene.weights)

    def residuals(x):
        cameras, points = x[:m].reshape(-1, 11), x[m : m + q].reshape(-1, 3)
        w = x[m + q :]
        rows = []
        for i, (c, o) in enumerate(zip(scene.camera_of, scene.point_of, strict=True)):
            z = [*cameras[c], *points[o], w[i]]
            rows += ba.residuals(np, z, scene.features[i])
        return np.array([*rows, *(1 - w**2)])

    x = np.concatenate((scene.cameras.ravel(), scene.points.ravel(), scene.weights))
    step = 1e-20
    columns = [residuals(x + 1j * step * unit).imag / step for unit in np.eye(x.size)]
    found = expected("ba", case)
    assert found.shape == (3 * p, x.size)
    verify("ba", found.toarray(), np.array(columns).T)


def test_an_observation_of_ba_is_of_what_it_saw():
    scene = ba.scene(2, 3, 4)
    z = scene.gathered()
    for row, c, o, w in zip(
        z, scene.camera_of, scene.point_of, scene.weights, strict=True
    ):
        assert row.tolist() == [*scene.cameras[c], *scene.points[o], w]
    depths = (z[:, 13] - z[:, 5]) / np.abs(z[:, 11:14] - z[:, 3:6]).max(axis=1)
    assert np.all(depths > 0)


def test_residuals_of_ba_are_the_same_row_by_row():
    case = ba.case(2, 3, 4)
    z = case.x.gathered()
    row, constants = case.program.rowwise(np)
    rows = [row(*each) for each in zip(z, *constants, strict=True)]
    np.testing.assert_allclose(rows, case.program.write(np)(z), rtol=1e-13)


# ----- by hand, in C++ -----


@needs_gpp
@pytest.mark.parametrize("name", CASES)
def test_gradients_in_cpp_are_right(name):
    case = CASES[name]
    verify(name, question(Handwritten(), case)(), case.program.by_hand(case.x))


@needs_gpp
def test_the_jacobian_in_cpp_is_right():
    case = ba.case(2, 3, 4)
    verify("ba", jacobian(Handwritten(), case)(), expected("ba", case))


@needs_gpp
@pytest.mark.parametrize("program", [rosenbrock(), elementwise(), griewank()])
def test_small_programs_in_cpp_are_right(program):
    x = np.array([1.5, 0.5])
    verify("C++", Handwritten().gradient(program, x)(), program.by_hand(x))


def test_every_program_has_three_sizes():
    for program in PROGRAMS.values():
        assert len(program.SIZES) == 3


# ----- the peer that builds expressions -----


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("name", [*CASES, "ba"])
def test_expressions_of_casadi_are_right(name, compiled):
    pytest.importorskip("casadi")
    kind = CasadiCompiled if compiled else Casadi
    if not kind.installed():
        pytest.skip("no gcc")
    case = CASES.get(name) or ba.case(2, 3, 4)
    ask = QUESTIONS.get(name, question)
    verify(name, ask(kind(), case)(), expected(name, case))
