"""A wall clock that jumps while a program runs: libfaketime, with its offset in a file.

    clock = WallClock(tmp_path / "offset")
    fleet.start_node("node-1", env=clock.environment)
    clock.jump(3600)            # from now on these programs think it is an hour later

The monotonic clock is left alone. Debian 12's libfaketime (0.9.10) breaks `time.sleep` of Python
3.11 when it has to do that, so the one that the PyPI package carries is used (x86-64).
"""

import platform
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from tests.support import system_part

REMEDY = "no libfaketime for this machine: it needs Linux on x86-64 and `pip install libfaketime`"


class WallClock:
    """The offset, and the environment that makes a program follow it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.jump(0)

    @property
    def environment(self) -> Mapping[str, str]:
        """For the programs whose clock is to jump, and their children."""
        library = _library()
        assert library is not None
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def jump(self, seconds: int) -> None:
        """The wall clock is off by that much from now on."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n", encoding="ascii")
        new.replace(self._file)


def require() -> None:
    """Skip the test without libfaketime; in CI, fail it."""
    system_part.require(missing())


def missing() -> str | None:
    """Why it can't be done, in words."""
    return None if _library() is not None else REMEDY


def _library() -> Path | None:
    """Found without importing the package: importing it changes this process's environment."""
    found = find_spec("libfaketime")
    if found is None or found.origin is None or platform.machine() != "x86_64":
        return None
    path = Path(found.origin).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
    return path if path.exists() and platform.system() == "Linux" else None
