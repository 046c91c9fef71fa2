"""The error that a verdict stands for, in words that name the endpoint and hide its key. Pure."""

from inspect import cleandoc

from orchestrator.errors import (
    BroadcastError,
    EndpointBusy,
    EndpointClosed,
    EndpointDropped,
    EndpointEnded,
    EndpointRefused,
    EndpointReplaced,
    EndpointUnreachable,
    FFmpegFailed,
)
from workers.stream.egress.verdict import Cause, Verdict

_ERRORS: dict[Cause, type[BroadcastError]] = {
    Cause.REFUSED: EndpointRefused,
    Cause.BUSY: EndpointBusy,
    Cause.UNREACHABLE: EndpointUnreachable,
    Cause.CLOSED: EndpointClosed,
    Cause.DROPPED: EndpointDropped,
    Cause.ENDED: EndpointEnded,
    Cause.REPLACED: EndpointReplaced,
    Cause.OURS: FFmpegFailed,
}
_PHRASES = {
    Cause.CLOSED: "it hung up before it took the stream ({})",
    Cause.DROPPED: "it took the stream, then hung up ({})",
    Cause.ENDED: "it took the stream, then ended it ({})",
    Cause.REPLACED: "it says: {}",
    Cause.REFUSED: "it says: {}",
    Cause.BUSY: "it says: {}",
}


def failure(verdict: Verdict, where: str) -> BroadcastError:
    """What to raise. What a row of them means is the ladder's to say (workers.stream.ladder)."""
    words = _PHRASES.get(verdict.cause, "{}").format(verdict.words)
    return told(_ERRORS[verdict.cause], where, words)


def told(kind: type[BroadcastError], where: str, words: str) -> BroadcastError:
    """An error of that kind: where, what was seen, and what its class says to do."""
    return kind(f"{where}: {words.rstrip('.')}. {cleandoc(kind.__doc__ or '')}")
