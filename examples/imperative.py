"""Two programs as one writes them line by line, with `backward()` and `no_grad()`.

Run it: it prints how far each has come.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.imperative import no_grad, tensor

__all__ = ["least_squares", "main", "network"]


def least_squares(
    A: Any, y: Any, rate: float = 1e-4, steps: int = 500
) -> tuple[Any, list[float]]:
    """Go downhill on ½‖y − Ax‖² from zero; give x, and the loss before each step."""
    x = tensor(np.zeros(A.shape[1]), requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * np.sum((y - A @ x) ** 2)
        loss.backward()
        with no_grad():
            x -= rate * x.grad
        x.grad.zero_()
        losses.append(loss.item())
    return x.detach().numpy(), losses


def network(
    W1: Any, W2: Any, xs: Any, ys: Any, rate: float = 1e-3, steps: int = 200
) -> tuple[Any, Any, list[float]]:
    """Go downhill on Σᵢ‖yᵢ − W₂ max(W₁xᵢ, 0)‖²; give both weights, and the losses."""
    W1 = tensor(W1, requires_grad=True)
    W2 = tensor(W2, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.0
        for x, y in zip(xs, ys, strict=True):
            loss = loss + np.sum((y - W2 @ np.maximum(W1 @ x, 0.0)) ** 2)
        loss.backward()
        with no_grad():
            for W in (W1, W2):
                W -= rate * W.grad
                W.grad = None
        losses.append(loss.item())
    return W1.detach().numpy(), W2.detach().numpy(), losses


def main() -> None:
    """Run both on random data."""
    rng = np.random.default_rng(0)
    A, x = rng.normal(size=(500, 100)), rng.normal(size=100)
    found, losses = least_squares(A, A @ x)
    print(f"½‖y − Ax‖²: {losses[0]:.4g} → {losses[-1]:.4g}")
    print(f"‖x − x*‖ = {np.linalg.norm(found - x):.2g}")
    xs = rng.normal(size=(20, 3))
    ys = np.sin(xs[:, :2])
    W1, W2 = rng.normal(size=(16, 3)), 0.1 * rng.normal(size=(2, 16))
    *_, losses = network(W1, W2, xs, ys)
    print(f"Σ‖y − W₂ max(W₁x, 0)‖²: {losses[0]:.4g} → {losses[-1]:.4g}")


if __name__ == "__main__":
    main()
