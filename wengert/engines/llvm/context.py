"""What is handed on while a module is written: the function, and the module itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wengert.engines.llvm.text import Function, in_memory
from wengert.engines.loops.program import Buffer, Program, View

__all__ = ["Context", "Module", "address", "moved"]


class Module(Protocol):
    """What the functions of a module share."""

    def declare(self, symbol: str, result: str, arguments: str) -> None:
        """Declare a function outside of the module."""

    def define(self, name: str, text: str) -> None:
        """Add a constant."""

    def unique(self, name: str) -> str:
        """Make a name that no other function of the module has."""

    def function(self, head: str, lines: list[str]) -> None:
        """Add a function: its head up to the brace, and its lines."""

    def mathematics(self, name: str, type: str, width: int) -> str:
        """Find a function of the mathematics library."""

    def body(self, program: Program) -> str:
        """Write the function of a body, and give its name."""


@dataclass(slots=True)
class Context:
    """What a nest needs of the function around it.

    Attributes
    ----------
    function : Function
    pointers : dict
        Of each buffer the name of its address.
    module : Module
        Declares functions, and finds those of the mathematics library.
    lanes : int
        Bytes in a vector of the machine.
    """

    function: Function
    pointers: dict[Buffer, str]
    module: Module
    lanes: int


def address(context: Context, view: View) -> str:
    """Give the address of the first element of a view."""
    return moved(context, view.buffer, context.pointers[view.buffer], view.offset)


def moved(context: Context, buffer: Buffer, pointer: str, by: int | str) -> str:
    """Give the address so many elements on: a number, or the name of an i64."""
    if by == 0:
        return pointer
    word = in_memory(buffer.type, 0)
    return context.function.value(
        f"getelementptr inbounds {word}, ptr {pointer}, i64 {by}"
    )
