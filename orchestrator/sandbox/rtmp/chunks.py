"""RTMP's chunk stream: messages cut into chunks, several chunk streams interleaved.

`ChunkReader.feed` takes bytes in any portions and gives whole messages, with the timestamps the
peer wrote (absolute, modulo 2^32 milliseconds). Set Chunk Size and Abort take effect at once,
since the bytes behind them depend on it; both are handed out as messages too.

Limits: a message is at most 8 MiB, a peer may use 64 chunk streams. As the specification says, a
type 3 chunk carries the extended timestamp whenever its chunk stream's last header did; the few old
publishers that leave it out there aren't read correctly past 4.6 hours.
"""

from typing import Final, NamedTuple

from orchestrator.sandbox.rtmp.errors import ProtocolError

SET_CHUNK_SIZE: Final = 1
ABORT: Final = 2

MAX_MESSAGE = 8 * 1024 * 1024
MAX_CHUNK_STREAMS = 64
EXTENDED: Final = 0xFFFFFF
WRAP: Final = 0xFFFFFFFF
HEADER_BYTES: Final = (11, 7, 3, 0)


class Message(NamedTuple):
    """One RTMP message."""

    kind: int
    timestamp: int
    stream: int
    payload: bytes


class _ChunkStream:
    """What one chunk stream remembers between chunks."""

    __slots__ = ("delta", "extended", "kind", "length", "missing", "parts", "stream", "timestamp")

    def __init__(self) -> None:
        self.timestamp = 0
        self.delta = 0
        self.extended = False
        self.length = 0
        self.kind = 0
        self.stream = 0
        self.missing = 0
        """Bytes of the current message that haven't come; 0 between messages."""
        self.parts: list[bytes] = []


class _Header(NamedTuple):
    """A chunk's header, not yet taken over."""

    form: int
    channel: int
    time: int
    extended: bool
    length: int
    kind: int
    stream: int
    end: int
    """Where the chunk's data begins."""


class ChunkReader:
    """Turns one peer's bytes into messages."""

    def __init__(self, chunk_size: int = 128) -> None:
        self.chunk_size = chunk_size
        self._buffer = bytearray()
        self._channels: dict[int, _ChunkStream] = {}
        self.broken: ProtocolError | None = None
        """Why nothing more can be read; what came before the break has been handed out."""

    def feed(self, data: bytes) -> list[Message]:
        """The messages that these bytes complete."""
        if self.broken is not None:
            return []
        buffer = self._buffer
        buffer += data
        messages: list[Message] = []
        at = 0
        view = memoryview(buffer)
        try:
            while (end := self._chunk(view, at, messages)) > at:
                at = end
        except ProtocolError as error:
            self.broken = error
        finally:
            view.release()
        del buffer[:at]
        return messages

    def _chunk(self, view: memoryview, at: int, messages: list[Message]) -> int:
        """Take one chunk if it is whole; give where the next begins, or `at` if it isn't."""
        header = self._header(view, at)
        if header is None:
            return at
        channel = self._channels.get(header.channel)
        fresh = channel is None or channel.missing == 0
        length = header.length
        if length > MAX_MESSAGE:
            raise ProtocolError("a message is larger than 8 MiB")
        missing = length if fresh or channel is None else channel.missing
        end = header.end + min(missing, self.chunk_size)
        if end > len(view):
            return at
        if channel is None:
            channel = self._open(header)
        if fresh:
            _begin(channel, header)
        self._take(channel, bytes(view[header.end : end]), messages)
        return end

    def _header(self, view: memoryview, at: int) -> _Header | None:
        size = len(view)
        if at >= size:
            return None
        first = view[at]
        form, number = first >> 6, first & 0x3F
        at += 1
        if number < 2:  # 64 and up are written in one or two bytes more
            if at + number + 1 > size:
                return None
            number = 64 + int.from_bytes(view[at : at + number + 1], "little")
            at += (first & 0x3F) + 1
        if at + HEADER_BYTES[form] > size:
            return None
        known = self._channels.get(number)
        if form == 3:
            return _continued(view, at, number, known)
        return _fresh(view, at, form, number, known)

    def _open(self, header: _Header) -> _ChunkStream:
        if len(self._channels) >= MAX_CHUNK_STREAMS:
            raise ProtocolError("the peer uses more than 64 chunk streams")
        channel = self._channels[header.channel] = _ChunkStream()
        return channel

    def _take(self, channel: _ChunkStream, data: bytes, messages: list[Message]) -> None:
        channel.missing -= len(data)
        if channel.missing:
            channel.parts.append(data)
            return
        if channel.parts:
            channel.parts.append(data)
            data = b"".join(channel.parts)
            channel.parts = []
        message = Message(channel.kind, channel.timestamp, channel.stream, data)
        if message.kind <= ABORT:
            self._control(message)
        messages.append(message)

    def _control(self, message: Message) -> None:
        if len(message.payload) < 4:
            raise ProtocolError("a control message is too short")
        value = int.from_bytes(message.payload[:4], "big")
        if message.kind == ABORT:
            if (channel := self._channels.get(value)) is not None:
                channel.parts, channel.missing = [], 0
            return
        if not 1 <= value <= 0x7FFFFFFF:
            raise ProtocolError("a chunk size must be between 1 and 2147483647")
        self.chunk_size = value


def _continued(
    view: memoryview, at: int, number: int, known: _ChunkStream | None
) -> _Header | None:
    if known is None:
        raise ProtocolError("a chunk stream begins without a header")
    time = known.delta
    if known.extended:
        if at + 4 > len(view):
            return None
        time = int.from_bytes(view[at : at + 4], "big")
        at += 4
    return _Header(3, number, time, known.extended, known.length, known.kind, known.stream, at)


def _fresh(
    view: memoryview, at: int, form: int, number: int, known: _ChunkStream | None
) -> _Header | None:
    if known is None and form != 0:
        raise ProtocolError("a chunk stream begins without a full header")
    if known is not None and known.missing:
        raise ProtocolError("a new message begins before the last one is complete")
    time = int.from_bytes(view[at : at + 3], "big")
    length, kind, stream = (0, 0, 0) if known is None else (known.length, known.kind, known.stream)
    if form < 2:
        length, kind = int.from_bytes(view[at + 3 : at + 6], "big"), view[at + 6]
    if form == 0:
        stream = int.from_bytes(view[at + 7 : at + 11], "little")
    at += HEADER_BYTES[form]
    extended = time == EXTENDED
    if extended:
        if at + 4 > len(view):
            return None
        time = int.from_bytes(view[at : at + 4], "big")
        at += 4
    return _Header(form, number, time, extended, length, kind, stream, at)


def _begin(channel: _ChunkStream, header: _Header) -> None:
    """Take a header over for a new message."""
    channel.delta = header.time
    channel.extended = header.extended
    channel.length, channel.kind, channel.stream = header.length, header.kind, header.stream
    absolute = header.form == 0
    channel.timestamp = header.time if absolute else (channel.timestamp + header.time) & WRAP
    channel.missing = header.length
