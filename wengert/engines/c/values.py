"""One operation on numbers: an Expression as a C expression.

Signed arithmetic is done on unsigned numbers, where overflow wraps; what needs more
than an operator is a short function, which is written into the file where it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wengert.engines.c.text import MEMORY, VALUES, constant, limits
from wengert.engines.loops.expressions import FLOATS, Expression, Type

__all__ = ["Helper", "combined", "computed"]

# Writes a function of this name and text into the file once, and gives its full name.
Helper = Callable[[str, str], str]

_ARITHMETIC = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_BITWISE = {"and": "&", "or": "|", "xor": "^"}
_MIRRORED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}
_FUNCTIONS = {"abs": "fabs"}


def computed(node: Expression, args: Sequence[str], helper: Helper) -> str:
    """Write one node of arguments that are there."""
    op, type = node.op, node.type
    if op in _ARITHMETIC:
        return _arithmetic(_ARITHMETIC[op], type, *args)
    if op == "neg":
        return f"-{args[0]}" if type in FLOATS else _arithmetic("-", type, "0", args[0])
    if op in _COMPARISONS:
        return _comparison(op, node.args, args)
    if op in _BITWISE:
        return _narrow(type, f"{args[0]} {_BITWISE[op]} {args[1]}")
    if op == "shl":
        return _arithmetic("<<", type, *args)
    if op == "shr":
        return _narrow(type, f"{args[0]} >> {args[1]}")
    if op == "not":
        return f"!{args[0]}" if type == "bool" else f"({MEMORY[type]})~{args[0]}"
    if op == "select":
        return f"{args[0]} ? {args[1]} : {args[2]}"
    if op == "cast":
        return _cast(args[0], node.args[0].type, type, helper)
    if op in ("quotient", "remainder"):
        name = helper(f"{op}_{type}", _division(op, type))
        return f"{name}({args[0]}, {args[1]})"
    function = node.info if op == "call" else _FUNCTIONS.get(op, op)
    suffix = "f" if type == "f32" else ""
    return f"{function}{suffix}({', '.join(args)})"


def combined(op: str, type: Type, x: str, y: str, helper: Helper) -> str:
    """Make one value of two: op is that of a Reduction."""
    if type == "bool":
        return f"{x} {'|' if op in ('add', 'max', 'or') else '&'} {y}"
    if op in ("add", "mul"):
        return _arithmetic(_ARITHMETIC[op], type, x, y)
    if op in _BITWISE:
        return _narrow(type, f"{x} {_BITWISE[op]} {y}")
    name = helper(f"{op}_{type}", _extremum(op, type))
    return f"{name}({x}, {y})"


def _arithmetic(op: str, type: Type, x: str, y: str) -> str:
    if type in FLOATS:
        return f"{x} {op} {y}"
    # Of uint8_t and uint16_t C makes ints, whose product may overflow.
    wide = "uint64_t" if type.endswith("64") else "uint32_t"
    if op == "<<":
        return f"({MEMORY[type]})(({wide}){x} << {y})"
    return f"({MEMORY[type]})(({wide}){x} {op} ({wide}){y})"


def _narrow(type: Type, text: str) -> str:
    return text if type == "bool" else f"({MEMORY[type]})({text})"


def _comparison(op: str, nodes: Sequence[Expression], args: Sequence[str]) -> str:
    """Compare; about what is true or false of all numbers of a type, compilers warn."""
    (x, y), (a, b) = nodes, args
    known = None
    if x.type not in FLOATS:
        if x is y:
            known = op in ("le", "ge", "eq")
        elif y.is_constant:
            known = _known(op, x.type, y)
        elif x.is_constant:
            known = _known(_MIRRORED[op], x.type, x)
    if known is None:
        return f"{a} {_COMPARISONS[op]} {b}"
    return f"((void){b if x.is_constant else a}, {int(known)})"


def _known(op: str, type: Type, bound: Expression) -> bool | None:
    low, high = limits(type)
    if bound.info == low and op in ("lt", "ge"):
        return op == "ge"
    if bound.info == high and op in ("gt", "le"):
        return op == "le"
    return None


def _cast(x: str, of: Type, to: Type, helper: Helper) -> str:
    if of in FLOATS and to not in FLOATS:
        name = helper(f"{to}_of_{of}", _conversion(of, to))
        return f"{name}({x})"
    return f"({VALUES[to]}){x}"


# ----- functions of a line or two -----


def _conversion(of: Type, to: Type) -> str:
    """Convert a float to an integer; what does not fit, as x86 does: the least i64, or
    i32 for what is smaller, cut to its bits."""
    middle = "i32" if to in ("i8", "u8", "i16", "u16", "i32") else "i64"
    bits = int(middle[1:])
    low, high = constant(-(2.0 ** (bits - 1)), of), constant(2.0 ** (bits - 1), of)
    bound = f"x >= {low}"
    if middle == "i32" and of == "f64":
        bound = f"x > {constant(-(2.0**31) - 1, of)}"
    wide, least = MEMORY[middle], constant(limits(middle)[0], middle)
    lines = [f"static inline {MEMORY[to]} NAME({MEMORY[of]} x)", "{"]
    if to == "u64":
        end = constant(2.0**64, of)
        lines.append(f"    if (x >= {high} && x < {end}) return (uint64_t)x;")
    fits = f"{bound} && x < {high}"
    lines.append(f"    return ({MEMORY[to]})({fits} ? ({wide})x : {least});")
    return "\n".join([*lines, "}"])


def _division(op: str, type: Type) -> str:
    """Divide towards −∞; by 0 gives 0, and the least number by −1 itself."""
    word = MEMORY[type]
    lines = [f"static inline {word} NAME({word} x, {word} y)", "{"]
    lines.append("    if (y == 0) return 0;")
    if type[0] == "u":
        sign = "/" if op == "quotient" else "%"
        return "\n".join([*lines, f"    return ({word})(x {sign} y);", "}"])
    # x / −1 is −x, which the machine refuses for the least x.
    minus = _arithmetic("-", type, "0", "x") if op == "quotient" else "0"
    lines.append(f"    if (y == -1) return {minus};")
    lines.append("    const int down = x % y != 0 && (x < 0) != (y < 0);")
    result = "x / y - down" if op == "quotient" else "x % y + (down ? y : 0)"
    return "\n".join([*lines, f"    return ({word})({result});", "}"])


def _extremum(op: str, type: Type) -> str:
    """Give the greater or lesser one; a nan wins."""
    word, sign = MEMORY[type], ">" if op == "max" else "<"
    nan = " || x != x" if type in FLOATS else ""
    return "\n".join(
        [
            f"static inline {word} NAME({word} x, {word} y)",
            "{",
            f"    return x {sign} y{nan} ? x : y;",
            "}",
        ]
    )
