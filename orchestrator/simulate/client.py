"""The real Redis client, with connections that end in this process.

Board and leases build their commands, pipelines and scripts as ever; only what would go over a
socket goes to the simulated server, if the line is up.
"""

from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import ConnectionError as RedisConnectionError
from typing_extensions import override

from orchestrator.simulate.server import Server


class Line:
    """The network between one process and the server."""

    def __init__(self, server: Server, is_up: Callable[[], bool]) -> None:
        self._server = server
        self._is_up = is_up
        self.asked = 0
        """Commands that were sent."""

    def ask(self, *words: Any) -> Any:
        """Send a command, and wait for its answer."""
        self.check()
        self.asked += 1
        return self._server.ask(words)

    def check(self) -> None:
        """Raise if nobody is there."""
        if not self._is_up():
            raise RedisConnectionError("nobody is there")


class LineClient(Redis):
    """A client at one end of a line."""

    def __init__(self, line: Line) -> None:
        super().__init__(decode_responses=True)
        self._line = line

    @override
    def execute_command(self, *args: Any, **options: Any) -> Any:
        return self._line.ask(*args)

    @override
    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> "LinePipeline":
        return LinePipeline(self, self._line)


class LinePipeline(Pipeline):
    """Commands that are sent together."""

    def __init__(self, client: LineClient, line: Line) -> None:
        super().__init__(
            client.connection_pool, client.response_callbacks, transaction=False, shard_hint=None
        )
        self._line = line

    @override
    def execute(self, raise_on_error: bool = True) -> list[Any]:
        self._line.check()
        answers = [self._line.ask(*words) for words, _ in self.command_stack]
        self.command_stack = []
        return answers
