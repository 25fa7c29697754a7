"""Wrong, odd and hostile values, to be given to compiled functions.

Methods of the hostile ones note that they were called: an entry must not ask them.
"""

import collections
import datetime
import decimal
import fractions
import tempfile
import types

import numpy as np

CALLED = []


def noted(name):
    def method(self, *args, **kwargs):
        CALLED.append(name)
        raise RuntimeError(f"{name} of a hostile object was called")

    return method


METHODS = (
    *("__eq__", "__ne__", "__len__", "__getitem__", "__iter__", "__contains__"),
    *("__bool__", "__float__", "__int__", "__index__", "__array__", "__call__"),
    *("__getattr__", "__array_ufunc__", "__array_function__", "__lt__", "keys"),
)
HOSTILE = {name: noted(name) for name in METHODS}


def hostile(base=object, *args):
    """Make an object of a subclass whose every method raises."""
    methods = dict(HOSTILE)
    if base is not object:
        # What the base's own construction, and that of an array, asks.
        for name in ("__getattr__", "__len__", "__iter__", "keys", "__index__"):
            methods.pop(name, None)
    methods["__hash__"] = lambda self: hash("a")  # the same as that of a key
    return type("Hostile", (base,), methods)(*args)


class Pretender:
    """Says that it is an array, as Tracers do."""

    __class__ = np.ndarray
    shape, dtype, ndim, flags = (3,), np.dtype("f8"), 1, np.zeros(3).flags


class Sub(np.ndarray):
    pass


def subclass():
    return np.zeros(3).view(Sub)


def deep(container, depth):
    x = np.zeros(3)
    for _ in range(depth):
        x = container((x,))
    return x


def itself(container):
    x = [np.zeros(3)]
    if container is dict:
        x = {"a": 1.0}
        x["b"] = x
    else:
        x.append(x)
    return x


def memmap():
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, "f8", "w+", shape=(3,))


def read_only():
    x = np.ones(3)
    x.setflags(write=False)
    return x


ARRAYS = [
    subclass,
    memmap,
    read_only,
    lambda: np.zeros((3, 1))[:, 0],
    lambda: np.zeros(6)[::2],
    lambda: np.zeros(3)[::-1],
    lambda: np.zeros((3, 4), order="F"),
    lambda: np.frombuffer(b"\1" * 25, "f8", 3, offset=1),
    lambda: np.broadcast_to(1.0, (3,)),
    lambda: np.broadcast_to(np.zeros(1), (10**12,)),
    lambda: np.lib.stride_tricks.as_strided(np.zeros(3), (3,), (2**40,)),
    lambda: np.zeros(()),
    lambda: np.zeros(0),
    lambda: np.zeros((3, 0)),
    lambda: np.zeros((1,) * 32),
    lambda: np.zeros(4),
    lambda: np.zeros((1, 3)),
    lambda: np.ma.masked_array(np.zeros(3), [1, 0, 0]),
    lambda: np.zeros((1, 3)).view(np.matrix),
    lambda: np.zeros(3).view(np.recarray),
    lambda: np.zeros(3, [("a", "f8")]),
    lambda: np.zeros(3, np.dtype("f8", metadata={"unit": "m"})),
    lambda: np.zeros(3, np.dtype("f8").newbyteorder()),
    lambda: np.array([None, [], {}], object),
    lambda: np.array(["a", "b", "c"]),
    lambda: np.array(["a", "b", "c"], np.dtypes.StringDType()),
    lambda: np.zeros(3, "M8[D]"),
    lambda: np.zeros(3, "V8"),
    *(lambda code=code: np.ones(3, code) for code in "?bhilqBHILQefgFDG"),
]

SCALARS = [
    *(lambda code=code: np.dtype(code).type(1) for code in "?bhilqBHILQefdgFDG"),
    lambda: np.datetime64("2026-01-01"),
    lambda: np.str_("mode"),
    lambda: np.bytes_(b"mode"),
    lambda: np.void(b"12345678"),
    *(lambda x=x: x for x in (0, 1, 2, 3, -1, 10**30, True, False, None, 1.0, 1j)),
    *(lambda x=x: x for x in (float("nan"), float("inf"), "mode", "", "mod\0e", b"a")),
    lambda: "\ud800",
    lambda: "é" * 1000,
    lambda: decimal.Decimal(1),
    lambda: fractions.Fraction(1, 3),
    lambda: datetime.date(2026, 1, 1),
]

CONTAINERS = [
    list,
    tuple,
    dict,
    set,
    lambda: [np.zeros(3)],
    lambda: (np.zeros(3), 1.0),
    lambda: (np.zeros(3), 1.0, None),
    lambda: [np.zeros(3)] * 10_000,
    lambda: deep(list, 5_000),
    lambda: deep(tuple, 5_000),
    lambda: itself(list),
    lambda: itself(dict),
    lambda: {"b": 2.0, "a": np.zeros(3)},
    lambda: {"a": np.zeros(3)},
    lambda: {"a": np.zeros(3), "c": 2.0},
    lambda: {"a": np.zeros(3), "b": 2.0, "c": 1},
    lambda: {1: np.zeros(3), None: 2.0},
    lambda: {hostile(): np.zeros(3), "b": 2.0},
    lambda: {"b": 2.0, hostile(str, "a"): np.zeros(3)},
    lambda: collections.OrderedDict(a=np.zeros(3), b=2.0),
    lambda: collections.defaultdict(list, a=np.zeros(3), b=2.0),
    lambda: types.MappingProxyType({"a": np.zeros(3), "b": 2.0}),
    lambda: collections.namedtuple("Pair", "a b")(np.zeros(3), 1.0),
    lambda: collections.deque([np.zeros(3)]),
    lambda: (x for x in ()),
    lambda: memoryview(np.zeros(3)),
    lambda: bytearray(24),
    lambda: range(3),
]

OBJECTS = [
    object,
    Pretender,
    hostile,
    lambda: hostile(list, [np.zeros(3)]),
    lambda: hostile(tuple, (np.zeros(3), 1.0)),
    lambda: hostile(dict, {"a": np.zeros(3), "b": 2.0}),
    lambda: hostile(str, "mode"),
    lambda: hostile(int, 3),
    lambda: hostile(float, 1.0),
    lambda: hostile(bytes, b"a"),
    lambda: hostile(np.ndarray, (3,)),
    lambda: hostile(np.float64, 1.0),
    lambda: type("Float", (float,), {})(1.0),
    lambda: type("Text", (str,), {})("mode"),
    lambda: float,
    lambda: np.ndarray,
    lambda: np,
    lambda: len,
    lambda: ...,
    lambda: NotImplemented,
    lambda: np.dtype("f8"),
    lambda: Exception("x"),
]

ODD_VALUES = [*ARRAYS, *SCALARS, *CONTAINERS, *OBJECTS]


def nearly(x, rng):
    """Give what x is but for its type, its layout or its place in memory."""
    base = type(x)
    ways = []
    if base in (list, tuple):
        ways = [list, tuple, collections.deque]
    elif base is dict:
        ways = [collections.OrderedDict, lambda x: list(x.items())]
    elif base is np.ndarray:
        ways = [np.ndarray.tolist, lambda x: x[None], lambda x: x[..., None].T, shifted]
        ways += [lambda x: x.astype(x.dtype.newbyteorder()), lambda x: x[::-1]]
        return rng.choice([*ways, lambda x: x.view(Sub)])(x) if x.ndim else x.item()
    elif base in (float, complex, bool, np.float64):
        ways = [np.asarray, complex, lambda x: np.complex128(x).real]
    if base not in (bool, np.bool_, type(None)):
        ways.append(type("Same", (base,), {}))
    return rng.choice(ways)(x) if ways else x


def shifted(x):
    """Copy an array to an address that is not aligned."""
    memory = np.zeros(x.nbytes + 1, np.uint8)[1:]
    copy = np.ndarray(x.shape, x.dtype, memory)
    copy[...] = x
    return copy
