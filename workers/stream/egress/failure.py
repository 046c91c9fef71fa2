"""The error that a verdict stands for, in words that name the endpoint and hide its key. Pure."""

from inspect import cleandoc

from orchestrator.errors import (
    BroadcastError,
    EndpointBusy,
    EndpointDropped,
    EndpointRefused,
    EndpointUnreachable,
    FFmpegFailed,
)
from workers.stream.egress.verdict import Cause, Verdict

CLOSINGS = 5
"""That many connections in a row closed without a word mean that the key isn't wanted."""

_ERRORS: dict[Cause, type[BroadcastError]] = {
    Cause.REFUSED: EndpointRefused,
    Cause.BUSY: EndpointBusy,
    Cause.UNREACHABLE: EndpointUnreachable,
    Cause.CLOSED: EndpointUnreachable,
    Cause.DROPPED: EndpointDropped,
    Cause.OURS: FFmpegFailed,
}
_PHRASES = {
    Cause.CLOSED: "it hung up before it took the stream ({})",
    Cause.DROPPED: "it took the stream, then hung up ({})",
    Cause.REFUSED: "it says: {}",
    Cause.BUSY: "it says: {}",
}


def failure(verdict: Verdict, where: str, closings: int) -> BroadcastError:
    """What to raise. `closings`: how often in a row it hung up before it took the stream."""
    if verdict.cause is Cause.CLOSED and closings >= CLOSINGS:
        return told(EndpointRefused, where, f"{closings} connections in a row were closed")
    words = _PHRASES.get(verdict.cause, "{}").format(verdict.words)
    return told(_ERRORS[verdict.cause], where, words)


def told(kind: type[BroadcastError], where: str, words: str) -> BroadcastError:
    """An error of that kind: where, what was seen, and what its class says to do."""
    return kind(f"{where}: {words.rstrip('.')}. {cleandoc(kind.__doc__ or '')}")
