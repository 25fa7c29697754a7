"""How layers are checked: both modes against finite differences, and compiled."""

import numpy as np

from wengert import check_grads, jit, tree, vjp

__all__ = ["check"]


def check(f, *args):
    """Hold the derivatives of f against differences, and native code against both."""
    check_grads(f, *args).raise_if_failed()

    def pulled(*args):
        y, pullback = vjp(f, *args)
        return pullback(tree.map_leaves(lambda leaf: np.cos(leaf), y))

    plain, native = pulled(*args), jit(pulled).compile(*args)(*args)
    for a, b in zip(tree.flatten(plain)[0], tree.flatten(native)[0], strict=True):
        np.testing.assert_allclose(a, b, 1e-9, 1e-9)
