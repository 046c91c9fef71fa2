"""Queue and task names, in one place. A typo elsewhere would make a silent queue."""

from orchestrator.ids import ClipKey, FencingToken, NodeId, StreamId

RENDER_NOW = "render.now"
RENDER_AHEAD = "render.ahead"
REPORTS = "reports"

TASK_STREAM = "stream.run"
TASK_RENDER = "render.clip"


def node_queue(node: NodeId) -> str:
    """The queue that only this node consumes."""
    return f"node.{node}"


def stream_task_id(stream: StreamId, token: FencingToken) -> str:
    """The id under which a placement's run shows in Flower."""
    return f"stream-{stream}-{token}"


def render_task_id(key: ClipKey) -> str:
    """The id of the one render of a clip."""
    return f"clip-{key[:32]}"
