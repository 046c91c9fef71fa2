"""A publisher's side of the talk, message by message: what to answer, what it means. No I/O.

    connect → releaseStream · FCPublish → createStream → publish → media … → FCUnpublish ·
    deleteStream

`take` gives the bytes to send back and the events the server acts on. Commands that publishers
send out of habit and no server needs (`_checkbw`, `getStreamLength`) are left without an answer.
"""

from dataclasses import dataclass
from typing import Final

from orchestrator.sandbox.rtmp import outgoing
from orchestrator.sandbox.rtmp.amf0 import AmfValue, decode_all
from orchestrator.sandbox.rtmp.chunks import SET_CHUNK_SIZE, Message
from orchestrator.sandbox.rtmp.errors import ProtocolError

AUDIO: Final = 8
VIDEO: Final = 9
DATA: Final = 18
DATA_AMF3: Final = 15
COMMAND_AMF3: Final = 17


@dataclass(frozen=True)
class WantsToPublish:
    """The peer asks to publish; the server decides."""

    app: str
    name: str


@dataclass(frozen=True)
class ChunkSizeSet:
    """The peer cuts what it sends like this from now on."""

    size: int


@dataclass(frozen=True)
class Unpublished:
    """The peer ends its stream in order."""


@dataclass(frozen=True)
class Tag:
    """A piece of media or metadata, as it would stand in an FLV file."""

    kind: int
    timestamp: int
    payload: bytes


Event = WantsToPublish | ChunkSizeSet | Unpublished | Tag


class Conversation:
    """One connection's talk."""

    def __init__(self, chunk_size: int, window: int) -> None:
        self._chunk_size = chunk_size
        self._window = window
        self._app: str | None = None
        self.peer_window = window
        """The peer wants an acknowledgement at least every so many bytes."""

    def take(self, message: Message) -> tuple[bytes, Event | None]:
        """(bytes to send, what it means for the server)"""
        kind = message.kind
        if kind in (AUDIO, VIDEO):
            return b"", Tag(kind, message.timestamp, message.payload)
        if kind in (DATA, DATA_AMF3):
            return b"", _metadata(message)
        if kind in (outgoing.COMMAND, COMMAND_AMF3):
            return self._command(_amf0(message))
        if kind == SET_CHUNK_SIZE:
            return b"", ChunkSizeSet(int.from_bytes(message.payload[:4], "big"))
        if kind == outgoing.WINDOW_ACK_SIZE and len(message.payload) >= 4:
            self.peer_window = max(1, int.from_bytes(message.payload[:4], "big"))
        return b"", None

    def accepted(self) -> bytes:
        """The answer to a publish command that is granted."""
        code = "NetStream.Publish.Start"
        return outgoing.stream_begin() + outgoing.status(
            "status", code, "Start publishing", self._chunk_size
        )

    def refused(self, code: str, description: str) -> bytes:
        """The answer to a publish command that is not."""
        return outgoing.status("error", code, description, self._chunk_size)

    def _command(self, payload: bytes) -> tuple[bytes, Event | None]:
        values = decode_all(payload)
        name = values[0] if values else None
        transaction = _number(values, 1)
        if name == "connect":
            return self._connect(values, transaction), None
        if name == "createStream":
            stream = float(outgoing.PUBLISH_STREAM)
            return outgoing.result(transaction, stream, self._chunk_size), None
        if name in ("releaseStream", "FCPublish"):
            return outgoing.result(transaction, None, self._chunk_size), None
        if name == "publish":
            return b"", self._publish(values)
        if name in ("FCUnpublish", "deleteStream", "closeStream"):
            return b"", Unpublished()
        return b"", None

    def _connect(self, values: list[AmfValue], transaction: float) -> bytes:
        about = values[2] if len(values) > 2 else None
        app = about.get("app") if isinstance(about, dict) else None
        if not isinstance(app, str):
            raise ProtocolError("connect names no application")
        self._app = app
        return outgoing.greeting(self._window, self._chunk_size) + outgoing.connected(
            transaction, self._chunk_size
        )

    def _publish(self, values: list[AmfValue]) -> WantsToPublish:
        name = values[3] if len(values) > 3 else None
        if self._app is None or not isinstance(name, str):
            raise ProtocolError("publish comes before connect, or names no stream")
        return WantsToPublish(self._app, name)


def _number(values: list[AmfValue], index: int) -> float:
    value = values[index] if index < len(values) else None
    return value if isinstance(value, float) else 0.0


def _amf0(message: Message) -> bytes:
    """The payload without the byte that AMF3-capable peers put before AMF0."""
    skip = message.kind in (COMMAND_AMF3, DATA_AMF3) and message.payload[:1] == b"\x00"
    return message.payload[1:] if skip else message.payload


_SET_DATA_FRAME: Final = b"\x02\x00\x0d@setDataFrame"


def _metadata(message: Message) -> Tag:
    """Metadata as it stands in a file: without the `@setDataFrame` that RTMP puts before it."""
    return Tag(DATA, message.timestamp, _amf0(message).removeprefix(_SET_DATA_FRAME))
