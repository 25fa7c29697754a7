"""Errors of the classes that clients of autograd catch."""

from __future__ import annotations

from typing import Any

from wengert.errors import ArgumentError, MissingRuleError, WengertError, user_source

__all__ = [
    "ImportedError",
    "NotDefinedError",
    "no_space",
    "not_defined",
    "not_differentiable",
]


class NotDefinedError(MissingRuleError, NotImplementedError):
    """Refuse a derivative that has no rule: autograd raises NotImplementedError.

    Fails: `grad(primitive(f))(x)`. Repair: `defvjp(f, …)`.
    """


class ImportedError(WengertError, RuntimeError):
    """Refuse to stand in for autograd where it has been imported already.

    Fails: `import autograd` before `install()`. Repair: install first.
    """


def not_defined(kind: str, name: str, argnums: Any) -> NotDefinedError:
    """Make the error of a primitive without a rule for some arguments."""
    return NotDefinedError(
        f"{kind} of {name} wrt argnums {argnums} not defined (at {user_source()}). "
        f"State it with def{kind.lower()}({name}, ...)."
    )


def not_differentiable(value: Any) -> ArgumentError:
    """Make the error of a value whose type has no box."""
    return ArgumentError(
        f"Can't differentiate w.r.t. type {type(value)} (at {user_source()}). Pass "
        "floats, arrays, or containers of them."
    )


def no_space(value: Any, known: Any) -> ArgumentError:
    """Make the error of a value whose type has no vector space."""
    return ArgumentError(
        f"Can't find vector space for value {value!r} of type {type(value)} (at "
        f"{user_source()}). Valid types are {[kind.__name__ for kind in known]}."
    )
