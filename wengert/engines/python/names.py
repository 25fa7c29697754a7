"""Names for what a module holds: the user's own where they are known."""

from __future__ import annotations

import ast
import builtins
import keyword
import linecache
import re

from wengert.errors import Source
from wengert.graph import Graph, Var

__all__ = ["Names", "target_names"]

_TAKEN = frozenset({"np", "special", "linalg", "Path", *dir(builtins)})


class Names:
    """Names given so far, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set(_TAKEN)
        self._numbers: dict[str, int] = {}

    def fresh(self, wanted: str) -> str:
        """Give the name, or one with a number where it is taken.

        Examples
        --------
        >>> names = Names()
        >>> names.fresh("h"), names.fresh("h"), names.fresh("lambda"), names.fresh("v")
        ('h', 'h_2', 'lambda_', 'v1')
        """
        name = re.sub(r"\W", "_", wanted) or "v"
        if keyword.iskeyword(name) or name in _TAKEN:
            name += "_"
        if name == "v":
            return self._numbered("v", "", 1)
        if name not in self._taken:
            self._taken.add(name)
            return name
        return self._numbered(name, "_", 2)

    def _numbered(self, name: str, between: str, first: int) -> str:
        number = self._numbers.get(name, first)
        while f"{name}{between}{number}" in self._taken:
            number += 1
        self._numbers[name] = number + 1
        self._taken.add(f"{name}{between}{number}")
        return f"{name}{between}{number}"


def target_names(graph: Graph, outside: Source | None) -> dict[Var, str]:
    """Find what the user's own lines call the values: `h` of `h = np.tanh(x)`.

    The last equation of the first run over such a line gives what the line binds;
    later runs belong to derivatives, or to another step of a loop.
    """
    found: dict[Var, str] = {}
    # A derivative's own operations stand at the line that asks for it.
    done = {outside}
    for k, equation in enumerate(graph.equations):
        source = equation.source
        after = graph.equations[k + 1] if k + 1 < len(graph.equations) else None
        if source is None or source in done or (after and after.source == source):
            continue
        done.add(source)
        name = _target(source)
        if name and len(equation.outputs) == 1:
            found[equation.outputs[0]] = name
    return found


def _target(source: Source) -> str | None:
    """Name what a line of source binds, if it binds one name."""
    try:
        (statement,) = ast.parse(
            linecache.getline(source.file, source.line).strip()
        ).body
    except (SyntaxError, ValueError):
        return None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        return target.id if isinstance(target, ast.Name) else None
    return None
