"""What stands in the signature of the C function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.engines.c.text import MEMORY
from wengert.engines.loops.program import Buffer

__all__ = ["Parameter"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One pointer.

    Attributes
    ----------
    name : str
        In C.
    path : str
        In Python.
    value : array or number
        An example.
    buffer : Buffer
    """

    name: str
    path: str
    value: Any
    buffer: Buffer

    @property
    def word(self) -> str:
        """The C type that it points to."""
        return MEMORY[self.buffer.type]

    def __str__(self) -> str:
        """Say what it is: `x['w'], shape (2, 3)`."""
        shape = np.shape(self.value)
        what = f"shape {shape}" if shape else "1 number"
        return f"{self.path}, {what}" + ", 0 or 1" * (self.buffer.type == "bool")
