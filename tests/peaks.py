"""The most memory that a call holds at one time, as tracemalloc sees it."""

import gc
import tracemalloc


def peak_bytes(f, *args):
    """Measure what a call allocates at its worst moment; NumPy tells tracemalloc."""
    gc.collect()
    tracemalloc.start()
    try:
        start, _ = tracemalloc.get_traced_memory()
        f(*args)
        return tracemalloc.get_traced_memory()[1] - start
    finally:
        tracemalloc.stop()
