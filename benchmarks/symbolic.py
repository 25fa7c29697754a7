"""CasADi: expressions are built once; functions of them read and write given buffers.

So a call costs no conversion, and its result is overwritten by the next.
"""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csc_array

from benchmarks.building import built, compiler, folder
from benchmarks.library import Call, Library, Unable
from benchmarks.programs import Program

__all__ = ["Casadi", "CasadiCompiled"]

# gcc's time grows faster than a function's length. A loop in C counts as so many
# statements; what is longer takes minutes.
LOOP, LONG = 20, 40_000

_numbers = itertools.count()


class Casadi(Library):
    """CasADi's virtual machine."""

    title = "CasADi"
    module = "casadi"

    def __init__(self) -> None:
        self._lib = importlib.import_module("casadi")

    def _function(self, x: Any, outputs: list[Any]) -> Any:
        return self._lib.Function(f"f{next(_numbers)}", [x], outputs)

    def _expression(self, program: Program, n: int) -> tuple[Any, Any]:
        if program.symbolic is None:
            raise Unable("not written")
        return program.symbolic(self._lib, n)

    def _call(self, function: Any, x: Any, shapes: list[tuple[int, ...]]) -> Call:
        """Bind buffers: for the input, and for the outputs, C order reversed."""
        outputs: list[Any] = [np.zeros(shape) for shape in shapes]
        buffer, run = function.buffer()
        buffer.set_arg(0, memoryview(x))
        for i, output in enumerate(outputs):
            buffer.set_res(i, memoryview(output))

        def call() -> Any:
            run()
            given = [y if y.ndim else float(y) for y in outputs]
            return given[0] if len(given) == 1 else tuple(given)

        call.buffer = buffer  # type: ignore[attr-defined]  # it must outlive the call
        return call

    def call(self, symbol: Any, y: Any, x: Any, shape: tuple[int, ...]) -> Call:
        """Compute an expression y of a symbol, at x."""
        return self._call(self._function(symbol, [y]), x, [shape])

    def value(self, program: Program, x: Any) -> Call:
        symbol, y = self._expression(program, np.size(x))
        return self._call(self._function(symbol, [y]), np.asarray(x), [()])

    def gradient(self, program: Program, x: Any) -> Call:
        symbol, y = self._expression(program, np.size(x))
        slope = self._lib.densify(self._lib.gradient(y, symbol))
        function = self._function(symbol, [y, slope])
        return self._call(function, np.asarray(x), [(), np.shape(x)])

    def product(self, program: Program, x: Any, p: Any) -> Call:
        symbol, y = self._expression(program, np.size(x))
        slope = self._lib.gradient(y, symbol)
        product = self._lib.densify(self._lib.jtimes(slope, symbol, self._lib.DM(p)))
        return self._call(self._function(symbol, [product]), x, [np.shape(x)])

    def hessian(self, program: Program, x: Any) -> Call:
        symbol, y = self._expression(program, np.size(x))
        hessian = self._lib.densify(self._lib.hessian(y, symbol)[0])
        function = self._function(symbol, [hessian])
        return self._call(function, x, [(np.size(x), np.size(x))])

    def blocks(self, program: Program, z: Any) -> Call:
        p, n = z.shape
        symbol, blocks = self._expression(program, p)
        m = blocks.shape[1] // p
        return self._call(self._function(symbol, [blocks]), z, [(p, m, n)])

    def sparse(self, of: str, write: Callable[[Any, Any], Any], x: Any) -> Call:
        """Compute the Jacobian, or the Hessian, as the sparse matrix that CasADi finds.

        Parameters
        ----------
        of : str
            "jacobian" or "hessian".
        write : callable
            Takes the symbol, a column, and CasADi.
        """
        symbol = self._lib.SX.sym("x", len(x))
        y = write(symbol, self._lib)
        if of == "hessian":
            derivative, _ = self._lib.hessian(y, symbol)
        else:
            derivative = self._lib.jacobian(y, symbol)
        pattern = derivative.sparsity()
        places = np.array(pattern.row()), np.array(pattern.colind())
        call = self._call(self._function(symbol, [derivative]), x, [(pattern.nnz(),)])
        return lambda: csc_array((call(), *places), shape=derivative.shape)


class CasadiCompiled(Casadi):
    """The C that CasADi writes, compiled as strictly as what is written by hand."""

    title = "CasADi C"

    @classmethod
    def installed(cls) -> bool:
        return super().installed() and compiler(".c") is not None

    def _function(self, x: Any, outputs: list[Any]) -> Any:
        function = super()._function(x, outputs)
        if _length(function) > LONG:
            raise Unable("too long for gcc")
        name = function.name()
        # It writes into the working folder, whatever path it is given.
        home = Path.cwd()
        os.chdir(folder().name)
        try:
            function.generate(f"{name}.c")
        finally:
            os.chdir(home)
        library = built(Path(folder().name) / f"{name}.c")
        return self._lib.external(name, str(library))


def _length(function: Any) -> int:
    """Say how much C a function comes to, with those that it calls, in statements."""
    seen: dict[str, int] = {}
    waiting = [function]
    while waiting:
        one = waiting.pop()
        if one.name() not in seen:
            seen[one.name()] = _own_length(one)
            waiting += [one.get_function(name) for name in one.get_function()]
    return sum(seen.values())


def _own_length(function: Any) -> int:
    if function.is_a("SXFunction"):
        return int(function.n_instructions())
    if function.is_a("MXFunction"):
        # Each is a loop, or a call.
        return LOOP * int(function.n_instructions())
    return 1
