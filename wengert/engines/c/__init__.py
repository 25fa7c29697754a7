"""The C engine: a Graph as C99 that needs neither Python nor a library of ours."""

from wengert.engines.c.names import check_name, identifier
from wengert.engines.c.source import Source, source_of

__all__ = ["Source", "check_name", "identifier", "source_of"]
