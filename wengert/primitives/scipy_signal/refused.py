"""Functions of scipy.signal that are not differentiated, each with its reason."""

from __future__ import annotations

import scipy.signal

from wengert.primitives.refusal import refuse_all

__all__: list[str] = []

_DESIGN = "it designs a filter from numbers; a rule for traced ones is not written"
_POINTS = "what it gives are places, which jump"

refuse_all(
    scipy.signal,
    {
        _DESIGN: "abcd_normalize band_stop_obj bessel besselap bilinear bilinear_zpk "
        "butter buttord cheb1ap cheb1ord cheb2ap cheb2ord cheby1 cheby2 cont2discrete "
        "ellip ellipap ellipord firls firwin firwin2 firwin_2d gammatone iircomb "
        "iirdesign iirfilter iirnotch iirpeak kaiser_atten kaiser_beta kaiserord "
        "lp2bp lp2bp_zpk lp2bs lp2bs_zpk lp2hp lp2hp_zpk lp2lp lp2lp_zpk minimum_phase "
        "remez savgol_coeffs closest_STFT_dual_window",
        _POINTS: "argrelextrema argrelmax argrelmin find_peaks find_peaks_cwt "
        "peak_prominences peak_widths findfreqs max_len_seq unique_roots",
        "it finds roots, whose order and multiplicity jump": "invres invresz residue "
        "residuez ss2tf ss2zpk sos2tf sos2zpk tf2sos tf2ss tf2zpk zpk2sos zpk2ss "
        "zpk2tf place_poles normalize",
        "it runs a system by compiled code; write it with lfilter": "bode dbode "
        "dfreqresp dimpulse dlsim dstep freqresp freqs freqs_zpk freqz_zpk impulse "
        "lsim step lfiltic group_delay",
        "a rule is not written": "coherence cspline1d cspline1d_eval cspline2d "
        "czt deconvolve envelope gauss_spline hilbert2 istft lombscargle "
        "medfilt2d order_filter qspline1d qspline1d_eval qspline2d sepfir2d "
        "spline_filter stft symiirorder1 symiirorder2 vectorstrength wiener zoom_fft "
        "chirp gausspulse sawtooth square sweep_poly",
    },
)
