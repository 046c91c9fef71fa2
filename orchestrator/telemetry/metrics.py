"""What the processes count, by name: every metric that Doppelcast shows, on one page.

    worker, stream    stream_*, node_*, clip_reads, worker_consuming, reports_*; of the platforms
                      that its streams go to, certificate_*
    worker, render    render_*, worker_consuming
    coordinator       coordinator_*; of the one that leads also room_*, fleet_*, drain_*, queue_*,
                      plan_*, contract_*, consent_*, certificate_*
    recorder          recorder_*
    all               build_info, ready, loop_*, redis_reachable, store_reachable

A **room** is a stream as the coordinator sees it, wherever it runs; it has no node, and is there
while nobody carries it. What is said of a room or of the fleet is said by the leader alone, so that
two coordinators don't count it twice; for a moment at a change of leaders both may say it, so
queries take `max by (stream)`, never a sum over instances.

Labels are bounded by what is configured: streams of the matrix, their brands and platforms, nodes,
queues, servers. A stream's series end with its run. Times are exported as moments, so that a value
that isn't updated any more shows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

PREFIX = "doppelcast_"


class Kind(StrEnum):
    """How a metric behaves."""

    GAUGE = "gauge"
    COUNTER = "counter"
    """Grows, and begins anew with its process or stream."""
    HISTOGRAM = "histogram"


@dataclass(frozen=True)
class Metric:
    """One metric. The name stands without our prefix, and a counter's without `_total`."""

    name: str
    help: str
    kind: Kind = Kind.GAUGE
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def full_name(self) -> str:
        """As it is asked for in Prometheus; of a histogram without `_bucket`, `_sum`, `_count`."""
        return f"{PREFIX}{self.name}{'_total' if self.kind is Kind.COUNTER else ''}"


@dataclass(frozen=True)
class Reading:
    """A metric's value for some labels."""

    metric: Metric
    value: float
    labels: tuple[str, ...] = ()


Source = Callable[[], Iterable[Reading]]
"""Gives what is to be shown now, from memory: it is asked on the probes' thread."""

NODE = ("node",)
STREAM = ("stream", "brand", "platform", "node")
ROOM = ("stream", "brand", "platform")


def _counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Metric:
    return Metric(name, text, Kind.COUNTER, labels)


def _histogram(name: str, text: str, labels: tuple[str, ...], *buckets: float) -> Metric:
    return Metric(name, text, Kind.HISTOGRAM, labels, buckets)


# Every process.
BUILD_INFO = Metric("build_info", "Always 1; what runs here.", labels=("version", "process"))
READY = Metric("ready", "Whether the process can do its work now, as /readyz says.")
LOOP_LAST_TURN = Metric(
    "loop_last_turn_timestamp_seconds", "When a loop that must turn last did.", labels=("loop",)
)
LOOP_LIMIT = Metric(
    "loop_limit_seconds", "After how long without a turn a loop hangs.", labels=("loop",)
)
REDIS_REACHABLE = Metric("redis_reachable", "Whether Redis answered this process last time.")
STORE_REACHABLE = Metric("store_reachable", "Whether the store answered this process last time.")
SOURCES_FAILED = Metric("metrics_sources_failed", "Parts of this page that could not be made.")

# A stream worker: its streams. They end with the run.
STREAM_ON_AIR = Metric("stream_on_air", "Whether the endpoint takes the stream.", labels=STREAM)
STREAM_ON_AIR_SECONDS = _counter("stream_on_air_seconds", "Time on air in this run.", STREAM)
STREAM_OFF_AIR_SECONDS = _counter(
    "stream_off_air_seconds", "Time in this run spent connecting, or waiting to.", STREAM
)
STREAM_ACKNOWLEDGED = _counter(
    "stream_acknowledged_bytes", "What the endpoint has acknowledged.", STREAM
)
STREAM_SENT = _counter("stream_sent_bytes", "What was played.", STREAM)
STREAM_FRAMES = _counter("stream_frames", "Video frames that were played.", STREAM)
STREAM_STALLS = _counter(
    "stream_stalls", "Connections ended because the endpoint took nothing any more.", STREAM
)
STREAM_CONNECTS = _counter("stream_connects", "Connections that the endpoint took.", STREAM)
STREAM_RECONNECTS = _counter(
    "stream_reconnects", "Connections that ended or failed, by the reason.", (*STREAM, "reason")
)
STREAM_TAKES = _counter("stream_takes", "Clips taken on air, by kind.", (*STREAM, "kind"))
STREAM_CLIP_MISSES = _counter(
    "stream_clip_misses", "Takes in which something stood in for the program.", STREAM
)
STREAM_ANOMALIES = _counter(
    "stream_timestamp_anomalies", "Times when playout stood still and real time ran away.", STREAM
)
STREAM_TOKEN = Metric("stream_token", "The fencing token of the run.", labels=STREAM)
STREAM_LAST_PROGRESS = Metric(
    "stream_last_progress_timestamp_seconds",
    "When the endpoint last took something.",
    labels=STREAM,
)
STREAM_AHEAD = Metric(
    "stream_ahead_seconds", "How much of the program is rendered ahead.", labels=STREAM
)
STREAM_ALARM = Metric("stream_alarm", "Whether a person has to look at the stream.", labels=STREAM)

# A worker.
NODE_SLOTS = Metric("node_slots", "Streams that the node may carry.", labels=NODE)
NODE_SLOTS_USED = Metric("node_slots_used", "Streams that the node carries.", labels=NODE)
NODE_DRAINING = Metric("node_draining", "Whether the node takes nothing new.", labels=NODE)
NODE_BUSY = Metric("node_busy_ratio", "Share of the machine's cores in use.", labels=NODE)
WORKER_CONSUMING = Metric(
    "worker_consuming", "Whether tasks are really taken from the queues.", labels=("node", "kind")
)
CLIP_READS = _counter(
    "clip_reads", "Clips that memory didn't have: read, missing or bad.", (*NODE, "outcome")
)
REPORTS_UNCONFIRMED = Metric(
    "reports_unconfirmed", "Reports that the recorder hasn't confirmed yet.", labels=NODE
)
REPORTS_OLDEST = Metric(
    "reports_oldest_unconfirmed_seconds", "For how long the oldest of them waits.", labels=NODE
)
REPORTS_SPOOL = Metric("reports_spool_bytes", "Reports that wait on disk.", labels=NODE)
REPORTS_LOST = _counter("reports_lost", "Reports that found disk and memory full.", NODE)
RENDER_SECONDS = _histogram(
    "render_seconds",
    "How long making a clip took.",
    ("node", "queue", "kind"),
    *(0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0),
)
RENDER_CLIPS = _counter(
    "render_clips",
    "Orders that were done: clips made, found in the store, or failed.",
    ("node", "queue", "outcome"),
)
RENDER_PROCESSES = Metric("render_processes", "Renders at once on this node.", labels=NODE)

# A coordinator.
COORDINATOR_LEADER = Metric("coordinator_leader", "Whether this coordinator leads.")
COORDINATOR_PASS_SECONDS = _histogram(
    "coordinator_pass_seconds",
    "How long a pass took, of the one who leads.",
    (),
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)
COORDINATOR_LAST_PASS = Metric(
    "coordinator_last_pass_timestamp_seconds", "When a pass last ended well; 0: none did."
)
COORDINATOR_FAILED_PASSES = _counter(
    "coordinator_failed_passes", "Passes that couldn't be finished, by the error.", ("error",)
)
ROOM_WANTED = Metric("room_wanted", "Whether the room shall be on air now.", labels=ROOM)
ROOM_ON_AIR = Metric("room_on_air", "Whether a node says that it is.", labels=ROOM)
ROOM_HOLDERS = Metric("room_holders", "How many nodes say that they have it on air.", labels=ROOM)
ROOM_OFF_AIR_SECONDS = _counter(
    "room_off_air_seconds", "Time in which it was wanted and not on air.", ROOM
)
ROOM_REFUSED = Metric(
    "room_refused", "Whether it failed so that trying again is no use.", labels=ROOM
)
FLEET_WANTED = Metric("fleet_rooms_wanted", "Rooms that shall be on air now.")
FLEET_ON_AIR = Metric("fleet_rooms_on_air", "Rooms of these that are.")
FLEET_UNPLACED = Metric("fleet_rooms_unplaced", "Rooms of these that have no node.")
FLEET_SLOTS = Metric("fleet_slots", "Slots of all nodes that take streams.")
FLEET_SLOTS_FREE = Metric("fleet_slots_free", "Slots of these in which nothing is.")
FLEET_NODES = Metric("fleet_nodes", "Stream workers that live, by state.", labels=("state",))
DRAIN_LEFT = Metric("drain_streams_left", "Streams still on a node that is emptied.", labels=NODE)
DRAIN_SINCE = Metric(
    "drain_since_timestamp_seconds", "Since when the node is being emptied.", labels=NODE
)
QUEUE_MESSAGES = Metric("queue_messages", "Messages that wait in a queue.", labels=("queue",))
QUEUE_OLDEST = Metric(
    "queue_oldest_seconds", "Age of the oldest message, where it tells.", labels=("queue",)
)
PLAN_END = Metric("plan_end_timestamp_seconds", "When the last day that is planned ends.")
PLAN_FAILED = Metric(
    "plan_failed", "Whether the day after could not be planned when that was tried last."
)
CONTRACT_PLANNED = Metric(
    "contract_planned_seconds", "Time on air that the plan gives a brand.", labels=("brand", "day")
)
CONTRACT_AIRED = Metric(
    "contract_aired_seconds", "Planned time that was really on air.", labels=("brand", "day")
)
CONTRACT_EXPECTED = Metric(
    "contract_expected_seconds",
    "Planned time that was on air, or is still to come.",
    labels=("brand", "day"),
)
CONTRACT_REQUIRED = Metric(
    "contract_required_seconds", "Time on air that its contract asks for.", labels=("brand", "day")
)
CONSENT_EXPIRY = Metric(
    "consent_expiry_timestamp_seconds", "When a double's consent ends.", labels=("persona",)
)
CERTIFICATE_EXPIRY = Metric(
    "certificate_expiry_timestamp_seconds", "When a server's certificate ends.", labels=("server",)
)

# A recorder.
RECORDER_REPORTS = _counter(
    "recorder_reports", "Reports taken from the queue: recorded or dropped.", ("outcome",)
)
RECORDER_DELAY = _histogram(
    "recorder_delay_seconds",
    "From what happened to its record.",
    (),
    *(0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0),
)
RECORDER_LAST_ROUND = Metric(
    "recorder_last_round_timestamp_seconds", "When store and queue last answered."
)

CATALOG: tuple[Metric, ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Metric)
)
