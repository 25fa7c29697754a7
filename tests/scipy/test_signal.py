"""scipy.signal's drop-in: SciPy's values, and derivatives."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal as ss

from tests.scipy.calling import check_derivatives, check_namespace, check_values, each
from wengert.errors import MissingRuleError
from wengert.operators import grad, vjp
from wengert.scipy import signal

r = np.random.default_rng(0)
x = r.normal(size=9)
k = r.normal(size=4)
X = r.normal(size=(5, 6))
K = r.normal(size=(3, 2))
K3 = r.normal(size=(3, 3))
c = x + 1j * r.normal(size=9)
b = np.array([1.0, 0.4, 0.2])
a = np.array([2.0, -0.5, 0.3, 0.1])
long = r.normal(size=40)
sos = ss.butter(4, 0.3, output="sos")
C = []
for n in ("convolve", "correlate"):
    for m in ("full", "same", "valid"):
        C += [
            (n, (x, k, m), {}),
            (n, (k, x, m), {}),
            (n, (X, K, m), {}),
            (n, (c, k + 1j, m), {}),
        ]
        for bd in ("fill", "wrap", "symm"):
            C += [(n + "2d", (X, K, m, bd), {}), (n + "2d", (X, K3, m, bd, 0), {})]
        C += [(n + "2d", (X, K, m, "fill", 1.5), {})]

for m in ("full", "same", "valid"):
    C += [
        ("fftconvolve", (x, k, m), {}),
        ("oaconvolve", (X, K, m), {}),
        ("fftconvolve", (X, K[:1], m), {"axes": 1}),
    ]
C += [
    ("lfilter", (b, a, x), {}),
    ("lfilter", (b, [1.0], X), {"axis": 0}),
    ("lfilter", (b, a, X), {}),
    ("lfilter", (b, a, x), {"zi": r.normal(size=3)}),
    ("lfilter", (b, a, X), {"zi": r.normal(size=(5, 3))}),
    ("lfilter", (k, a[:2], X), {"axis": 0, "zi": r.normal(size=(3, 6))}),
    ("lfilter_zi", (b, a), {}),
    ("lfilter_zi", (a, b), {}),
    ("sosfilt", (sos, long), {}),
    ("sosfilt", (sos, X), {"axis": 0, "zi": r.normal(size=(2, 2, 6))}),
    ("sosfilt_zi", (sos,), {}),
    ("filtfilt", (b, a, long), {}),
    ("filtfilt", (b, a, long), {"padtype": "even", "padlen": 5}),
    ("filtfilt", (b, a, long), {"padtype": None}),
    ("filtfilt", (b, a, long), {"padtype": "constant"}),
    ("sosfiltfilt", (sos, long), {}),
    ("freqz", (b, a), {"worN": 8}),
    ("freqz", (b, a), {"worN": 8, "fs": 10, "whole": True}),
    ("freqz_sos", (sos,), {"worN": 8}),
    ("freqz", (b,), {"worN": [0.3, 0.4]}),
    ("hilbert", (x,), {}),
    ("hilbert", (X,), {"axis": 0, "N": 6}),
    ("hilbert", (X,), {}),
    ("upfirdn", (k, x), {"up": 3, "down": 2}),
    ("upfirdn", (k, X), {"axis": 0}),
    ("resample_poly", (long, 3, 2), {}),
    ("resample_poly", (long, 2, 7), {}),
    ("resample_poly", (X, 2, 1), {"axis": 1}),
    ("decimate", (long, 4), {}),
    ("decimate", (long, 4), {"ftype": "fir"}),
    ("resample", (long, 30), {}),
    ("resample", (long, 51), {}),
    ("resample", (X, 4), {"axis": 1}),
    ("resample", (X, 9), {"axis": 0}),
    ("resample", (X, 12), {"axis": 1}),
    ("detrend", (long,), {}),
    ("detrend", (X,), {"axis": 0, "type": "constant"}),
    ("detrend", (long,), {"bp": [10, 25]}),
    *[
        ("savgol_filter", (long, 7, 2), {"mode": m, "deriv": d})
        for m in ("interp", "mirror", "nearest", "wrap", "constant")
        for d in (0, 1)
    ],
    ("savgol_filter", (X, 5, 3), {"axis": 0}),
    ("savgol_filter", (long, 6, 2), {"mode": "mirror"}),
    ("welch", (long,), {"nperseg": 16}),
    (
        "welch",
        (long,),
        {"nperseg": 9, "nfft": 12, "detrend": "linear", "scaling": "spectrum"},
    ),
    ("welch", (c,), {"nperseg": 4}),
    ("csd", (long, long[::-1].copy()), {"nperseg": 16, "fs": 3.0}),
    ("periodogram", (X,), {"axis": 0}),
    ("periodogram", (x,), {"nfft": 16}),
    ("periodogram", (x,), {"window": "hann", "nfft": 6}),
    ("spectrogram", (long,), {"nperseg": 16}),
]

CALLS = C


@each(CALLS)
def test_faces_give_what_scipy_gives(name, args, keywords):
    check_values(ss, name, args, keywords)


@each(CALLS)
def test_derivatives_agree_with_differences(name, args, keywords):
    fixed = (0,) if "sos" in name else ()  # whose fourth column is held at 1
    if name in ("sosfilt_zi", "freqz_sos"):
        pytest.skip("nothing else moves")
    check_derivatives(signal, name, args, keywords, fixed=fixed)


@pytest.mark.parametrize("name", ["lfilter", "filtfilt", "convolve", "welch"])
def test_second_derivatives_agree_with_differences(name):
    chosen = next(c for c in CALLS if c[0] == name)
    check_derivatives(signal, *chosen, order=2)


def test_a_convolution_and_its_adjoint():
    _, pullback = vjp(lambda x: signal.convolve2d(x, K, "same", "symm"), X)
    y_bar = r.normal(size=X.shape)
    np.testing.assert_allclose(
        np.sum(y_bar * ss.convolve2d(X, K, "same", "symm")),
        np.sum(pullback(y_bar)[0] * X),
    )


@pytest.mark.parametrize("name", ["butter", "find_peaks", "stft", "residue"])
def test_what_has_no_rule_says_why(name):
    with pytest.raises(MissingRuleError, match=rf"scipy\.signal\.{name} has no.*test_"):
        grad(lambda x: getattr(signal, name)(x, x))(x)


def test_options_without_a_rule_are_refused():
    for call in (
        lambda x: signal.filtfilt(b, a, x, method="gust"),
        lambda x: signal.welch(x, nperseg=8, average="median"),
        lambda x: signal.fftconvolve(np.stack([x, x]), np.stack([x, x]), axes=1),
        lambda x: signal.resample_poly(x, 2, 1, padtype="line"),
    ):
        with pytest.raises(MissingRuleError):
            grad(lambda x, call=call: np.sum(call(x)))(long)


def test_every_public_name_is_there():
    check_namespace(signal, ss)
    np.testing.assert_array_equal(signal.lfilter(b, a, x), ss.lfilter(b, a, x))
