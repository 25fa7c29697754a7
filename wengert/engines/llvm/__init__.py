"""The native engine: a Graph becomes machine code, through LLVM."""

from wengert.engines.llvm.compiler import Module, Seconds, compile_module
from wengert.engines.llvm.symbols import add_symbol
from wengert.engines.llvm.target import Target, generic_target, host_target

__all__ = [
    "Module",
    "Seconds",
    "Target",
    "add_symbol",
    "compile_module",
    "generic_target",
    "host_target",
]
