"""Functions of scipy.special that are not differentiated, each with its reason.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

from scipy import special

from wengert.graph.primitive import answers
from wengert.primitives.refusal import Refusal, refuse_all

__all__: list[str] = []

_ORDER = "it solves for a parameter in which the distribution has no closed derivative"
_EIGENVALUE = "a characteristic value has no closed derivative in its parameter"
_VALUES = "SciPy's own values are good to few digits"
_DIFFERENTIATES = "it gives its own derivatives, by diff_n"
_SEQUENCE = "its outputs are the values for all orders up to one; ask for them singly"
_INTEGER = "it is defined for integers alone"
_ZETA = "no closed derivative of Riemann's ζ is known"

_REASONS = {
    _ORDER: (
        "bdtrik bdtrin btdtria btdtrib chdtriv chndtridf fdtridfd gdtrib nbdtrik "
        "nbdtrin ncfdtridfd ncfdtridfn nctdtridf pdtrik stdtridf"
    ),
    _EIGENVALUE: (
        "obl_cv_seq pro_cv_seq mathieu_even_coef mathieu_odd_coef"
    ),
    _VALUES: (
        "ncfdtrinc nctdtrinc obl_rad2 obl_rad2_cv pro_rad2 pro_rad2_cv"
    ),
    _DIFFERENTIATES: (
        "assoc_legendre_p assoc_legendre_p_all legendre_p legendre_p_all sph_harm_y "
        "sph_harm_y_all sph_legendre_p sph_legendre_p_all"
    ),
    _SEQUENCE: "lmbda lqmn lqn pbdn_seq pbdv_seq pbvv_seq riccati_jn riccati_yn",
    _INTEGER: "bernoulli euler factorial2 factorialk stirling2",
    _ZETA: "zetac",
    "its derivative is a sum that grows with n": "smirnov smirnovi",
    "Lamé's functions have no closed derivative here": (
        "ellip_harm ellip_harm_2 ellip_normal"
    ),
}  # fmt: skip

refuse_all(special, _REASONS)
answers(special._ufuncs._riemann_zeta)(Refusal("scipy.special", "zeta", _ZETA))
