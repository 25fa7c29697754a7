"""Descent on manifolds: pymanopt's problems with wengert's derivatives.

pymanopt asks a backend for the Euclidean gradient and Hessian of a cost, and makes the
Riemannian ones of these. Here they are those of wengert, compiled where that can be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.operators.arguments import check_callable
from wengert.operators.compile import jit as compiled
from wengert.operators.gradient import grad
from wengert.operators.products import jvp

__all__ = ["function"]


def function(
    manifold: Any, *, like: Any = None, jit: bool = True
) -> Callable[[Callable[..., Any]], Any]:
    """Decorate a cost, so that pymanopt has its gradient and Hessian from wengert.

    Parameters
    ----------
    manifold : pymanopt.manifolds.manifold.Manifold
    like : pytree, optional
        With as many leaves as a point has arrays; the cost then takes one argument, the
        point as a pytree of this structure. Otherwise it takes the arrays in order, as
        pymanopt has it.
    jit : bool
        Whether cost, gradient and Hessian are compiled when called a second time.

    Returns
    -------
    decorator
        From the cost, plain NumPy code that gives a real number, to a function that
        `pymanopt.Problem` takes.

    Raises
    ------
    ImportError
        If pymanopt is missing: `pip install wengert[manifold]`.

    Notes
    -----
    Cost: the gradient ≤ 4 evaluations of the cost; the product of the Hessian with a
    tangent ≤ 10, by forward over reverse mode. Complex points have the gradient that
    pymanopt descends along, ∂f/∂x + i ∂f/∂y.

    docs/manifolds.md has examples.
    """
    from pymanopt.autodiff import backend_decorator_factory

    def backend() -> Backend:
        return Backend(like, compiled if jit else lambda f: f)

    decorator: Any = backend_decorator_factory(backend)
    decorated: Callable[[Callable[..., Any]], Any] = decorator(manifold)
    return decorated


class Backend:
    """Be what pymanopt calls an autodiff backend."""

    def __init__(self, like: Any, make: Callable[..., Any]) -> None:
        self._like, self._make = like, make

    def __str__(self) -> str:
        return "wengert"

    def is_available(self) -> bool:
        """Tell that nothing else is needed."""
        return True

    def prepare_function(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """Give the cost as a function of arrays."""
        check_callable("function(manifold)", f)
        return self._make(self._of_arrays(f))  # type: ignore[no-any-return]

    def generate_gradient_operator(
        self, f: Callable[..., Any], count: int
    ) -> Callable[..., Any]:
        """Make the Euclidean gradient: a list of arrays, or the one of one argument."""
        gradient = self._make(_euclidean(self._of_arrays(f), count))
        return lambda *point: _unpacked(gradient(*point))

    def generate_hessian_operator(
        self, f: Callable[..., Any], count: int
    ) -> Callable[..., Any]:
        """Make the derivative of the gradient along a tangent, whose arrays are given
        behind those of the point."""
        gradient = _euclidean(self._of_arrays(f), count)
        product = self._make(lambda point, along: jvp(gradient, point, along)[1])
        return lambda *both: _unpacked(product(both[:count], both[count:]))

    def _of_arrays(self, f: Callable[..., Any]) -> Callable[..., Any]:
        if self._like is None:
            return f
        _, structure = tree.flatten(self._like)
        return lambda *arrays: f(tree.unflatten(structure, arrays))


def _euclidean(f: Callable[..., Any], count: int) -> Callable[..., Any]:
    slopes = grad(f, tuple(range(count)))
    # Of a function of complex numbers, ∂f/∂x − i ∂f/∂y: its conjugate goes uphill.
    return lambda *point: [np.conj(slope) for slope in slopes(*point)]


def _unpacked(arrays: Sequence[Any]) -> Any:
    return list(arrays) if len(arrays) > 1 else arrays[0]
