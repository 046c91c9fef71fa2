"""Queue and task names, in one place. A typo elsewhere would make a silent queue."""

from orchestrator.ids import ClipKey, FencingToken, NodeId, StreamId

RENDER_NOW = "render.now"
RENDER_AHEAD = "render.ahead"
REPORTS = "reports"

TASK_STREAM = "stream.run"
TASK_RENDER = "render.clip"

SENT_AT = "sent_at"
"""Header of an order: wall-clock seconds at which it was given. Tells how old a queue is."""


def node_queue(node: NodeId) -> str:
    """The queue that only this node consumes."""
    return f"node.{node}"


def stream_task_id(stream: StreamId, token: FencingToken) -> str:
    """The id under which a placement's run shows in Flower."""
    return f"stream-{stream}-{token}"


def render_task_id(key: ClipKey, sent_at: float) -> str:
    """The id of an order of a clip. Each order has one of its own: where one expired in the queue,
    workers refuse for hours whatever comes under the same id."""
    return f"clip-{key[:32]}-{round(1000 * sent_at)}"
