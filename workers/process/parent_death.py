"""Children that don't outlive us: the kernel ends them when the thread that started them is gone.

`setpriv` (util-linux) sets the parent-death signal and then becomes the command, so there is one
process and one id. The signal comes when the *thread* that started the child ends: start a child
from the thread that carries its stream, never from a helper. Where there is no `setpriv`, the end
of the child's input, which comes with our end, has to do.
"""

import shutil
from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=1)
def setpriv() -> str | None:
    """Where `setpriv` is, if it is anywhere."""
    return shutil.which("setpriv")


def bound(argv: Sequence[str], tool: str | None) -> list[str]:
    """The command, made to end with us where the machine can do that."""
    if tool is None:
        return list(argv)
    return [tool, "--pdeathsig", "KILL", "--", *argv]
