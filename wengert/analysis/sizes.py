"""Numbers of bytes, as people write them."""

from __future__ import annotations

import re

__all__ = ["read_bytes", "show_bytes"]

_UNITS = {
    "": 1,
    **{f"{p}b": 1000**k for k, p in enumerate(["", "k", "m", "g", "t"])},
    **{f"{p}ib": 1024**k for k, p in enumerate(["k", "m", "g", "t"], 1)},
}


def read_bytes(text: str | int) -> int | None:
    """Read "200MB", "1.5 GiB" or a number of bytes; None where it is neither.

    Examples
    --------
    >>> read_bytes("200MB"), read_bytes("1 KiB"), read_bytes(512), read_bytes("much")
    (200000000, 1024, 512, None)
    """
    if isinstance(text, int):
        return text if text >= 0 and not isinstance(text, bool) else None
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*([a-z]*)\s*", str(text).lower())
    if found is None or found[2] not in _UNITS:
        return None
    return int(float(found[1]) * _UNITS[found[2]])


def show_bytes(count: int) -> str:
    """Write a number of bytes in a unit that suits it.

    Examples
    --------
    >>> show_bytes(8), show_bytes(24_000), show_bytes(3_200_000_000)
    ('8 B', '24 kB', '3.2 GB')
    """
    value = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:,.0f} {unit}"
