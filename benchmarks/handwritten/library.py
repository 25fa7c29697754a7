"""C++ by hand: compiled on the fly, called with pointers that stand ready."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.building import compiler, shared
from benchmarks.library import Call, Library, Unable
from benchmarks.programs import Program

__all__ = ["Handwritten"]


class Handwritten(Library):
    """C++, where somebody has written it. The result is overwritten by the next."""

    title = "C++ by hand"
    module = "g++"

    @classmethod
    def installed(cls) -> bool:
        return compiler(".cpp") is not None

    def gradient(self, program: Program, x: Any) -> Call:
        run, slope = self._bound(program, x, np.shape(x))
        return lambda: (run(), slope)

    def blocks(self, program: Program, z: Any) -> Call:
        run, blocks = self._bound(program, z, (len(z), 2, z.shape[1]))

        def call() -> Any:
            run()
            return blocks

        return call

    def _bound(
        self, program: Program, x: Any, shape: tuple[int, ...]
    ) -> tuple[Call, Any]:
        """Bind the function to its arrays: what runs it, and what it writes to."""
        native = program.native
        if native is None:
            raise Unable("not written")
        function = shared(Path(__file__).parent / native.source).gradient
        function.restype = ctypes.c_double
        written = np.empty(shape)
        sizes = np.array(native.sizes or (x.size,), ctypes.c_long)
        pointers = [a.ctypes.data for a in native.data]
        arguments = (
            ctypes.c_void_p(x.ctypes.data),
            ctypes.c_void_p(written.ctypes.data),
            (ctypes.c_void_p * len(pointers))(*pointers),
            ctypes.c_void_p(sizes.ctypes.data),
        )

        # What the pointers point to must live as long as the call.
        def run(_: Any = (x, sizes, native)) -> Any:
            return function(*arguments)

        return run, written
