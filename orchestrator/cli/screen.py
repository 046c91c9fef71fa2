"""What a running command shows: a live picture on a terminal, elsewhere a line now and then.

In a pipe or a CI log a picture that is drawn over and over would be noise; there one sentence
every ten seconds says how things stand, and at once when something new has begun.
"""

from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from orchestrator.clock import Clock

LINE_SECONDS = 10.0


class Screen:
    """Shows how things stand, as the place it writes to allows."""

    def __init__(self, console: Console, clock: Clock, every: float = LINE_SECONDS) -> None:
        self._console = console
        self._clock = clock
        self._every = every
        self._live = Live(console=console, auto_refresh=False) if _draws(console) else None
        self._said_at: float | None = None
        self._stage = ""

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, picture: RenderableType, line: str, stage: str = "") -> None:
        """The picture, or its line when one is due. Another `stage` makes it due at once."""
        if self._live is not None:
            self._live.update(picture, refresh=True)
            return
        now = self._clock.monotonic()
        if self._said_at is None or stage != self._stage or now - self._said_at >= self._every:
            self._said_at, self._stage = now, stage
            self._console.print(Text(line), soft_wrap=True)


def _draws(console: Console) -> bool:
    """Whether pictures can be drawn over one another there; colors alone don't mean that."""
    return console.is_terminal and console.file.isatty() and not console.is_dumb_terminal
