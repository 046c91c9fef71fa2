"""One RTMP connection on the server's side: thin around reader and conversation.

Bytes go to the reader, messages to the conversation, its events to the gate's decision or to the
sink. Runs on the loop's thread. A peer that breaks the protocol loses its connection.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

from typing_extensions import override

from orchestrator.clock import Clock
from orchestrator.sandbox.rtmp import outgoing
from orchestrator.sandbox.rtmp.chunks import ChunkReader, Message
from orchestrator.sandbox.rtmp.conversation import (
    ChunkSizeSet,
    Conversation,
    Event,
    Tag,
    Unpublished,
    WantsToPublish,
)
from orchestrator.sandbox.rtmp.errors import ProtocolError
from orchestrator.sandbox.rtmp.gate import (
    Busy,
    Decision,
    Gate,
    PublishRequest,
    Refuse,
    ResetAfter,
    Silent,
    Wedge,
)
from orchestrator.sandbox.rtmp.handshake import Handshake

log = logging.getLogger(__name__)

CHUNK_SIZE: Final = 8192
"""What peers are asked to use: as large as ingests take without complaint."""
WINDOW: Final = 2_500_000
WEDGED_BUFFER: Final = 65_536
LINGER_SECONDS: Final = 1.0
"""A refused peer gets time to read why; closing at once would reset the line under the answer."""


class Ending(StrEnum):
    """How a connection ended."""

    UNPUBLISHED = "unpublished"
    """The publisher said goodbye."""
    LOST = "lost"
    """The line was cut, by the peer or by the network."""
    RESET = "reset"
    """The gate cut it."""
    BROKEN = "broken"
    """The peer broke the protocol."""
    STOPPED = "stopped"
    """The server stopped, or let go of a publisher that had fallen silent."""


class Sink(Protocol):
    """Takes what one connection publishes, in order, on the server's thread."""

    def chunk_size(self, size: int) -> None:
        """The publisher cuts its messages like this."""
        ...

    def tag(self, tag: Tag, at: float) -> None:
        """A piece of media arrived."""
        ...

    def closed(self, at: float, ending: Ending) -> None:
        """Nothing more comes."""
        ...


SinkFor = Callable[[PublishRequest, float], Sink]


class Host(Protocol):
    """What a connection needs of the server it belongs to."""

    gate: Gate
    sink_for: SinkFor
    clock: Clock
    port: int

    def joined(self, connection: "Connection") -> None:
        """A connection begins."""
        ...

    def left(self, connection: "Connection") -> None:
        """A connection is over."""
        ...

    def next_session(self) -> int:
        """A number for a connection that publishes."""
        ...


class Connection(asyncio.Protocol):
    """One peer."""

    def __init__(self, server: Host) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._handshake = Handshake()
        self._reader = ChunkReader()
        self._talk = Conversation(CHUNK_SIZE, WINDOW)
        self._sink: Sink | None = None
        self._peer_chunk_size: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ending = Ending.LOST
        self._received = 0
        self._acknowledged = 0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("an RTMP connection needs a stream transport")
        self._transport = transport
        self._server.joined(self)

    @override
    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        at = self._server.clock.monotonic()
        try:
            if not self._handshake.done:
                reply, data = self._handshake.feed(data)
                self._send(reply)
            for message in self._reader.feed(data):
                self._take(message, at)
            if self._reader.broken is not None:
                raise self._reader.broken
        except ProtocolError as error:
            log.warning(
                "a publisher broke the protocol",
                extra={"action": "sandbox.broken", "detail": str(error), "port": self._server.port},
            )
            self.cut(Ending.BROKEN)
            return
        if self._received - self._acknowledged >= self._talk.peer_window // 2:
            self._acknowledged = self._received
            self._send(outgoing.acknowledgement(self._received))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._server.left(self)
        if self._timer is not None:
            self._timer.cancel()
        self._finish()

    def feeds(self, sink: Sink) -> bool:
        """Whether what arrives here goes to that sink."""
        return self._sink is sink

    def cut(self, ending: Ending) -> None:
        """End it with a TCP reset, as a crashed server or a firewall would."""
        if self._ending is Ending.LOST:
            self._ending = ending
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    def wedge(self) -> None:
        """Read no more, and leave the line open, as a hung server would."""
        if self._transport is None or self._transport.is_closing():
            return
        # A small buffer makes the publisher feel it soon; grown ones hold many seconds of media.
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WEDGED_BUFFER)
        self._transport.pause_reading()

    def _take(self, message: Message, at: float) -> None:
        reply, event = self._talk.take(message)
        self._send(reply)
        if event is not None:
            self._act(event, at)

    def _act(self, event: Event, at: float) -> None:
        match event:
            case Tag():
                if self._sink is not None:
                    self._sink.tag(event, at)
            case ChunkSizeSet(size):
                self._peer_chunk_size = size
                if self._sink is not None:
                    self._sink.chunk_size(size)
            case WantsToPublish(app, name):
                self._publish(app, name, at)
            case Unpublished():
                self._ending = Ending.UNPUBLISHED
                self._finish()

    def _publish(self, app: str, name: str, at: float) -> None:
        if self._sink is not None:
            raise ProtocolError("a connection publishes one stream")
        peer = str(self._transport.get_extra_info("peername")) if self._transport else "?"
        request = PublishRequest(app, name, peer, self._server.next_session())
        decision = self._server.gate(request, at)
        match decision:
            case Refuse(code, description):
                self._refuse(code, description)
            case Busy(description):
                self._refuse("NetStream.Publish.BadName", description)
            case Silent():
                pass
            case _:
                self._accept(request, decision, at)

    def _refuse(self, code: str, description: str) -> None:
        self._send(self._talk.refused(code, description))
        self._later(LINGER_SECONDS, lambda: self.cut(Ending.LOST))

    def _accept(self, request: PublishRequest, decision: Decision, at: float) -> None:
        self._sink = self._server.sink_for(request, at)
        self._ending = Ending.LOST
        if self._peer_chunk_size is not None:
            self._sink.chunk_size(self._peer_chunk_size)
        self._send(self._talk.accepted())
        if isinstance(decision, ResetAfter):
            self._later(decision.seconds, lambda: self.cut(Ending.RESET))
        elif isinstance(decision, Wedge):
            self._later(decision.after_seconds, self.wedge)

    def _later(self, seconds: float, what: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, what)

    def _send(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _finish(self) -> None:
        """Tell the sink, once."""
        sink, self._sink = self._sink, None
        if sink is not None:
            sink.closed(self._server.clock.monotonic(), self._ending)
