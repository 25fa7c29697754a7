"""Compiled code on disk, so that a second process starts warm.

It is a cache: whatever is wrong with it (a full disk, a folder that cannot be written,
a damaged file) costs a compilation and nothing else. Since what is loaded is run, code
is read only from a folder and files that belong to this user and that no one else may
write to, and only where its checksum holds: a damaged object would crash.

`WENGERT_CACHE_DIR` names another folder, `WENGERT_CACHE=0` switches the cache off.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

__all__ = ["cache_folder", "load_object", "save_object"]

# The first bytes of a file; then 32 bytes of SHA-256 over all the rest.
_MAGIC = b"wengert object 1\n"
_HEAD = len(_MAGIC) + 32

_LIMIT = 256 * 2**20
# Pruning reads the whole folder: the first time a process saves, and each so many.
_PRUNE_EVERY = 64
# A temporary file this old (s) was left behind by a process that died.
_ABANDONED = 3600.0

_saves = count()


def cache_folder() -> Path | None:
    """Give the folder that holds compiled code; None where the cache is off.

    The folder of the user's caches, as the system has it, unless `WENGERT_CACHE_DIR`
    names one. It need not exist.
    """
    if os.environ.get("WENGERT_CACHE", "1") == "0":
        return None
    named = os.environ.get("WENGERT_CACHE_DIR")
    try:
        root = Path(named) if named else _user_caches() / "wengert"
    except RuntimeError:  # no home
        return None
    return root / "objects"


def load_object(key: str) -> bytes | None:
    """Read the object of a key; None if there is none, or it is not to be trusted."""
    folder = cache_folder()
    if folder is None or not _is_private(folder):
        return None
    path = folder / key
    try:
        data = _read_own(path)
        if data is None:
            return None
        os.utime(path)  # what is used stays longest
    except OSError:
        return None
    return _checked(data)


def save_object(key: str, code: bytes) -> None:
    """Keep the object of a key, whole or not at all; silently not at all if need be."""
    folder = cache_folder()
    if folder is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(folder):
            return
        _write_whole(folder, key, _MAGIC + hashlib.sha256(code).digest() + code)
        if next(_saves) % _PRUNE_EVERY == 0:
            _prune(folder)
    except OSError:
        return


def _user_caches() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    return Path(xdg) if os.path.isabs(xdg) else Path.home() / ".cache"


def _is_private(folder: Path) -> bool:
    """Tell whether a folder is this user's, and no one else may write to it."""
    try:
        return _belongs(os.lstat(folder), stat.S_ISDIR)
    except OSError:
        return False


def _belongs(status: os.stat_result, kind: object) -> bool:
    if not callable(kind) or not kind(status.st_mode):
        return False
    if sys.platform == "win32":  # a user's folder there is closed to others
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _read_own(path: Path) -> bytes | None:
    """Read a file, unless it is another user's, or a link."""
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | _BINARY)
    with os.fdopen(opened, "rb") as file:
        return file.read() if _belongs(os.fstat(opened), stat.S_ISREG) else None


_BINARY = getattr(os, "O_BINARY", 0)


def _checked(data: bytes) -> bytes | None:
    code = data[_HEAD:]
    head = _MAGIC + hashlib.sha256(code).digest()
    return code if data[:_HEAD] == head else None


def _write_whole(folder: Path, key: str, data: bytes) -> None:
    """Write beside and rename: a reader sees the old file or the new one, no part."""
    opened, name = tempfile.mkstemp(dir=folder, suffix=".tmp")  # mode 0600
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(data)
        os.replace(name, folder / key)
    except BaseException:
        os.unlink(name)
        raise


def _prune(folder: Path) -> None:
    """Remove the files unused for longest until the rest is within the limit."""
    files = []
    with os.scandir(folder) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if entry.name.endswith(".tmp"):
                if time.time() - status.st_mtime > _ABANDONED:
                    _remove(entry.path)
            else:
                files.append((status.st_mtime, status.st_size, entry.path))
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if total <= _LIMIT:
            return
        _remove(path)
        total -= size


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:  # another process was faster, or has it open
        pass
