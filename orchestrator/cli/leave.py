"""`doppelcast leave`: empties this machine's stream worker before its process is ended.

It is what a pod runs before its worker gets TERM. Unlike `drain` it needs no store, which workers
have no login for, and it leaves no order behind: it counts for the process that runs now, and the
next one under that name takes streams again. Meanwhile the worker is all there, for the
coordinator and in Flower. A stream that has nowhere to go stays on air until the time is over:
another node may come.

Out of scope: taking it back. If it can't be asked for, TERM begins the same in the worker itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.markup import escape

from orchestrator.cli.console import counted, fail, say
from orchestrator.cli.context import current_settings
from orchestrator.clock import Clock, SystemClock
from orchestrator.domain.node import Farewell, NodeBeat, WorkerKind
from orchestrator.errors import WireUnreachable
from orchestrator.ids import NodeId
from orchestrator.settings import Settings
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect

LOOK_SECONDS = 0.5


def leave(
    timeout: Annotated[
        float, typer.Option(min=0.0, help="Seconds until streams that are left are given up.")
    ] = 540.0,
) -> None:
    """Empty this machine's stream worker for good; for whoever ends its process next.

    The node is the one that DOPPELCAST_NODE names. Its streams move to other
    nodes one by one; nothing is to be taken back, for a worker that is started
    anew takes streams again. Exit code 1 when streams are still there.

    Example: [bold]doppelcast leave --timeout 540[/bold]
    """
    settings = current_settings()
    if not left(settings, timeout, SystemClock(), lambda line: say(escape(line))):
        raise typer.Exit(1)


def left(settings: Settings, timeout: float, clock: Clock, tell: Callable[[str], None]) -> bool:
    """Ask the worker to leave, and wait until it carries nothing; whether it does."""
    redis = connect(settings.redis)
    board, node = Board(redis, settings.redis_prefix), NodeId(settings.node)
    give_up = clock.monotonic() + timeout
    try:
        beat = _beat(board, node)
        if beat is None:
            tell(f"No stream worker beats as {node}; there is nothing to leave.")
            return True
        board.ask_to_leave(node, beat.boot)
        told = ""
        while (line := _seen(board, node, beat.boot).in_words()) and clock.monotonic() < give_up:
            if line != told:
                tell(line)
            told = line
            clock.wait(LOOK_SECONDS)
    finally:
        redis.close()
    if line:
        fail(f"{timeout:.0f} s are over. {line}")
        return False
    tell(f"{node} carries nothing any more.")
    return True


@dataclass(frozen=True)
class _Seen:
    """What the board says of a worker that leaves."""

    node: NodeId
    beat: NodeBeat | None
    """None: that process has ended."""
    answer: Farewell | None
    redis_answers: bool = True

    def in_words(self) -> str:
        """What is still to come; empty when nothing is."""
        if not self.redis_answers:
            return "Redis doesn't answer; the streams stay on air where they are."
        if self.beat is None or (self.beat.draining and not self.beat.streams):
            return ""
        here = counted(len(self.beat.streams), "stream")
        reasons = sorted({why for _, why in self.answer.homeless}) if self.answer else []
        waits = f" ({'; '.join(reasons)})" if reasons else ""
        return f"{self.node} is being left, {here} on it{waits}"


def _seen(board: Board, node: NodeId, boot: str) -> _Seen:
    try:
        beat = _beat(board, node)
        same = beat is not None and beat.boot == boot
        return _Seen(node, beat if same else None, board.farewell(node))
    except WireUnreachable:
        return _Seen(node, None, None, redis_answers=False)


def _beat(board: Board, node: NodeId) -> NodeBeat | None:
    found = (b for b in board.beats() if b.node == node and b.kind is WorkerKind.STREAM)
    return next(found, None)
