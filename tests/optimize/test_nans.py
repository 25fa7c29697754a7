import numpy as np

from wengert.optimize.nans import nan_error


def test_the_operation_and_the_line_are_named():
    def f(x, y):
        return np.sum(np.log(x) + y)

    error = nan_error("here", f, -np.ones(2), 1.0)
    assert str(error).startswith("here. log made a nan")
    assert (error.primitive, error.sweep, error.source.function) == (
        "log",
        "primal",
        "f",
    )


def test_infinities_only_where_no_nan_is_made():
    slope = nan_error("here", lambda x: np.sqrt(x), 0.0)
    assert (slope.primitive, slope.sweep, slope.kind) == ("sqrt", "adjoint", "inf")
    both = nan_error("here", lambda x: np.sqrt(np.exp(x) - np.exp(x)) * 0, 800.0)
    assert (both.primitive, both.kind) == ("subtract", "nan")


def test_what_came_with_the_data_is_no_operation():
    data = np.array([1.0, np.nan])
    error = nan_error("here", lambda x: {"r": x - data}, 1.0)
    assert "the data" in str(error) and error.source is None
