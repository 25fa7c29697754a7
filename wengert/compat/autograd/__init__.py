"""A stand-in for HIPS autograd: its clients run on wengert, unmodified.

>>> import wengert.compat.autograd
>>> wengert.compat.autograd.install()
>>> from autograd import grad
>>> import autograd.numpy as np
>>> float(grad(lambda x: np.sum(np.array([x, x**2])))(3.0))
7.0
>>> wengert.compat.autograd.uninstall()

docs/autograd.md tells what differs.
"""

from wengert.compat.autograd.installing import install, uninstall

__all__ = ["install", "uninstall"]
