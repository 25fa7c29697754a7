"""Calls of BLAS and LAPACK: every argument goes by address.

Numbers and letters are constants of the module; what they stand for is known when the
code is made.
"""

from __future__ import annotations

from collections.abc import Sequence

from wengert.engines.llvm.context import Context
from wengert.engines.llvm.text import NAMES, constant
from wengert.engines.loops.expressions import Type

__all__ = ["LETTERS", "call_routine", "number", "symbol"]

# What names begin with.
LETTERS = {"f64": "d", "f32": "s"}


def symbol(name: str, type: Type) -> str:
    """Give the symbol of a routine: `wengert_dgemm`."""
    return f"wengert_{LETTERS[type]}{name}"


def number(context: Context, value: str | int | float, type: Type) -> str:
    """Give the address of a letter, an integer, or a float of a type."""
    match value:
        case str():
            name, text = f"c{value}", f"i8 {ord(value)}"
        case int():
            name, text = f"i{value}", f"i32 {value}"
        case _:
            name = f"{LETTERS[type]}{value:g}"
            text = f"{NAMES[type]} {constant(value, type)}"
    line = f"@const.{name} = private unnamed_addr constant {text}"
    context.module.define(f"const.{name}", line)
    return f"@const.{name}"


def call_routine(
    context: Context, name: str, type: Type, arguments: Sequence[str]
) -> None:
    """Add a call to a function, given the addresses."""
    called = symbol(name, type)
    context.module.declare(called, "void", ", ".join(["ptr"] * len(arguments)))
    listed = ", ".join(f"ptr {argument}" for argument in arguments)
    context.function.do(f"call void @{called}({listed})")
