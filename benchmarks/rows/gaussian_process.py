"""What does the gradient of a program cost that is mostly linear algebra?"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.programs import Program
from benchmarks.rows.rosenbrock import gradient
from benchmarks.setting import Setting
from benchmarks.table import Table, compared

__all__ = ["likelihood", "measure"]


def measure(setting: Setting) -> Table:
    """Time value and gradient of a Gaussian process' log-likelihood, a call."""
    sizes = (10,) if setting.effort.quick else (50, 500)
    times = {}
    for n in sizes:
        program = likelihood(n)
        theta = np.array([0.3, -0.2, -1.0])
        f, by_hand = program.write(np), program.by_hand
        times[f"n = {n}"] = setting.measure(
            functools.partial(gradient, program=program, x=theta),
            by_hand(theta),
            {"value": functools.partial(f, theta)},
        )
    table = compared(
        "Value and gradient of a Gaussian process' log-likelihood: ms a call",
        {"value": "NumPy, value alone", **setting.titles},
        times,
        1e-3,
    )
    table.notes.append(
        "n points in three dimensions, a squared-exponential kernel, three parameters; "
        "Cholesky, two triangular systems, log-determinant."
    )
    return table


def likelihood(n: int) -> Program:
    """Make the negative log-likelihood of n observations, of (ln ℓ, ln s², ln σ²)."""
    random = np.random.default_rng(n)
    points, seen = random.normal(size=(n, 3)), random.normal(size=n)
    distances = ((points[:, None] - points) ** 2).sum(-1)

    def write(xp: Any) -> Callable[[Any], Any]:
        d2, y, identity = (xp.asarray(a) for a in (distances, seen, np.eye(n)))

        def f(theta: Any) -> Any:
            length, signal, noise = (xp.exp(theta[i]) for i in range(3))
            k = signal * xp.exp(-0.5 * d2 / length**2) + noise * identity
            root = xp.linalg.cholesky(k)
            z = xp.linalg.solve(root, y)
            logs = xp.log(xp.diag(root))
            return 0.5 * xp.sum(z * z) + xp.sum(logs)

        return f

    def by_hand(theta: Any) -> tuple[Any, Any]:
        length, signal, noise = np.exp(theta)
        bell = signal * np.exp(-0.5 * distances / length**2)
        k = bell + noise * np.eye(n)
        inverse = np.linalg.inv(k)
        weights = inverse @ seen
        k_bar = 0.5 * (inverse - np.outer(weights, weights))
        value = 0.5 * seen @ weights + 0.5 * np.linalg.slogdet(k)[1]
        parts = bell * distances / length**2, bell, noise * np.eye(n)
        return value, np.array([np.sum(k_bar * part) for part in parts])

    return Program(write, by_hand, 20)
