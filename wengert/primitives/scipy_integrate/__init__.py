"""The faces of scipy.integrate. Opened by `wengert.scipy.integrate`."""

from wengert.primitives.scipy_integrate import refused, samples

__all__ = ["refused", "samples"]
