"""Call compiled functions with odd arguments: `python -m tests.engines.entry_fuzzing`.

Each call goes to the native entry and to the one by ctypes, which share no code and
must agree on what is as described; where both ran, so must their results.
Other threads meanwhile change the containers and arrays. A crash ends the process.
"""

import argparse
import contextlib
import random
import sys
import threading

import numpy as np

from tests.engines.llvm.runs import copying, native_run
from tests.engines.odd_values import CALLED, ODD_VALUES, nearly
from wengert.engines.llvm.entry import make_entry
from wengert.engines.signature import (
    Array,
    Bool,
    Complex,
    Constant,
    Dict,
    Float,
    Int,
    List,
    NumpyScalar,
    Static,
    Tuple,
)

VECTOR, MATRIX = Array((3,), np.dtype("f8")), Array((2, 3), np.dtype("f4"))
SCALAR, FLAG = NumpyScalar(np.dtype("f8")), NumpyScalar(np.dtype("?"))
MODEL = Dict(("a", "b"), (VECTOR, Float()))

# arguments, results, (input, output, bytes)...
FUNCTIONS = [
    ((VECTOR,), VECTOR, [(0, 0, 24)]),
    ((), Constant(None), []),
    ((Array((), np.dtype("i8")), Array((0, 3), np.dtype("f8"))), Int(), [(0, 0, 8)]),
    (
        (Tuple((VECTOR, Float())), MODEL, Static("mode")),
        Dict(("y", "z"), (Tuple((VECTOR, Float())), List((VECTOR, Float())))),
        [(0, 0, 24), (1, 1, 8), (2, 2, 24), (3, 3, 8)],
    ),
    (
        (List((List((VECTOR,)), Tuple(()))), Static(None), Static(3), Static(True)),
        Tuple((VECTOR, Constant("c"))),
        [(0, 0, 24)],
    ),
    (
        (SCALAR, FLAG, Float(), Complex(), MATRIX),
        List((SCALAR, Bool(), Float(), Complex(), MATRIX)),
        [(0, 0, 8), (1, 1, 1), (2, 2, 8), (3, 3, 16), (4, 4, 24)],
    ),
]


def value_of(tree, rng):
    """Give a value that is as described."""
    match tree:
        case Array(shape, dtype):
            return np.full(shape, rng.randrange(1, 9), dtype)
        case NumpyScalar(dtype):
            return dtype.type(rng.randrange(1, 9))
        case Float():
            return rng.random()
        case Complex():
            return complex(rng.random(), rng.random())
        case Static(value):
            return value
        case Dict(keys, items):
            return {k: value_of(t, rng) for k, t in zip(keys, items, strict=True)}
        case Tuple(items):
            return tuple(value_of(item, rng) for item in items)
        case List(items):
            return [value_of(item, rng) for item in items]


def spoil(x, rng):
    """Put an odd value in the place of x or of what is in it, or change its length."""
    way = rng.random()
    if way < 0.15:
        return nearly(x, rng)
    if type(x) not in (list, tuple, dict) or way < 0.25:
        return rng.choice(ODD_VALUES)()
    items = dict(x) if type(x) is dict else dict(enumerate(x))
    if way < 0.35:
        items["more"] = rng.choice(ODD_VALUES)()
    elif items:
        key = rng.choice(list(items))
        value = items.pop(key)
        if way > 0.45:
            items[key] = spoil(value, rng)
    return items if type(x) is dict else type(x)(items.values())


def call_of(arguments, rng):
    """Give (args, kwargs), as described or not."""
    args = [value_of(tree, rng) for tree in arguments]
    way, kwargs = rng.random(), {}
    if args and way < 0.6:
        position = rng.randrange(len(args))
        args[position] = spoil(args[position], rng)
    elif way < 0.7:
        args += [rng.choice(ODD_VALUES)() for _ in range(rng.choice([1, 2, 20]))]
    elif args and way < 0.75:
        args.pop()
    elif way < 0.8:
        kwargs = {rng.choice(["x", "", "é", "self"]): rng.choice(ODD_VALUES)()}
    return args, kwargs


def slow(*args, **kwargs):
    """Note what came."""
    return slow, args, kwargs


def entries():
    """Make both entries of each function."""
    made = []
    for arguments, results, moves in FUNCTIONS:
        address, keep = native_run(copying(*moves))
        both = [
            make_entry(
                *(address, arena, arguments, results, (), slow),
                **{"keep": keep, "native": native, "release_gil": release_gil},
            )
            for native, arena, release_gil in [
                (True, 0, False),
                (False, 0, False),
                (True, 50_000, True),
            ]
        ]
        made.append((arguments, both))
    return made


def went_slow(result, args, kwargs):
    """Tell whether slow was called; if so, it must have got what was given."""
    if type(result) is not tuple or not result or result[0] is not slow:
        return False
    assert all(map(same, result[1], args)) and len(result[1]) == len(args)
    assert list(result[2]) == list(kwargs)
    assert all(result[2][key] is kwargs[key] for key in kwargs)
    return True


def same(x, y):
    return x is y


def as_text(x):
    """Show a result to the last bit."""
    if isinstance(x, np.ndarray):
        return repr((x.shape, x.dtype, x.tobytes(), x.flags.num))
    if isinstance(x, (list, tuple)):
        return f"{type(x)} {[as_text(item) for item in x]}"
    if isinstance(x, dict):
        return f"{[(key, as_text(item)) for key, item in x.items()]}"
    return repr((type(x), x))


def fuzz(calls, seed):
    """Make so many calls of each entry; return how many ran, and how many were odd."""
    rng, ran, odd = random.Random(seed), 0, 0
    made = entries()
    for _ in range(calls):
        arguments, both = rng.choice(made)
        args, kwargs = call_of(arguments, rng)
        results = [f(*args, **kwargs) for f in both]
        went = [went_slow(result, args, kwargs) for result in results]
        assert len(set(went)) == 1, (arguments, list(map(type, args)), went)
        assert CALLED == [], f"{CALLED} was called"
        if went[0]:
            odd += 1
        else:
            ran += 1
            assert len(set(map(as_text, results))) == 1, results
    return ran, odd


# ----- arguments that change while they are read -----


def fresh():
    """Give the arguments that others will change: each other's, or their own items."""
    return {
        "list": [np.ones(3)],
        "dict": {"a": np.ones(3), "b": 1.0},
        "vector": np.ones(3),
    }


def disturb(shared, stop, seed):
    """Change the containers and arrays that calls are reading, until told to stop."""
    rng = random.Random(seed)
    while not stop.is_set():
        change(shared, rng)


def change(shared, rng):
    """Change one of the arguments in place, or mend all."""
    if rng.random() < 0.5:
        shared.update(fresh())
    ways = changes(shared["list"], shared["dict"], shared["vector"])
    with contextlib.suppress(ValueError, IndexError, AttributeError, Warning):
        rng.choice(ways)()


def changes(items, model, vector):
    """List ways to change a list, a dict and an array in place."""
    return [
        items.clear,
        lambda: items.append(np.ones(3)),
        lambda: items.append(items),
        lambda: items.__setitem__(0, np.ones(3)),
        lambda: model.pop("a", None),
        lambda: model.update(b=1.0, a=np.ones(3)),
        lambda: model.update(z=None),
        lambda: model.pop("z", None),
        # Refused while others refer to the array, as NumPy has it.
        lambda: vector.resize(50_000),
        lambda: setattr(vector, "shape", (1, -1)),
        lambda: setattr(vector, "shape", (-1,)),
    ]


def fuzz_with_threads(calls, seed):
    """Call while other threads change the arguments; return the number of calls."""
    shared = fresh()
    stop, done, failures = threading.Event(), [], []
    tree = (List((VECTOR,)), MODEL, VECTOR)
    results = Tuple((VECTOR, VECTOR, Float(), VECTOR))
    moves = [(0, 0, 24), (1, 1, 24), (2, 2, 8), (3, 3, 24)]
    address, keep = native_run(copying(*moves))
    both = [
        make_entry(
            *(address, arena, tree, results, (), slow),
            **{"keep": keep, "native": native, "release_gil": release_gil},
        )
        for native in (True, False)
        for arena in (0, 50_000)
        for release_gil in (False, True)
    ]

    def work(f, count):
        rng = random.Random(seed)
        for _ in range(count):
            change(shared, rng)  # for others, and in case that they get no turn
            y = f(shared["list"], shared["dict"], shared["vector"])
            if y[0] is slow:
                done.append(0)
                continue
            done.append(1)
            if type(y[2]) is not float or any((y[i] != 1).any() for i in (0, 1, 3)):
                failures.append(y)

    changers = [
        threading.Thread(target=disturb, args=(shared, stop, seed + i))
        for i in range(2)
    ]
    share = -(-calls // len(both))
    workers = [threading.Thread(target=work, args=(f, share)) for f in both]
    for thread in (*changers, *workers):
        thread.start()
    for thread in workers:
        thread.join()
    stop.set()
    for thread in changers:
        thread.join()
    assert failures == [], failures[:3]
    return sum(done), len(done) - sum(done)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    ran, odd = fuzz(options.calls, options.seed)
    print(f"{options.calls} calls of 3 entries: {ran} ran, {odd} went slow")
    sys.setswitchinterval(1e-5)
    ran, odd = fuzz_with_threads(options.calls, options.seed)
    print(f"{ran + odd} calls while arguments changed: {ran} ran, {odd} went slow")
    print(f"{len(ODD_VALUES)} kinds of odd values; nothing crashed")


if __name__ == "__main__":
    main()
