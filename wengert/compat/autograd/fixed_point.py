"""`autograd.misc.fixed_points`: the point where x = f(a)(x), and its derivative in a.

By the implicit function theorem the cotangent of a is that of one more application of
f at the fixed point, for the cotangent w = x̄ + (∂f/∂x)ᵀ w, which is a fixed point too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wengert.compat.autograd.derivation import make_vjp
from wengert.compat.autograd.primitives import primitive_with_methods
from wengert.compat.autograd.rules import defvjp
from wengert.compat.autograd.spaces import vspace

__all__ = ["fixed_point"]


@primitive_with_methods
def fixed_point(f: Any, a: Any, x0: Any, distance: Any, tol: Any) -> Any:
    """Iterate x = f(a)(x) from x0 until `distance(x, previous x)` is at most tol."""
    step, x = f(a), x0
    while True:
        x, before = step(x), x
        if not distance(x, before) > tol:
            return x


def _pull(
    x: Any, f: Any, a: Any, x0: Any, distance: Any, tol: Any
) -> Callable[[Any], Any]:
    space = vspace(x)
    pull_a, _ = make_vjp(lambda a: f(a)(x), a)

    def adjoint(parts: Any) -> Callable[[Any], Any]:
        a, x, x_bar = parts
        pull_x, _ = make_vjp(f(a), x)
        return lambda w: space.add(pull_x(w), x_bar)

    def pull(g: Any) -> Any:
        return pull_a(fixed_point(adjoint, (a, x, g), space.zeros(), distance, tol))

    return pull


defvjp(fixed_point, None, _pull, lambda x, f, a, x0, *_: lambda g: vspace(x0).zeros())
