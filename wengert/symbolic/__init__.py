"""Symbols: formulas in and out, differentiated by wengert, written by SymPy.

Symbols behave as arrays, so expressions are built with plain NumPy, and every operator
of wengert works on them. SymPy (the extra `symbolic`) simplifies and writes; matrix
calculus needs no SymPy, and so each part is opened on first use.

>>> import numpy as np
>>> from wengert import symbolic
>>> x, y = symbolic.symbols("x y")
>>> symbolic.diff(np.sin(x**2) * y, x)
2*x*y*cos(x**2)
"""

from typing import TYPE_CHECKING

from wengert.lazily import opener

if TYPE_CHECKING:
    from wengert.symbolic.derivatives import (
        diff,
        gradient,
        hessian,
        jacobian,
        laplacian,
    )
    from wengert.symbolic.exchange import (
        from_sympy,
        simplify,
        to_sympy,
    )
    from wengert.symbolic.expression import (
        Expression,
        symbol,
        symbols,
    )
    from wengert.symbolic.formulas import (
        Formula,
        formula,
    )
    from wengert.symbolic.matrices import (
        MatrixDerivative,
        matrix_gradient,
        matrix_hessian,
        matrix_jacobian,
    )
    from wengert.symbolic.series import (
        Expansion,
        expand,
        taylor,
    )
    from wengert.symbolic.substitution import (
        equal,
        evaluate,
        lambdify,
        subs,
    )
    from wengert.symbolic.unknowns import (
        Function,
        functions,
    )

__all__ = [
    "Expansion",
    "Expression",
    "Formula",
    "Function",
    "MatrixDerivative",
    "diff",
    "equal",
    "evaluate",
    "expand",
    "formula",
    "from_sympy",
    "functions",
    "gradient",
    "hessian",
    "jacobian",
    "lambdify",
    "laplacian",
    "matrix_gradient",
    "matrix_hessian",
    "matrix_jacobian",
    "simplify",
    "subs",
    "symbol",
    "symbols",
    "taylor",
    "to_sympy",
]

__getattr__ = opener(
    __name__,
    {
        "Expansion": "wengert.symbolic.series",
        "Expression": "wengert.symbolic.expression",
        "Formula": "wengert.symbolic.formulas",
        "Function": "wengert.symbolic.unknowns",
        "MatrixDerivative": "wengert.symbolic.matrices",
        "diff": "wengert.symbolic.derivatives",
        "equal": "wengert.symbolic.substitution",
        "evaluate": "wengert.symbolic.substitution",
        "expand": "wengert.symbolic.series",
        "formula": "wengert.symbolic.formulas",
        "from_sympy": "wengert.symbolic.exchange",
        "functions": "wengert.symbolic.unknowns",
        "gradient": "wengert.symbolic.derivatives",
        "hessian": "wengert.symbolic.derivatives",
        "jacobian": "wengert.symbolic.derivatives",
        "lambdify": "wengert.symbolic.substitution",
        "laplacian": "wengert.symbolic.derivatives",
        "matrix_gradient": "wengert.symbolic.matrices",
        "matrix_hessian": "wengert.symbolic.matrices",
        "matrix_jacobian": "wengert.symbolic.matrices",
        "simplify": "wengert.symbolic.exchange",
        "subs": "wengert.symbolic.substitution",
        "symbol": "wengert.symbolic.expression",
        "symbols": "wengert.symbolic.expression",
        "taylor": "wengert.symbolic.series",
        "to_sympy": "wengert.symbolic.exchange",
    },
)
