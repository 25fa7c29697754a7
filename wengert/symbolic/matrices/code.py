"""Matrix expressions as NumPy code: `-A.T @ (y - A @ x)`, with vectors of one axis."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from wengert.symbolic.matrices.algebra import factors_of, magnitude, power
from wengert.symbolic.matrices.expressions import (
    Apply,
    Chain,
    Commutation,
    Det,
    Diag,
    DiagOf,
    Expression,
    Hadamard,
    Identity,
    Inverse,
    Kronecker,
    LogDet,
    Max,
    Number,
    Ones,
    Power,
    Scaled,
    Size,
    Softmax,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Value,
    Vec,
    Zero,
    walk,
)
from wengert.symbolic.matrices.functions import norm_of

__all__ = ["code_of", "helpers_for", "python_name", "size_names"]

SUM, PRODUCT, UNARY, ATOM = range(4)

_HELPERS = {
    "sigmoid": '''\
def sigmoid(z):
    """1/(1 + exp(-z)), without overflow."""
    return np.exp(-np.logaddexp(0, -z))
''',
    "softmax": '''\
def softmax(z):
    """exp(z)/sum(exp(z)) of a vector, or of each row, without overflow."""
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)
''',
    "commutation": '''\
def commutation(m, n):
    """K with K vec(X) = vec(X.T) of an (m, n) X, vec by columns."""
    return np.eye(m * n).reshape(n, m, n * m).transpose(1, 0, 2).reshape(m * n, m * n)
''',
}

Code = tuple[str, int]


def python_name(name: str) -> str:
    """Make a path an identifier: `p['w'][0]` is p_w_0.

    Examples
    --------
    >>> python_name("p['w'][0]"), python_name("z₁"), python_name("lambda")
    ('p_w_0', 'z1', 'lambda_')
    """
    lowered = name.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
    flat = re.sub(r"\W+", "_", lowered.replace("δ", "delta")).strip("_")
    return f"{flat}_" if flat == "lambda" else flat


def helpers_for(codes: Iterable[str]) -> list[str]:
    """Give the source of the functions that code calls."""
    text = "\n".join(codes)
    return [source for name, source in _HELPERS.items() if f"{name}(" in text]


def code_of(x: Expression, sizes: Mapping[str, str]) -> str:
    """Write an expression as one expression of Python.

    Parameters
    ----------
    x : Expression
    sizes : mapping
        Name of a size → its Python name.
    """
    return _Writer(sizes).code(x)[0]


class _Writer:
    def __init__(self, sizes: Mapping[str, str]) -> None:
        self.sizes = sizes

    def within(self, x: Expression, level: int) -> str:
        text, own = self.code(x)
        return text if own >= level else f"({text})"

    def size(self, n: str | int) -> str:
        """Write a size; one such as m·n is a product."""
        if isinstance(n, int):
            return str(n)
        return " * ".join(self.sizes.get(one, one) for one in n.split("·"))

    def shape(self, x: Expression) -> str:
        rows, columns = x.shape
        if 1 in x.shape:
            return self.size(columns if rows == 1 else rows)
        return f"({self.size(rows)}, {self.size(columns)})"

    def code(self, x: Expression) -> Code:
        match x:
            case Symbol():
                return python_name(x.name), ATOM
            case Number(value):
                return _number(value), ATOM if value >= 0 else UNARY
            case Size(name):
                return self.size(name), ATOM
            case Ones() | Zero():
                kind = "ones" if isinstance(x, Ones) else "zeros"
                return f"np.{kind}({self.shape(x)})", ATOM
            case Identity(n):
                return f"np.eye({self.size(n)})", ATOM
            case Commutation((rows, columns)):
                sizes = f"{self.size(rows)}, {self.size(columns)}"
                return f"commutation({sizes})", ATOM
            case Sum(terms):
                return self._sum(terms), SUM
            case Chain(factors):
                return self._chain(factors)
            case Scaled():
                return self._scaled(x)
            case Power(base, exponent):
                return self._power(base, exponent)
            case Hadamard(factors):
                return self._entries(factors), PRODUCT
            case Apply(name, arguments):
                return self._apply(name, arguments)
            case Transpose(of):
                if 1 in x.shape:
                    return self.code(of)
                return f"{self.within(of, ATOM)}.T", ATOM
            case Kronecker(left, right):
                pair = f"{self.code(left)[0]}, {self.code(right)[0]}"
                return f"np.kron({pair})", ATOM
            case LogDet(of):
                return f"np.linalg.slogdet({self.code(of)[0]})[1]", ATOM
            case Vec(of):
                return f"{self.within(of, ATOM)}.T.ravel()", ATOM
            case Trace() if (norm := norm_of(x)) is not None:
                return f"np.sum({self.within(norm[0], ATOM)} ** 2)", ATOM
            case Inverse(of) | Max(of) | Det(of) | Trace(of) | Diag(of) | DiagOf(of):
                return f"{_CALLS[type(x)]}({self.code(of)[0]})", ATOM
            case Softmax(of):
                return f"softmax({self.code(of)[0]})", ATOM
        raise AssertionError(x)

    def _sum(self, terms: Sequence[Expression]) -> str:
        text = ""
        arrays = any(not _holds_ones(term) for term in terms)
        for term in terms:
            word = self._term(term, arrays)
            if not text:
                text = word
            elif word.startswith("-"):
                text += f" - {word[1:]}"
            else:
                text += f" + {word}"
        return text

    def _term(self, term: Expression, short: bool) -> str:
        """Write a term; ones beside an array are a number, which NumPy repeats."""
        if not short or not _holds_ones(term):
            return self.code(term)[0]
        if isinstance(term, Scaled):
            return self.code(Scaled(term.coefficient, term.scalars, None))[0]
        return "1"

    def _chain(self, factors: Sequence[Expression]) -> Code:
        segments: list[list[Expression]] = [[factors[0]]]
        for factor in factors[1:]:
            if factor.shape[0] == 1:
                segments.append([factor])
            else:
                segments[-1].append(factor)
        words = [self._segment(segment) for segment in segments]
        if len(words) == 2:
            return f"np.outer({words[0][0]}, {words[1][0]})", ATOM
        return words[0]

    def _segment(self, factors: Sequence[Expression]) -> Code:
        """Write a product; A⁻¹ before something is solved for."""
        if len(factors) == 1:
            return self.code(factors[0])
        first, rest = factors[0], factors[1:]
        flipped = isinstance(first, Transpose) and isinstance(first.of, Inverse)
        if isinstance(first, Inverse) or flipped:
            inner = first.of if isinstance(first, Inverse) else first.parts[0].parts[0]
            matrix = (
                self.code(inner)[0]
                if not flipped
                else (f"{self.within(inner, ATOM)}.T")
            )
            right = self._segment(rest)[0]
            return f"np.linalg.solve({matrix}, {right})", ATOM
        if isinstance(first, Diag) and first.shape == rest[0].shape[:1] * 2:
            right = _wrapped(*self._segment(rest))
            column = "" if rest[-1].shape[1] == 1 else "[:, None]"
            return f"{self.within(first.of, ATOM)}{column} * {right}", PRODUCT
        cuts = [i for i, f in enumerate(factors[:-1]) if _is_cut(f)]
        if cuts:
            left = " @ ".join(self.within(f, ATOM) for f in factors[: cuts[0]])
            right = _wrapped(*self._segment(factors[cuts[0] :]))
            return f"{left} @ {right}", PRODUCT
        if isinstance(rest[-1], Diag):
            left = _wrapped(*self._segment(factors[:-1]))
            return f"{left} * {self.within(rest[-1].of, ATOM)}", PRODUCT
        return " @ ".join(self.within(f, ATOM) for f in factors), PRODUCT

    def _scaled(self, x: Scaled) -> Code:
        sign = "-" if x.coefficient < 0 else ""
        size = magnitude(x.coefficient)
        above, below = [], []
        if isinstance(size, Fraction) and size.denominator != 1:
            if size.denominator in (2, 4, 8):
                above.append(str(float(size)))
            else:
                above += [str(size.numerator)] if size.numerator != 1 else []
                below.append(str(size.denominator))
        elif size != 1:
            above.append(_number(size))
        for scalar in x.scalars:
            if isinstance(scalar, Power) and scalar.exponent < 0:
                below.append(self.within(power(scalar, Fraction(-1)), UNARY))
            else:
                above.append(self.within(scalar, ATOM))
        matrices = factors_of(x.body)
        if matrices:
            text, level = (
                self._chain(matrices) if len(matrices) > 1 else self.code(matrices[0])
            )
            # `2 * A @ x` is read from the left, and is as good as `2 * (A @ x)`.
            bare = level >= (PRODUCT if not above or " @ " not in text else ATOM)
            above.append(text if bare else f"({text})")
        top = " * ".join(above) or "1"
        for one in below:
            top += f" / {one}"
        return sign + top, PRODUCT if not sign else SUM

    def _power(self, base: Expression, exponent: Value) -> Code:
        norm = norm_of(base) if exponent == Fraction(1, 2) else None
        if norm is not None:
            return f"np.linalg.norm({self.code(norm[0])[0]})", ATOM
        if exponent == Fraction(1, 2):
            return f"np.sqrt({self.code(base)[0]})", ATOM
        if exponent == -1:
            return f"1 / {self.within(base, ATOM)}", PRODUCT
        return f"{self.within(base, ATOM)} ** {_exponent(exponent)}", UNARY

    def _entries(self, factors: Sequence[Expression]) -> str:
        above = [f for f in factors if not _is_below(f)]
        text = " * ".join(self.within(f, UNARY) for f in above) or "1"
        for factor in factors:
            if isinstance(factor, Power) and _is_below(factor):
                text += f" / {self.within(factor.base, ATOM)}"
        return text

    def _apply(self, name: str, arguments: Sequence[Expression]) -> Code:
        words = ", ".join(self.code(argument)[0] for argument in arguments)
        return f"{'sigmoid' if name == 'σ' else f'np.{name}'}({words})", ATOM


_CALLS: dict[type[Expression], str] = {
    Inverse: "np.linalg.inv",
    Det: "np.linalg.det",
    Max: "np.max",
    Trace: "np.trace",
    Diag: "np.diag",
    DiagOf: "np.diagonal",
}


def _holds_ones(term: Expression) -> bool:
    matrices = factors_of(term.body if isinstance(term, Scaled) else term)
    return bool(matrices) and all(isinstance(one, Ones) for one in matrices)


def _is_cut(x: Expression) -> bool:
    """Tell what takes all that follows: an inverse, by solving, and a diagonal."""
    inner = x.of if isinstance(x, Transpose) else x
    return isinstance(inner, Inverse | Diag)


def _wrapped(text: str, level: int) -> str:
    return text if level >= ATOM else f"({text})"


def _is_below(x: Expression) -> bool:
    return isinstance(x, Power) and x.exponent == -1


def _exponent(value: Value) -> str:
    if value == int(value) and value > 0:
        return str(int(value))
    return f"({_number(value)})"


def _number(value: Value) -> str:
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return str(value.numerator)
        return repr(float(value))
    return repr(float(value))


def size_names(expressions: Iterable[Expression]) -> set[str]:
    """Collect the names of sizes that code of expressions needs."""
    names: set[str] = set()
    for expression in expressions:
        for one in walk(expression):
            match one:
                case Size(name) | Identity(name):
                    names |= set(str(name).split("·"))
                case Ones() | Zero() | Commutation():
                    for n in (*one.shape, *getattr(one, "of", ())):
                        names |= set(str(n).split("·"))
    return {name for name in names if not name.isdigit()}
