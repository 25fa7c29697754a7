"""The loss of a network of diagonal LSTM cells on a text, as in ADBench.

`layers` cells one upon the other, each with a weight and a bias for every gate of every
bit of a character; the next character is predicted from the last. Source: Srajer,
Kukelova and Fitzgibbon (2018), doi:10.1080/10556788.2018.1435651.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.gradbench.case import Case, eager, for_jax
from benchmarks.programs import Native, Program

__all__ = ["SIZES", "case"]

SIZES = ((2, 128), (2, 1024), (2, 4096))

BITS = 14  # of a character
CHUNK = 63  # characters in a function, for CasADi


def case(layers: int, characters: int) -> Case:
    """Make the program for a text."""
    random = np.random.default_rng(characters)
    weights = random.uniform(-1.0, 1.0, 8 * layers * BITS)
    outside = random.uniform(-1.0, 1.0, 3 * BITS)
    state = random.uniform(size=(2 * layers, BITS))
    text = random.integers(0, 2, (characters, BITS)).astype(float)
    write = writer(layers, state, text)

    def symbolic(ca: Any, n: int) -> tuple[Any, Any]:
        return expression(ca, n, state, text)

    native = Native("lstm.cpp", (state, text), (layers, characters))
    program = Program(write, eager(write), symbolic=symbolic, native=native)
    label = f"l = {layers}, c = {characters:,}"
    return Case(label, program, np.concatenate((weights, outside)))


def writer(layers: int, state: Any, text: Any) -> Callable[[Any], Callable[[Any], Any]]:
    """Make f(x) of x = (a weight and a bias for each layer, three rows outside)."""
    inner = 8 * layers * BITS
    predictions = len(text) - 1

    def write(xp: Any) -> Callable[[Any], Any]:
        start, characters = xp.asarray(state), xp.asarray(text)
        step = _step(xp, layers)

        def f(x: Any) -> Any:
            main = x[:inner].reshape((2 * layers, 4 * BITS))
            extra = x[inner:].reshape((3, BITS))
            now = [start[i] for i in range(2 * layers)]
            total = 0.0
            for t in range(predictions):
                now, loss = step(main, extra, now, characters[t], characters[t + 1])
                total = total + loss
            return -total / (predictions * BITS)

        return f

    def compiled(jax: Any) -> Callable[[Any], Any]:
        step = _step(jax.numpy, layers)

        def f(x: Any) -> Any:
            main = x[:inner].reshape((2 * layers, 4 * BITS))
            extra = x[inner:].reshape((3, BITS))

            def turn(now: Any, pair: Any) -> Any:
                return step(main, extra, now, *pair)

            _, losses = jax.lax.scan(turn, list(state), (text[:-1], text[1:]))
            return -jax.numpy.sum(losses) / (predictions * BITS)

        return f

    return for_jax(compiled, write)


def _step(xp: Any, layers: int) -> Callable[..., tuple[list[Any], Any]]:
    """Make what reads one character and scores the guess of the next."""

    def sigmoid(x: Any) -> Any:
        return 1.0 / (1.0 + xp.exp(-x))

    def cell(weight: Any, bias: Any, hidden: Any, memory: Any, x: Any) -> Any:
        gates = xp.concatenate((x, hidden, x, hidden)) * weight + bias
        forget = sigmoid(gates[:BITS])
        let_in = sigmoid(gates[BITS : 2 * BITS])
        let_out = sigmoid(gates[2 * BITS : 3 * BITS])
        change = xp.tanh(gates[3 * BITS :])
        memory = memory * forget + let_in * change
        return let_out * xp.tanh(memory), memory

    def step(main: Any, extra: Any, now: Any, seen: Any, wanted: Any) -> Any:
        x, new = seen * extra[0], []
        for i in range(0, 2 * layers, 2):
            x, memory = cell(main[i], main[i + 1], now[i], now[i + 1], x)
            new += [x, memory]
        guess = x * extra[1] + extra[2]
        guess = guess - xp.log(xp.sum(xp.exp(guess)) + 2.0)
        return new, xp.sum(wanted * guess)

    return step


def expression(ca: Any, n: int, state: Any, text: Any) -> tuple[Any, Any]:
    """Write it for CasADi: functions of one character and of many, called in turn."""
    one = _character(ca, n, len(state) // 2)
    many = _characters(ca, one, n, state.T.shape)
    x, now, total, at = ca.MX.sym("x", n), ca.DM(state.T), 0.0, 0
    while at < len(text) - 1:
        step, length = (many, CHUNK) if at + CHUNK < len(text) else (one, 1)
        seen, wanted = (text[i : i + length].T for i in (at, at + 1))
        now, loss = step(x, now, seen, wanted)
        total, at = total + loss, at + length
    return x, -total / ((len(text) - 1) * BITS)


def _characters(ca: Any, one: Any, n: int, shape: tuple[int, int]) -> Any:
    """Call `one` for a few characters, so that there is little C to compile."""
    x, start = ca.MX.sym("x", n), ca.MX.sym("now", *shape)
    seen, wanted = (ca.MX.sym(name, BITS, CHUNK) for name in ("seen", "wanted"))
    now, total = start, 0.0
    for i in range(CHUNK):
        now, loss = one(x, now, seen[:, i], wanted[:, i])
        total = total + loss
    return ca.Function("many", [x, start, seen, wanted], [now, total])


def _character(ca: Any, n: int, layers: int) -> Any:
    x, now = ca.SX.sym("x", n), ca.SX.sym("now", BITS, 2 * layers)
    seen, wanted = ca.SX.sym("seen", BITS), ca.SX.sym("wanted", BITS)
    main = ca.reshape(x[: 8 * layers * BITS], 4 * BITS, 2 * layers)
    extra = ca.reshape(x[8 * layers * BITS :], BITS, 3)
    columns = [now[:, i] for i in range(2 * layers)]
    step = _step(_Names(ca), layers)
    new, loss = step(ca.horzsplit(main), ca.horzsplit(extra), columns, seen, wanted)
    return ca.Function("one", [x, now, seen, wanted], [ca.horzcat(*new), loss])


class _Names:
    """NumPy's names for what a step needs of CasADi."""

    def __init__(self, ca: Any) -> None:
        self.exp, self.log, self.tanh, self.sum = ca.exp, ca.log, ca.tanh, ca.sum1
        self.concatenate = lambda parts: ca.vertcat(*parts)
