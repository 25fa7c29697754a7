"""What makes derivatives: forward and reverse mode, and the rules of both."""

from wengert.transforms import branches, checkpoints, scans, while_loops

__all__ = ["branches", "checkpoints", "scans", "while_loops"]
