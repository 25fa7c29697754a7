"""The imperative face: tensors that remember how they were made.

>>> import numpy as np
>>> from wengert.imperative import tensor
>>> x = tensor([1.0, 2.0], requires_grad=True)
>>> loss = (x**2).sum()
>>> loss.backward()
>>> x.grad
tensor([2., 4.])

docs/imperative.md tells what is as in PyTorch, and what is not.
"""

from wengert.imperative.gradient import grad
from wengert.imperative.hooks import Handle
from wengert.imperative.recording import enable_grad, is_grad_enabled, no_grad
from wengert.imperative.tensors import Tensor, tensor

__all__ = [
    "Handle",
    "Tensor",
    "enable_grad",
    "grad",
    "is_grad_enabled",
    "no_grad",
    "tensor",
]
