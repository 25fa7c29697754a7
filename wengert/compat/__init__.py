"""Stand-ins for other libraries, under their own names."""

__all__ = ["autograd"]

from wengert.compat import autograd
