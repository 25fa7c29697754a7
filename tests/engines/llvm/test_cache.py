"""The cache on disk: a second process starts warm, and nothing that is wrong harms."""

import os
import stat
import subprocess
import sys
import threading

import pytest

from wengert.engines.llvm import cache, compile_module

TEXT = "define i64 @answer() {\n  ret i64 42\n}\n"
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")

CHILD = """
import ctypes
from wengert.engines.llvm import compile_module
module = compile_module("define i64 @answer() {\\n  ret i64 42\\n}\\n")
answer = ctypes.CFUNCTYPE(ctypes.c_int64)(module.address("answer"))()
print(answer, module.seconds.cached)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WENGERT_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("WENGERT_CACHE", raising=False)
    return tmp_path / "objects"


def cached():
    """Compile; tell whether it came from the cache."""
    return compile_module(TEXT).seconds.cached


def in_a_process():
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def only_file(folder):
    (path,) = folder.iterdir()
    return path


def test_a_second_process_starts_warm(folder):
    assert in_a_process() == ["42", "False"]
    assert in_a_process() == ["42", "True"]
    assert cached()


def test_other_text_and_other_levels_are_other_objects(folder):
    assert not cached()
    assert not compile_module(TEXT, optimize=0).seconds.cached
    assert not compile_module(TEXT.replace("42", "43")).seconds.cached
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:60],
        lambda data: data[:-1],
        lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
        lambda data: b"\0" * len(data),
        lambda data: data + b"\0",
    ],
)
def test_a_damaged_file_is_replaced(folder, damage):
    assert not cached()
    path = only_file(folder)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert not cached()
    assert only_file(folder).read_bytes() == whole
    assert cached()


def test_an_object_that_is_none_is_replaced(folder):
    assert not cached()
    cache.save_object(only_file(folder).name, b"no object at all")
    assert not cached()
    assert cached()


def test_a_folder_that_cannot_be_made_is_no_cache(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WENGERT_CACHE_DIR", str(tmp_path / "file"))
    assert not cached()
    assert not cached()


@POSIX
def test_a_full_disk_is_no_cache(folder, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.tempfile, "mkstemp", full)
    assert not cached()
    assert not cached()


def test_a_failed_write_leaves_nothing(folder, monkeypatch):
    def failing(before, after):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(cache.os, "replace", failing)
    assert not cached()
    assert list(folder.iterdir()) == []


def test_it_can_be_switched_off(folder, monkeypatch):
    monkeypatch.setenv("WENGERT_CACHE", "0")
    assert not cached()
    assert not cached()
    assert not folder.exists()


@POSIX
def test_others_can_neither_read_nor_write(folder):
    cached()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(only_file(folder).stat().st_mode) == 0o600


@POSIX
@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_folder_that_others_write_to_is_refused(folder, mode):
    cached()
    folder.chmod(mode)
    assert not cached()


@POSIX
def test_a_folder_or_file_of_another_user_is_refused(folder, monkeypatch):
    cached()
    monkeypatch.setattr(cache.os, "geteuid", lambda: os.getuid() + 1)
    assert not cached()


@POSIX
def test_links_are_not_followed(folder, tmp_path):
    cached()
    path = only_file(folder)
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert not cached()
    assert not path.is_symlink()
    folder.rename(tmp_path / "other")
    folder.symlink_to(tmp_path / "other")
    assert not cached()


def test_many_processes_write_at_once(folder):
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert all(child.communicate()[0].startswith(b"42") for child in children)
    assert only_file(folder).suffix == ""
    assert cached()


def test_many_threads_write_and_read_at_once(folder):
    wrong = []

    def work(number):
        for turn in range(30):
            cache.save_object(f"key{turn % 3}", b"%d" % (turn % 3) * 100_000)
            found = cache.load_object(f"key{(turn + number) % 3}")
            if found is not None and found != found[:1] * 100_000:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(list(folder.iterdir())) == 3


def test_the_oldest_are_pruned(folder, monkeypatch):
    monkeypatch.setattr(cache, "_LIMIT", 3500)
    monkeypatch.setattr(cache, "_PRUNE_EVERY", 1)
    for number in range(5):
        cache.save_object(f"key{number}", b"x" * 950)
        os.utime(folder / f"key{number}", (number, number + 1e9))
        if number == 2:  # what is used stays
            assert cache.load_object("key0") is not None
    assert {path.name for path in folder.iterdir()} == {"key0", "key3", "key4"}


def test_what_dead_processes_left_is_removed(folder, monkeypatch):
    monkeypatch.setattr(cache, "_PRUNE_EVERY", 1)
    cache.save_object("key", b"")
    (folder / "old.tmp").write_text("")
    (folder / "new.tmp").write_text("")
    os.utime(folder / "old.tmp", (0, 0))
    cache.save_object("key", b"")
    assert {path.name for path in folder.iterdir()} == {"key", "new.tmp"}


@pytest.mark.parametrize(
    ("platform", "variable", "end"),
    [
        ("linux", "XDG_CACHE_HOME", ("wengert", "objects")),
        ("win32", "LOCALAPPDATA", ("wengert", "objects")),
    ],
)
def test_the_folder_is_where_caches_are(monkeypatch, tmp_path, platform, variable, end):
    monkeypatch.delenv("WENGERT_CACHE_DIR", raising=False)
    monkeypatch.setattr(cache.sys, "platform", platform)
    monkeypatch.setenv(variable, str(tmp_path))
    assert cache.cache_folder() == tmp_path.joinpath(*end)


def test_the_folder_on_macos_and_without_variables(monkeypatch, tmp_path):
    monkeypatch.delenv("WENGERT_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(cache.Path, "home", lambda: tmp_path)
    monkeypatch.setattr(cache.sys, "platform", "darwin")
    caches = tmp_path / "Library" / "Caches"
    assert cache.cache_folder() == caches / "wengert" / "objects"
    monkeypatch.setattr(cache.sys, "platform", "linux")
    assert cache.cache_folder() == tmp_path / ".cache" / "wengert" / "objects"
