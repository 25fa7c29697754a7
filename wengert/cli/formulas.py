"""The command `formula`: the value and the derivatives as formulas."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
from typing import Any

from wengert.cli.derivatives import derivatives
from wengert.cli.options import InputError
from wengert.cli.target import Target, named

__all__ = ["write_formula"]


def write_formula(target: Target, options: argparse.Namespace) -> str:
    """Write the value and the derivatives up to an order as formulas.

    Raises
    ------
    InputError
        If SymPy is not installed.
    """
    try:
        symbolic = importlib.import_module("wengert.symbolic")
    except ModuleNotFoundError as error:
        raise InputError(
            f"formulas need {error.name}: pip install 'wengert[symbolic]'"
        ) from None
    found: list[tuple[str, Any]] = []

    def f(*values: Any) -> list[Any]:
        at_values = dataclasses.replace(target, values=values)
        found[:] = derivatives(at_values, options.order)
        return [value for _, value in found]

    formula = symbolic.formula(named(f, target.title, target.names), *target.values)
    outputs = zip((name for name, _ in found), formula.outputs, strict=True)
    formula = dataclasses.replace(
        formula, outputs=tuple((name, array) for name, (_, array) in outputs)
    )
    return formula.latex() if options.format == "latex" else str(formula)
