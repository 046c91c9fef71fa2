"""What ffmpeg's last words and its end say about the endpoint. Pure; patterns from real servers.

ffmpeg passes on what a server says (`Server error: Already publishing`), says what the socket said
(`Connection refused`), or says nothing of use: a server that hangs up while we ask to publish looks
the same for a wrong key, an unknown application and a fault of its own (`CLOSED`). So only words
are taken as a refusal; a row of closings is the ladder's to judge (workers.stream.ladder).

A server that ends a stream in good order closes its side first (FIN), one that breaks resets it.
Linux tells them apart: what is written after a FIN fails with "Broken pipe", after a reset with
"Connection reset by peer".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

ACCEPTED_SECONDS = 2.0
"""A connection that ends sooner after its opening was never really taken: some ingests agree to
everything, look at the key afterwards, and then hang up."""


class Cause(StrEnum):
    """Why a connection is no more, or never was."""

    REFUSED = "refused"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CLOSED = "closed"
    """It hung up before it had taken the stream, and didn't say why."""
    DROPPED = "dropped"
    """It had taken the stream, and the connection broke."""
    ENDED = "ended"
    """It had taken the stream, and ended it in good order."""
    REPLACED = "replaced"
    """It had taken the stream, and says that somebody else publishes now."""
    OURS = "ours"
    """ffmpeg failed for a reason of its own."""


@dataclass(frozen=True)
class Verdict:
    """A cause, and the words that show it."""

    cause: Cause
    words: str


_SAID = re.compile(r"Server error: (?P<words>.+)")
_BUSY = re.compile(
    r"already publish|already.*(exist|in use)|stream ?busy|publish.*conflict|duplicate", re.I
)
_REPLACED = re.compile(r"replaced|kicked|taken over|take ?over|preempt|new(er)? publisher", re.I)
_REFUSED = re.compile(
    r"den(y|ied)|reject|refus|unauthori[sz]ed|not (allowed|authori[sz]ed|permitted)|forbidden"
    r"|bad ?name|bad ?auth|invalid|expired|banned|authenticat|wrong (stream )?key|no such stream",
    re.I,
)
_UNREACHABLE = re.compile(
    r"Connection refused|Failed to resolve|Name or service not known|timed out|No route to host"
    r"|unreachable|Temporary failure in name|Connection setup failure"
    r"|(peer )?certificate [a-z ]*fail[a-z ]*|handshake|Cannot open connection",
    re.I,
)
_SRT_REJECTED = re.compile(r"connection (was )?rejected|peer rejected", re.I)
_CLOSED = re.compile(
    r"Input/output error|Broken pipe|Connection reset|End of file|Operation not permitted"
    r"|Connection does not exist|Error writing trailer|Connection was broken",
    re.I,
)
_ENDED = re.compile(r"Broken pipe|End of file", re.I)
_LOCAL = re.compile(
    r"No such file or directory|No space left|Permission denied|Invalid data found"
    r"|Protocol not found|Unrecognized option|Option .* not found|Invalid argument"
    r"|failed to execute|Unknown encoder|non monoton",
    re.I,
)
_OPENED = re.compile(r"(^|\] )Output #0, ")


def opened(line: str) -> bool:
    """Whether the line says that the endpoint has agreed to take the stream."""
    return _OPENED.search(line) is not None


def classify(lines: Sequence[str], exit_code: int | None, ever_accepted: bool) -> Verdict:
    """The verdict on a connection that ended by itself: a server's own words count most."""
    for line in reversed(lines):
        if said := _SAID.search(line):
            return Verdict(_by_words(said["words"], ever_accepted), said["words"].strip())
    if not ever_accepted:
        if found := _said(lines, _SRT_REJECTED):
            return Verdict(Cause.CLOSED, found)
        if found := _said(lines, _UNREACHABLE):
            return Verdict(Cause.UNREACHABLE, found)
    if found := _said(lines, _LOCAL):
        return Verdict(Cause.OURS, found)
    found = _said(lines, _CLOSED) or _said(lines, _UNREACHABLE)
    if found or exit_code == 0:
        return Verdict(_by_end(found, ever_accepted), found or "without a word")
    return Verdict(Cause.OURS, _bare(lines[-1]) if lines else f"ffmpeg ended with code {exit_code}")


def _by_end(found: str | None, ever_accepted: bool) -> Cause:
    if not ever_accepted:
        return Cause.CLOSED
    return Cause.ENDED if found is None or _ENDED.search(found) else Cause.DROPPED


def _by_words(words: str, ever_accepted: bool) -> Cause:
    if ever_accepted and _REPLACED.search(words):
        return Cause.REPLACED
    if _BUSY.search(words):
        return Cause.BUSY
    if _REFUSED.search(words):
        return Cause.REFUSED
    return Cause.DROPPED if ever_accepted else Cause.CLOSED


def _said(lines: Sequence[str], pattern: re.Pattern[str]) -> str | None:
    """The first words that tell; what comes after them only repeats them."""
    found = (pattern.search(line) for line in lines)
    return next((match.group() for match in found if match), None)


def _bare(line: str) -> str:
    """Without the names and addresses of ffmpeg's parts in front."""
    return re.sub(r"^(\[[^\]]*\] )+", "", line).strip()
