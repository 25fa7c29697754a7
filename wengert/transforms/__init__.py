"""What makes derivatives: forward and reverse mode, and the rules of both."""

from wengert.transforms import branches, scans, while_loops

__all__ = ["branches", "scans", "while_loops"]
