"""Vector spaces of values: zeros, ones, bases, sums, inner products.

Containers have the product of the spaces of what they hold. The operations are plain
NumPy and work on boxes: they have derivatives of every order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

from wengert import tree
from wengert.compat.autograd.boxes import getval, isbox
from wengert.compat.autograd.errors import no_space

__all__ = [
    "ArrayVSpace",
    "ComplexArrayVSpace",
    "ContainerVSpace",
    "DictVSpace",
    "ListVSpace",
    "NamedTupleVSpace",
    "SequenceVSpace",
    "TupleVSpace",
    "VSpace",
    "vspace",
]


class VSpace:
    """Be the base of all spaces, and the registry of types of values.

    Attributes
    ----------
    mappings : dict
        Type of a value → function that makes its space.
    iscomplex : bool
    """

    mappings: ClassVar[dict[Any, Callable[[Any], Any]]] = {}
    iscomplex = False

    def __init__(self, value: Any) -> None:
        pass

    def zeros(self) -> Any:
        """Give the zero of the space."""
        raise NotImplementedError(repr(self))

    def ones(self) -> Any:
        """Give the sum of the standard basis."""
        raise NotImplementedError(repr(self))

    def standard_basis(self) -> Iterator[Any]:
        """Yield the standard basis."""
        raise NotImplementedError(repr(self))

    def randn(self) -> Any:
        """Give a vector of normal numbers."""
        raise NotImplementedError(repr(self))

    def add(self, x: Any, y: Any) -> Any:
        """Add two vectors."""
        return self._add(x, y)

    def mut_add(self, x: Any, y: Any) -> Any:
        """Add two vectors; None is zero."""
        return self._mut_add(self.zeros() if x is None else x, y)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """Multiply a vector by a number."""
        return self._scalar_mul(x, a)

    def inner_prod(self, x: Any, y: Any) -> Any:
        """Give the real inner product."""
        return self._inner_prod(x, y)

    def covector(self, x: Any) -> Any:
        """Give the vector that the pairing Σ ȳ·ẏ identifies with x."""
        return self._covector(x)

    def _add(self, x: Any, y: Any) -> Any:
        return x + y

    def _mut_add(self, x: Any, y: Any) -> Any:
        return self._add(x, y)

    def _scalar_mul(self, x: Any, a: Any) -> Any:
        return x * a

    def _inner_prod(self, x: Any, y: Any) -> Any:
        raise NotImplementedError(repr(self))

    def _covector(self, x: Any) -> Any:
        return x

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}_{vars(self)}"

    @classmethod
    def register(cls, value_type: type, vspace_maker: Any = None) -> None:
        """Say what makes the space of values of a type: by default, this class."""
        VSpace.mappings[value_type] = vspace_maker or cls


def vspace(value: Any) -> Any:
    """Make the space that a value belongs to.

    Raises
    ------
    TypeError
        If its type has none: ints, strings, booleans.
    """
    maker = VSpace.mappings.get(type(value))
    if maker is not None:
        return maker(value)
    if isbox(value):
        return vspace(getval(value))
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return NamedTupleVSpace(value)
    raise no_space(value, VSpace.mappings)


class ArrayVSpace(VSpace):
    """The space of real arrays of one shape and dtype."""

    def __init__(self, value: Any) -> None:
        value = np.asarray(getval(value))
        self.shape, self.dtype = value.shape, value.dtype

    @property
    def size(self) -> int:
        """The dimension, over the reals."""
        return int(np.prod(self.shape))

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def zeros(self) -> Any:
        """Give an array of zeros."""
        return np.zeros(self.shape, self.dtype)

    def ones(self) -> Any:
        """Give an array of ones."""
        return np.ones(self.shape, self.dtype)

    def standard_basis(self) -> Iterator[Any]:
        """Yield arrays with a one at one place."""
        return self._units(1)

    def _units(self, *values: complex) -> Iterator[Any]:
        for place in np.ndindex(self.shape):
            for value in values:
                unit = self.zeros()
                unit[place] = value
                yield unit

    def randn(self) -> Any:
        """Give an array of normal numbers."""
        return np.asarray(np.random.standard_normal(self.shape)).astype(self.dtype)

    def _inner_prod(self, x: Any, y: Any) -> Any:
        return np.sum(np.multiply(x, y))


class ComplexArrayVSpace(ArrayVSpace):
    """The space of complex arrays, as a real space of twice the dimension."""

    iscomplex = True

    @property
    def size(self) -> int:
        """The dimension, over the reals."""
        return 2 * super().size

    def ones(self) -> Any:
        """Give an array of 1 + 1j."""
        return np.full(self.shape, 1 + 1j, self.dtype)

    def standard_basis(self) -> Iterator[Any]:
        """Yield arrays with 1 or 1j at one place."""
        return self._units(1, 1j)

    def randn(self) -> Any:
        """Give an array of complex normal numbers."""
        real, imaginary = np.random.standard_normal((2, *self.shape))
        return np.asarray(real + 1j * imaginary).astype(self.dtype)

    def _inner_prod(self, x: Any, y: Any) -> Any:
        return np.real(np.sum(np.multiply(np.conj(x), y)))

    def _covector(self, x: Any) -> Any:
        return np.conj(x)


class ContainerVSpace(VSpace):
    """The product of the spaces of what a container holds.

    Attributes
    ----------
    shape : container
        Of spaces, in the form of the values.
    """

    def __init__(self, value: Any) -> None:
        leaves, self._form = tree.flatten(value)
        self._spaces = [vspace(leaf) for leaf in leaves]
        self.shape = tree.unflatten(self._form, self._spaces)

    @property
    def size(self) -> int:
        """The dimension, over the reals."""
        return sum(space.size for space in self._spaces)

    def _of(self, method: str, *vectors: Any, **common: Any) -> Any:
        columns = [self._leaves(x) for x in vectors]
        return tree.unflatten(
            self._form,
            [
                getattr(space, method)(*parts, *common.values())
                for space, *parts in zip(self._spaces, *columns, strict=True)
            ],
        )

    def _leaves(self, x: Any) -> list[Any]:
        leaves: list[Any] = tree.flatten(x)[0]
        return leaves

    def zeros(self) -> Any:
        """Give a container of zeros."""
        return self._of("zeros")

    def ones(self) -> Any:
        """Give a container of ones."""
        return self._of("ones")

    def randn(self) -> Any:
        """Give a container of normal numbers."""
        return self._of("randn")

    def standard_basis(self) -> Iterator[Any]:
        """Yield containers that are zero but for one number."""
        zeros = [space.zeros() for space in self._spaces]
        for i, space in enumerate(self._spaces):
            for unit in space.standard_basis():
                yield tree.unflatten(self._form, [*zeros[:i], unit, *zeros[i + 1 :]])

    def _add(self, x: Any, y: Any) -> Any:
        return self._of("add", x, y)

    def _scalar_mul(self, x: Any, a: Any) -> Any:
        return self._of("scalar_mul", x, a=a)

    def _covector(self, x: Any) -> Any:
        return self._of("covector", x)

    def _inner_prod(self, x: Any, y: Any) -> Any:
        terms = map(
            lambda space, a, b: space.inner_prod(a, b),
            self._spaces,
            self._leaves(x),
            self._leaves(y),
        )
        return sum(terms)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ContainerVSpace)
            and type(self) is type(other)
            and self._form == other._form
            and self._spaces == other._spaces
        )

    __hash__ = VSpace.__hash__


class SequenceVSpace(ContainerVSpace):
    """The space of a sequence."""


class ListVSpace(SequenceVSpace):
    """The space of a list."""


class TupleVSpace(SequenceVSpace):
    """The space of a tuple."""


class NamedTupleVSpace(SequenceVSpace):
    """The space of a named tuple."""


class DictVSpace(ContainerVSpace):
    """The space of a dictionary."""


def _of_array(value: Any) -> Any:
    kind = ComplexArrayVSpace if np.iscomplexobj(value) else ArrayVSpace
    return kind(value)


VSpace.register(np.ndarray, _of_array)
_REAL: tuple[type, ...] = (
    float, np.longdouble, np.float64, np.float32, np.float16,
)  # fmt: skip
_COMPLEX: tuple[type, ...] = (complex, np.clongdouble, np.complex64, np.complex128)
for _real in _REAL:
    ArrayVSpace.register(_real)
for _complex in _COMPLEX:
    ComplexArrayVSpace.register(_complex)
ListVSpace.register(list)
TupleVSpace.register(tuple)
DictVSpace.register(dict)
