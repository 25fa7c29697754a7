"""Special functions that native code calls, one element after the other.

They are SciPy's own: C functions of float64 that `scipy.special.cython_special` exports
by name. Engines without SciPy at hand refuse them.
"""

from __future__ import annotations

__all__ = ["SPECIAL"]

# Rows of one to three arguments, by their names here, which are SciPy's but
# for the digamma function.
SPECIAL = frozenset(
    """
    j0 j1 y0 y1 i0 i1 k0 k1 i0e i1e k0e k1e jv yv iv kv yn kn kve ive exprel
    boxcox boxcox1p inv_boxcox inv_boxcox1p powm1 loggamma gamma rgamma digamma
    beta betaln poch gammasgn gammainc gammaincc gammaincinv gammainccinv
    betainc betaincc betaincinv binom pdtr pdtrc pdtri bdtr bdtrc bdtri nbdtr
    nbdtrc nbdtri kolmogorov kolmogi jve yve struve modstruve ber bei ker kei
    berp beip kerp keip chdtr chdtrc chdtri gdtr gdtrc gdtrix gdtria betainccinv
    fdtr fdtrc fdtri stdtr stdtrit nrdtrimn nrdtrisd tklmbda ellipk ellipkm1
    ellipe ellipkinc ellipeinc elliprf elliprd elliprc elliprg agm
    hyp0f1 hyp1f1 hyperu wright_bessel log_wright_bessel exp1 expi expn
    spence itstruve0 it2struve0 itmodstruve0 besselpoly voigt_profile chndtr
    chndtrix chndtrinc nctdtr nctdtrit lpmv mathieu_a mathieu_b
    pro_cv obl_cv erfi erfcx dawsn erfinv erfcinv ndtr log_ndtr ndtri ndtri_exp
    owens_t logit wrightomega entr rel_entr kl_div huber pseudo_huber cosm1
    sindg cosdg tandg cotdg radian
    """.split()
)
