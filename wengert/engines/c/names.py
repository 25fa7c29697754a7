"""Names for C: of the user's arguments and functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from wengert.errors import ArgumentError

__all__ = ["check_name", "distinct", "identifier"]

_KEYWORDS = (
    "auto break case char const continue default do double else enum extern float for "
    "goto if inline int long register restrict return short signed sizeof static "
    "struct switch typedef union unsigned void volatile while _Bool _Complex "
    "_Imaginary bool true false asm typeof class new delete this try catch throw "
    "template namespace operator private protected public virtual friend using "
    "export explicit mutable typename and or not xor bitand bitor compl"
)
_FUNCTIONS = (
    "acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp "
    "exp2 expm1 fabs floor fmod hypot lgamma log log10 log1p log2 pow rint sin sinh "
    "sqrt tan tanh trunc free memmove realloc"
)
# Of the headers that the files include, what else a function cannot be called.
_LIBRARY = frozenset(
    (
        "abort abs atexit atof atoi atol atoll bsearch calloc div exit fclose fdim "
        "fflush fma fmax fmin fopen fpclassify fprintf fputc fputs frexp fscanf getc "
        "getchar getenv gets ilogb isfinite isinf isnan isnormal labs ldexp ldiv llabs "
        "lldiv llrint llround logb lrint lround malloc memchr memcmp memcpy memset "
        "modf nan nearbyint nextafter nexttoward perror printf putc putchar puts qsort "
        "rand remainder remove remquo rename rewind round scalbln scalbn scanf setbuf "
        "setvbuf signbit snprintf sprintf srand sscanf strcat strchr strcmp strcoll "
        "strcpy strcspn strerror strlen strncat strncmp strncpy strpbrk strrchr strspn "
        "strstr strtod strtof strtok strtol strtold strtoll strtoul strtoull strxfrm "
        "system tgamma tmpfile tmpnam ungetc vprintf"
    ).split()
)
_RESERVED = frozenset(
    [*_KEYWORDS.split(), *_FUNCTIONS.split(), "work", "main", "code", "NULL", "NAN"]
    + [f"{name}f" for name in _FUNCTIONS.split()]
    + ["INFINITY", "SIZE_MAX", "base", "count", "lane", "room", "stack", "step"]
)
# What the functions of the file call their own: counters, values, sums, pointers.
_OWN = re.compile(r"[imnpsv]\d+|u?int\d+_t|U?INT\d+_\w+")


def identifier(path: str) -> str:
    """Make a name for C of a name in Python.

    Examples
    --------
    >>> identifier("x['w'][0]"), identifier("σ"), identifier("exp")
    ('x_w_0', 'sigma', 'exp_')
    """
    spelled = "".join(map(_spelled, unicodedata.normalize("NFKD", path)))
    name = re.sub(r"[^0-9A-Za-z]+", "_", spelled).strip("_")
    if not name or name[0].isdigit():
        name = f"arg{name}"
    return f"{name}_" if _is_taken(name) else name


def _spelled(letter: str) -> str:
    if unicodedata.combining(letter):
        return ""
    known = unicodedata.name(letter, "")
    if known.startswith("GREEK ") and " LETTER " in known:
        return known.split(" LETTER ")[1].split()[0].lower()
    return letter


def _is_taken(name: str) -> bool:
    return name in _RESERVED or (_OWN.fullmatch(name) is not None)


def distinct(paths: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Make names for C of which no two are equal, nor equal to one that is taken."""
    used, names = set(taken), []
    for path in paths:
        name = base = identifier(path)
        count = 1
        while name in used:
            count += 1
            name = f"{base}_{count}"
        used.add(name)
        names.append(name)
    return names


def check_name(name: str) -> str:
    """Refuse what cannot be the name of a C function.

    Raises
    ------
    ArgumentError
        For what is no identifier, a keyword, or a function of the C library.
    """
    valid = re.fullmatch(r"[A-Za-z][0-9A-Za-z_]*", name) if name.isascii() else None
    if valid is None or name in _RESERVED | _LIBRARY:
        raise ArgumentError(
            f"to_c: a C function cannot be named {name!r}. Choose a name of ASCII "
            "letters, digits and underscores that C itself does not use: name='f'"
        )
    return name
