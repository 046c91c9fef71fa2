"""Which clips make room: those used longest ago, and never one that is pinned."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from orchestrator.ids import ClipKey


@dataclass(frozen=True)
class Kept:
    """A clip in the store, as eviction sees it."""

    key: ClipKey
    size: int
    used: float
    """Wall-clock seconds of its last use."""


def victims(
    kept: Iterable[Kept], pinned: Collection[ClipKey], max_bytes: int
) -> tuple[ClipKey, ...]:
    """The clips to throw out, oldest use first, until the rest fits or only pins are left."""
    clips = sorted(kept, key=lambda clip: (clip.used, clip.key))
    excess = sum(clip.size for clip in clips) - max_bytes
    out: list[ClipKey] = []
    for clip in clips:
        if excess <= 0:
            break
        if clip.key not in pinned:
            out.append(clip.key)
            excess -= clip.size
    return tuple(out)
