"""wengert beside its peers, in one run: one thread, one core, best of several."""
