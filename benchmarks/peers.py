"""The libraries, each asked the same questions in its own words.

Every answer is a call without arguments, ready to be timed: from NumPy arrays to NumPy
arrays and floats, so that whatever a library needs to come from there and get back is
part of its time. JAX compiles on the first call, which is not timed; turning its result
into a NumPy array waits until it is computed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.handwritten.library import Handwritten
from benchmarks.library import Call, Library, Unable
from benchmarks.programs import Program
from benchmarks.symbolic import Casadi, CasadiCompiled

__all__ = ["NAMES", "load"]


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

    def gradients(self, program: Program, xs: Any) -> Call:
        gradients = self._lib.vmap(self._lib.grad(program.write(np)))
        return lambda: gradients(xs)

    def series(self, program: Program, x: Any, order: int) -> Call:
        f = program.write(np)
        return lambda: self._series(f, x, order)

    def _series(self, f: Callable[..., Any], x: Any, order: int) -> Any:
        direction = np.ones_like(x)
        return np.stack(self._lib.taylor(f, x, direction, order, kind="derivatives"))

    def blocks(self, program: Program, z: Any) -> Call:
        jacobian = self._blocks(program)
        return lambda: jacobian(z)

    def _blocks(self, program: Program) -> Callable[[Any], Any]:
        r, vjp = program.write(np), self._lib.vjp

        def jacobian(z: Any) -> Any:
            y, pullback = vjp(r, z)
            rows = [pullback(seed)[0] for seed in _seeds(y.shape)]
            return np.stack(rows, axis=1)

        return jacobian

    def training(
        self, program: Program, weights: list[Any], rate: float
    ) -> tuple[Call, Call]:
        return _steps(self._step(program, rate), weights, np.asarray)

    def _step(self, program: Program, rate: float) -> Callable[[Any], Any]:
        return _descent(self._lib.value_and_grad(program.write(np)), rate)


class WengertCompiled(Wengert):
    """wengert's `jit`, from the first call on: f is plain NumPy."""

    title = "wengert jit"

    @classmethod
    def installed(cls) -> bool:
        return hasattr(importlib.import_module("wengert"), "jit")

    def _compiled(self, f: Callable[..., Any], *args: Any) -> Call:
        compiled = self._lib.jit(f)
        # Otherwise the first call, which is checked, runs eagerly.
        compiled.compile(*args)
        return lambda: compiled(*args)

    def value(self, program: Program, x: Any) -> Call:
        return self._compiled(program.write(np), x)

    def gradient(self, program: Program, x: Any) -> Call:
        return self._compiled(self._lib.value_and_grad(program.write(np)), x)

    def product(self, program: Program, x: Any, p: Any) -> Call:
        return self._compiled(self._lib.hvp(program.write(np)), x, p)

    def hessian(self, program: Program, x: Any) -> Call:
        return self._compiled(self._lib.hessian(program.write(np)), x)

    def gradients(self, program: Program, xs: Any) -> Call:
        lib = self._lib
        return self._compiled(lib.vmap(lib.grad(program.write(np))), xs)

    def series(self, program: Program, x: Any, order: int) -> Call:
        f = program.write(np)
        return self._compiled(lambda x: self._series(f, x, order), x)

    def blocks(self, program: Program, z: Any) -> Call:
        return self._compiled(self._blocks(program), z)

    def entries(self, program: Program, scene: Any) -> Call:
        entries = _entries(np, self._blocks(program), scene)
        return self._compiled(entries, scene.cameras, scene.points, scene.weights)

    def training(
        self, program: Program, weights: list[Any], rate: float
    ) -> tuple[Call, Call]:
        step = self._lib.jit(self._step(program, rate))
        step.compile(weights)
        return _steps(step, weights, np.asarray)


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

    def blocks(self, program: Program, z: Any) -> Call:
        r, make_vjp = program.write(self._numpy), self._lib.make_vjp

        def jacobian() -> Any:
            pullback, y = make_vjp(r)(z)
            return np.stack([pullback(seed) for seed in _seeds(y.shape)], axis=1)

        return jacobian

    def training(
        self, program: Program, weights: list[Any], rate: float
    ) -> tuple[Call, Call]:
        both = self._lib.value_and_grad(program.write(self._numpy))
        return _steps(_descent(both, rate), weights, np.asarray)


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

    def _written(self, program: Program) -> Callable[..., Any]:
        return program.write(self._lib)

    def value(self, program: Program, x: Any) -> Call:
        f = self._written(program)
        return lambda: f(self._tensor(x)).item()

    def gradient(self, program: Program, x: Any) -> Call:
        f, pull = self._written(program), self._lib.autograd.grad

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

    def gradients(self, program: Program, xs: Any) -> Call:
        func = self._lib.func
        gradients = func.vmap(func.grad(program.write(self._lib)))
        return lambda: gradients(self._tensor(xs)).numpy()

    def blocks(self, program: Program, z: Any) -> Call:
        r, pull = self._written(program), self._lib.autograd.grad

        def jacobian() -> Any:
            z_in = self._tensor(z).requires_grad_()
            y = r(z_in)
            seeds = [self._tensor(seed) for seed in _seeds(tuple(y.shape))]
            rows = [pull(y, z_in, seed, retain_graph=True)[0] for seed in seeds]
            return self._lib.stack(rows, 1).numpy()

        return jacobian

    def training(
        self, program: Program, weights: list[Any], rate: float
    ) -> tuple[Call, Call]:
        f, torch = self._written(program), self._lib
        kept = [self._tensor(w.copy()).requires_grad_() for w in weights]
        optimizer = torch.optim.SGD(kept, lr=rate)

        def step() -> float:
            optimizer.zero_grad()
            loss = f(kept)
            loss.backward()
            optimizer.step()
            return float(loss.item())

        return step, lambda: [w.detach().numpy() for w in kept]


class TorchCompiled(Torch):
    """PyTorch with `torch.compile`, which takes half a minute for each program."""

    title = "torch.compile"
    slow_to_compile = True
    compiles_when_called = True

    def _written(self, program: Program) -> Callable[..., Any]:
        compiled: Callable[..., Any] = self._lib.compile(program.write(self._lib))
        return compiled

    product, hessian = Library.product, Library.hessian
    gradients = Library.gradients


class Jax(Library):
    """JAX, compiled, in double precision."""

    title = "JAX jit"
    module = "jax"
    compiles_when_called = True

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

    def own_arrays(self, program: Program, x: Any) -> Call:
        compiled = self._lib.jit(self._lib.value_and_grad(program.write(self._numpy)))
        x = self._numpy.asarray(x)
        return lambda: self._lib.block_until_ready(compiled(x))

    def product(self, program: Program, x: Any, p: Any) -> Call:
        gradient = self._lib.grad(program.write(self._numpy))
        compiled = self._lib.jit(lambda x, p: self._lib.jvp(gradient, (x,), (p,))[1])
        return lambda: np.asarray(compiled(x, p))

    def hessian(self, program: Program, x: Any) -> Call:
        compiled = self._lib.jit(self._lib.hessian(program.write(self._numpy)))
        return lambda: np.asarray(compiled(x))

    def gradients(self, program: Program, xs: Any) -> Call:
        lib = self._lib
        compiled = lib.jit(lib.vmap(lib.grad(program.write(self._numpy))))
        return lambda: np.asarray(compiled(xs))

    def series(self, program: Program, x: Any, order: int) -> Call:
        f = program.write(self._numpy)
        jet = importlib.import_module("jax.experimental.jet").jet
        one, nothing = np.ones_like(x), np.zeros_like(x)

        def derivatives(x: Any) -> Any:
            y, slopes = jet(f, (x,), ((one, *[nothing] * (order - 1)),))
            return self._numpy.stack([y, *slopes])

        compiled = self._lib.jit(derivatives)
        return lambda: np.asarray(compiled(x))

    def entries(self, program: Program, scene: Any) -> Call:
        if program.rowwise is None:
            raise Unable("not written")
        row, constants = program.rowwise(self._numpy)
        # Faster than two pullbacks of all rows at once.
        jacobian = self._lib.vmap(self._lib.jacrev(row))
        entries = _entries(self._numpy, lambda z: jacobian(z, *constants), scene)
        compiled = self._lib.jit(entries)
        xs = scene.cameras, scene.points, scene.weights
        return lambda: np.asarray(compiled(*xs))

    def training(
        self, program: Program, weights: list[Any], rate: float
    ) -> tuple[Call, Call]:
        both = self._lib.value_and_grad(program.write(self._numpy))
        # The weights' memory is given to the new ones.
        step = self._lib.jit(_descent(both, rate), donate_argnums=0)
        return _steps(step, weights, self._numpy.array)


def _entries(xp: Any, blocks: Callable[[Any], Any], scene: Any) -> Callable[..., Any]:
    """Make the function from cameras, points and weights to the entries, all of which
    a library compiles that can."""

    def entries(cameras: Any, points: Any, weights: Any) -> Any:
        parts = cameras[scene.camera_of], points[scene.point_of], weights[:, None]
        found = blocks(xp.concatenate(parts, axis=1))
        return xp.concatenate((found.ravel(), -2.0 * weights))

    return entries


def _seeds(shape: tuple[int, int]) -> list[Any]:
    """Give a cotangent for each column."""
    return [np.ascontiguousarray(np.broadcast_to(e, shape)) for e in np.eye(shape[1])]


def _descent(both: Callable[[Any], Any], rate: float) -> Callable[[Any], Any]:
    """Make the step of steepest descent: weights → loss, weights."""

    def step(weights: list[Any]) -> Any:
        loss, slopes = both(weights)
        return loss, [w - rate * s for w, s in zip(weights, slopes, strict=True)]

    return step


def _steps(
    step: Callable[[Any], Any], weights: list[Any], own: Callable[[Any], Any]
) -> tuple[Call, Call]:
    """Keep weights from step to step, in the library's own arrays."""
    kept = [own(w) for w in weights]

    def call() -> float:
        nonlocal kept
        loss, kept = step(kept)
        return float(loss)

    return call, lambda: [np.asarray(w) for w in kept]


NAMES: dict[str, type[Library]] = {
    "wengert": Wengert,
    "wengert jit": WengertCompiled,
    "autograd": Autograd,
    "torch": Torch,
    "torch.compile": TorchCompiled,
    "jax": Jax,
    "casadi": Casadi,
    "casadi C": CasadiCompiled,
    "C++": Handwritten,
}


def load(name: str) -> Library:
    """Open a library by its name."""
    return NAMES[name]()
