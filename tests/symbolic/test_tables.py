"""The tables of a lecture, with symbols: forward mode proves the rules (T11)."""

from wengert import explain
from wengert.symbolic import equal, functions, symbol, symbols

u, v, du, dv = symbols("u v u̇ v̇")


def test_the_product_rule():
    table = explain(lambda u, v: u * v, seed=[du, dv])(u, v)
    assert equal(table.tables.tangent.lines[-1].value, du * v + u * dv)
    text = str(table)
    assert "v̇₋₁·v₀ + v̇₀·v₋₁   u*v̇ + u̇*v" in text
    assert "∂y/∂u = v̄₋₁   v" in text


def test_the_quotient_rule():
    table = explain(lambda u, v: u / v, seed={"u": du, "v": dv})(u, v)
    rule = (du * v - u * dv) / v**2
    assert equal(table.tables.tangent.lines[-1].value, rule)


def test_the_chain_rule():
    f, g = functions("f g")
    x = symbols("x")
    table = explain(lambda x: f(g(x)))(x)
    assert str(table.gradient) == "g'(x)*f'(g(x))"
    assert "v̇₁·f′ v₁" in str(table) or "v̇₁·f′(v₁)" in str(table)
    assert r"g'\left(x\right)" in table.latex()


def test_arrays_of_symbols():
    x = symbol("x", 2)
    table = explain(lambda x: x[0] ** 2 * x[1])(x)
    assert "[2*x[0]*x[1], x[0]**2]" in str(table)
    assert table.markdown() and table.html()
