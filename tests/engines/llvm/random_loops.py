"""Loops made by chance: bodies that write elements, swap what they carry, and nest.

What a loop carries is written over its predecessor where nothing reads that any more;
these programs try to be the case in which something does.
"""

import numpy as np

import wengert

__all__ = ["loop_program"]

LENGTH = 6


def _shifted(c, i, k):
    c[1:] = c[:-1] * 0.5
    return c


def _element(c, i, k):
    c[i % LENGTH] = np.sin(c[(i + k) % LENGTH]) + 0.1
    return c


def _recurrence(c, i, k):
    c[(i + 1) % LENGTH] += 0.3 * c[i % LENGTH]
    return c


def _reversed_in_place(c, i, k):
    c[:] = c[::-1]
    return c


def _strided(c, i, k):
    c[::2] = c[::-2] * 0.7
    return c


def _masked(c, i, k):
    c[c > 0.2] = 0.15
    return c


def _repeated(c, i, k):
    c[np.array([0, k % LENGTH, 0, -1])] += np.tanh(c[:4])
    return c


def _assigned(c, i, k):
    c[np.array([1, 1, k % LENGTH])] = c[3:] * 0.9
    return c


def _rolled(c, i, k):
    return np.roll(c, k % LENGTH) * 0.8


def _permuted(c, i, k):
    return c[np.array([3, 1, 0, 5, 2, 4])]


def _written_and_read(c, i, k):
    c[k % LENGTH] = 0.25
    d = c * 2.0
    c[0] = np.sum(d) * 0.05
    return c + 0.1 * d[::-1]


def _old_and_new(c, i, k):
    old = c.copy()
    c[2:] = 0.5 * old[:-2]
    return c + 0.2 * old


def _summed(c, i, k):
    return c - 0.1 * np.sum(c * c)


def _cumulated(c, i, k):
    return np.cumsum(c) / LENGTH


def _inner_scan(c, i, k):
    def step(s, x):
        s = 0.5 * s + x
        return s, s * 0.3

    s, ys = wengert.scan(step, c[0], c, reverse=bool(k % 2))
    return ys + 0.1 * s


def _inner_loop(c, i, k):
    def body(j, d):
        d = d.copy()
        d[j] = 0.5 * d[j - 1] + 0.1
        return d

    return wengert.fori_loop(0, LENGTH, body, c)


def _inner_while(c, i, k):
    return wengert.while_loop(lambda d: np.sum(d * d) > 1.5, lambda d: d[::-1] * 0.6, c)


def _inner_branch(c, i, k):
    def one(c):
        c = c.copy()
        c[k % LENGTH] = 1.0
        return c

    return wengert.cond(np.sum(c) > 0.3, one, lambda c: c[::-1] * 0.9, c)


def _chosen(c, i, k):
    branches = (lambda c: c, lambda c: -c[::-1], lambda c: np.cos(c))
    return wengert.switch((i + k) % 4 - 1, branches, c)


def _matrix(c, i, k):
    return np.tanh(np.outer(c, c[::-1]) @ c)


MOVES = (
    _shifted, _element, _recurrence, _reversed_in_place, _strided, _masked, _repeated,
    _assigned, _rolled, _permuted, _written_and_read, _old_and_new, _summed,
    _cumulated, _inner_scan, _inner_loop, _inner_while, _inner_branch, _chosen, _matrix,
)  # fmt: skip


def _body(moves, arrange, extra):
    """Make a step: moves of single carries, then a rearrangement of all of them."""

    def body(i, carries, x):
        state = list(carries)
        given = state[0]
        for move, which, k in moves:
            which %= len(state)
            state[which] = move(state[which].copy(), i, k)
        for a, b, k in extra:
            a, b = a % len(state), b % len(state)
            kind = k % 4
            if kind == 0:
                state[a] = 0.5 * state[a] + 0.4 * state[b][::-1]
            elif kind == 1:
                whole = state[a].copy()
                whole[1:4] = state[b][:3]
                state[a] = whole
            elif kind == 2:
                state[a] = state[b]
            else:
                state[a], state[b] = state[b], state[a]
        state = [state[j % len(state)] for j in arrange]
        return tuple(state), (state[0] * 0.5 + x, given)

    return body


def loop_program(seed):
    """Make a program: one loop over a few carries, some of them the same array."""
    rng = np.random.default_rng([seed, 7])
    count = int(rng.integers(1, 4))
    moves = [
        (MOVES[int(rng.integers(len(MOVES)))], *map(int, rng.integers(0, 60, 2)))
        for _ in range(int(rng.integers(1, 5)))
    ]
    extra = rng.integers(0, 60, (int(rng.integers(0, 3)), 3)).tolist()
    arrange = rng.integers(0, 60, count).tolist()
    if rng.random() < 0.5:
        arrange = rng.permutation(count).tolist()
    starts = rng.integers(0, 4, count).tolist()
    kind, length = int(rng.integers(3)), int(rng.integers(0, 6))
    reverse = bool(rng.integers(2))
    body = _body(moves, arrange, extra)

    def f(x, a):
        pool = [np.resize(x, LENGTH), np.sin(np.resize(x, LENGTH)), np.zeros(LENGTH)]
        pool.append(np.resize(a, (LENGTH, LENGTH))[:, 1])
        first = tuple(pool[j] for j in starts)
        if kind == 0:
            last, ys = wengert.scan(
                lambda c, x: body(x[0], c, x[1]),
                first,
                (np.arange(length), np.resize(a, (length, LENGTH))),
                reverse=reverse,
            )
        elif kind == 1:
            last = wengert.fori_loop(
                0, length, lambda i, c: body(i, c, pool[1])[0], first
            )
            ys = ()
        else:
            _, last = wengert.while_loop(
                lambda c: c[0] < length,
                lambda c: (c[0] + 1, body(c[0], c[1], pool[3])[0]),
                (0, first),
            )
            ys = ()
        parts = [np.sum(np.cos(c) * np.arange(1, 7)) for c in (*last, *pool)]
        parts += [np.sum(np.sin(y)) for y in ys]
        return sum(parts)

    return f
