"""Functions of SciPy that are not differentiated, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, NoReturn

from wengert.errors import MissingRuleError, user_source
from wengert.graph.primitive import answers

__all__ = ["Refusal", "refuse_all", "undefined"]


class Refusal:
    """Answer a function by an error that says why it has no rule."""

    def __init__(self, module: str, name: str, why: str) -> None:
        self.__name__ = name
        self.module = module
        self.why = why

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        """Raise MissingRuleError, with the reason and the user's line."""
        raise MissingRuleError(
            f"{self.module}.{self.__name__} has no derivative rule: {self.why} (at "
            f"{user_source()}). Write it with functions that docs/coverage.md lists, "
            "or keep it from the derivative with wengert.stop_gradient(x)."
        )


def refuse_all(module: ModuleType, reasons: Mapping[str, str]) -> None:
    """Answer functions of a module by their refusals: a reason → names, by spaces."""
    for why, names in reasons.items():
        for name in names.split():
            function = getattr(module, name, None)
            if function is not None:
                answers(function)(Refusal(module.__name__, name, why))


def undefined(call: str, why: str, instead: str) -> MissingRuleError:
    """Make the error of a call that has no rule: why, the line, a repair."""
    return MissingRuleError(
        f"{call} has no derivative rule: {why} (at {user_source()}). "
        f"Instead, {instead}."
    )
