"""`autograd.test_util`: derivatives against central differences."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from wengert.compat.autograd.derivation import make_jvp, make_vjp
from wengert.compat.autograd.spaces import vspace
from wengert.compat.autograd.wrapping import get_name, unary_to_nary

__all__ = [
    "EPS",
    "RTOL",
    "TOL",
    "check_equivalent",
    "check_grads",
    "check_jvp",
    "check_vjp",
    "combo_check",
    "make_numerical_jvp",
    "scalar_close",
]

TOL = 1e-6
RTOL = 1e-6
EPS = 1e-6


def scalar_close(a: Any, b: Any) -> bool:
    """Tell whether two numbers agree, absolutely or relatively."""
    return bool(abs(a - b) < TOL or abs(a - b) < RTOL * abs(a + b))


def make_numerical_jvp(f: Callable[[Any], Any], x: Any) -> Callable[[Any], Any]:
    """Make the pushforward of f by central differences."""
    xs, ys = vspace(x), vspace(f(x))

    def jvp(v: Any) -> Any:
        above = f(xs.add(x, xs.scalar_mul(v, EPS / 2)))
        below = f(xs.add(x, xs.scalar_mul(v, -EPS / 2)))
        return ys.scalar_mul(ys.add(above, ys.scalar_mul(below, -1.0)), 1.0 / EPS)

    return jvp


def check_vjp(f: Callable[[Any], Any], x: Any) -> None:
    """Compare the pullback with differences, in random directions."""
    vjp, y = make_vjp(f, x)
    xs, ys = vspace(x), vspace(y)
    x_dot, y_bar = xs.randn(), ys.randn()
    x_bar = xs.covector(vjp(ys.covector(y_bar)))
    _require(vspace(x_bar) == xs, f"VSpace mismatch: {vspace(x_bar)}, {xs}")
    exact = xs.inner_prod(x_dot, x_bar)
    numeric = ys.inner_prod(y_bar, make_numerical_jvp(f, x)(x_dot))
    _require(
        scalar_close(numeric, exact),
        f"Derivative (VJP) check of {get_name(f)} failed with arg {x}:\n"
        f"analytic: {exact}\nnumeric:  {numeric}",
    )


def check_jvp(f: Callable[[Any], Any], x: Any) -> None:
    """Compare the pushforward with differences, in a random direction."""
    x_dot = vspace(x).randn()
    check_equivalent(make_jvp(f, x)(x_dot)[1], make_numerical_jvp(f, x)(x_dot))


def check_equivalent(x: Any, y: Any) -> None:
    """Compare two values: their spaces, and their products with a random vector."""
    xs, ys = vspace(x), vspace(y)
    _require(xs == ys, f"VSpace mismatch:\nx: {xs}\ny: {ys}")
    v = xs.randn()
    close = scalar_close(xs.inner_prod(x, v), xs.inner_prod(y, v))
    _require(close, f"Value mismatch:\nx: {x}\ny: {y}")


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise AssertionError(message)


@unary_to_nary
def check_grads(
    f: Any, x: Any, modes: Sequence[str] = ("fwd", "rev"), order: int = 2
) -> None:
    """Compare derivatives of f, to an order, with differences.

    Parameters
    ----------
    f, x : callable and its argument
    modes : sequence of "fwd" and "rev"
    order : int

    Raises
    ------
    AssertionError
        Names f, the argument, and both numbers.
    """
    _require(set(modes) <= {"fwd", "rev"}, f"unknown modes {modes!r}")
    for mode, check in (("fwd", check_jvp), ("rev", check_vjp)):
        if mode not in modes:
            continue
        check(f, x)
        if order > 1:
            derivative = _forward(f) if mode == "fwd" else _reverse(f)
            v = vspace(x if mode == "fwd" else f(x)).randn()
            check_grads(derivative, (0, 1), modes, order=order - 1)(x, v)


def _forward(f: Any) -> Any:
    def jvp(x: Any, v: Any) -> Any:
        return make_jvp(f, x)(v)[1]

    jvp.__name__ = f"jvp_{get_name(f)}"
    return jvp


def _reverse(f: Any) -> Any:
    def vjp(x: Any, v: Any) -> Any:
        return make_vjp(f, x)[0](v)

    vjp.__name__ = f"vjp_{get_name(f)}"
    return vjp


def combo_check(fun: Any, *check_args: Any, **check_kwargs: Any) -> Callable[..., None]:
    """Make the function that checks every combination of lists of arguments."""
    check = check_grads(fun, *check_args, **check_kwargs)

    def check_all(*args: Any, **kwargs: Any) -> None:
        for values in itertools.product(*args, *kwargs.values()):
            by_name = dict(zip(kwargs, values[len(args) :], strict=True))
            check(*values[: len(args)], **by_name)

    return check_all
