"""The dashboard *Room*: one stream, from what is played to what the platform takes."""

from deploy.grafana.fleet import LOST_CONNECTIONS, ROOM_PAGE, ROOM_STATE, ROOM_STATES
from deploy.grafana.panels import (
    Json,
    Query,
    Row,
    choice,
    dashboard,
    lines,
    number,
    of_the_fleet,
    states,
    trouble,
)

CHOSEN = 'stream="$stream"'

AIR = Row(
    "On air",
    (
        number(
            "Off air in this time",
            f"sum(increase(doppelcast_room_off_air_seconds_total{{{CHOSEN}}}[$__range]))",
            bad_from=1,
            unit="s",
        ),
        number(
            "Lost connections",
            f"round(sum(increase(doppelcast_stream_reconnects_total{{{CHOSEN}}}[$__range])))"
            " or vector(0)",
        ),
        number(
            "Nodes that have it on air",
            f"max(doppelcast_room_holders{{{CHOSEN}}})",
            good_from=1,
            bad_from=2,
            says="More than one: two doubles publish to one room.",
        ),
        trouble(
            "Needs somebody",
            f"max(doppelcast_stream_alarm{{{CHOSEN}}})",
            says="`doppelcast status` has the words.",
        ),
        trouble(
            "Refused",
            f"max(doppelcast_room_refused{{{CHOSEN}}})",
            says="Trying again is no use: mend what it says, then apply the matrix again.",
        ),
        number(
            "Nothing taken for",
            f"time() - max(doppelcast_stream_last_progress_timestamp_seconds{{{CHOSEN}}})",
            bad_from=30,
            unit="s",
        ),
        states(
            "Room",
            Query(ROOM_STATE.format(CHOSEN), "{{stream}}"),
            ROOM_STATES,
            width=24,
            height=4,
        ),
        states(
            "Nodes",
            Query(f"max by (node) (doppelcast_stream_on_air{{{CHOSEN}}})", "{{node}}"),
            {0: ("has it", "#5a5a5a"), 1: ("has it on air", "green")},
            width=12,
            height=6,
        ),
        lines(
            "Token",
            Query(f"max by (node) (doppelcast_stream_token{{{CHOSEN}}})", "{{node}}"),
            width=12,
            height=6,
            says="Grows with each placement; of two nodes the one with the higher token is right.",
        ),
    ),
)
LINE = Row(
    "What the platform takes",
    (
        lines(
            "Bit rate",
            Query(
                f"sum(rate(doppelcast_stream_acknowledged_bytes_total{{{CHOSEN}}}"
                "[$__rate_interval])) * 8",
                "acknowledged",
            ),
            Query(
                f"sum(rate(doppelcast_stream_sent_bytes_total{{{CHOSEN}}}[$__rate_interval])) * 8",
                "played",
            ),
            width=12,
            unit="bps",
        ),
        lines(
            "Pictures a second",
            Query(
                f"sum(rate(doppelcast_stream_frames_total{{{CHOSEN}}}[$__rate_interval]))", "fps"
            ),
            width=12,
            says="25, as long as it is on air.",
        ),
        lines(
            "Lost connections",
            Query(LOST_CONNECTIONS.format(CHOSEN), "{{reason}}"),
            Query(
                f"sum(increase(doppelcast_stream_stalls_total{{{CHOSEN}}}[$__rate_interval]))",
                "stalls",
            ),
            width=12,
        ),
        lines(
            "Times when playout stood still",
            Query(
                f"sum(increase(doppelcast_stream_timestamp_anomalies_total{{{CHOSEN}}}"
                "[$__rate_interval]))",
                "stood still",
            ),
            width=12,
        ),
    ),
)
PROGRAM = Row(
    "What is played",
    (
        lines(
            "Clips",
            Query(
                f"sum by (kind) (increase(doppelcast_stream_takes_total{{{CHOSEN}}}"
                "[$__rate_interval]))",
                "{{kind}}",
            ),
            width=8,
        ),
        lines(
            "Takes in which something stood in",
            Query(
                f"sum(increase(doppelcast_stream_clip_misses_total{{{CHOSEN}}}[$__rate_interval]))",
                "stood in",
            ),
            width=8,
        ),
        lines(
            "Rendered ahead",
            Query(f"max by (node) (doppelcast_stream_ahead_seconds{{{CHOSEN}}})", "{{node}}"),
            width=8,
            unit="s",
        ),
    ),
)


def room() -> Json:
    """The page."""
    stream = choice("stream", "Room", of_the_fleet("doppelcast_room_wanted"), several=False)
    return dashboard(ROOM_PAGE, "Doppelcast: Room", (stream,), (AIR, LINE, PROGRAM))
