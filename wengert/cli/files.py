"""Run a Python file that the user names, and take a function from it.

This is code execution, by the user's explicit choice of `path.py:name`; a formula never
comes here.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from wengert.cli.options import InputError

__all__ = ["find_function", "functions_in", "listed", "running"]


@contextlib.contextmanager
def running(path: str) -> Iterator[ModuleType]:
    """Run a file as a module, with its folder on the path.

    What the file and its functions print goes to standard error, so that it does not
    mix with the result. The path and the table of modules are put back at the end.

    Parameters
    ----------
    path : str

    Raises
    ------
    InputError
        If there is no such file, or it is no Python. What the file itself raises is
        passed on.
    """
    file = Path(path)
    try:
        source = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = f"{error.filename}:{error.lineno}" if error.lineno else path
        raise InputError(f"{line}: {type(error).__name__}: {error.msg}") from None
    except ValueError as error:  # null bytes
        raise InputError(f"{path} is no Python file: {error}") from None
    name = file.stem
    if name in sys.modules or name in sys.stdlib_module_names or name == "__main__":
        name = f"_{name}_of_the_command_line"
    spec = importlib.util.spec_from_file_location(name, file.absolute())
    if spec is None:
        raise InputError(f"{path} is no Python file: its name must end with .py")
    module = importlib.util.module_from_spec(spec)
    folder = str(file.absolute().parent)
    sys.path.insert(0, folder)
    sys.modules[name] = module
    try:
        with contextlib.redirect_stdout(sys.stderr):
            exec(code, module.__dict__)
            yield module
    finally:
        sys.modules.pop(name, None)
        with contextlib.suppress(ValueError):  # the file changed the path itself
            sys.path.remove(folder)


def find_function(module: ModuleType, path: str, name: str) -> Callable[..., Any]:
    """Find a function by its name, dotted for a method of a class or an instance.

    Raises
    ------
    InputError
        If there is none.
    """
    found: Any = module
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            close = difflib.get_close_matches(name, functions_in(path), n=1)
            hint = f"; did you mean {close[0]}?" if close else listed(path)
            raise InputError(f"{path} has no {name!r}{hint}") from None
    if not callable(found):
        kind = type(found).__name__
        raise InputError(f"{name} in {path} is no function but a value of type {kind}")
    return found  # type: ignore[no-any-return]


def functions_in(path: str) -> list[str]:
    """List the functions that a file defines at its top level, without running it."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [name for name in names if not name.startswith("_")]


def listed(path: str) -> str:
    """List the functions of a file for a message."""
    there = functions_in(path)
    more = ["…"][: len(there) > _LISTED]
    names = ", ".join([*there[:_LISTED], *more])
    return f" (functions there: {names})" if there else ""


_LISTED = 8
