"""The clip store's few dealings with the disk, and its errors in words."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestrator.errors import ClipStoreFull, ClipStoreUnusable, MediaError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def disk_errors(doing: str, root: Path) -> Iterator[None]:
    """Turn what the disk says into a `MediaError` that names the remedy."""
    try:
        yield
    except OSError as error:
        kind = ClipStoreFull if is_full(error) else ClipStoreUnusable
        raise kind(_explained(doing, root, error)) from error
    except MediaError as error:
        # Whoever made the clip may have put the disk's answer into words of its own.
        cause = error.__cause__
        if not (isinstance(cause, OSError) and is_full(cause)):
            raise
        raise ClipStoreFull(_explained(doing, root, cause)) from error


def is_full(error: OSError) -> bool:
    """Whether it says that nothing more fits."""
    return error.errno in _FULL


def free_bytes(root: Path) -> int:
    """What the disk has left for us."""
    found = os.statvfs(root)
    return found.f_bavail * found.f_frsize


def _explained(doing: str, root: Path, error: OSError) -> str:
    """What went wrong, and what to do."""
    if is_full(error):
        return (
            f"No space left to {doing} in {root}. Free some, or lower DOPPELCAST_CLIP_STORE_BYTES "
            "so that old clips make room in time."
        )
    return f"Can't {doing} in {root}: {error.strerror or error}."


def keep(path: Path) -> None:
    """Have a file's bytes on the disk before it gets its name."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, data: bytes) -> None:
    """Write a small file so that it is there as a whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        part.write_bytes(data)
        keep(part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
