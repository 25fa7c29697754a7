"""Names and docstrings of wrapped functions; operators of one argument, of any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["get_doc", "get_name", "unary_to_nary", "wrap_nary_f", "wraps"]


def get_name(f: Any) -> str:
    """Name a function."""
    return getattr(f, "__name__", "[unknown name]")


def get_doc(f: Any) -> str:
    """Give the docstring of a function."""
    return getattr(f, "__doc__", "") or ""


def wraps(
    fun: Any, namestr: str = "{fun}", docstr: str = "{doc}", **words: Any
) -> Callable[[Any], Any]:
    """Name and describe a function after another.

    Parameters
    ----------
    fun : callable
    namestr, docstr : str
        In which {fun}, {doc} and the other words are filled in.
    """

    def dress(f: Any) -> Any:
        names = {"fun": get_name(fun), **words}
        f.__name__ = namestr.format(**names)
        f.__doc__ = docstr.format(doc=get_doc(fun), **names)
        return f

    return dress


def wrap_nary_f(fun: Any, op: Any, argnum: Any) -> Callable[[Any], Any]:
    """Name and describe what an operator makes of a function."""
    return wraps(
        fun,
        "{op}_of_{fun}_wrt_argnum_{argnum}",
        "    {op} of function {fun} with respect to argument number {argnum}. Takes "
        "the\n    same arguments as {fun} but returns the {op}.\n    ",
        op=get_name(op),
        argnum=argnum,
    )


def unary_to_nary(unary_operator: Callable[..., Any]) -> Any:
    """Make an operator on functions of one argument one on functions of many.

    The new operator takes `argnum`: an int, or a tuple or list of ints, for which the
    arguments are packed into a tuple.
    """

    @wraps(unary_operator)
    def nary_operator(
        fun: Any, argnum: Any = 0, *op_args: Any, **op_kwargs: Any
    ) -> Any:
        if type(argnum) not in (int, tuple, list):
            raise AssertionError(argnum)

        @wrap_nary_f(fun, unary_operator, argnum)
        def nary_f(*args: Any, **kwargs: Any) -> Any:
            places = [argnum] if isinstance(argnum, int) else argnum

            @wraps(fun)
            def unary_f(x: Any) -> Any:
                full = list(args)
                xs = [x] if isinstance(argnum, int) else x
                for place, value in zip(places, xs, strict=True):
                    full[place] = value
                return fun(*full, **kwargs)

            picked = tuple(args[place] for place in places)
            x = picked[0] if isinstance(argnum, int) else picked
            return unary_operator(unary_f, x, *op_args, **op_kwargs)

        return nary_f

    return nary_operator
