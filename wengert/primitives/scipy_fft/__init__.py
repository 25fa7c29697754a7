"""The faces of scipy.fft, and a row for cosine and sine transforms.

Opened by `wengert.scipy.fft`.
"""

from wengert.primitives.scipy_fft import fourier, trigonometric

__all__ = ["fourier", "trigonometric"]
