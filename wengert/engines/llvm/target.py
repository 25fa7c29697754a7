"""The machine that code is made for: its triple, processor and features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import llvmlite
import llvmlite.binding as llvm

__all__ = ["Target", "generic_target", "host_target", "llvm_version"]


@dataclass(frozen=True)
class Target:
    """A kind of machine, in LLVM's words.

    Attributes
    ----------
    triple : str
        Architecture, vendor and system: `x86_64-unknown-linux-gnu`.
    cpu : str
        The processor's name; empty for the oldest of the architecture.
    features : str
        What it has and has not, beyond the name: `+avx2,-avx512f`.
    """

    triple: str
    cpu: str = ""
    features: str = ""

    def has(self, feature: str) -> bool:
        """Tell whether a feature is listed as present."""
        return f"+{feature}" in self.features.split(",")

    @property
    def is_x86(self) -> bool:
        """Whether this is a 64-bit x86 machine."""
        return self.triple.startswith("x86_64")

    @property
    def fuses(self) -> bool:
        """Whether a·b + c in one rounding is one instruction."""
        return self.has("fma") or self.triple.startswith(("aarch64", "arm64"))

    @property
    def vector_bytes(self) -> int:
        """The size of its largest vector register."""
        if self.has("avx512f") and self.has("avx512dq"):
            return 64
        return 32 if self.has("avx2") else 16

    def machine(self, level: int = 2) -> Any:
        """Make LLVM's code generator for it, at an optimisation level of 0 to 3."""
        start()
        return llvm.Target.from_triple(self.triple).create_target_machine(
            cpu=self.cpu, features=self.features, opt=level, jit=True
        )


@cache
def start() -> None:
    """Make LLVM ready to write code for this architecture, once in a process."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


@cache
def host_target() -> Target:
    """Describe this machine; where LLVM does not know it, a generic one."""
    triple = llvm.get_default_triple()
    try:
        cpu = llvm.get_host_cpu_name()
        features = llvm.get_host_cpu_features().flatten()
    except (RuntimeError, ValueError):
        return generic_target()
    return Target(triple, "" if cpu == "generic" else cpu, features)


def generic_target() -> Target:
    """Describe the oldest machine of this architecture: on x86-64, SSE2 alone."""
    triple = llvm.get_default_triple()
    return Target(triple, "x86-64" if triple.startswith("x86_64") else "")


def llvm_version() -> str:
    """Give the version of LLVM and of the library that brings it."""
    numbers = ".".join(map(str, llvm.llvm_version_info))
    return f"LLVM {numbers}, llvmlite {llvmlite.__version__}"
