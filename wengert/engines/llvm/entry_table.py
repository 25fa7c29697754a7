"""The table that the entry of one compiled function follows.

Example: where x is a vector and f(x) a float, the steps are: node 0 is an array of this
dtype and shape, its data are input 0; the memory of number 0 is output 0; run; make a
float of number 0; return it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wengert.engines.llvm.entry_code import HEADER, NEAR, STEPS
from wengert.engines.llvm.python_api import addresses
from wengert.engines.signature import (
    Argument,
    Array,
    Bool,
    Complex,
    Constant,
    Dict,
    Float,
    Int,
    List,
    NumpyScalar,
    Result,
    Static,
    Tuple,
    traced_leaves,
)

__all__ = ["Table", "make_table"]

_STEP = {name: number for number, name in enumerate(STEPS)}
_TYPES = {"ndarray": np.ndarray, "int": int, "str": str, "bytes": bytes}
_CONTAINERS = {"tuple": tuple, "list": list, "dict": dict}
_NUMBER_BYTES = 16


@dataclass(frozen=True)
class Table:
    """The words of a table, and what must live as long as they are used."""

    words: np.ndarray[Any, Any]
    kept: tuple[Any, ...]


def make_table(
    run_address: int,
    arena_bytes: int,
    arguments: Sequence[Argument],
    result: Result,
    captures: Sequence[np.ndarray[Any, Any]],
    slow: Any,
    release_gil: bool = False,
) -> Table:
    """Make the table of one function; `make_entry` says what the parameters mean.

    Cost: some microseconds for a node.
    """
    inputs = sum(1 for _ in traced_leaves(arguments)) + len(captures)
    outputs = sum(1 for _ in traced_leaves([result]))
    nodes = sum(map(_count, arguments)) + len(captures)
    copies = sum(not _is_readable(array) for array in captures)
    block = _Block(arena_bytes, inputs, outputs, nodes, _count(result) + copies)
    steps = _Steps(block)
    block.next_node = len(arguments)
    for position, argument in enumerate(arguments):
        steps.take(argument, block.node(position))
    for array in captures:
        steps.capture(array)
    place = block.new_made(1)
    after = _Steps(block)
    steps.make(result, place, after)
    words = [*steps.words, *_step("run", 0), *after.words, *_step("finish", place)]
    kept: list[Any] = [*steps.kept, *after.kept, slow, *captures]
    header = {
        "argument_count": len(arguments),
        "run": run_address,
        "slow": id(slow),
        "kept": 0 if block.size <= NEAR else _own_memory(block.size, kept),
        "busy": 0,
        "block_bytes": block.size,
        "inputs": block.inputs,
        "outputs": block.outputs,
        "nodes": block.nodes,
        "node_count": nodes,
        "made": block.made,
        "made_count": block.made_count,
        "copies": copies,
        "release": int(release_gil),
        **{name: id(type) for name, type in {**_TYPES, **_CONTAINERS}.items()},
        **addresses(),
    }
    table = np.array([*(header[name] for name in HEADER), *words], np.uint64)
    table.setflags(write=False)
    return Table(table, tuple(kept))


@dataclass
class _Block:
    """The memory of one call: where each part starts, and what is given out of it."""

    arena_bytes: int
    input_count: int
    output_count: int
    node_count: int
    made_count: int
    next_input: int = 0
    next_output: int = 0
    next_node: int = 0
    next_made: int = 0

    def __post_init__(self) -> None:
        # The arena is first, since the block starts at a multiple of 64 bytes; numbers
        # are at a multiple of 16.
        self.numbers = -(-self.arena_bytes // 64) * 64
        self.inputs = self.numbers + _NUMBER_BYTES * self.output_count
        self.outputs = self.inputs + 8 * self.input_count
        self.nodes = self.outputs + 8 * self.output_count
        self.made = self.nodes + 8 * self.node_count
        self.size = self.made + 8 * self.made_count

    def node(self, position: int) -> int:
        return self.nodes + 8 * position

    def new_nodes(self, count: int) -> int:
        self.next_node += count
        return self.node(self.next_node - count)

    def new_made(self, count: int) -> int:
        self.next_made += count
        return self.made + 8 * (self.next_made - count)

    def new_input(self) -> int:
        self.next_input += 1
        return self.inputs + 8 * (self.next_input - 1)

    def new_output(self) -> tuple[int, int]:
        """Give the place of the next output, and of memory for one number."""
        self.next_output += 1
        index = self.next_output - 1
        return self.outputs + 8 * index, self.numbers + _NUMBER_BYTES * index


@dataclass
class _Steps:
    """Steps one after another, and the objects that they refer to."""

    block: _Block
    words: list[int] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)

    def add(self, name: str, place: int, *operands: int) -> None:
        self.words += _step(name, place, *operands)

    def refer(self, x: Any) -> int:
        self.kept.append(x)
        return id(x)

    # ----- arguments -----

    def take(self, tree: Argument, place: int) -> None:
        """Check the node at this place, and what is in it."""
        match tree:
            case Tuple(items) | List(items) | Dict(_, items):
                first = self.block.new_nodes(len(items))
                keys = map(self.refer, tree.keys) if isinstance(tree, Dict) else ()
                name = type(tree).__name__.lower()
                self.add(name, place, len(items), first, *keys)
                for position, item in enumerate(items):
                    self.take(item, first + 8 * position)
            case Array(shape, dtype):
                self.array("array", place, self.block.new_input(), shape, dtype)
            case Static(value):
                name = "equal" if type(value) in (int, str, bytes) else "same"
                self.add(name, place, self.refer(value))
            case _:
                exact = self.refer(_type(tree))
                self.add("value", place, self.block.new_input(), exact)

    def capture(self, array: np.ndarray[Any, Any]) -> None:
        """Check a captured array too: it may have been resized."""
        place = self.block.new_nodes(1)
        if _is_readable(array):
            self.add("capture", place, self.refer(array))
        else:
            self.add("copy", self.block.new_made(1), self.refer(array), place)
        self.array("array", place, self.block.new_input(), array.shape, array.dtype)

    def array(
        self, name: str, place: int, data: int, shape: Sequence[int], dtype: Any
    ) -> None:
        self.add(name, place, data, self.refer(dtype), len(shape), *shape)

    # ----- results -----

    def make(self, tree: Result, place: int, after: _Steps) -> None:
        """Get memory for outputs here, and make what is returned in `after`."""
        match tree:
            case Tuple(items) | List(items) | Dict(_, items):
                first = self.block.new_made(len(items))
                for position, item in enumerate(items):
                    self.make(item, first + 8 * position, after)
                keys = map(after.refer, tree.keys) if isinstance(tree, Dict) else ()
                name = f"new_{type(tree).__name__.lower()}"
                after.add(name, place, len(items), first, *keys)
            case Constant(value):
                after.add("constant", place, after.refer(value))
            case Array(shape, dtype):
                output, _ = self.block.new_output()
                self.array("new_array", place, output, shape, dtype)
            case NumpyScalar(dtype):
                after.add("new_scalar", place, self.number(), after.refer(dtype))
            case Float() | Complex() | Int() | Bool():
                after.add(f"new_{type(tree).__name__.lower()}", place, self.number())

    def number(self) -> int:
        """Let the next output go to memory of the block."""
        output, number = self.block.new_output()
        self.add("number", number, output)
        return number


def _step(name: str, place: int, *operands: int) -> list[int]:
    return [_STEP[name], 8 * (3 + len(operands)), place, *operands]


def _count(tree: Argument | Result) -> int:
    """Count the nodes of a tree."""
    if isinstance(tree, Tuple | List | Dict):
        return 1 + sum(map(_count, tree.items))
    return 1


def _is_readable(array: np.ndarray[Any, Any]) -> bool:
    """Tell whether native code can read an array as it is laid out."""
    return array.flags.c_contiguous and array.flags.aligned


def _type(leaf: Any) -> type:
    if isinstance(leaf, NumpyScalar):
        return leaf.dtype.type
    return float if isinstance(leaf, Float) else complex


def _own_memory(size: int, kept: list[Any]) -> int:
    """Get a block that one call at a time may use, at a multiple of 64 bytes."""
    # NumPy takes no pages from the system before they are written to.
    memory = np.empty(size + 63, np.uint8)
    kept.append(memory)
    return (int(memory.ctypes.data) + 63) & -64
