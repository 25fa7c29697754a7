"""The header: the prototype, and all that a caller has to know."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from wengert.engines.c.repeats import NO_MEMORY
from wengert.engines.c.signature import Parameter
from wengert.engines.loops.lowering import INDEX_ERROR
from wengert.engines.loops.program import Program
from wengert.graph import Graph, Guard

__all__ = ["write_header"]

_TEXT = """/*
 * {name}: written by wengert from a Python function. Compile {name}.c as C99, and link
 * with -lm; optimise it (-O3), but not with -ffast-math: nan and inf have a meaning.
 */
#ifndef {guard}
#define {guard}

#include <stdint.h>

#ifdef __cplusplus
extern "C" {{
#endif

/*
 * Bytes of memory that `work` must point to, aligned as for a double: malloc does it.
 * What stands there before a call does not matter. Calls at the same time, from several
 * threads, need memory of their own each.
 */
#define {upper}_WORK {work}

/*
 * Arrays are in C order (row-major). Outputs overlap neither each other, nor an input,
 * nor `work`.
 *
{parameters}
 *
 * Returns 0; or, with outputs that mean nothing:
 *
{codes}
 */
int {name}(
{prototype});

#ifdef __cplusplus
}}
#endif

#endif
"""


def write_header(
    name: str,
    graph: Graph,
    program: Program,
    inputs: Sequence[Parameter],
    outputs: Sequence[Parameter],
) -> str:
    """Write the text of the header."""
    upper = name.upper()
    width = max((len(p.name) for p in (*inputs, *outputs)), default=0)
    listed = [
        f" *   {p.name:{width}}  {way}: {_safe(str(p))}"
        for way, parameters in (("in ", inputs), ("out", outputs))
        for p in parameters
    ]
    codes = [f" *   {code:2}  {_safe(text)}" for code, text in _codes(graph)]
    given = [f"    const {p.word} *{p.name}" for p in inputs]
    given += [f"    {p.word} *{p.name}" for p in outputs]
    return _TEXT.format(
        guard=f"{upper}_H",
        upper=upper,
        name=name,
        work=program.scratch,
        parameters="\n".join(listed),
        codes="\n".join(codes),
        prototype=",\n".join([*given, "    void *work"]),
    )


def _codes(graph: Graph) -> list[tuple[int, str]]:
    return [
        (NO_MEMORY, "no memory for the states of a while loop"),
        (INDEX_ERROR, "an index is out of bounds"),
        *((2 + k, _question(guard)) for k, guard in enumerate(graph.guards)),
    ]


def _question(guard: Guard) -> str:
    source = guard.source
    place = f" at {PurePath(source.file).name}:{source.line}" if source else ""
    return f"Python would take another branch{place}: not {guard.told}"


def _safe(text: str) -> str:
    """Keep a comment from ending early, and from what compilers warn about."""
    return text.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")
