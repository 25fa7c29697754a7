"""The faces of scipy.signal, and two rows: convolution and recursion.

Opened by `wengert.scipy.signal`. The filters of scipy.ndimage use them too.
"""

from wengert.primitives.scipy_signal import (
    convolution,
    filters,
    refused,
    resampling,
    response,
    spectra,
)

__all__ = [
    "convolution",
    "filters",
    "refused",
    "resampling",
    "response",
    "spectra",
]
