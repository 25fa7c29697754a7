"""A forward and a reverse mode in a few lines, to try the checker on.

Nested boxes, each with the level of the derivative that made it; operations know their
own derivatives, right or wrong. It shares nothing with wengert.
"""

import itertools

import numpy as np

levels = itertools.count()


class Box:
    """A value, with a tangent (forward) or with parents and pullbacks (reverse)."""

    __array_ufunc__ = None

    def __init__(self, level, value, tangent=None, parents=()):
        self.level, self.value = level, value
        self.tangent, self.parents = tangent, parents

    def __add__(self, other):
        return add(self, other)

    def __mul__(self, other):
        return mul(self, other)

    __radd__, __rmul__ = __add__, __mul__


class Op:
    """Something NumPy computes; `vjp(i, y_bar, *x)`, and the jvp if it differs."""

    def __init__(self, numpy, jvp, vjp):
        self.numpy, self.jvp, self.vjp = numpy, jvp, vjp

    def __call__(self, *x):
        level = max((b.level for b in x if isinstance(b, Box)), default=None)
        if level is None:
            return self.numpy(*x)
        mine = [isinstance(b, Box) and b.level == level for b in x]
        values = [b.value if own else b for b, own in zip(x, mine, strict=True)]
        y = self(*values)
        active = [i for i, own in enumerate(mine) if own]
        if x[active[0]].tangent is not None:
            y_dot = None
            for i in active:
                term = self.jvp(i, x[i].tangent, *values)
                y_dot = term if y_dot is None else add(y_dot, term)
            return Box(level, y, y_dot)
        parents = [
            (x[i], lambda y_bar, i=i: self.vjp(i, y_bar, *values)) for i in active
        ]
        return Box(level, y, None, parents)


def partials(*rules):
    def rule(i, seed, *x):
        return mul(seed, rules[i](*x))

    return rule, rule


def linear(op, transpose):
    return (lambda i, seed, *x: op(seed)), (lambda i, seed, *x: transpose(seed))


add = Op(np.add, lambda i, s, *x: s, lambda i, s, *x: s)
mul = Op(np.multiply, *partials(lambda x, y: y, lambda x, y: x))
sin = Op(np.sin, *partials(lambda x: cos(x)))
cos = Op(np.cos, *partials(lambda x: -1.0 * sin(x)))
exp = Op(np.exp, *partials(lambda x: exp(x)))
relu = Op(
    lambda x: np.maximum(x, 0 * x),
    *partials(lambda x: np.where(getattr(x, "value", x) > 0, 1.0, 0.0)),
)

M = np.array([[1.0, 2.0, -1.0], [0.5, -3.0, 4.0]])
matrix = Op(lambda x: M @ x, *linear(lambda x: matrix(x), lambda y: transposed(y)))
transposed = Op(
    lambda y: M.T @ y, *linear(lambda y: transposed(y), lambda x: matrix(x))
)


def wrong(op, factor):
    """An operation whose derivatives are off by a factor."""
    return Op(
        op.numpy,
        lambda i, s, *x: op.jvp(i, s, *x) * factor,
        lambda i, s, *x: op.vjp(i, s, *x) * factor,
    )


def rewrap(tree, leaves):
    """Put leaves into a tree of tuples, dicts and leaves."""
    if tree is None:
        return None
    if isinstance(tree, tuple):
        return tuple(rewrap(t, leaves) for t in tree)
    if isinstance(tree, dict):
        return {k: rewrap(tree[k], leaves) for k in sorted(tree)}
    return next(leaves)


def leaves_of(tree):
    if tree is None:
        return []
    if isinstance(tree, tuple):
        return [leaf for t in tree for leaf in leaves_of(t)]
    if isinstance(tree, dict):
        return [leaf for k in sorted(tree) for leaf in leaves_of(tree[k])]
    return [tree]


def value_at(level, box):
    return box.value if isinstance(box, Box) and box.level == level else box


def in_dtype(like, x):
    return x if isinstance(x, Box) else np.asarray(x, np.asarray(like).dtype)[()]


def jvp(f, primals, tangents):
    level = next(levels)
    pairs = zip(leaves_of(primals), leaves_of(tangents), strict=True)
    boxes = iter([Box(level, x, x_dot) for x, x_dot in pairs])
    y = f(*rewrap(primals, boxes))

    def dotted(box):
        own = isinstance(box, Box) and box.level == level
        return in_dtype(box.value, box.tangent) if own else 0 * box

    values = (value_at(level, b) for b in leaves_of(y))
    return rewrap(y, values), rewrap(y, (dotted(b) for b in leaves_of(y)))


def vjp(f, *primals):
    level = next(levels)
    inputs = [Box(level, x) for x in leaves_of(primals)]
    y = f(*rewrap(primals, iter(inputs)))
    outputs = leaves_of(y)

    def pullback(y_bar):
        bars, boxes = {}, {}

        def send(box, bar):
            if isinstance(box, Box) and box.level == level:
                boxes[id(box)] = box
                bars[id(box)] = add(bars[id(box)], bar) if id(box) in bars else bar

        order, seen = [], set()

        def visit(box):
            if isinstance(box, Box) and box.level == level and id(box) not in seen:
                seen.add(id(box))
                for parent, _ in box.parents:
                    visit(parent)
                order.append(box)

        for box, bar in zip(outputs, leaves_of(y_bar), strict=True):
            visit(box)
            send(box, bar)
        for box in reversed(order):
            for parent, rule in box.parents:
                send(parent, rule(bars[id(box)]))
        got = [bars.get(id(b), 0 * b.value) for b in inputs]
        got = [in_dtype(b.value, g) for b, g in zip(inputs, got, strict=True)]
        return rewrap(primals, iter(got))

    return rewrap(y, (value_at(level, b) for b in outputs)), pullback


# ----- a function of two arguments, and where -----


def f(x, w):
    return sin(x * w) + exp(x) * w


X, W = np.array([0.3, -1.2, 2.0]), np.array([1.5, 0.4, -0.7])
