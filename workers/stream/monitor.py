"""Shows streams to whoever watches Celery's events: in Flower, a row that reads like a monitor.

A stream's task runs for days, and Flower knows only what events tell it. So `task-started` is sent
again and again, with the stream's line as its result: the state stays STARTED, Terminate goes on
working, and a Flower that is started late rebuilds the row by itself.
"""

from celery import Celery

from orchestrator.wire.queues import TASK_STREAM
from workers.stream.outbox import Outbox
from workers.stream.standing import status_line
from workers.stream.telemetry import Carried


class FlowerRows:
    """Sends the rows, on a thread of its own; what doesn't get through is dropped."""

    def __init__(self, app: Celery, hostname: str) -> None:
        self._app = app
        self._hostname = hostname
        self._outbox = Outbox("monitor")

    def start(self) -> None:
        """Begin to send."""
        self._outbox.start()

    def close(self) -> None:
        """Send no more."""
        self._outbox.close()

    def show(self, run: Carried) -> None:
        """Leave a stream's row to be sent."""
        row = {
            "uuid": run.task_id,
            "name": TASK_STREAM,
            "args": shown_arguments(run.stream, run.token),
            "kwargs": "{}",
            "received": run.begun_at,
            "started": run.begun_at,
            "result": status_line(run.status()),
        }
        self._outbox.put(lambda: self._send(row))

    def _send(self, row: dict[str, object]) -> None:
        with self._app.events.default_dispatcher(hostname=self._hostname) as dispatcher:
            dispatcher.send("task-started", retry=False, **row)


def shown_arguments(stream: str, token: int) -> str:
    """A task's arguments as Flower shows them."""
    return repr((stream, token))
