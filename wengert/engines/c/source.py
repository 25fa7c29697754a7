"""A Graph as C source: a header, the code, and a program that checks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from wengert.engines.c.arrays import define_array
from wengert.engines.c.emit import emit
from wengert.engines.c.example import write_main
from wengert.engines.c.header import write_header
from wengert.engines.c.names import check_name, distinct
from wengert.engines.c.refusals import check_lowered
from wengert.engines.c.signature import Parameter
from wengert.engines.loops import lower
from wengert.engines.numpy import NumpyEngine
from wengert.graph import Graph, Var

__all__ = ["Source", "source_of"]

_INCLUDES = """#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A function as C99.

    Attributes
    ----------
    name : str
        Of the function, and of the files.
    header : str
        `name.h`: the prototype, what each pointer is, the size of the scratch memory,
        and what the codes mean.
    code : str
        `name.c`: needs <math.h> and the other headers of the C library only.
    main : str
        `name_main.c`: a program that calls the function with the example arguments and
        compares with what NumPy gave. It prints "ok", or the first difference; its exit
        status is 0, or 1.
    """

    name: str
    header: str = field(repr=False)
    code: str = field(repr=False)
    main: str = field(repr=False)

    def write(self, folder: str | Path) -> list[Path]:
        """Write the three files into a folder, which is made if there is none.

        Returns
        -------
        list of Path
            Header, code and main.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        files = {".h": self.header, ".c": self.code, "_main.c": self.main}
        paths = []
        for ending, text in files.items():
            path = folder / f"{self.name}{ending}"
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        return paths


def source_of(
    graph: Graph,
    examples: Sequence[Any],
    *,
    name: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> Source:
    """Write a Graph as C.

    Parameters
    ----------
    graph : Graph
        Of which every equation has native code.
    examples : sequence of arrays
        An input each; what the program that checks the code is run with.
    name : str
        Of the C function.
    inputs, outputs : sequences of str
        What each is called in Python: `x['w'][0]`. Names for C are made of these.

    Raises
    ------
    ArgumentError
        If the name is none for C.
    EngineError
        If an equation has no native code.
    GuardError
        If the examples take another branch than the Graph.
    """
    check_name(name)
    check_lowered(graph, inputs)
    program = lower(graph)
    with np.errstate(all="ignore"):
        results = NumpyEngine().compile(graph)(*examples)
    # A Python number, which takes the dtype that is asked for, among them.
    values = map(_typed, examples, graph.inputs)
    parameters = list(
        map(
            Parameter,
            distinct([*inputs, *outputs], [name]),
            [*inputs, *outputs],
            [*values, *results],
            [*program.inputs, *program.outputs],
        )
    )
    given, found = parameters[: len(inputs)], parameters[len(inputs) :]
    names = {p.buffer: p.name for p in parameters}
    parts = [f'#include "{name}.h"\n\n{_INCLUDES}']
    for k, (buffer, capture) in enumerate(
        zip(program.captures, graph.captures, strict=True)
    ):
        names[buffer] = f"{name}_const{k}"
        parts.append(define_array(names[buffer], capture.value) + "\n")
    return Source(
        name,
        write_header(name, graph, program, given, found),
        "\n".join([*parts, emit(program, name, names)]),
        write_main(name, given, found),
    )


def _typed(value: Any, var: Var) -> Any:
    return np.asarray(value, var.type.dtype)
