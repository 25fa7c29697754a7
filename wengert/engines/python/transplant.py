"""The source of a row's implementation, with all that it needs, for another module.

A row's `impl` is plain NumPy; where no expression stands for it, its function is copied
out of its module: without annotations, with the functions and numbers of the same
package that it uses, and with the imports of NumPy and SciPy.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wengert.engines.python.fragments import value
from wengert.engines.python.table import ufunc_name
from wengert.errors import EngineError
from wengert.graph.primitive import Primitive

__all__ = ["Transplants"]

_OWN = __name__.partition(".")[0]
_LIBRARIES = ("functools", "itertools", "math", "numpy", "operator", "scipy")


@dataclass
class Transplants:
    """Functions copied so far: their source by name, and the imports they need."""

    sources: dict[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    _names: dict[Any, str] = field(default_factory=dict)

    def take(self, name: str, impl: Callable[..., Any]) -> str:
        """Copy a function under a name, or one like it, and return the name.

        Raises
        ------
        EngineError
            If it is no plain function of Python, or uses what cannot be copied.
        """
        if impl in self._names:
            return self._names[impl]
        name = self._free(name.strip("_"))
        self._names[impl] = name
        definition = _definition(name, impl)
        definition.name = name
        renamed = {}
        for used in sorted(_loaded(definition)):
            renamed[used] = self._bring(used, _found(used, impl), name)
        copied = _Renamed(renamed).visit(definition)
        self.sources[name] = ast.unparse(ast.fix_missing_locations(copied))
        return name

    def _bring(self, used: str, found: Any, by: str) -> str:
        """Make what a function uses available; return what it is called here."""
        if found is None or hasattr(builtins, used):
            return used
        if isinstance(found, np.ufunc):
            return ufunc_name(found)
        if isinstance(found, types.ModuleType):
            return self._import_module(found)
        if isinstance(found, Primitive):
            return self.take(found.name, found.impl)
        if isinstance(found, types.FunctionType) and found.__module__.startswith(_OWN):
            return self.take(used, found)
        module = getattr(found, "__module__", None)
        if (
            callable(found)
            and module
            and module.partition(".")[0] in ("numpy", "scipy")
        ):
            self.imports.add(f"from {module} import {found.__name__}")
            return str(found.__name__)
        if isinstance(found, type):
            # Of our own exceptions, what is Python's in them.
            return next(c.__name__ for c in found.__mro__ if c.__module__ == "builtins")
        if callable(found) and module in ("math", "operator", "itertools", "functools"):
            self.imports.add(f"from {module} import {found.__name__}")
            return str(found.__name__)
        return self._constant(used, found, by)

    def _constant(self, used: str, found: Any, by: str) -> str:
        try:
            text = value(found).text
        except ValueError:
            raise EngineError(
                f"{by} cannot be written as Python: it uses {used}, of type "
                f"{type(found).__name__}, which no text stands for"
            ) from None
        key = (used, text)
        if key not in self._names:
            self._names[key] = self._free(used.strip("_"))
            self.sources[self._names[key]] = f"{self._names[key]} = {text}"
        return self._names[key]

    def _import_module(self, module: types.ModuleType) -> str:
        if module is np:
            return "np"
        parent, _, last = module.__name__.rpartition(".")
        self.imports.add(f"from {parent} import {last}" if parent else f"import {last}")
        return last

    def _free(self, name: str) -> str:
        free, number = name, 1
        while free in self.sources:
            number += 1
            free = f"{name}_{number}"
        return free


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """Rename a global."""
        return ast.copy_location(
            ast.Name(self.names.get(node.id, node.id), node.ctx), node
        )


def _definition(name: str, impl: Any) -> ast.FunctionDef:
    if not isinstance(impl, types.FunctionType) or impl.__name__ == "<lambda>":
        raise EngineError(f"{name} cannot be written as Python: its row has no source")
    tree = ast.parse(textwrap.dedent(inspect.getsource(impl)))
    definition = tree.body[0]
    if not isinstance(definition, ast.FunctionDef):
        raise EngineError(f"{name} cannot be written as Python: its row has no source")
    definition.decorator_list = []
    definition.returns = None
    arguments = definition.args
    for argument in (
        *arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
        *filter(None, (arguments.vararg, arguments.kwarg)),
    ):  # fmt: skip
        argument.annotation = None
    return definition


def _loaded(definition: ast.FunctionDef) -> set[str]:
    """List the names that a function reads and does not set itself."""
    nodes = [node for node in ast.walk(definition) if isinstance(node, ast.Name)]
    stored = {node.id for node in nodes if not isinstance(node.ctx, ast.Load)}
    arguments = {node.arg for node in ast.walk(definition) if isinstance(node, ast.arg)}
    return {node.id for node in nodes} - stored - arguments


def _found(name: str, impl: Callable[..., Any]) -> Any:
    nonlocals = inspect.getclosurevars(impl).nonlocals
    found = {**impl.__globals__, **nonlocals}.get(name)
    return inspect.unwrap(found) if callable(found) else found
