"""One operation on scalars or vectors: an Expression as LLVM instructions."""

from __future__ import annotations

from collections.abc import Callable

from wengert.engines.llvm.text import Function, constant, vector
from wengert.engines.loops.expressions import FLOATS, Expression, Type

__all__ = ["combine", "computed", "neutral_sum", "reduced"]

_FLOAT_COMPARISONS = {
    "lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge", "eq": "oeq", "ne": "une",
}  # fmt: skip
_INTRINSICS = {
    "abs": "fabs", "sqrt": "sqrt", "floor": "floor", "ceil": "ceil", "trunc": "trunc",
    "rint": "rint",
}  # fmt: skip

# Asks for a function of the mathematics library: (name, type, width) → symbol.
Mathematics = Callable[[str, Type, int], str]
# Declares an intrinsic: (name, result, arguments) → None.
Declare = Callable[[str, str, str], None]


def computed(
    f: Function,
    node: Expression,
    args: list[str],
    width: int,
    declare: Declare,
    mathematics: Mathematics,
) -> str:
    """Compute one node of arguments that are there; width 0 means scalars."""
    op, type = node.op, node.type
    of = node.args[0].type
    word = vector(of, width)
    if op in ("add", "sub", "mul", "div", "neg"):
        return f.value(_arithmetic(op, type, word, args))
    if op in _FLOAT_COMPARISONS:
        return f.value(_comparison(op, of, word, args))
    if op in ("and", "or", "xor", "shl"):
        return f.value(f"{op} {word} {args[0]}, {args[1]}")
    if op == "shr":
        return f.value(
            f"{'ashr' if of[0] == 'i' else 'lshr'} {word} {args[0]}, {args[1]}"
        )
    if op == "not":
        ones = constant(True, of, width) if of == "bool" else constant(-1, of, width)
        return f.value(f"xor {word} {args[0]}, {ones}")
    if op == "select":
        which, chosen = vector("bool", width), vector(type, width)
        return f.value(
            f"select {which} {args[0]}, {chosen} {args[1]}, {chosen} {args[2]}"
        )
    if op == "cast":
        return _cast(f, args[0], of, type, width)
    if op in _INTRINSICS:
        return _intrinsic(f, _INTRINSICS[op], type, width, args, declare)
    if op == "copysign":
        return _intrinsic(f, "copysign", type, width, args, declare)
    if op in ("quotient", "remainder"):
        return _integer_division(f, op, type, width, args)
    assert op == "call", op
    symbol = mathematics(node.info, type, width)
    listed = ", ".join(f"{word} {arg}" for arg in args)
    return f.value(f"call {word} @{symbol}({listed})")


def _arithmetic(op: str, type: Type, word: str, args: list[str]) -> str:
    if op == "neg":
        if type in FLOATS:
            return f"fneg {word} {args[0]}"
        return (
            f"sub {word} zeroinitializer, {args[0]}"
            if "<" in word
            else (f"sub {word} 0, {args[0]}")
        )
    prefix = "f" if type in FLOATS else ""
    return f"{prefix}{op} {word} {args[0]}, {args[1]}"


def _comparison(op: str, of: Type, word: str, args: list[str]) -> str:
    if of in FLOATS:
        return f"fcmp {_FLOAT_COMPARISONS[op]} {word} {args[0]}, {args[1]}"
    sign = "" if op in ("eq", "ne") else "s" if of[0] == "i" else "u"
    return f"icmp {sign}{op} {word} {args[0]}, {args[1]}"


def _suffix(type: Type, width: int) -> str:
    name = type.replace("u", "i") if type != "bool" else "i1"
    return f"v{width}{name}" if width else name


def _intrinsic(
    f: Function, name: str, type: Type, width: int, args: list[str], declare: Declare
) -> str:
    word = vector(type, width)
    symbol = f"llvm.{name}.{_suffix(type, width)}"
    declare(symbol, word, ", ".join([word] * len(args)))
    return f.value(f"call {word} @{symbol}({', '.join(f'{word} {a}' for a in args)})")


def _cast(f: Function, x: str, of: Type, to: Type, width: int) -> str:
    source, target = vector(of, width), vector(to, width)
    if of in FLOATS and to in FLOATS:
        op = "fpext" if to == "f64" else "fptrunc"
    elif to in FLOATS:
        op = "sitofp" if of[0] == "i" else "uitofp"
    elif of in FLOATS:
        return _rounded(f, x, of, to, width)
    else:
        size, new = _bits(of), _bits(to)
        if size == new:
            return x
        op = "trunc" if new < size else "sext" if of[0] == "i" else "zext"
    return f.value(f"{op} {source} {x} to {target}")


def _rounded(f: Function, x: str, of: Type, to: Type, width: int) -> str:
    """Convert a float to an integer as x86 does: what does not fit is the least i64,
    or i32 for what is smaller, cut to its bits."""
    middle: Type = "i64" if _bits(to) == 64 else "i32"
    source = vector(of, width)
    limit = 2.0 ** (_bits(middle) - 1)
    high = f.value(f"fcmp olt {source} {x}, {constant(limit, of, width)}")
    low = f.value(f"fcmp ogt {source} {x}, {constant(-limit - 1, of, width)}")
    if middle == "i64" or of == "f32":
        low = f.value(f"fcmp oge {source} {x}, {constant(-limit, of, width)}")
    which = vector("bool", width)
    fits = f.value(f"and {which} {high}, {low}")
    zero = constant(0, of, width)
    safe = f.value(f"select {which} {fits}, {source} {x}, {source} {zero}")
    wide = vector(middle, width)
    y = f.value(f"fptosi {source} {safe} to {wide}")
    least = constant(-(1 << (_bits(middle) - 1)), middle, width)
    y = f.value(f"select {which} {fits}, {wide} {y}, {wide} {least}")
    if _bits(to) == _bits(middle):
        return y
    return f.value(f"trunc {wide} {y} to {vector(to, width)}")


def _bits(type: Type) -> int:
    return 1 if type == "bool" else int(type[1:])


def _integer_division(
    f: Function, op: str, type: Type, width: int, args: list[str]
) -> str:
    """Divide towards −∞; by 0 gives 0, and the least number by −1 itself."""
    word, which = vector(type, width), vector("bool", width)
    x, y = args
    zero, one = constant(0, type, width), constant(1, type, width)
    signed = type[0] == "i"
    bad = f.value(f"icmp eq {word} {y}, {zero}")
    if signed:
        # x / −1 is −x, which the machine refuses for the least x.
        minus = f.value(f"icmp eq {word} {y}, {constant(-1, type, width)}")
        odd = f.value(f"or {which} {bad}, {minus}")
    else:
        odd = bad
    safe = f.value(f"select {which} {odd}, {word} {one}, {word} {y}")
    s = "s" if signed else "u"
    quotient = f.value(f"{s}div {word} {x}, {safe}")
    product = f.value(f"mul {word} {quotient}, {safe}")
    rest = f.value(f"sub {word} {x}, {product}")
    if signed:
        nonzero = f.value(f"icmp ne {word} {rest}, {zero}")
        mixed = f.value(f"xor {word} {rest}, {safe}")
        negative = f.value(f"icmp slt {word} {mixed}, {zero}")
        down = f.value(f"and {which} {nonzero}, {negative}")
        if op == "quotient":
            lower = f.value(f"sub {word} {quotient}, {one}")
            quotient = f.value(
                f"select {which} {down}, {word} {lower}, {word} {quotient}"
            )
            opposite = f.value(f"sub {word} {zero}, {x}")
            quotient = f.value(
                f"select {which} {minus}, {word} {opposite}, {word} {quotient}"
            )
        else:
            moved = f.value(f"add {word} {rest}, {safe}")
            rest = f.value(f"select {which} {down}, {word} {moved}, {word} {rest}")
    result = quotient if op == "quotient" else rest
    return f.value(f"select {which} {bad}, {word} {zero}, {word} {result}")


# ----- reductions -----


def neutral_sum(type: Type) -> str:
    """Give the number that a sum begins with: −0.0 changes nothing."""
    return constant(-0.0, type) if type in FLOATS else "0"


def combine(
    f: Function, op: str, type: Type, width: int, x: str, y: str, declare: Declare
) -> str:
    """Make one value of two: op is that of a Reduction."""
    word = vector(type, width)
    if op in ("max", "min"):
        if type in FLOATS:
            name = "maximum" if op == "max" else "minimum"
        else:
            name = ("s" if type[0] == "i" else "u") + op
        return _intrinsic(f, name, type, width, [x, y], declare)
    if op in ("add", "mul") and type in FLOATS:
        return f.value(f"f{op} {word} {x}, {y}")
    return f.value(f"{op} {word} {x}, {y}")


def reduced(
    f: Function, op: str, type: Type, width: int, x: str, declare: Declare
) -> str:
    """Make one scalar of a vector."""
    word, scalar = vector(type, width), vector(type, 0)
    suffix = _suffix(type, width)
    if type in FLOATS and op in ("add", "mul"):
        symbol = f"llvm.vector.reduce.f{op}.{suffix}"
        declare(symbol, scalar, f"{scalar}, {word}")
        start = neutral_sum(type) if op == "add" else constant(1, type)
        return f.value(f"call reassoc {scalar} @{symbol}({scalar} {start}, {word} {x})")
    if op in ("max", "min"):
        if type in FLOATS:
            name = "fmaximum" if op == "max" else "fminimum"
        else:
            name = ("s" if type[0] == "i" else "u") + op
    else:
        name = op
    symbol = f"llvm.vector.reduce.{name}.{suffix}"
    declare(symbol, scalar, word)
    return f.value(f"call {scalar} @{symbol}({word} {x})")
