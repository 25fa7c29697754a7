"""What the numbers were measured on: processor, system and versions, no more."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

__all__ = ["busy", "machine", "versions"]


def machine() -> str:
    """Name the processor, its cores and the system, in one line."""
    return f"{_processor()}, {os.cpu_count()} cores, {_memory()}{_system()}"


def versions(libraries: list[str]) -> str:
    """Name Python and the libraries with their versions, in one line."""
    found = [f"{platform.python_implementation()} {platform.python_version()}"]
    for library in libraries:
        try:
            found.append(f"{library} {metadata.version(library)}")
        except metadata.PackageNotFoundError:
            found.append(f"{library} not installed")
    return ", ".join(found)


def busy() -> float:
    """Give the number of processes that ran, on average over the last minute."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _processor() -> str:
    told: dict[str, str] = {}
    if (cpuinfo := Path("/proc/cpuinfo")).exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            told.setdefault(key.strip(), value.strip())
    name = told.get("model name") or platform.processor() or platform.machine()
    if "cpu family" in told:
        name += f" (family {told['cpu family']}, model {told.get('model')})"
    return name


def _memory() -> str:
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return ""
    return f"{size / 2**30:.0f} GiB, "


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = f"{platform.system()} {platform.release()}"
    libc = " ".join(platform.libc_ver()).strip()
    return f"{name}, {libc}" if libc else name
