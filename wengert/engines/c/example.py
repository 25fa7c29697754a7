"""The program that checks the code: example arguments, and what NumPy gave for them."""

from __future__ import annotations

from collections.abc import Sequence

from wengert.engines.c.arrays import define_array
from wengert.engines.c.signature import Parameter
from wengert.engines.c.text import MEMORY
from wengert.engines.loops.expressions import FLOATS

__all__ = ["write_main"]

# Differences that are allowed, relative to the largest finite element of an array.
_TOLERANCES = {"f64": "1e-9", "f32": "1e-4"}

_HEAD = """/* Calls {name} with example arguments, and compares with what NumPy gave. */

#include "{name}.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
"""

_FLOATS = """static int {word}_differs(const char *name, int64_t n,
    const {word} *got, const {word} *want)
{{
    {word} largest = 0;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(want[i]) && fabs(want[i]) > largest) largest = fabs(want[i]);
    for (int64_t i = 0; i < n; i++) {{
        const {word} x = got[i], y = want[i];
        if (x == y || (isnan(x) && isnan(y))) continue;
        if (isfinite(y) && fabs(x - y) <= {tolerance} * largest) continue;
        printf("%s[%lld] is %.17g, not %.17g\\n", name, (long long)i, x, y);
        return 1;
    }}
    return 0;
}}
"""

_INTEGERS = """static int {word}_differs(const char *name, int64_t n,
    const {word} *got, const {word} *want)
{{
    for (int64_t i = 0; i < n; i++) {{
        if (got[i] == want[i]) continue;
        printf("%s[%lld] is %lld, not %lld\\n", name, (long long)i,
            (long long)got[i], (long long)want[i]);
        return 1;
    }}
    return 0;
}}
"""

_MAIN = """int main(void)
{{
    void *const work = malloc({upper}_WORK + 1);
    if (!work) {{
        printf("no memory\\n");
        return 1;
    }}
    const int code = {name}({arguments});
    free(work);
    if (code) {{
        printf("{name} returned %d\\n", code);
        return 1;
    }}
{checks}
    printf("ok\\n");
    return 0;
}}
"""


def write_main(
    name: str, inputs: Sequence[Parameter], outputs: Sequence[Parameter]
) -> str:
    """Write the text of the program."""
    parts = [_HEAD.format(name=name)]
    parts += [define_array(f"given_{p.name}", p.value) + "\n" for p in inputs]
    for p in outputs:
        parts.append(define_array(f"wanted_{p.name}", p.value))
        parts.append(f"static {p.word} found_{p.name}[{max(1, p.buffer.size)}];\n")
    for type in dict.fromkeys(p.buffer.type for p in outputs):
        text = _FLOATS if type in FLOATS else _INTEGERS
        tolerance = _TOLERANCES.get(type)
        parts.append(text.format(word=MEMORY[type], tolerance=tolerance))
    given = [
        *(f"given_{p.name}" for p in inputs),
        *(f"found_{p.name}" for p in outputs),
    ]
    checks = "\n".join(f"    if ({_check(p)}) return 1;" for p in outputs)
    return (
        "\n".join(parts)
        + "\n"
        + _MAIN.format(
            name=name,
            upper=name.upper(),
            arguments=", ".join([*given, "work"]),
            checks=checks,
        )
    )


def _check(p: Parameter) -> str:
    arrays = f"found_{p.name}, wanted_{p.name}"
    return f'{p.word}_differs("{p.name}", {p.buffer.size}, {arrays})'
