"""Which primitives are light: done once more as fast as their result is read."""

from __future__ import annotations

__all__ = ["LIGHT", "MOVES"]

# A processor does them about as fast as it gets at the operands.
LIGHT = frozenset(
    {
        "absolute", "add", "bitwise_and", "bitwise_or", "bitwise_xor", "ceil",
        "copysign", "equal", "fabs", "floor", "fmax", "fmin", "greater",
        "greater_equal", "heaviside", "invert", "isfinite", "isinf", "isnan",
        "left_shift", "less", "less_equal", "logical_and", "logical_not", "logical_or",
        "logical_xor", "maximum", "minimum", "multiply", "negative", "not_equal",
        "positive", "right_shift", "rint", "scale", "sign", "signbit", "square",
        "subtract", "trunc",
    }
)  # fmt: skip

# They only move data.
MOVES = frozenset(
    {
        "broadcast_to", "cast", "concatenate", "conjugate", "copy", "flip", "gather",
        "getitem", "imag", "moveaxis", "real", "reshape", "roll", "scatter", "stack",
        "stop_gradient", "transpose", "update", "where",
    }
)  # fmt: skip
