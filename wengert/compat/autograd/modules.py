"""The modules of autograd: which names of ours each holds, under which name.

A module is made when it is first imported: those of `autograd.scipy` load SciPy.
"""

from __future__ import annotations

import builtins
import importlib
import types
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from wengert.compat.autograd import (
    boxes,
    broadcasting,
    checking,
    containers,
    derivation,
    descent,
    fixed_point,
    graphs,
    namespace,
    operators,
    primitives,
    rules,
    spaces,
    traces,
    wrapping,
)

__all__ = ["MODULES", "PACKAGES", "fill"]

Names = dict[str, Any]


def _of(module: types.ModuleType, names: Iterable[str] = ()) -> Names:
    return {name: getattr(module, name) for name in names or module.__all__}


def _builtins() -> Names:
    return _of(containers, ("isinstance", "type")) | {
        "tuple": builtins.tuple, "list": builtins.list, "dict": builtins.dict,
        "tuple_": builtins.tuple, "list_": builtins.list, "dict_": builtins.dict,
        "isinstance_": builtins.isinstance, "type_": builtins.type,
        **_of(boxes, ("DictBox", "SequenceBox")),
        **_of(spaces, ("ContainerVSpace", "DictVSpace", "ListVSpace",
                       "NamedTupleVSpace", "SequenceVSpace", "TupleVSpace")),
        "make_sequence": lambda kind, *parts: kind(parts),
    }  # fmt: skip


def _top() -> Names:
    left_out = {"make_jvp_reversemode"}
    return {
        **{k: v for k, v in _of(operators).items() if k not in left_out},
        "primitive": primitives.primitive_with_methods,
        **{name: _builtins()[name]
           for name in ("dict", "isinstance", "list", "tuple", "type")},
    }  # fmt: skip


def _core() -> Names:
    return {
        **_of(rules, (
            "def_linear", "defjvp", "defjvp_argnum", "defjvp_argnums", "defvjp",
            "defvjp_argnum", "defvjp_argnums", "primitive_jvps", "primitive_vjps",
            "sum_outgrads", "deprecated_defgrad", "deprecated_defvjp",
            "deprecated_defvjp_is_zero")),
        **_of(boxes, ("Box", "getval", "isbox")),
        **_of(traces, ("JVPNode", "VJPNode")),
        **_of(spaces, ("VSpace", "vspace")),
        **_of(derivation, ("backward_pass", "make_jvp", "make_vjp", "trace")),
        "primitive": primitives.primitive_with_methods,
        "primitive_": primitives.primitive,
        "primitive_with_deprecation_warnings": primitives.primitive_with_methods,
        "Node": graphs.Node, "toposort": graphs.toposort,
        "SparseBox": type("SparseBox", (), {}),
        "SparseObject": SparseObject, "sparse_object_types": {SparseObject},
    }  # fmt: skip


class SparseObject:
    """A cotangent that adds itself to another: here, it is added to zero at once.

    Parameters
    ----------
    vs : VSpace
    mut_add : callable
        `(array) → array`, which may write to what it is given.
    """

    def __new__(cls, vs: Any, mut_add: Any) -> Any:
        """Give the cotangent itself."""
        return mut_add(vs.zeros())


def _tracer() -> Names:
    return {
        **_of(boxes, ("Box", "getval", "isbox")),
        **_of(traces, ("TraceStack", "new_box", "trace_stack")),
        "box_type_mappings": boxes.Box.type_mappings, "box_types": boxes.Box.types,
        **_of(graphs, ("Node", "toposort")), "trace": derivation.trace,
        **_of(primitives, ("notrace_primitive", "notrace_primitives", "primitive",
                           "register_notrace", "trace_primitives_map")),
        **_of(rules, ("subval", "subvals")),
    }  # fmt: skip


def _extend() -> Names:
    names = ("JVPNode", "SparseObject", "VJPNode", "VSpace", "def_linear", "defjvp",
             "defjvp_argnum", "defjvp_argnums", "defvjp", "defvjp_argnum",
             "defvjp_argnums", "vspace")  # fmt: skip
    core = _core()
    return {
        **{name: core[name] for name in names},
        "Box": boxes.Box,
        **_of(primitives, ("notrace_primitive", "primitive", "register_notrace")),
    }


def _util() -> Names:
    return {
        **_of(rules, ("subval", "subvals")), "toposort": graphs.toposort,
        "func": lambda f: f, "quick_grad_check": _quick_grad_check,
    }  # fmt: skip


def _quick_grad_check(
    fun: Any, arg0: Any, extra_args: Any = (), kwargs: Any = None, **_: Any
) -> None:
    check = checking.check_grads(
        lambda x: fun(x, *extra_args, **(kwargs or {})), modes=["rev"], order=1
    )
    check(arg0)


def _wrapped(original: types.ModuleType) -> Names:
    names: Names = {}
    namespace.wrap_namespace(vars(original), names)
    return names


def _linalg() -> Names:
    names = _wrapped(np.linalg)
    return names | {"T": names["matrix_transpose"], "_dot": _numpy_names()["matmul"]}


def _random() -> Names:
    # Samplers know no boxes, and are NumPy's own.
    return {k: v for k, v in vars(np.random).items() if not k.startswith("_")}


_numpy: Names = {}


def _numpy_names() -> Names:
    if not _numpy:
        _numpy.update(namespace.numpy_names())
    return _numpy


def _special() -> Names:
    special = importlib.import_module("scipy.special")
    importlib.import_module("wengert.primitives.special")
    ours = importlib.import_module("wengert.compat.autograd.special_functions")
    names = _wrapped(special)
    for name, value in names.items():
        formula = ours.FORMULAS.get(getattr(value, "fun", None))
        if formula is not None:
            names[name] = namespace.wrapped(value.fun, formula)
    return names


def _scipy_linalg() -> Names:
    ours = importlib.import_module("wengert.scipy.linalg")
    original = importlib.import_module("scipy.linalg")
    names: Names = {}
    namespace.wrap_namespace(
        {name: getattr(original, name) for name in ours.__all__}, names
    )
    for name, value in names.items():
        if hasattr(value, "fun"):
            names[name] = namespace.wrapped(value.fun, getattr(ours, name))
    return names


def _distribution(name: str) -> Callable[[], Names]:
    def names() -> Names:
        ours = importlib.import_module("wengert.compat.autograd.distributions")
        return ours.names_of(name)  # type: ignore[no-any-return]

    return names


def _lazily(module: str, *names: str) -> Callable[[], Names]:
    return lambda: _of(
        importlib.import_module(f"wengert.compat.autograd.{module}"), names
    )


_DISTRIBUTIONS = ("beta", "chi2", "dirichlet", "gamma", "multivariate_normal", "norm",
                  "poisson", "t")  # fmt: skip

# Name of a module → function that makes its names.
MODULES: dict[str, Callable[[], Names]] = {
    "autograd": _top,
    "autograd.builtins": _builtins,
    "autograd.core": _core,
    "autograd.differential_operators": lambda: _of(operators),
    "autograd.extend": _extend,
    "autograd.misc": lambda: {"flatten": containers.flatten,
                              "const_graph": graphs.const_graph},
    "autograd.misc.fixed_points": lambda: _of(fixed_point),
    "autograd.misc.flatten": lambda: _of(containers, ("flatten", "flatten_func")),
    "autograd.misc.optimizers": lambda: _of(descent),
    "autograd.misc.tracers": lambda: _of(graphs),
    "autograd.numpy": _numpy_names,
    "autograd.numpy.fft": lambda: _wrapped(np.fft),
    "autograd.numpy.linalg": _linalg,
    "autograd.numpy.numpy_boxes": lambda: _of(
        boxes, ("ArrayBox", "Box", "SequenceBox")),
    "autograd.numpy.numpy_jvps": lambda: _of(rules, ("defjvp", "defjvp_argnum")),
    "autograd.numpy.numpy_vjps": lambda: _of(broadcasting),
    "autograd.numpy.numpy_vspaces": lambda: _of(
        spaces, ("ArrayVSpace", "ComplexArrayVSpace", "VSpace")),
    "autograd.numpy.numpy_wrapper": _numpy_names,
    "autograd.numpy.random": _random,
    "autograd.scipy": lambda: {},
    "autograd.scipy.integrate": _lazily("integration", "odeint"),
    "autograd.scipy.linalg": _scipy_linalg,
    "autograd.scipy.signal": _lazily("convolution", "convolve"),
    "autograd.scipy.special": _special,
    "autograd.scipy.stats": lambda: {},
    **{f"autograd.scipy.stats.{name}": _distribution(name) for name in _DISTRIBUTIONS},
    "autograd.test_util": lambda: _of(checking),
    "autograd.tracer": _tracer,
    "autograd.util": _util,
    "autograd.wrap_util": lambda: _of(wrapping),
}  # fmt: skip
PACKAGES = {"autograd", "autograd.misc", "autograd.numpy", "autograd.scipy",
            "autograd.scipy.stats"}  # fmt: skip

# Submodules that `import autograd.numpy` brings with it, and so on.
_BRINGS = {
    "autograd": ("builtins", "core", "differential_operators", "extend", "numpy",
                 "tracer", "util", "wrap_util"),
    "autograd.misc": ("tracers",),
    "autograd.numpy": ("fft", "linalg", "numpy_boxes", "numpy_jvps", "numpy_vjps",
                       "numpy_vspaces", "numpy_wrapper", "random"),
    "autograd.scipy": ("integrate", "signal", "special", "stats", "linalg"),
    "autograd.scipy.stats": _DISTRIBUTIONS,
}  # fmt: skip


def fill(module: types.ModuleType) -> None:
    """Put the names into a module that is being imported."""
    name = module.__name__
    names = MODULES[name]()
    vars(module).update(names)
    if name == "autograd.numpy":
        vars(module)["numpy_wrapper"] = None
    for inner in _BRINGS.get(name, ()):
        importlib.import_module(f"{name}.{inner}")
    if name == "autograd.misc":
        # The function, as autograd has it, and not the module of that name.
        importlib.import_module("autograd.misc.flatten")
        vars(module).update(names)
