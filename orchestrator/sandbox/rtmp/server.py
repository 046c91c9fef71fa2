"""The RTMP server: listens on one port, keeps its connections, lets go of them.

Whoever may publish is the gate's decision; what arrives goes to a `Sink` with its arrival on the
monotonic clock. Everything runs on the loop's thread, so gate and sinks must not block.

Limits: one stream a connection at a time; the server never plays; no RTMPS; a connection that never
publishes is kept until the server stops.
"""

import asyncio

from orchestrator.clock import Clock
from orchestrator.sandbox.rtmp.connection import Connection, Ending, Sink, SinkFor
from orchestrator.sandbox.rtmp.gate import Gate


class RtmpServer:
    """Listens on one port."""

    def __init__(
        self, gate: Gate, sink_for: SinkFor, clock: Clock, host: str = "127.0.0.1"
    ) -> None:
        self.gate = gate
        self.sink_for = sink_for
        self.clock = clock
        self.host = host
        self.port = 0
        self.connections: set[Connection] = set()
        self._sessions = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """Listen; gives the port, which the system chooses for 0."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), self.host, port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def stop(self) -> None:
        """Cut every connection and stop listening."""
        if self._server is None:
            return
        self._server.close()
        for connection in tuple(self.connections):
            connection.cut(Ending.STOPPED)
        await self._server.wait_closed()
        self._server = None
        await self._idle.wait()

    def joined(self, connection: "Connection") -> None:
        """A connection begins."""
        self.connections.add(connection)
        self._idle.clear()

    def left(self, connection: "Connection") -> None:
        """A connection is over."""
        self.connections.discard(connection)
        if not self.connections:
            self._idle.set()

    def release(self, sink: Sink) -> None:
        """Let go of the publisher that feeds this sink."""
        for connection in tuple(self.connections):
            if connection.feeds(sink):
                connection.cut(Ending.STOPPED)

    def next_session(self) -> int:
        """A number for a connection that publishes."""
        self._sessions += 1
        return self._sessions
