"""Descent on manifolds finds what NumPy's eigenvalues say: through the drop-in for
autograd, and by the adapter."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

pymanopt = pytest.importorskip("pymanopt")

from pymanopt import manifolds, optimizers  # noqa: E402

from wengert.compat.pymanopt import function  # noqa: E402

# Near the solution its trust regions take roots of what rounding has made negative.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:pymanopt")

RNG = np.random.default_rng(3)
N, K = 7, 2
M = RNG.normal(size=(N, N))
A = M @ M.T / N
VALUES, VECTORS = np.linalg.eigh(A)
DATA = RNG.normal(size=(40, N)) @ M
ROOTS = [np.eye(3) + 0.3 * RNG.normal(size=(3, 3)) for _ in range(4)]
SAMPLES = [root @ root.T for root in ROOTS]
SOLVERS = ["SteepestDescent", "ConjugateGradient", "TrustRegions"]


def by_drop_in(manifold):
    return pymanopt.function.autograd(manifold)


@pytest.fixture(params=["adapter", "plain", "drop-in"])
def decorate(request, monkeypatch):
    """Give the decorators in turn; pymanopt is to find wengert's autograd, whatever it
    has found when it was imported."""
    if request.param != "drop-in":
        yield lambda manifold: function(manifold, jit=request.param == "adapter")
        return
    autograd = pytest.importorskip("wengert.compat.autograd")
    module = pymanopt.autodiff.backends._autograd
    before = module.autograd
    if before is not None and before.__spec__.origin != "wengert":
        pytest.skip("autograd itself is installed, and imported")
    autograd.install()
    try:
        import autograd as stand_in
        import autograd.numpy as stand_in_numpy

        monkeypatch.setattr(module, "autograd", stand_in)
        monkeypatch.setattr(module, "np", stand_in_numpy, raising=False)
        yield by_drop_in
    finally:
        autograd.uninstall()


def solved(manifold, cost, solver, start=None, iterations=400):
    np.random.seed(5)  # pymanopt draws its first point from NumPy's own state
    options = {"max_iterations": iterations, "verbosity": 0, "min_gradient_norm": 1e-7}
    optimizer = getattr(optimizers, solver)(**options)
    return optimizer.run(pymanopt.Problem(manifold, cost), initial_point=start)


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_rayleigh_quotient_on_the_sphere(decorate, solver):
    manifold = manifolds.Sphere(N)
    cost = decorate(manifold)(lambda x: -x @ A @ x)
    found = solved(manifold, cost, solver)
    assert -found.cost == pytest.approx(VALUES[-1], rel=1e-9)
    assert abs(found.point @ VECTORS[:, -1]) == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
def test_principal_components_on_grassmann(decorate, solver):
    manifold = manifolds.Grassmann(N, K)
    square = np.sum(DATA**2)

    @decorate(manifold)
    def cost(x):
        return np.sum((DATA - DATA @ x @ x.T) ** 2) / square

    found = solved(manifold, cost, solver)
    right = np.linalg.svd(DATA)[2][:K].T
    np.testing.assert_allclose(found.point @ found.point.T, right @ right.T, atol=1e-5)


@pytest.mark.parametrize("solver", SOLVERS)
def test_principal_components_in_order_on_stiefel(decorate, solver):
    manifold = manifolds.Stiefel(N, K)
    weights = np.array([2.0, 1.0])
    cost = decorate(manifold)(lambda x: -np.sum(x * (A @ x) * weights))
    found = solved(manifold, cost, solver)
    assert -found.cost == pytest.approx(VALUES[-1] * 2 + VALUES[-2], rel=1e-8)
    both = np.abs(found.point.T @ VECTORS[:, [-1, -2]])
    np.testing.assert_allclose(both, np.eye(K), atol=1e-3)


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_mean_of_positive_definite_matrices(decorate, solver):
    manifold = manifolds.SymmetricPositiveDefinite(3)
    inverses = [np.linalg.inv(np.linalg.cholesky(sample)) for sample in SAMPLES]

    @decorate(manifold)
    def cost(x):
        distances = [
            np.sum(np.log(np.linalg.eigvalsh(inverse @ x @ inverse.T)) ** 2)
            for inverse in inverses
        ]
        return sum(distances) / len(distances)

    found = solved(manifold, cost, solver)
    values, vectors = np.linalg.eigh(found.point)
    root = vectors / np.sqrt(values) @ vectors.T
    logs = np.zeros((3, 3))
    for sample in SAMPLES:  # Karcher's equation: the logarithms add up to zero
        w, v = np.linalg.eigh(root @ sample @ root)
        logs += v * np.log(w) @ v.T
    np.testing.assert_allclose(logs, np.zeros((3, 3)), atol=1e-5)


# Each in a process of its own: pymanopt looks for autograd when it is imported.
@pytest.mark.parametrize("first", ["adapter", "drop-in"])
def test_the_page_runs(first):
    page = (Path(__file__).parents[2] / "docs" / "manifolds.md").read_text("utf-8")
    one, two, three = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    install, use = three.split("import autograd.numpy")
    if first == "drop-in":
        if importlib.util.find_spec("autograd") is not None:
            pytest.skip("autograd itself is installed")
        program = (
            install
            + one
            + "import autograd.numpy"
            + use
            + (
                "problem = pymanopt.Problem(sphere, same_cost)\n"
                "print(-TrustRegions(verbosity=0).run(problem).cost)\n"
            )
        )
    else:
        program = one + two
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    values = [float(line) for line in done.stdout.split()]
    np.testing.assert_allclose(values, 5.0, rtol=1e-9)


# ----- the adapter alone -----


class Factors(NamedTuple):
    left: Any
    sizes: Any
    right: Any


def test_points_as_pytrees():
    manifold = manifolds.FixedRankEmbedded(N, N, K)

    @function(manifold, like=Factors(0, 0, 0))
    def cost(point):
        return np.sum((point.left * point.sizes @ point.right - M) ** 2)

    found = solved(manifold, cost, "ConjugateGradient", iterations=1000)
    tail = np.linalg.svd(M)[1][K:]
    assert found.cost == pytest.approx(tail @ tail, rel=1e-6)


def test_products_of_manifolds():
    manifold = manifolds.Product([manifolds.Sphere(N), manifolds.Euclidean(3)])

    @function(manifold)
    def cost(x, b):
        return -x @ A @ x + np.sum((b - x[:3]) ** 2)

    found = solved(manifold, cost, "TrustRegions")
    assert -found.cost == pytest.approx(VALUES[-1], rel=1e-8)
    np.testing.assert_allclose(found.point[1], found.point[0][:3], atol=1e-5)


@pytest.mark.parametrize("jit", [True, False])
def test_operators_of_complex_points(jit):
    manifold = manifolds.ComplexCircle(4)
    c = RNG.normal(size=(4, 4)) + 1j * RNG.normal(size=(4, 4))
    h = c + c.conj().T
    cost = function(manifold, jit=jit)(lambda z: np.real(np.conj(z) @ h @ z))
    z, v = np.exp(1j * np.arange(4.0)), RNG.normal(size=4) + 1j
    for _ in range(3):
        gradient = cost.get_gradient_operator()(z)
        np.testing.assert_allclose(gradient, 2 * h @ z, rtol=1e-12)
        product = cost.get_hessian_operator()(z, v)
        np.testing.assert_allclose(product, 2 * h @ v, rtol=1e-12)


def test_a_cost_is_a_function_of_positions():
    with pytest.raises(ValueError, match="positional"):
        function(manifolds.Sphere(3))(lambda x, *, scale=1.0: scale * x @ x)
    with pytest.raises(TypeError, match="manifold"):
        function(3)
