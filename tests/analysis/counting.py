"""Count what really runs: each operation on plain arrays, as it is computed.

The level is older than all derivatives, so that all they compute goes through it: their
own operations, those of rules, of batches and of the steps that loops take. Nothing is
predicted from types; only what one operation costs is asked of its row.
"""

import weakref

import numpy as np

from wengert import tree
from wengert.graph.primitive import Linear, Structured
from wengert.graph.types import ArrayType
from wengert.trace.levels import Level, run
from wengert.trace.mutable import frozen_value, owned_value, write_value
from wengert.trace.tracer import Recorders, Tracer, install_operators, record


class Counting(Level):
    """One run whose operations are counted."""

    def __init__(self):
        super().__init__()
        self.flops = self.bytes = self.live = self.peak = 0
        self.operations = {}

    def bind(self, row, inputs, params):
        if isinstance(row, Structured):
            return row.impl(*map(self.lift, inputs), **params)
        x = [v.value if type(v) is Counted else v for v in inputs]
        y = row.evaluate(tuple(x), params)
        ys = y if row.is_tuple else (y,)
        types, own = [ArrayType.of(v) for v in x], [ArrayType.of(v) for v in ys]
        flops = int(row.cost(tuple(types), tuple(own) if row.is_tuple else own[0],
                             **params))  # fmt: skip
        if row.name == "add":  # of a slice, in place: arrays of numbers do it so
            flops = min([flops, *(v.own for v in inputs if getattr(v, "own", None))])
        self.flops += flops
        self.operations[row.name] = self.operations.get(row.name, 0) + flops
        arrays = {id(v): v for v in inputs if isinstance(v, Tracer)}.values()
        into, out = (sum(v.nbytes for v in t) for t in (
            [ArrayType.of(v.value) for v in arrays], own))  # fmt: skip
        if not any(isinstance(v, np.ndarray) and np.shares_memory(v, w)
                   for v in ys for w in x if isinstance(w, np.ndarray)):  # fmt: skip
            self.bytes += (into if flops else min(into, out)) + out
        if isinstance(row, Linear) and not row.is_tuple and y is x[0]:
            return inputs[0]
        made = tuple(Counted(self, v) for v in ys)
        if row.name in ("scatter", "scatter_add"):
            made[0].own = types[0].shape and np.size(x[0])
        return made if row.is_tuple else made[0]

    def hold(self, counted):
        """Count the bytes of an array for as long as it is held."""
        array = counted.value
        while isinstance(getattr(array, "base", None), np.ndarray):
            array = array.base
        held = counted if isinstance(array, np.generic) else array
        if id(held) not in self.known:
            self.known[id(held)] = array.nbytes
            self.live += array.nbytes
            self.peak = max(self.peak, self.live)
            weakref.finalize(held, self.drop, id(held))

    def drop(self, key):
        self.live -= self.known.pop(key)

    known = {}  # noqa: RUF012

    def lift(self, value):
        own = type(value) is Counted
        return value if own else Counted(self, np.array(value)[()])

    def owned(self, counted):
        return Counted(self, owned_value(counted.value))

    def frozen(self, counted, needed):
        return Counted(self, frozen_value(counted.value)) if needed else counted

    def write(self, counted, value, target):
        value = value.value if type(value) is Counted else value
        target = target._replace(
            indices=[i.value if type(i) is Counted else i for i in target.indices]
        )
        counted.value = write_value(counted.value, value, target)
        self.bytes += 2 * np.asarray(value).nbytes


class Counted(Tracer):
    """A plain array whose use is counted."""

    __slots__ = ()
    recorders = Recorders(record)

    def __init__(self, level, value):
        self.level = level
        self.value = value
        self.own = None
        level.hold(self)

    # To Python it is what it holds.
    def __float__(self):
        return float(self.value)

    def __complex__(self):
        return complex(self.value)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.value, dtype)


install_operators(Counted)


def count(f, *args):
    """Run f, and give the level that has counted it."""
    leaves, structure = tree.flatten(args)
    level = Counting()
    level.known = {}

    def flat(*values):
        values = [Counted(level, np.array(v)[()]) if is_float(v) else v for v in leaves]
        level.live = level.peak = 0  # what is given is the caller's
        level.known = dict.fromkeys(level.known, 0)
        y = f(*tree.unflatten(structure, values))
        return [v for v in tree.flatten(y)[0] if hasattr(v, "dtype")]

    with np.errstate(all="ignore"):
        run(level, flat, [])
    return level


def is_float(x):
    return isinstance(x, float | complex) or (
        isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "fc"
    )
