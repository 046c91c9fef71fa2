"""Sends the tasks that begin runs, and the nudges that end them. Wants on the board are the truth;
a task that comes late finds there that it is outdated, and a nudge only saves a second."""

from celery.exceptions import CeleryError

from orchestrator.domain.placement import Placement
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, StreamId
from orchestrator.settings import Settings
from orchestrator.wire.broker import BROKER_ERRORS, queue
from orchestrator.wire.celery_app import make_app
from orchestrator.wire.queues import TASK_STREAM, node_queue, stream_task_id

EXPIRES_SECONDS = 60
"""By then the coordinator has long placed the stream anew; generous, for clocks differ."""
SOCKET_SECONDS = 2
"""A pass must not hang on a frozen broker."""


class StreamTasks:
    """The coordinator's side of Celery."""

    def __init__(self, settings: Settings) -> None:
        self._app = make_app(settings)
        options = dict(self._app.conf.broker_transport_options)
        options |= {"socket_timeout": SOCKET_SECONDS, "socket_connect_timeout": SOCKET_SECONDS}
        self._app.conf.broker_transport_options = options

    def start(self, placement: Placement) -> None:
        """Hand a placement's run to its node's queue."""
        try:
            self._app.send_task(
                TASK_STREAM,
                args=[placement.stream, placement.token],
                task_id=stream_task_id(placement.stream, placement.token),
                queue=queue(node_queue(placement.node)),
                expires=EXPIRES_SECONDS,
                ignore_result=True,
                retry=False,
            )
        except (*BROKER_ERRORS, CeleryError) as error:
            raise WireUnreachable(f"The broker takes no task: {type(error).__name__}.") from error

    def nudge(self, stream: StreamId, token: FencingToken) -> None:
        """Reach a run at once that the board already tells to end."""
        try:
            self._app.control.revoke(stream_task_id(stream, token), terminate=True)
        except (*BROKER_ERRORS, CeleryError) as error:
            raise WireUnreachable(f"The broker takes no word: {type(error).__name__}.") from error

    def close(self) -> None:
        """Let go of the broker."""
        self._app.close()
