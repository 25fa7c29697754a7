"""Compile a function, Python's own branches and loops included: `jit`.

Law: `jit(f)(*args) == f(*args)`, for functions of their arguments and of the arrays
that they capture.

The first call with arguments of a kind is a plain run. The second records what f
computes as a Graph, with a guard for each question that Python asked (`if x > 0`), and
compiles it. Later calls run the compiled Graph; where a guard does not hold, another
recorded path, or f itself, which records the path that it takes then.

What f does besides computing is not recorded: where a plain run of it changes an
argument or an array outside, or draws random numbers, it stays plain, with a warning.
"""

from __future__ import annotations

import functools
import sys
import types
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from wengert.engines import Engine, Legible, engine_names, open_engine
from wengert.errors import EngineError, PathWarning
from wengert.graph.equations import Graph
from wengert.operators.arguments import check_callable, name_of
from wengert.operators.compilation.calls import Call, Statics
from wengert.operators.compilation.dispatching import Dispatcher
from wengert.operators.compilation.report import Report, report_path

__all__ = ["Jit", "jit"]


def jit(
    f: Callable[..., Any] | None = None,
    *,
    static_argnums: int | Iterable[int] = (),
    static_argnames: str | Iterable[str] = (),
    engine: str | None = None,
) -> Any:
    """Compile a function; known by this name in JAX.

    Parameters
    ----------
    f : callable
        Takes and returns pytrees. Arrays, NumPy scalars, Python floats and complex
        numbers are traced; ints, bools, strings, None and other objects are static: for
        each of their values there is another Graph. Objects without an equality of
        their own, such as the `self` of a method, are told apart by identity.
    static_argnums, static_argnames
        Arguments of which floats are static too.
    engine : str, optional
        One of `engine_names()`; "llvm" if it is installed, otherwise "numpy". Opened
        when the first path is compiled.

    Returns
    -------
    Jit
        Called as f. `.compile(*args)` compiles at once; `.graph(*args)`,
        `.llvm(*args)` and `.report(*args)` look inside. Without f, a decorator.

    Raises
    ------
    ArgumentError
        If f is not callable, or a static argument cannot be hashed.
    EngineError
        If there is no such engine.

    Warns
    -----
    PathWarning
        Once for calls of a kind that run as plain Python, with the reason.

    Notes
    -----
    Captured arrays are read at each call. Names that are bound to other objects, and
    numbers and strings there, are what they were when f was traced, as in JAX. What f
    prints, and names that it binds outside, happens in plain runs only; a function that
    prints traced values stays plain. Results are new arrays, also where f returns one
    of its arguments. Compiled functions give no floating-point warnings, and Python
    floats are computed with as np.float64: 1 / x at 0.0 is inf.

    f runs twice where a path is recorded, and a third time where the runs round
    differently. Cost of a call: see docs/jit.md.

    Examples
    --------
    >>> import numpy as np
    >>> @jit
    ... def f(x):
    ...     return x if x > 0 else -x
    >>> [f(x) for x in (1.0, 2.0, -3.0, -4.0)]
    [1.0, 2.0, 3.0, 4.0]
    >>> from wengert import grad
    >>> df = jit(grad(lambda x: np.sin(x).sum()))
    >>> df(np.zeros(2)), df(np.zeros(2))
    (array([1., 1.]), array([1., 1.]))
    """
    if f is None:
        return functools.partial(
            jit,
            static_argnums=static_argnums,
            static_argnames=static_argnames,
            engine=engine,
        )
    check_callable("jit", f)
    return Jit(f, static_argnums, static_argnames, engine)


class Jit(functools.partial[Any]):
    """A jitted function: what `jit` returns.

    It is a `functools.partial`, because of what Python code can make, and change, that
    alone is called at the speed of a builtin. What it calls is the native code of the
    path that fitted last, or else its Dispatcher.
    """

    __name__: str
    __qualname__: str
    __wrapped__: Callable[..., Any]
    _dispatcher: Dispatcher
    _options: tuple[Any, ...]

    def __new__(
        cls,
        f: Callable[..., Any],
        static_argnums: int | Iterable[int] = (),
        static_argnames: str | Iterable[str] = (),
        engine: str | None = None,
    ) -> Jit:
        """Make a jitted function; see `jit`."""
        self: Jit = super().__new__(cls, _nothing)
        functools.update_wrapper(self, f, updated=())
        self.__name__ = name_of(f)
        if engine is not None and engine not in engine_names():
            open_engine(engine)  # says which there are
        self._options = static_argnums, static_argnames, engine
        statics = Statics(f, static_argnums, static_argnames)
        opener = functools.partial(_open, engine)
        self._dispatcher = Dispatcher(f, statics, opener, self._aim, Jit)
        return self

    def _aim(self, target: Callable[..., Any]) -> None:
        """Let calls go to target."""
        state: Any = super()
        state.__setstate__((target, (), {}, self.__dict__))

    # ----- looking inside -----

    def compile(self, /, *args: Any, **kwargs: Any) -> Jit:
        """Record and compile for arguments like these, unless that is done.

        Returns
        -------
        Jit
            Itself.

        Notes
        -----
        Runs f plainly once, besides tracing it.
        """
        self._dispatcher.path(self._call(args, kwargs))
        return self

    def graph(self, /, *args: Any, **kwargs: Any) -> Graph:
        """Give the Graph that a call with these arguments runs.

        Raises
        ------
        ArgumentError
            If the call runs as plain Python.
        """
        return self._dispatcher.known_path(self._call(args, kwargs)).graph

    def llvm(self, /, *args: Any, **kwargs: Any) -> str:
        """Give the LLVM IR that a call with these arguments runs.

        Raises
        ------
        EngineError
            If the engine is another.
        ArgumentError
            If the call runs as plain Python.
        """
        engine = self._dispatcher.engine
        if not isinstance(engine, Legible):
            raise EngineError(
                f"the engine {engine.name!r} of jit({self.__name__}) makes no "
                'LLVM IR. Use jit(f, engine="llvm").'
            )
        return engine.llvm(self.graph(*args, **kwargs))

    def report(self, /, *args: Any, **kwargs: Any) -> Report:
        """Say what became of calls like this one, having compiled it.

        Returns
        -------
        Report
            To be printed: paths, guards, times, stages, loops, and what runs on NumPy
            and why. `.details()` lists each group of equations that share loops.
        """
        call, dispatcher = self._call(args, kwargs), self._dispatcher
        dispatcher.path(call)
        state, engine = dispatcher.state(call), dispatcher.engine
        return Report(
            self.__name__,
            engine.name,
            len(dispatcher.states),
            tuple(report_path(path, engine) for path in state.paths) if state else (),
            dispatcher.refusal(call),
        )

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        return Call(args, kwargs, self._dispatcher.statics)

    # ----- being a function -----

    @property
    def func(self) -> Callable[..., Any]:
        """The function that was given."""
        return self.__wrapped__

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<jit {self.__name__}>"

    def __copy__(self) -> Jit:
        return self

    def __deepcopy__(self, memo: Any) -> Jit:
        return self

    def __reduce__(self) -> Any:
        """Pickle as functions are: by name. One that stands under no name, by what it
        was made of."""
        found: Any = sys.modules.get(self.__module__)
        for name in self.__qualname__.split("."):
            found = getattr(found, name, None)
        if found is self:
            return self.__qualname__
        return Jit, (self.__wrapped__, *self._options)


def _open(engine: str | None) -> Engine:
    """Open an engine, or the fastest that is installed."""
    if engine is not None:
        return open_engine(engine)
    try:
        return open_engine("llvm")
    except EngineError as error:
        warnings.warn(
            f"jit makes no machine code here, and is as slow as plain Python: {error}",
            PathWarning,
            stacklevel=2,
        )
        return open_engine("numpy")


def _nothing() -> None:
    """Be what a Jit calls before it is made."""
