"""Write docs/coverage.md: every primitive with its rules, and who answers what.

`python scripts/pages/coverage.py` writes the page; `is_true` tells whether it is.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.signal
import scipy.sparse
import scipy.sparse.linalg
import scipy.spatial.distance
import scipy.special

import wengert.operators
import wengert.primitives.special  # noqa: F401  (with it fills the registry)
from wengert.graph.primitive import (
    FACES,
    PRIMITIVES,
    Constant,
    Elementwise,
    General,
    Linear,
    Missing,
    Multilinear,
    Primitive,
    Structured,
    lookup,
)
from wengert.scipy import (
    fft,
    integrate,
    interpolate,
    linalg,
    ndimage,
    signal,
    sparse,
    spatial,
    special,
)
from wengert.trace.dispatch import METADATA, PRINTING

PAGE = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
NAMESPACES = {
    "numpy": np,
    "numpy.linalg": np.linalg,
    "numpy.fft": np.fft,
    "scipy.fft": scipy.fft,
    "scipy.integrate": scipy.integrate,
    "scipy.interpolate": scipy.interpolate,
    "scipy.linalg": scipy.linalg,
    "scipy.ndimage": scipy.ndimage,
    "scipy.signal": scipy.signal,
    "scipy.sparse": scipy.sparse,
    "scipy.sparse.linalg": scipy.sparse.linalg,
    "scipy.spatial.distance": scipy.spatial.distance,
    "scipy.special": scipy.special,
}
# What SciPy computes without asking its arguments: they are traced in our namespace.
DROP_INS = {
    "scipy.fft": fft,
    "scipy.integrate": integrate,
    "scipy.interpolate": interpolate,
    "scipy.linalg": linalg,
    "scipy.ndimage": ndimage,
    "scipy.signal": signal,
    "scipy.sparse": sparse,
    "scipy.sparse.linalg": sparse.linalg,
    "scipy.spatial.distance": spatial.distance,
    "scipy.special": special,
}

# What makes new arrays from no array, or asks about types, files and settings: there is
# nothing to differentiate in.
APART = (
    "array arange empty eye frombuffer fromfile fromfunction fromiter frompyfunc "
    "fromregex fromstring full geomspace identity indices linspace logspace ones tri "
    "zeros genfromtxt load loadtxt save savetxt savez savez_compressed memmap "
    "asanyarray asarray asarray_chkfinite ascontiguousarray asfortranarray asmatrix "
    "bmat from_dlpack require "
    "base_repr binary_repr format_float_positional format_float_scientific "
    "bartlett blackman hamming hanning kaiser isdtype issubdtype promote_types "
    "mintypecode typename isfortran isscalar iterable ndenumerate ndindex "
    "ndpointer nested_iters broadcast broadcast_shapes mask_indices diag_indices "
    "dft find_best_blas_type get_blas_funcs get_lapack_funcs hadamard helmert hilbert "
    "invhilbert invpascal pascal "
    "tril_indices triu_indices ravel_multi_index unravel_index packbits unpackbits "
    "bincount busday_count fftfreq rfftfreq "
    "busday_offset is_busday busdaycalendar datetime_as_string datetime_data "
    "errstate geterr geterrcall seterr seterrcall getbufsize setbufsize "
    "get_include get_printoptions printoptions set_printoptions info show_config "
    "show_runtime test einsum_path "
    "ai_zeros bei_zeros beip_zeros ber_zeros berp_zeros bi_zeros erf_zeros "
    "fresnel_zeros fresnelc_zeros fresnels_zeros jn_zeros jnjnp_zeros jnp_zeros "
    "jnyn_zeros kei_zeros keip_zeros kelvin_zeros ker_zeros kerp_zeros y0_zeros "
    "y1_zeros y1p_zeros yn_zeros ynp_zeros "
    "c_roots cg_roots h_roots he_roots j_roots js_roots l_roots la_roots p_roots "
    "ps_roots roots_chebyc roots_chebys roots_chebyt roots_chebyu roots_gegenbauer "
    "roots_genlaguerre roots_hermite roots_hermitenorm roots_jacobi roots_laguerre "
    "roots_legendre roots_sh_chebyt roots_sh_chebyu roots_sh_jacobi "
    "roots_sh_legendre s_roots t_roots ts_roots u_roots us_roots "
    "chebyc chebys chebyt chebyu gegenbauer genlaguerre hermite hermitenorm jacobi "
    "laguerre legendre sh_chebyt sh_chebyu sh_jacobi sh_legendre"
).split()


WORDS = ("differentiable", "answered", "constant", "unsupported", "no rule")


def public(module: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the public functions and ufuncs of a module, sorted by name."""
    for name in sorted(dir(module)):
        value = getattr(module, name)
        if not name.startswith("_") and callable(value) and not isinstance(value, type):
            yield name, value


def our_own(name: str, title: str) -> str | None:
    """Name the file of what stands in a drop-in's namespace in the place of SciPy's."""
    ours = getattr(DROP_INS.get(title), name, None)
    code = getattr(ours, "__code__", None)
    home = code.co_filename if code else ""
    if "/wengert/scipy/" not in home or home.endswith("dropin.py"):
        return None
    return home.rsplit("/wengert/", 1)[1]


def classes(title: str) -> str:
    """List the classes of a drop-in that answer traced values."""
    named = vars(DROP_INS[title]) if title in DROP_INS else {}
    ours = [
        f"`{name}`"
        for name, value in sorted(named.items())
        if isinstance(value, type)
        and value.__module__.startswith("wengert.scipy")
        and not name.startswith("_")
    ]
    return "Classes that answer traced values: " + ", ".join(ours) if ours else ""


def standing(name: str, function: Callable[..., Any], title: str = "") -> str:
    """Say how a NumPy callable stands."""
    home = our_own(name, title)
    if home is not None:
        return f"answered in `{home}`"
    row = lookup(function)
    if isinstance(row, Constant):
        return f"constant: {row.why}"
    if isinstance(row, Elementwise) and all(
        getattr(partial, "refuses", False) for partial in row.partials
    ):
        return "unsupported: no closed derivative is known; a Graph may hold it"
    if row is not None:
        return f"differentiable, by the row `{row.name}`"
    face = FACES.get(function)
    if why := getattr(face, "why", None):
        return f"unsupported: {why}"
    if face is not None:
        home = face.__module__.removeprefix("wengert.").replace(".", "/")
        return f"answered in `{home}.py`"
    if function in METADATA or function in PRINTING:
        return "metadata: answered, never recorded"
    if name in APART:
        return "no argument to differentiate in"
    return "no rule: raises `MissingRuleError` or `TracerLeakError`"


def rules(row: Primitive) -> tuple[str, str]:
    """Say where a row's pushforward and pullback come from."""
    match row:
        case Elementwise():
            return "partials", "partials"
        case Linear() | Multilinear():
            return "itself", "transpose"
        case General():
            by_transposition = isinstance(row.vjp, Missing)
            return "own", "transposed pushforward" if by_transposition else "own"
        case Structured():
            return "those of its Graphs", "those of its Graphs"
        case _:
            return "zero", "zero"


def taylor(row: Primitive) -> str:
    """Say where a row's Taylor coefficients come from."""
    if row.taylor is not None:
        return "own"
    match row:
        case Linear() | Multilinear():
            return "itself"
        case Structured():
            return "those of its Graphs"
        case Constant():
            return "zero"
        case Elementwise() if all(
            isinstance(partial, int | float | None) for partial in row.partials
        ):
            return "itself"
        case Elementwise():
            return "partials"
        case _:
            return "pushforward"


def page() -> str:
    """Write the page's text."""
    lines = [
        "# Coverage",
        "",
        "Generated from the registry by `make docs-pages`; a test fails when it is",
        "stale.",
        "",
        "## Primitives",
        "",
        f"{len(PRIMITIVES)} rows. The NumPy interpreter runs each of them; which have",
        "native code: [native.md](native.md).",
        "",
        "| primitive | NumPy | kind | pushforward | pullback | Taylor | batch "
        "| dtypes |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in sorted(PRIMITIVES.items()):
        answered = ", ".join(
            f"`{f.__name__}`" for f in row.numpy if hasattr(f, "__name__")
        )
        kinds = "" if isinstance(row, Constant) else ", ".join(row.dtypes)
        pushforward, pullback = rules(row)
        kind = type(row).__name__.lower()
        rules_of = pushforward, pullback, taylor(row), batch(row)
        cells = f"`{name}`", answered, kind, *rules_of, kinds
        lines.append(f"| {' | '.join(cells)} |")
    for title, module in NAMESPACES.items():
        found = {name: standing(name, f, title) for name, f in public(module)}
        count = {
            word: sum(text.startswith(word) for text in found.values())
            for word in WORDS
        }
        lines += [
            "",
            heading(title),
            "",
            *([f"Called as `wengert.{title}.…`."] if title in DROP_INS else []),
            f"{len(found)} callables: {count['differentiable']} differentiable by a",
            f"row, {count['answered']} answered by a face (which may be constant too),",
            f"{count['constant']} constant, {count['unsupported']} unsupported,",
            f"{count['no rule']} without a rule.",
            *textwrap.wrap(classes(title), 88, break_on_hyphens=False),
            "",
            "| callable | how it stands |",
            "|---|---|",
            *(f"| `{name}` | {text} |" for name, text in found.items()),
        ]
    return "\n".join(lines) + "\n"


def batch(row: Primitive) -> str:
    """Say how a row runs for all members of a batch."""
    if isinstance(row, Structured):
        return "Graphs of the batch"
    if isinstance(row.batch, Missing):
        return row.batch.why
    return {
        "looped": "loop",
        "one_first": "one call; loop where its table differs",
        "over_first": "one call; loop where its table differs",
        "columns": "one call; loop where its matrix differs",
    }.get(row.batch.__name__, "one call")


def heading(namespace: str) -> str:
    """Head a namespace's table, with the version of the library that was asked."""
    library = scipy if namespace.startswith("scipy") else np
    return f"## {namespace} {'.'.join(library.__version__.split('.')[:2])}"


def is_true(text: str) -> bool:
    """Tell whether a page says what is so; of NumPy's and SciPy's callables only where
    they are the same versions."""
    now = page()
    if all(heading(namespace) in text for namespace in NAMESPACES):
        return text == now
    return text.split("\n## numpy")[0] == now.split("\n## numpy")[0]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote docs/{PAGE.name}")
