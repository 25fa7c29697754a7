"""From text to machine code: what runs, what is refused, and how long it lives."""

import ctypes
import gc
import mmap
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from wengert.engines.llvm import (
    add_symbol,
    compile_module,
    generic_target,
    target,
)
from wengert.engines.llvm.symbols import find_symbol, in_libm
from wengert.errors import EngineError

REAL = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)

CALL = """
declare double @{name}(double)
define double @f(double %x) {{
  %y = call double @{name}(double %x)
  ret double %y
}}
"""


@pytest.fixture(autouse=True)
def no_cache(monkeypatch):
    monkeypatch.setenv("WENGERT_CACHE", "0")


def called(module, x, name="f"):
    return REAL(module.address(name))(x)


@pytest.mark.parametrize("optimize", [0, 1, 2, 3])
def test_code_runs_at_every_level(optimize):
    module = compile_module(CALL.format(name="exp"), optimize=optimize)
    assert called(module, 1.0) == pytest.approx(2.718281828459045, rel=1e-15)
    assert module.seconds.generate > 0 and not module.seconds.cached
    assert module.seconds.total < 10


def test_a_level_that_is_none_is_refused():
    with pytest.raises(ValueError, match="from 0 to 3"):
        compile_module(CALL.format(name="exp"), optimize=4)


def test_a_generic_machine_will_do():
    module = compile_module(CALL.format(name="exp"), target=generic_target())
    assert called(module, 0.0) == 1.0


def test_an_unknown_machine_is_a_generic_one(monkeypatch):
    def unknown():
        raise RuntimeError("failed to get host cpu features")

    monkeypatch.setattr(target.llvm, "get_host_cpu_features", unknown)
    assert target.host_target.__wrapped__() == generic_target()


def test_assembly_is_shown():
    assert "f:" in compile_module(CALL.format(name="exp")).assembly()


def test_only_functions_for_others_have_addresses():
    module = compile_module(
        "define internal i64 @g() noinline {\n  ret i64 1\n}\n"
        "define i64 @f() {\n  %x = call i64 @g()\n  ret i64 %x\n}\n"
    )
    assert ctypes.CFUNCTYPE(ctypes.c_int64)(module.address("f"))() == 1
    with pytest.raises(EngineError, match="no function 'g'; it has: f"):
        module.address("g")


# ----- names -----


def test_registered_names_are_found():
    add_symbol("wengert_test_root", find_symbol("sqrt"))
    add_symbol("wengert_test_root", find_symbol("sqrt"))
    assert called(compile_module(CALL.format(name="wengert_test_root")), 9.0) == 3.0
    with pytest.raises(ValueError, match="another address"):
        add_symbol("wengert_test_root", find_symbol("exp"))
    with pytest.raises(ValueError, match="no address"):
        add_symbol("wengert_test_null", 0)


def test_the_library_of_c_is_there():
    assert in_libm("erf") and in_libm("cosf") and not in_libm("no_such_function")


# ----- what LLVM refuses -----


def test_a_wrong_line_is_named():
    text = (
        "define double @f(double %x) {\n  %y = fadd double %x, %z\n  ret double %y\n}"
    )
    with pytest.raises(EngineError, match=r"line 2, `%y = fadd.*please report"):
        compile_module(text)


def test_what_does_not_verify_is_refused():
    text = (
        "define i64 @f() {\n  br label %x\nx:\n  %a = add i64 %b, 1\n"
        "  %b = add i64 %a, 1\n  ret i64 %b\n}\n"
    )
    with pytest.raises(EngineError, match="dominate"):
        compile_module(text)
    gc.collect()


def test_a_function_that_is_nowhere_is_named():
    with pytest.raises(EngineError, match="calls wengert_no_such_thing, which"):
        compile_module(CALL.format(name="wengert_no_such_thing"))


# ----- how long code lives -----


def test_hundreds_of_modules_live_at_once():
    text = "define i64 @f() {{\n  ret i64 {}\n}}\n"
    modules = [compile_module(text.format(n), optimize=0) for n in range(300)]
    kind = ctypes.CFUNCTYPE(ctypes.c_int64)
    assert [kind(module.address("f"))() for module in modules] == list(range(300))
    del modules[::2]
    gc.collect()
    kept = [kind(module.address("f"))() for module in modules]
    assert kept == list(range(1, 300, 2))


def test_code_lives_when_another_failed():
    module = compile_module(CALL.format(name="exp"))
    for _ in range(3):
        with pytest.raises(EngineError):
            compile_module(CALL.format(name="wengert_no_such_thing"))
    assert called(module, 0.0) == 1.0


def test_threads_compile_at_once():
    found = {}

    def work(number):
        for turn in range(10):
            text = f"define i64 @f() {{\n  ret i64 {1000 * number + turn}\n}}\n"
            module = compile_module(text)
            kind = ctypes.CFUNCTYPE(ctypes.c_int64)
            found[number, turn] = kind(module.address("f"))()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 40
    assert all(value == 1000 * n + turn for (n, turn), value in found.items())


def test_a_process_ends_well_with_code_alive():
    script = (
        "from wengert.engines.llvm import compile_module\n"
        "keep = [compile_module('define void @f() {\\n  ret void\\n}')]\n"
        "keep.append(keep)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


# ----- how long compiling takes -----


def chain(functions, length):
    """Write straight code in functions of a few hundred instructions."""
    lines = []
    for number in range(functions):
        lines.append(f"define void @f{number}(ptr noalias %x, ptr noalias %y) {{")
        lines.append("  %v0 = load <8 x double>, ptr %x, align 8")
        for i in range(length):
            factor = f"splat (double 1.{i % 9 + 1})"
            lines.append(f"  %w{i} = fmul <8 x double> %v{i}, {factor}")
            lines.append(f"  %v{i + 1} = fadd <8 x double> %w{i}, %v{max(0, i - 3)}")
        lines.append(f"  store <8 x double> %v{length}, ptr %y, align 8")
        lines.append("  ret void\n}")
    return "\n".join(lines)


@pytest.mark.bench
def test_twelve_thousand_instructions_take_half_a_second():
    text = chain(24, 250)
    assert min(compile_module(text).seconds.total for _ in range(3)) < 0.5


def test_nothing_is_fused_unasked():
    for functions in (1, 8):  # both lists of passes
        assert "vfmadd" not in compile_module(chain(functions, 250)).assembly()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks Linux")
@pytest.mark.parametrize("optimize", [1, 2])
def test_compiling_keeps_no_memory(optimize):
    def resident():
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE

    def compile_some(first):
        for k in range(first, first + 40):
            compile_module(CALL.format(name="sin") + f"; {k}", optimize=optimize)

    compile_some(0)
    before = resident()
    compile_some(40)
    assert resident() - before < 40 * 50_000
