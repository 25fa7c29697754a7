"""One call of f, ready to be differentiated: its leaves, its output, its refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from wengert.errors import NotScalarError
from wengert.graph.types import ArrayType
from wengert.operators.arguments import Arguments, Output, Wrt, name_of

__all__ = ["Derivation"]


class Derivation:
    """One call of f.

    Attributes
    ----------
    arguments : Arguments
    output : Output
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: Wrt,
        argnames: str | Sequence[str],
        has_aux: bool,
        holomorphic: bool,
    ) -> None:
        self.f, self.has_aux, self.holomorphic = f, has_aux, holomorphic
        self.arguments = Arguments(f, args, kwargs, argnums, argnames)
        self.output = Output(f, has_aux)

    @property
    def leaves(self) -> list[Any]:
        """The leaves of the differentiated arguments."""
        return self.arguments.leaves

    def flat(self, *leaves: Any) -> list[Any]:
        """Be f, of leaves, with a flat result."""
        return self.output.take(self.arguments.call(leaves))

    def arranged(self, rows: Iterable[Any]) -> Any:
        """Arrange one result for each leaf of the output as f arranged these."""
        result = self.output.restore(rows)
        return (result, self.output.aux) if self.has_aux else result

    def check(self, values: Sequence[Any], what: str) -> None:
        """Refuse complex values without `holomorphic`, and real ones with it.

        Raises
        ------
        NotScalarError
        """
        complex_ones = [v for v in values if v.dtype.kind == "c"]
        if complex_ones and not self.holomorphic:
            raise NotScalarError(
                f"an {what} of {name_of(self.f)} is complex, "
                f"{ArrayType.of(complex_ones[0])!r}: its Jacobian is one number for "
                "each element only if f is holomorphic. Say holomorphic=True if it is, "
                "or differentiate real and imaginary parts."
            )
        if self.holomorphic and len(complex_ones) < len(values):
            raise NotScalarError(
                f"holomorphic=True, but an {what} of {name_of(self.f)} is real."
            )
