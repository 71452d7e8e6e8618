"""How much of a log a verification holds in memory: the rest goes to temporary files."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Small ones make every honest log go by way of the disk; tests do that."""

    early_bytes: int = 16_000_000
    """Entry rows that wait for their turn, and rows that are sorted because they came too late."""

    waiting_rows: int = 200_000
    """Rows of another table that wait for their twin: about 40 MB."""

    tags: int = 100_000
    """Tag heads: about 40 MB."""

    sorted_bytes: int = 32_000_000
    """Records of one sort."""
