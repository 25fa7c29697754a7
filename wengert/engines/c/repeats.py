"""Loops over bodies: scan, while, and the sweep back over a while."""

from __future__ import annotations

from collections.abc import Sequence

from wengert.engines.c.nest import Context
from wengert.engines.c.products import address
from wengert.engines.c.text import MEMORY
from wengert.engines.loops.program import Buffer, Carry, Part, Scan, Unwind, While

__all__ = ["NO_MEMORY", "call_part", "emit_scan", "emit_unwind", "emit_while"]

# What a function answers that got no memory.
NO_MEMORY = -1

# A stack of the states of a loop: `size` bytes for each step.
_GROW = """static int NAME(char **stack, int64_t *room, int64_t count, int64_t size)
{
    if (count < *room) return 0;
    const int64_t larger = 2 * *room + 16;
    if ((uint64_t)larger > SIZE_MAX / (uint64_t)size) return -1;
    char *const moved = realloc(*stack, (size_t)larger * (size_t)size);
    if (!moved) return -1;
    *stack = moved;
    *room = larger;
    return 0;
}"""


def call_part(
    context: Context, part: Part, inputs: Sequence[str], outputs: Sequence[str]
) -> None:
    """Call a body, and leave where it fails."""
    call, fails = _call(context, part, inputs, outputs)
    if not fails:
        context.function.do(f"{call};")
        return
    context.function.open()
    context.function.do(f"const int code = {call};")
    context.function.leave_if("code", "code")
    context.function.close()


def _call(
    context: Context, part: Part, inputs: Sequence[str], outputs: Sequence[str]
) -> tuple[str, bool]:
    name, fails = context.module.body(part.program)
    merged = {j for _, j in part.program.merged}
    kept = [out for j, out in enumerate(outputs) if j not in merged]
    given = [context.pointers[part.work], *inputs, *kept]
    return f"{name}({', '.join(given)})", fails


def _copy(context: Context, target: str, source: str, nbytes: int) -> None:
    """Copy memory; over itself, too."""
    if target != source and nbytes:
        context.function.do(f"memmove({target}, {source}, {nbytes});")


class _Carried:
    """Where the values stand that a loop carries, before and after a step."""

    def __init__(
        self, context: Context, carries: Sequence[Carry], last_first: bool = True
    ) -> None:
        """Put the first values in place: where they shall end, if `last_first`."""
        self.context = context
        self.carries = carries
        self.now: list[str] = []
        self.next: list[str] = []
        f = context.function
        for carry in carries:
            last = context.pointers[carry.last]
            spare = last if carry.spare is None else context.pointers[carry.spare]
            now, following = (last, spare) if last_first else (spare, last)
            _copy(context, now, address(context, carry.first), carry.last.nbytes)
            if carry.spare is not None:
                word, names = MEMORY[carry.last.type], (f.name("p"), f.name("p"))
                f.do(f"{word} *{names[0]} = {now}, *{names[1]} = {following};")
                now, following = names
            self.now.append(now)
            self.next.append(following)

    def turn(self) -> None:
        """Close a step: what was next is now."""
        f = self.context.function
        for carry, now, following in zip(
            self.carries, self.now, self.next, strict=True
        ):
            if carry.spare is not None:
                word = MEMORY[carry.last.type]
                f.do(f"{{ {word} *t = {now}; {now} = {following}; {following} = t; }}")

    def end(self) -> None:
        """Bring the values to where they belong."""
        for carry, now in zip(self.carries, self.now, strict=True):
            if carry.spare is not None:
                last = self.context.pointers[carry.last]
                _copy(self.context, last, now, carry.last.nbytes)


def emit_scan(context: Context, step: Scan) -> None:
    """Add a loop over a body, with a slice of some arrays for each step."""
    f, length = context.function, step.length
    if not length:
        for carry in step.carries:
            last = context.pointers[carry.last]
            _copy(context, last, address(context, carry.first), carry.last.nbytes)
        return
    f.open()
    # After an even number of turns, what goes to and fro is back at its place.
    carried = _Carried(context, step.carries, last_first=length % 2 == 0)
    constants = [address(context, view) for view in step.constants]
    f.open(f"for (int64_t step = 0; step < {length}; step++)")
    place = f"({length - 1} - step)" if step.reverse else "step"
    slices = [
        f"{address(context, view)} + {place}*{view.strides[0]}"
        for view in (*step.xs, *step.ys)
    ]
    xs, ys = slices[: len(step.xs)], slices[len(step.xs) :]
    inputs = [*constants, *carried.now, *xs]
    call_part(context, step.body, inputs, [*carried.next, *ys])
    carried.turn()
    f.close()
    f.close()


def emit_while(context: Context, step: While) -> None:
    """Add a loop that runs as long as a condition holds."""
    f = context.function
    f.open()
    carried = _Carried(context, step.carries)
    f.open("for (;;)")
    call_part(context, step.condition, *_question(context, step, carried))
    f.do(f"if (!*{context.pointers[step.told]}) break;")
    constants = [address(context, view) for view in step.constants]
    call_part(context, step.body, [*constants, *carried.now], carried.next)
    carried.turn()
    f.close()
    carried.end()
    f.close()


def _question(
    context: Context, step: While, carried: _Carried
) -> tuple[list[str], list[str]]:
    asked = [address(context, view) for view in step.asked]
    return [*asked, *carried.now], [context.pointers[step.told]]


# ----- the sweep back over a while -----


def emit_unwind(context: Context, step: Unwind) -> None:
    """Add a while loop whose states are kept, and the sweep back over them."""
    _Unwinding(context, step).run()


class _Unwinding:
    """The states of all steps are kept on a stack, which is freed on every way out."""

    def __init__(self, context: Context, step: Unwind) -> None:
        self.context = context
        self.f = context.function
        self.step = step
        self.buffers = [carry.last for carry in step.loop.carries]
        self.size = max(8, sum(map(_room, self.buffers)))

    def run(self) -> None:
        f = self.f
        f.open()
        f.do("char *stack = NULL;")
        f.do("int64_t room = 0, count = 0;")
        f.do("int code = 0;")
        self._forward()
        self._back()
        f.do("free(stack);")
        f.leave_if("code", "code")
        f.close()

    def _forward(self) -> None:
        f, loop = self.f, self.step.loop
        carried = _Carried(self.context, loop.carries)
        constants = [address(self.context, view) for view in loop.constants]
        f.open("for (;;)")
        self._try(loop.condition, *_question(self.context, loop, carried))
        f.do(f"if (!*{self.context.pointers[loop.told]}) break;")
        grow = self.context.module.helper("grow", _GROW)
        f.do(f"if ((code = {grow}(&stack, &room, count, {self.size}))) break;")
        for buffer, state, now in zip(
            self.buffers, self._states(), carried.now, strict=True
        ):
            _copy(self.context, state, now, buffer.nbytes)
        f.do("count++;")
        self._try(loop.body, [*constants, *carried.now], carried.next)
        carried.turn()
        f.close()

    def _back(self) -> None:
        f, step = self.f, self.step
        bars = _Carried(self.context, step.bars)
        views = (*step.also, *step.loop.constants)
        given = [address(self.context, view) for view in views]
        f.open("while (!code && count > 0)")
        f.do("count--;")
        self._try(step.back, [*given, *self._states(), *bars.now], bars.next)
        bars.turn()
        f.close()
        bars.end()

    def _states(self) -> list[str]:
        """Give the addresses of what was carried into step `count`."""
        places, at = [], 0
        for buffer in self.buffers:
            word = MEMORY[buffer.type]
            places.append(f"({word} *)(void *)(stack + count*{self.size} + {at})")
            at += _room(buffer)
        return places

    def _try(self, part: Part, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Call a body, and leave the loop where it fails."""
        call, fails = _call(self.context, part, inputs, outputs)
        self.f.do(f"if ((code = {call})) break;" if fails else f"{call};")


def _room(buffer: Buffer) -> int:
    return -(-buffer.nbytes // 8) * 8
