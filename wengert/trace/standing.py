"""Second runs: where NumPy or Python would turn a traced value into a plain number.

NumPy's protocols do not see `y = np.zeros(3); y[0] = x[0]`, `np.array([x[0], 1.0])`,
`math.exp(x[0])` or `float(x[0])`. A run that meets one of these stops with a
TracerLeakError; then f runs once more while, in the namespaces of the user's own
modules, `np`, `math`, `float` and whatever was imported from them are replaced by what
`wengert.numpy` has instead. These stand-ins do as the originals do wherever nothing is
traced: in other threads, and in code that belongs to a derivative no more than by its
module. Afterwards the namespaces are as they were.

Which namespaces: that of f, those of the functions, classes and modules that it can
reach by name, and those that the error has passed through; never those of NumPy, SciPy,
the standard library and wengert itself. A function that leaked once is run with
stand-ins from the start the next time.

Writing to the namespaces rather than to copies of them lets methods, helpers in other
modules and functions that count their calls in a global see what f sees.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import importlib
import os
import sys
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

from wengert.errors import is_ours

__all__ = ["Known", "extended", "known", "remember", "remembered", "standing_in"]

_APART = frozenset({"numpy", "scipy", "wengert"}) | sys.stdlib_module_names
_LIBRARY = ("site-packages", "dist-packages")
# Its functions (functools.cache, say) stand around those of many users.
_STDLIB = os.path.dirname(functools.__file__) + os.sep
_LOCK = threading.RLock()

Namespace = dict[str, Any] | types.CellType


class Known(threading.local):
    """What this thread knows: whether stand-ins are in place for its run."""

    active = False


known = Known()

# Codes of functions that have leaked, and the namespaces that their second run took.
_LEAKY: dict[types.CodeType, list[Namespace]] = {}


def remembered(f: Callable[..., Any]) -> list[Namespace] | None:
    """Give the namespaces to stand in for where f, or what it calls, leaked before."""
    if _LEAKY:
        for function in _functions_within(f):
            found = _LEAKY.get(function.__code__)
            if found is not None:
                return _with_those_of(f, found)
    return None


def _with_those_of(f: Callable[..., Any], known: list[Namespace]) -> list[Namespace]:
    """Add the namespaces of f, whose code may have run elsewhere: a closure has cells
    of its own at each call of the function that makes it."""
    ids = {id(namespace) for namespace in known}
    for function in _functions_within(f):
        own = (function.__globals__, *(function.__closure__ or ()))
        if any(id(namespace) not in ids for namespace in own):
            return [
                *namespaces_of(f),
                *(n for n in known if not isinstance(n, types.CellType)),
            ]
    return known


def remember(f: Callable[..., Any], namespaces: list[Namespace]) -> None:
    """Note that the user's functions within f need stand-ins."""
    for function in _functions_within(f):
        _LEAKY[function.__code__] = namespaces


def extended(
    f: Callable[..., Any], namespaces: list[Namespace] | None, error: BaseException
) -> list[Namespace] | None:
    """Give the namespaces of a run after one that leaked: with those that the error has
    passed through; None where these had stand-ins already."""
    known = namespaces_of(f) if namespaces is None else namespaces
    ids = {id(namespace) for namespace in known}
    found = [n for n in _passed_through(error) if id(n) not in ids]
    return None if namespaces is not None and not found else [*known, *found]


# ----- where to stand in -----


def namespaces_of(f: Callable[..., Any]) -> list[Namespace]:
    """List the namespaces that f can reach by name, and the cells of its closures."""
    found: dict[int, Namespace] = {}
    for function in _functions_within(f):
        _visit(function, found)
    return list(found.values())


def _passed_through(error: BaseException) -> list[Namespace]:
    """List the namespaces of the user's frames that an error has passed through."""
    found: dict[int, Namespace] = {}
    traceback = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if not is_ours(frame.f_code.co_filename) and not _is_apart(frame.f_globals):
            _visit_namespace(frame.f_globals, found)
        traceback = traceback.tb_next
    return list(found.values())


def _functions_within(f: Any) -> Iterator[types.FunctionType]:
    """Yield the user's functions that f, a closure of an operator, will call."""
    pending, seen = [f], set()
    while pending:
        x = pending.pop()
        if id(x) in seen:
            continue
        seen.add(id(x))
        if isinstance(x, types.FunctionType):
            if is_ours(x.__code__.co_filename):
                pending += _contents(x)
            elif not _is_pythons(x.__code__.co_filename):
                yield x
        elif isinstance(x, functools.partial):
            pending.append(x.func)
        elif isinstance(x, types.MethodType):
            pending.append(x.__func__)
            code = getattr(x.__func__, "__code__", None)
            if code is not None and is_ours(code.co_filename):
                pending += getattr(x.__self__, "__dict__", {}).values()
        elif hasattr(type(x), "__wengert_bind__"):
            continue  # before attributes are asked for
        elif hasattr(x, "_f"):  # an operator's record of its arguments
            pending.append(x._f)
        elif callable(x) and not isinstance(x, type):
            pending.append(type(x).__call__)  # an object with a method __call__
            pending += vars(x).values() if hasattr(x, "__dict__") else ()


def _is_pythons(file: str) -> bool:
    return file.startswith(_STDLIB) and not any(name in file for name in _LIBRARY)


def _contents(function: types.FunctionType) -> list[Any]:
    contents = []
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # an empty cell
            contents.append(cell.cell_contents)
    return contents


def _visit(value: Any, found: dict[int, Namespace]) -> None:
    if isinstance(value, types.FunctionType):
        for cell in value.__closure__ or ():
            if id(cell) not in found:
                found[id(cell)] = cell
                with contextlib.suppress(ValueError):
                    _visit(cell.cell_contents, found)
        _visit_namespace(value.__globals__, found)
    elif isinstance(value, functools.partial):
        _visit(value.func, found)
    elif isinstance(value, types.MethodType):
        _visit(value.__func__, found)
    elif isinstance(value, types.ModuleType):
        file = getattr(value, "__file__", None) or ""
        if not any(part in file for part in _LIBRARY):
            _visit_namespace(vars(value), found)
    else:
        kind = value if isinstance(value, type) else type(value)
        module = sys.modules.get(kind.__module__)
        if isinstance(module, types.ModuleType):
            _visit(module, found)


def _visit_namespace(namespace: dict[str, Any], found: dict[int, Namespace]) -> None:
    pending = [namespace]
    while pending:
        namespace = pending.pop()
        if id(namespace) in found or _is_apart(namespace):
            continue
        found[id(namespace)] = namespace
        inner: dict[int, Namespace] = dict(found)
        for value in list(namespace.values()):
            if isinstance(value, types.ModuleType | types.FunctionType | type):
                _visit(value, inner)
        found.update(inner)


def _is_apart(namespace: dict[str, Any]) -> bool:
    name = namespace.get("__name__")  # None for code that exec runs in a bare dict
    return (
        isinstance(name, str)
        and name != "__main__"
        and name.partition(".")[0] in _APART
    )


# ----- standing in -----

# What is replaced at the moment: by the id of a namespace, how many runs ask for it,
# the namespace, and its originals.
_replaced: dict[int, tuple[int, Namespace, dict[str, Any]]] = {}
_ABSENT = object()


@contextlib.contextmanager
def standing_in(namespaces: list[Namespace]) -> Iterator[None]:
    """Put the stand-ins in place, and take them away again."""
    before, placed = known.active, []
    with _LOCK:
        _enter()
    try:
        with _LOCK:
            for namespace in namespaces:
                _replace(namespace)
                placed.append(namespace)
        known.active = True
        yield
    finally:
        known.active = before
        with _LOCK:
            for namespace in placed:
                _restore(namespace)
            _leave()


# How many runs have stand-ins, and what was replaced beside namespaces: (owner, name,
# original, what stands in for it).
_runs = 0
_methods: list[tuple[Any, str, Any, Any]] = []


def _enter() -> None:
    """Replace what has no namespace of the user's: imports, and methods of objects that
    the user has made before. They do as the originals do unless something is traced."""
    global _runs
    _runs += 1
    if _runs > 1:
        return
    for owner, name, make in (
        (builtins, "__import__", _importer),
        *_standins().methods(),
    ):
        original = getattr(owner, name)
        stand_in = make(original)
        _methods.append((owner, name, original, stand_in))
        setattr(owner, name, stand_in)


def _leave() -> None:
    global _runs
    _runs -= 1
    while _runs == 0 and _methods:
        owner, name, original, stand_in = _methods.pop()
        if getattr(owner, name) is stand_in:  # and nobody has replaced it since
            setattr(owner, name, original)


def _importer(original: Callable[..., Any]) -> Callable[..., Any]:
    def importing(name: str, globals: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Be `import`, which in a function with stand-ins gives these."""
        module = original(name, globals, *args, **kwargs)
        if globals is not None and id(globals) in _replaced:
            return _table().get(id(module), (None, module))[1]
        return module

    return importing


def _table() -> dict[int, tuple[Any, Any]]:
    return _standins().table()  # type: ignore[no-any-return]


def _standins() -> Any:
    return importlib.import_module("wengert.numpy.standins")


def _replace(namespace: Namespace) -> None:
    count, _, originals = _replaced.get(id(namespace), (0, None, {}))
    if count == 0:
        table = _table()
        if isinstance(namespace, types.CellType):
            with contextlib.suppress(ValueError):
                value = namespace.cell_contents
                original, stand_in = table.get(id(value), (None, None))
                if original is value and value is not None:
                    originals[""] = value
                    namespace.cell_contents = stand_in
        else:
            for name, value in list(namespace.items()):
                original, stand_in = table.get(id(value), (None, None))
                if original is value and value is not None:
                    originals[name] = value
                    namespace[name] = stand_in
            for name, stand_in in _builtins().items():
                if name not in namespace:
                    originals[name] = _ABSENT
                    namespace[name] = stand_in
    _replaced[id(namespace)] = count + 1, namespace, originals


def _restore(namespace: Namespace) -> None:
    count, _, originals = _replaced[id(namespace)]
    if count > 1:
        _replaced[id(namespace)] = count - 1, namespace, originals
        return
    del _replaced[id(namespace)]
    for name, value in originals.items():
        if isinstance(namespace, types.CellType):
            namespace.cell_contents = value
        elif value is _ABSENT:
            namespace.pop(name, None)
        else:
            namespace[name] = value


def _builtins() -> dict[str, Any]:
    return _standins().BUILTINS  # type: ignore[no-any-return]
