"""Symbols: formulas in and out, differentiated by wengert, written by SymPy.

Symbols behave as arrays, so expressions are built with plain NumPy, and every operator
of wengert works on them. SymPy (the extra `symbolic`) simplifies and writes.

>>> import numpy as np
>>> from wengert import symbolic
>>> x, y = symbolic.symbols("x y")
>>> symbolic.diff(np.sin(x**2) * y, x)
2*x*y*cos(x**2)
"""

from wengert.symbolic.derivatives import diff, gradient, hessian, jacobian, laplacian
from wengert.symbolic.exchange import from_sympy, simplify, to_sympy
from wengert.symbolic.expression import Expression, symbol, symbols
from wengert.symbolic.formulas import Formula, formula
from wengert.symbolic.functions import Function, functions
from wengert.symbolic.series import Expansion, expand, taylor
from wengert.symbolic.substitution import equal, evaluate, lambdify, subs

__all__ = [
    "Expansion",
    "Expression",
    "Formula",
    "Function",
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
    "simplify",
    "subs",
    "symbol",
    "symbols",
    "taylor",
    "to_sympy",
]
