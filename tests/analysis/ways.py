"""Every way that `cost` predicts, as a function to run and count."""

from dataclasses import replace

import numpy as np
import pytest

from tests.analysis.counting import count
from wengert.explanation.inputs import Inputs
from wengert.graph.evaluate import runner
from wengert.graph.types import is_inexact
from wengert.operators import basis, hvp
from wengert.operators.arguments import Output
from wengert.operators.basis import pull_basis, push_basis, units
from wengert.operators.checkpointing import checkpoint
from wengert.operators.hessian import hessian
from wengert.operators.jacobian import jacobian
from wengert.operators.taylor import taylor
from wengert.passes.prune import prune
from wengert.transforms.accumulation import accumulate
from wengert.transforms.forward import push_function
from wengert.transforms.reverse import record_function


class Ways:
    """The ways to the derivatives of one call, on flat leaves."""

    def __init__(self, case):
        inputs = Inputs(case.f, case.args, {}, None)
        output = Output(case.f, has_aux=False)
        self.xs = inputs.leaves
        self.flat = lambda *leaves: output.take(inputs.call(leaves))
        self.ys = [y for y in self.flat(*self.xs)]
        self.wanted = [k for k, y in enumerate(self.ys) if is_inexact(y.dtype)]
        self.n = sum(x.size for x in self.xs)

    def inexact(self, *xs):
        """Be f, without what has no derivative."""
        ys = self.flat(*xs)
        return [ys[k] for k in self.wanted]

    def f(self, *xs):
        return self.flat(*xs)

    def forward_one(self, *xs):
        columns = []
        for i, x in enumerate(xs):
            for seed in units(x):
                dots = [seed if i == j else None for j in range(len(xs))]
                columns += push_function(self.inexact, xs, [dots])[1][0]
        return [column for column in columns if column is not None]

    def forward_all(self, *xs):
        ys, columns = push_basis(self.inexact, xs)
        return [*ys, *columns]

    def reverse(self, *xs):
        ys, pull = record_function(self.inexact, xs)
        return [
            row
            for k, y in enumerate(ys)
            for seed in units(y)
            for row in pull([seed if j == k else None for j in range(len(ys))])
        ]

    def reverse_all(self, *xs):
        ys, pull = record_function(self.inexact, xs)
        return [row for k in range(len(ys)) for row in pull_basis(pull, ys, k, xs)]

    def compressed(self, *xs):
        matrices = jacobian(lambda t: self.inexact(*t), sparse=True)(list(xs))
        return [m.data for row in matrices for m in row]

    def eliminated(self, *xs):
        written = prune(accumulate(self.inexact, self.xs).graph)
        return runner(replace(written, guards=()))(*xs)

    def scalar(self, t):
        (y,) = self.inexact(*t)
        return y

    def hvp(self, *xs):
        along = [xs[0].level.lift(np.ones(x.shape, x.dtype)) for x in self.xs]
        return hvp(self.scalar)(list(xs), along)

    def hessian(self, *xs):
        return hessian(self.scalar)(list(xs))

    def taylor(self, *xs):
        along = (xs[0].level.lift(np.ones(x.shape, x.dtype)) for x in self.xs)
        point, along = dict(enumerate(xs)), dict(enumerate(along))
        return taylor(lambda t: self.inexact(*t.values()), point, along, 4)

    def checkpointed(self, *xs):
        ys, pull = record_function(checkpoint(self.inexact), xs)
        level = xs[0].level
        return pull([level.lift(np.ones(y.shape, y.dtype)) for y in ys])

    def count(self, way):
        """Run a way, and count also what it does with its seeds."""

        def run(*xs):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(basis, "np", Seeds(xs[0].level))
                return way(*xs)

        return count(run, *self.xs)


class Seeds:
    """NumPy, for the making of seeds: these are counted arrays."""

    def __init__(self, level):
        self._level = level

    def zeros(self, *args):
        return self._level.lift(np.zeros(*args))

    def eye(self, *args, **kwargs):
        return self._level.lift(np.eye(*args, **kwargs))

    def __getattr__(self, name):
        return getattr(np, name)


NAMES = {
    "forward, one by one": "forward_one",
    "forward, all at once": "forward_all",
    "reverse": "reverse",
    "reverse, all at once": "reverse_all",
    "compressed Jacobian": "compressed",
    "eliminated, for jit": "eliminated",
    "one product, hvp": "hvp",
    "Hessian, forward over reverse": "hessian",
    "Taylor series, order 4": "taylor",
    "checkpointed, f run twice": "checkpointed",
}
