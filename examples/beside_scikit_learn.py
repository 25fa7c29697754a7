"""Three models of scikit-learn, fitted by exact derivatives: the same answers.

Logistic regression by Newton's method with the exact Hessian; the hyperparameters of a
Gaussian process by its marginal likelihood; a mixture of normal laws by its likelihood,
where scikit-learn iterates expectation and maximisation. Each model is a function of a
few lines in plain NumPy.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from picture import canvas, command
from scipy.optimize import minimize

from wengert import hessian, jit, value_and_grad
from wengert.scipy.linalg import solve_triangular
from wengert.scipy.special import logsumexp

try:
    from sklearn import datasets
    from sklearn.gaussian_process import GaussianProcessRegressor, kernels
    from sklearn.linear_model import LogisticRegression
    from sklearn.mixture import GaussianMixture
except ImportError:
    raise SystemExit(
        "There is nothing to compare with, since scikit-learn is missing: "
        "pip install 'wengert[learn]'."
    ) from None


class Comparison(NamedTuple):
    """What is compared, by name: our numbers and theirs; and what a picture needs."""

    numbers: dict[str, tuple[np.ndarray, np.ndarray]]
    shown: Any


def optimum(f, start, *data):
    """Minimise by a trust region with exact Hessians, to the last digits."""
    slope, curvature = jit(value_and_grad(f)), hessian(f)
    found = minimize(slope, start, data, jac=True, hess=curvature,
                     method="trust-exact", options={"gtol": 1e-6})  # fmt: skip
    # The trust region compares values, of which the last digits are rounding; Newton's
    # step needs the gradient only.
    x = found.x
    return x - np.linalg.solve(curvature(x, *data), slope(x, *data)[1])


# ----- logistic regression -----


def penalised_loss(w, x, sign):
    """Be ½|w|² plus the log loss; the last entry of w, the intercept, is free."""
    margin = sign * (x @ w[:-1] + w[-1])
    return w[:-1] @ w[:-1] / 2 + np.sum(np.logaddexp(0, -margin))


def logistic() -> Comparison:
    """Tell benign from malignant tumours by 30 measurements."""
    x, label = datasets.load_breast_cancer(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    ours = optimum(penalised_loss, np.zeros(31), x, 2.0 * label - 1)
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(x, label)
    coefficients = np.append(theirs.coef_, theirs.intercept_)
    return Comparison({"31 coefficients": (ours, coefficients)}, (ours, coefficients))


# ----- a Gaussian process -----


def kernel(p, x, z):
    """Be the covariance of values at x (m,) and z (n,): (m, n)."""
    return np.exp(p[0] - ((x[:, None] - z) * np.exp(-p[1])) ** 2 / 2)


def surprise(p, x, y):
    """Be −log of the marginal likelihood; p = log (variance, length, noise)."""
    covariance = kernel(p, x, x) + np.exp(p[2]) * np.eye(len(x))
    root = np.linalg.cholesky(covariance)
    white = solve_triangular(root, y, lower=True)
    return (white @ white / 2 + np.sum(np.log(np.diag(root)))
            + len(x) * np.log(2 * np.pi) / 2)  # fmt: skip


def predicted(p, x, y, z):
    """Give mean and standard deviation of the function at z."""
    covariance = kernel(p, x, x) + np.exp(p[2]) * np.eye(len(x))
    across = kernel(p, x, z)
    weights = np.linalg.solve(covariance, across)
    return weights.T @ y, np.sqrt(np.exp(p[0]) - np.sum(weights * across, axis=0))


def gaussian_process() -> Comparison:
    """Learn variance, length and noise of a curve from 60 noisy points."""
    rng = np.random.default_rng(5)
    x = np.sort(rng.uniform(0, 10, 60))
    y = np.sin(x) + 0.4 * np.sin(2.7 * x) + 0.2 * rng.normal(size=60)
    z = np.linspace(-1, 11, 200)
    ours = optimum(surprise, np.array([0.0, 0.0, -2.0]), x, y)
    start = kernels.ConstantKernel(1.0) * kernels.RBF(1.0) + kernels.WhiteKernel(0.1)
    theirs = GaussianProcessRegressor(start, alpha=0.0, optimizer=patient)
    theirs.fit(x[:, None], y)
    mean, deviation = predicted(ours, x, y, z)
    numbers = {
        "log hyperparameters": (ours, theirs.kernel_.theta),
        "log marginal likelihood": (
            -np.atleast_1d(surprise(ours, x, y)),
            np.atleast_1d(theirs.log_marginal_likelihood_value_),
        ),
        "predictions": (mean, theirs.predict(z[:, None])),
    }
    return Comparison(numbers, (x, y, z, mean, deviation))


def patient(objective, start, bounds):
    """Minimise for scikit-learn, whose default stops at five digits."""
    found = minimize(objective, start, method="L-BFGS-B", jac=True, bounds=bounds,
                     options={"ftol": 1e-15, "gtol": 1e-9})  # fmt: skip
    return found.x, found.fun


# ----- a mixture of normal laws -----


def parts(p, count, size):
    """Give log weights (k,), means (k, d) and factors (k, d, d) of the precisions.

    A lower triangle with a positive diagonal makes any covariance, and no other matrix.
    """
    log_weights, means, entries = np.split(p, [count, count + count * size])
    entries, (rows, columns) = entries.reshape(count, -1), np.tril_indices(size)
    on_diagonal = rows == columns
    places = np.eye(size * size)[rows * size + columns]
    entries = np.where(on_diagonal, np.exp(np.where(on_diagonal, entries, 0)), entries)
    factors = (entries @ places).reshape(count, size, size)
    return (log_weights - logsumexp(log_weights), means.reshape(count, size), factors)


def packed(weights, means, precisions):
    """Give the parameters in a row, as `parts` takes them apart."""
    size = means.shape[1]
    rows, columns = np.tril_indices(size)
    # precision = Lᵀ L, with L the inverse of the covariance's lower factor.
    factors = np.linalg.inv(np.linalg.cholesky(np.linalg.inv(precisions)))
    entries = factors[:, rows, columns]
    entries[:, rows == columns] = np.log(entries[:, rows == columns])
    return np.concatenate([np.log(weights), means.ravel(), entries.ravel()])


def unlikelihood(p, x, count):
    """Be −log likelihood of x (n, d) per datum."""
    log_weights, means, factors = parts(p, count, x.shape[1])
    away = np.einsum("kij,nkj->nki", factors, x[:, None] - means)
    volumes = np.sum(np.log(np.diagonal(factors, axis1=1, axis2=2)), axis=1)
    constant = x.shape[1] * np.log(2 * np.pi) / 2
    log_density = volumes - constant - np.sum(away**2, axis=2) / 2
    return -np.mean(logsumexp(log_weights + log_density, axis=1))


def mixture() -> Comparison:
    """Find three kinds of iris in four measurements of 150 flowers, without labels."""
    x, kinds = datasets.load_iris(return_X_y=True)
    rough = GaussianMixture(3, random_state=0, max_iter=5, reg_covar=0)
    theirs = GaussianMixture(3, random_state=0, max_iter=20_000, tol=1e-14, reg_covar=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the rough one has not converged
        rough.fit(x)
    theirs.fit(x)
    start = packed(rough.weights_, rough.means_, rough.precisions_)
    p = optimum(lambda p, x: unlikelihood(p, x, 3), start, x)
    log_weights, means, factors = parts(p, 3, 4)
    covariances = np.linalg.inv(np.swapaxes(factors, 1, 2) @ factors)
    numbers = {
        "weights": (np.exp(log_weights), theirs.weights_),
        "means": (means, theirs.means_),
        "covariances": (covariances, theirs.covariances_),
        "log likelihood": (
            -np.atleast_1d(unlikelihood(p, x, 3)),
            np.atleast_1d(theirs.score(x)),
        ),
    }
    return Comparison(numbers, (x, kinds, means, covariances))


# ----- all three -----


def main(quick: bool = False, folder: Path = Path("out")) -> dict[str, Comparison]:
    """Fit all three, print the greatest differences and draw. It is quick anyway."""
    models = {
        "logistic regression": logistic(),
        "Gaussian process": gaussian_process(),
        "mixture": mixture(),
    }
    print("greatest difference from scikit-learn, of numbers up to")
    for model, comparison in models.items():
        for name, (ours, theirs) in comparison.numbers.items():
            difference, size = np.max(np.abs(ours - theirs)), np.max(np.abs(theirs))
            print(f"  {model:20} {name:24} {difference:8.1e}   {size:9.4f}")
    draw(models, folder / "beside_scikit_learn.png")
    return models


def draw(models: dict[str, Comparison], path: Path) -> None:
    """Draw coefficients beside coefficients, the process, and the kinds of iris."""
    with canvas(path, 3, size=(10.5, 3.3)) as (left, middle, right):
        ours, theirs = models["logistic regression"].shown
        left.plot([-1.5, 1], [-1.5, 1], color="0.7", linewidth=1)
        left.plot(theirs, ours, "C0o", ms=4)
        left.set(xlabel="scikit-learn", ylabel="wengert",
                 title="Coefficients of logistic regression")  # fmt: skip
        x, y, z, mean, deviation = models["Gaussian process"].shown
        middle.fill_between(z, mean - 2 * deviation, mean + 2 * deviation, alpha=0.25,
                            linewidth=0, label="±2 standard deviations")  # fmt: skip
        middle.plot(z, mean, "C0", label="mean")
        middle.plot(x, y, "k.", ms=4, label="data")
        middle.set(xlabel="x", ylabel="y", ylim=(-2.6, 3.4), title="Gaussian process")
        middle.legend(ncols=2, loc="upper center")
        x, kinds, means, covariances = models["mixture"].shown
        length, width = 2, 3  # of the petals
        for kind, name in enumerate(datasets.load_iris().target_names):
            right.plot(*x[kinds == kind][:, [length, width]].T, f"C{kind}.", label=name)
        turn = np.linspace(0, 2 * np.pi, 100)
        circle = 2 * np.stack([np.cos(turn), np.sin(turn)])
        for mean, covariance in zip(means, covariances, strict=True):
            seen = np.ix_([length, width], [length, width])
            ring = np.linalg.cholesky(covariance[seen]) @ circle
            right.plot(*(mean[[length, width], None] + ring), "k", linewidth=1)
        right.set(xlabel="petal length (cm)", ylabel="petal width (cm)",
                  title="Mixture of three normal laws")  # fmt: skip
        right.legend(loc="upper left")


if __name__ == "__main__":
    command(main, __doc__)
