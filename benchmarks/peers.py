"""The libraries, each asked the same questions in its own words.

Every answer is a call without arguments, ready to be timed: from NumPy arrays to NumPy
arrays and floats, so that whatever a library needs to come from there and get back is
part of its time. JAX compiles on the first call, which is not timed; turning its result
into a NumPy array waits until it is computed.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.programs import Program

__all__ = ["NAMES", "Library", "installed", "load"]

Call = Callable[[], Any]


class Library:
    """Be one library under measurement.

    Attributes
    ----------
    title : str
        The head of its column.
    module, needs : str
        What to import, and the distribution whose version is told.
    """

    title: str
    module: str

    def value(self, program: Program, x: Any) -> Call:
        """Compute f(x), without derivatives."""
        raise NotImplementedError

    def gradient(self, program: Program, x: Any) -> Call:
        """Compute (f(x), ∇f(x))."""
        raise NotImplementedError

    def product(self, program: Program, x: Any, p: Any) -> Call:
        """Compute H(x)·p."""
        raise NotImplementedError

    def hessian(self, program: Program, x: Any) -> Call:
        """Compute H(x)."""
        raise NotImplementedError


class Wengert(Library):
    """wengert's eager modes: f is plain NumPy."""

    title = "wengert"
    module = "wengert"

    def __init__(self) -> None:
        self._lib = importlib.import_module("wengert")

    def value(self, program: Program, x: Any) -> Call:
        f = program.write(np)
        return lambda: f(x)

    def gradient(self, program: Program, x: Any) -> Call:
        both = self._lib.value_and_grad(program.write(np))
        return lambda: both(x)

    def product(self, program: Program, x: Any, p: Any) -> Call:
        product = self._lib.hvp(program.write(np))
        return lambda: product(x, p)

    def hessian(self, program: Program, x: Any) -> Call:
        hessian = self._lib.hessian(program.write(np))
        return lambda: hessian(x)


class Autograd(Library):
    """HIPS autograd."""

    title = "autograd"
    module = "autograd"

    def __init__(self) -> None:
        self._lib = importlib.import_module("autograd")
        self._numpy = importlib.import_module("autograd.numpy")

    def value(self, program: Program, x: Any) -> Call:
        f = program.write(self._numpy)
        return lambda: f(x)

    def gradient(self, program: Program, x: Any) -> Call:
        both = self._lib.value_and_grad(program.write(self._numpy))
        return lambda: both(x)

    def product(self, program: Program, x: Any, p: Any) -> Call:
        # The faster of its two ways.
        make = self._lib.differential_operators.make_hvp(program.write(self._numpy))
        return lambda: make(x)[0](p)

    def hessian(self, program: Program, x: Any) -> Call:
        hessian = self._lib.hessian(program.write(self._numpy))
        return lambda: hessian(x)


class Torch(Library):
    """PyTorch, eager, on the CPU."""

    title = "PyTorch"
    module = "torch"

    def __init__(self) -> None:
        self._lib = importlib.import_module("torch")
        self._lib.set_num_threads(1)

    def _tensor(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return self._lib.from_numpy(x)
        return self._lib.tensor(x, dtype=self._lib.float64)

    def value(self, program: Program, x: Any) -> Call:
        f = program.write(self._lib)
        return lambda: f(self._tensor(x)).item()

    def gradient(self, program: Program, x: Any) -> Call:
        f, pull = program.write(self._lib), self._lib.autograd.grad

        def both() -> Any:
            x_in = self._tensor(x).requires_grad_()
            y = f(x_in)
            (x_bar,) = pull(y, x_in)
            return y.item(), x_bar.numpy()

        return both

    def product(self, program: Program, x: Any, p: Any) -> Call:
        f, pull = program.write(self._lib), self._lib.autograd.grad

        # Twice backward, by hand: torch.func.jvp of grad takes longer.
        def product() -> Any:
            x_in = self._tensor(x).requires_grad_()
            (x_bar,) = pull(f(x_in), x_in, create_graph=True)
            return pull(x_bar, x_in, self._tensor(p))[0].numpy()

        return product

    def hessian(self, program: Program, x: Any) -> Call:
        hessian = self._lib.func.hessian(program.write(self._lib))
        return lambda: hessian(self._tensor(x)).numpy()


class Jax(Library):
    """JAX, compiled, in double precision."""

    title = "JAX jit"
    module = "jax"

    def __init__(self) -> None:
        self._lib = importlib.import_module("jax")
        self._numpy = importlib.import_module("jax.numpy")
        self._lib.config.update("jax_enable_x64", True)
        # On one core a second thread only costs; without it, JAX is the faster.
        self._lib.config.update("jax_cpu_enable_async_dispatch", False)

    def value(self, program: Program, x: Any) -> Call:
        f = self._lib.jit(program.write(self._numpy))
        return lambda: float(f(x))

    def gradient(self, program: Program, x: Any) -> Call:
        compiled = self._lib.jit(self._lib.value_and_grad(program.write(self._numpy)))

        def both() -> Any:
            y, x_bar = compiled(x)
            return float(y), np.asarray(x_bar)

        return both

    def product(self, program: Program, x: Any, p: Any) -> Call:
        gradient = self._lib.grad(program.write(self._numpy))
        compiled = self._lib.jit(lambda x, p: self._lib.jvp(gradient, (x,), (p,))[1])
        return lambda: np.asarray(compiled(x, p))

    def hessian(self, program: Program, x: Any) -> Call:
        compiled = self._lib.jit(self._lib.hessian(program.write(self._numpy)))
        return lambda: np.asarray(compiled(x))


NAMES: dict[str, type[Library]] = {
    library.module: library for library in (Wengert, Autograd, Torch, Jax)
}


def installed(module: str) -> bool:
    """Tell whether a library is there, without loading it."""
    return importlib.util.find_spec(module) is not None


def load(module: str) -> Library:
    """Open a library by the name of its module."""
    return NAMES[module]()
