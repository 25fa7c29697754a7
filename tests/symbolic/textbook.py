"""Functions of textbooks, each written once and read by NumPy and by SymPy."""

# Of x, y and of positive a: what `differentiate these` sections ask.
TEXTBOOK = """
x**7
3*x**2 + 2*x
1/x
1/x**3
x**(2/3)
sqrt(a)
1/sqrt(a)
(x**2 + 1)**2
(x**2 + 1)**10
(3*x - 2)/(x**2 + 1)
(x**2 - 1)/(x**2 + 1)
x/(1 + x)
1/(1 + 1/(1 + 1/x))
sqrt(1 + x**2)
x*sqrt(1 - x**2)
a**a
a**x
x**3*a**y
2**x
3**(x**2)
exp(x)
exp(-x**2)
exp(x**2 - x)/x
exp(-x**2/2)/sqrt(2*pi)
x*exp(-x)
exp(exp(x))
exp(sin(x))
exp(x)*cos(x)
(exp(x) - exp(-x))/2
1/(1 + exp(-x))
x/(exp(x) - 1)
log(a)
log(1 + x**2)
log(log(a))
a*log(a) - a
log(a)/a
log(a + sqrt(a**2 + 1))
log((1 + x)/(1 - x))
x**2*log(x**2)
sin(x)
sin(x**2)
sin(x)**2
x*sin(2*x)
x**2*sin(1/x)
sin(x)/x
sin(sin(sin(x)))
sin(x)*cos(x)
cos(3*x + 1)
cos(x)**3
tan(x)
tan(x)**2
x*tan(x) + log(cos(x))
1/cos(x)
1/sin(x)
cos(x)/sin(x)
asin(x)
acos(x)
atan(x)
atan(1/x)
atan(y/x)
asin(x)**2
x*atan(x) - log(1 + x**2)/2
sinh(x)
cosh(x)
tanh(x)
tanh(x)**2
asinh(x)
acosh(1 + a)
atanh(x)
log(cosh(x))
x*y**2 + cos(x*y)
log(a) + a*y - sin(y)
x*y*sin(y*z)
x*exp(y) - x
(sin(x/y) + x/y - exp(y))*(x/y - exp(y))
x**2*y + y**2*z + z**2*x
sqrt(x**2 + y**2 + z**2)
1/sqrt(x**2 + y**2 + z**2)
exp(-(x**2 + y**2)/2)
log(x**2 + y**2)
x*y/(x**2 + y**2)
(x - y)/(x + y)
100*(y - x**2)**2 + (1 - x)**2
sin(x)*sin(y)*sin(z)
exp(x*y*z)
cos(x)*cosh(y)
atan2(y, x)
x**2/4 + y**2/9
erf(x)
erf(x/sqrt(2))/2
exp(x**2)*erfc(x)
gamma(a)
log(gamma(a))
x*erf(x) + exp(-x**2)/sqrt(pi)
Abs(x)
Abs(x)**3
x*Abs(x)
besselj(0, x)
besselj(1, x)
besseli(0, x)
besselk(1, a)
airyai(x)
Si(x)
Ci(a)
Ei(a)
LambertW(a)
elliptic_k(x**2/4)
fresnels(x)
legendre(3, x)
chebyshevt(5, x)
hermite(4, x)
""".split("\n")[1:-1]
