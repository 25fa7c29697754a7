"""Random formulas of SymPy: of three symbols, safe at the points that they are met."""

import sympy

SYMBOLS = sympy.symbols("x y z", real=True)
FUNCTIONS = (
    sympy.sin, sympy.cos, sympy.tan, sympy.exp, sympy.sinh, sympy.cosh, sympy.tanh,
    sympy.asinh, sympy.atan, sympy.erf,
    lambda e: sympy.log(2 + sympy.cos(e)),
    lambda e: sympy.sqrt(1 + e**2),
    lambda e: 1 / (2 + sympy.sin(e)),
    lambda e: sympy.exp(-(e**2)),
)  # fmt: skip


def formula(rng, depth):
    """Draw a formula of so many levels at most."""
    if depth == 0 or rng.random() < 0.1:
        leaf = rng.choice([*SYMBOLS, *SYMBOLS, None])
        return leaf if leaf is not None else sympy.Rational(rng.randint(1, 9), 4)
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(FUNCTIONS)(formula(rng, depth - 1))
    if kind < 0.5:
        return formula(rng, depth - 1) ** rng.choice([2, 3])
    a, b = formula(rng, depth - 1), formula(rng, depth - 1)
    return rng.choice([a + b, a - b, a * b, a * b, a / (3 + sympy.cos(b))])
