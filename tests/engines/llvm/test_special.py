"""SciPy's special functions by pointer."""

from wengert.engines.llvm.special import special_symbol


def test_functions_of_one_and_of_several_types_are_found():
    assert special_symbol("psi") == ("wengert_special_psi", 1)
    assert special_symbol("ndtri") == ("wengert_special_ndtri", 1)
    assert special_symbol("xlogy").arity == 2


def test_what_takes_other_types_is_not():
    assert special_symbol("sph_harm_y") is None
    assert special_symbol("no_such_function") is None
