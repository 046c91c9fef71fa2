"""The dashboard *Fleet*: every room on one page, and below it what carries them."""

from deploy.grafana.panels import (
    GREEN,
    GREY,
    ORANGE,
    RED,
    Json,
    Query,
    Row,
    bars,
    choice,
    dashboard,
    lines,
    number,
    of_the_fleet,
    states,
    trouble,
)

CHOSEN = 'brand=~"$brand", platform=~"$platform"'
ROOM_PAGE = "doppelcast-room"
ROOM_STATES = {0: ("closed", GREY), 1: ("off air", RED), 2: ("on air", GREEN)}
ROOM_STATE = (
    "max by (stream) (doppelcast_room_wanted{{{0}}})"
    " * (1 + max by (stream) (doppelcast_room_on_air{{{0}}} or doppelcast_stream_on_air{{{0}}}))"
)
"""The leader's word whether a room shall be on air, and whoever's word there is whether it is."""
OFF_AIR_NOW = (
    f"max by (stream) (doppelcast_room_wanted{{{CHOSEN}}}) == 1 unless on (stream) ("
    "max by (stream) (doppelcast_stream_on_air) == 1"
    " or max by (stream) (doppelcast_room_on_air) == 1)"
)
"""As the alert says it: wanted, and nobody says that it is on air."""
LOST = "sum by (stream) (increase(doppelcast_room_off_air_seconds_total{{{0}}}[{1}])) / 60"
"""Minutes."""

LOST_CONNECTIONS = (
    "sum by (reason) (increase(doppelcast_stream_reconnects_total{{{0}}}[$__rate_interval]))"
    " and on (reason)"
    " (sum by (reason) (increase(doppelcast_stream_reconnects_total{{{0}}}[$__range])) > 0)"
)
"""By those reasons that there were."""

ROOMS = Row(
    "Rooms",
    (
        number("Wanted", "max(doppelcast_fleet_rooms_wanted)"),
        number("On air", "max(doppelcast_fleet_rooms_on_air)"),
        number(
            "Off air now",
            "max(doppelcast_fleet_rooms_wanted) - max(doppelcast_fleet_rooms_on_air)",
            bad_from=1,
        ),
        number(
            "Without a node",
            "max(doppelcast_fleet_rooms_unplaced)",
            bad_from=1,
            says="Wanted, and placed nowhere: there is no free slot, or it was refused.",
        ),
        number(
            "On air twice",
            "count(max by (stream) (doppelcast_room_holders) > 1) or vector(0)",
            bad_from=1,
        ),
        number(
            "Need somebody",
            "count(max by (stream) (doppelcast_stream_alarm) == 1) or vector(0)",
            bad_from=1,
        ),
        states(
            "Rooms",
            Query(ROOM_STATE.format(CHOSEN), "{{stream}}"),
            ROOM_STATES,
            width=14,
            height=14,
            leads_to=ROOM_PAGE,
            says="Grey: the shop is closed, or was stopped. Red: it should be on air, and isn't.",
        ),
        bars(
            "Which are off air",
            Query(
                f"topk(10, {LOST.format(CHOSEN, '1h')} and on (stream) ({OFF_AIR_NOW}))",
                "{{stream}}",
                instant=True,
            ),
            (0, RED),
            width=5,
            height=14,
            unit="m",
            leads_to=ROOM_PAGE,
            says="They should be on air, and aren't: minutes of the last hour. None: all is well.",
        ),
        bars(
            "Off air, minutes in this time",
            Query(
                f"topk(15, {LOST.format(CHOSEN, '$__range')} > 0)",
                "{{stream}}",
                instant=True,
            ),
            (0, ORANGE),
            width=5,
            height=14,
            unit="m",
            leads_to=ROOM_PAGE,
        ),
    ),
)
ENDPOINTS = Row(
    "What the platforms take",
    (
        lines(
            "Acknowledged",
            Query(
                f"sum by (platform) (rate(doppelcast_stream_acknowledged_bytes_total{{{CHOSEN}}}"
                "[$__rate_interval])) * 8",
                "{{platform}}",
            ),
            unit="bps",
        ),
        lines(
            "Lost connections",
            Query(LOST_CONNECTIONS.format(CHOSEN), "{{reason}}"),
        ),
        lines(
            "Stalls",
            Query(
                f"sum by (platform) (increase(doppelcast_stream_stalls_total{{{CHOSEN}}}"
                "[$__rate_interval]))",
                "{{platform}}",
            ),
        ),
        lines(
            "Takes in which something stood in",
            Query(
                f"sum by (brand) (increase(doppelcast_stream_clip_misses_total{{{CHOSEN}}}"
                "[$__rate_interval]))",
                "{{brand}}",
            ),
        ),
    ),
)
NODES = Row(
    "Nodes",
    (
        number("Free slots", "max(doppelcast_fleet_slots_free)", says="Below 1 the fleet is full."),
        number("Slots", "max(doppelcast_fleet_slots)"),
        lines(
            "Streams",
            Query("max by (node) (doppelcast_node_slots_used)", "{{node}}"),
            Query("max(doppelcast_fleet_slots)", "all slots"),
            width=8,
        ),
        lines(
            "Busy",
            Query("max by (node) (doppelcast_node_busy_ratio)", "{{node}}"),
            width=8,
            unit="percentunit",
        ),
        lines("Nodes", Query("max by (state) (doppelcast_fleet_nodes)", "{{state}}")),
        lines("Still to leave", Query("max by (node) (doppelcast_drain_streams_left)", "{{node}}")),
        states(
            "Takes tasks",
            Query(
                'max by (worker) (label_join(doppelcast_worker_consuming, "worker", " ", "node",'
                ' "kind"))',
                "{{worker}}",
            ),
            {0: ("takes nothing", RED), 1: ("takes tasks", GREEN)},
            width=12,
        ),
    ),
)
RENDER = Row(
    "Render",
    (
        lines(
            "Oldest order",
            Query(
                'max by (queue) (doppelcast_queue_oldest_seconds{queue=~"render.*"})', "{{queue}}"
            ),
            unit="s",
        ),
        lines(
            "Orders that wait",
            Query('max by (queue) (doppelcast_queue_messages{queue=~"render.*"})', "{{queue}}"),
        ),
        lines(
            "A clip takes (95 %)",
            Query(
                "histogram_quantile(0.95, sum by (le, kind) "
                "(rate(doppelcast_render_seconds_bucket[$__rate_interval])))",
                "{{kind}}",
            ),
            unit="s",
        ),
        lines(
            "Clips",
            Query(
                "sum by (outcome) (increase(doppelcast_render_clips_total[$__rate_interval]))",
                "{{outcome}}",
            ),
            Query(
                "sum by (outcome) (increase(doppelcast_clip_reads_total[$__rate_interval]))",
                "by streams: {{outcome}}",
            ),
        ),
    ),
)
CONTROL = Row(
    "Coordinator and recorder",
    (
        states(
            "Leads",
            Query("max by (instance) (doppelcast_coordinator_leader)", "{{instance}}"),
            {0: ("stands by", GREY), 1: ("leads", GREEN)},
        ),
        lines(
            "A pass takes (99 %)",
            Query(
                "histogram_quantile(0.99, sum by (le) "
                "(rate(doppelcast_coordinator_pass_seconds_bucket[$__rate_interval])))",
                "99 %",
            ),
            unit="s",
        ),
        lines(
            "Passes that failed",
            Query(
                "sum by (error) (increase(doppelcast_coordinator_failed_passes_total"
                "[$__rate_interval]))",
                "{{error}}",
            ),
        ),
        lines(
            "Until it is recorded (95 %)",
            Query(
                "histogram_quantile(0.95, sum by (le) "
                "(rate(doppelcast_recorder_delay_seconds_bucket[$__rate_interval])))",
                "95 %",
            ),
            unit="s",
        ),
        lines(
            "Reports that aren't confirmed",
            Query("max by (node) (doppelcast_reports_unconfirmed)", "{{node}}"),
        ),
        lines(
            "Reports on disk",
            Query("max by (node) (doppelcast_reports_spool_bytes)", "{{node}}"),
            unit="bytes",
        ),
        states(
            "Reaches Redis",
            Query("min by (instance) (doppelcast_redis_reachable)", "{{instance}}"),
            {0: ("no", RED), 1: ("yes", GREEN)},
        ),
        states(
            "Reaches the store",
            Query("min by (instance) (doppelcast_store_reachable)", "{{instance}}"),
            {0: ("no", RED), 1: ("yes", GREEN)},
        ),
    ),
)
PLAN = Row(
    "Plan",
    (
        number(
            "Planned until",
            "max(doppelcast_plan_end_timestamp_seconds) * 1000",
            unit="dateTimeAsIso",
        ),
        trouble(
            "Next day can't be planned",
            "max(doppelcast_plan_failed)",
            says="`doppelcast status` has the words. It is tried again every two minutes.",
        ),
        bars(
            "Contracted hours that can still be had",
            Query(
                "100 * max by (brand, day) (doppelcast_contract_expected_seconds)"
                " / max by (brand, day) (doppelcast_contract_required_seconds > 0)",
                "{{brand}} {{day}}",
                instant=True,
            ),
            (0, RED),
            (100, GREEN),
            unit="percent",
            width=6,
            says="What was on air and what the plan still gives. Below 100 % is too little.",
        ),
        bars(
            "Days until a consent ends",
            Query(
                "(min by (persona) (doppelcast_consent_expiry_timestamp_seconds) - time()) / 86400",
                "{{persona}}",
                instant=True,
            ),
            (0, RED),
            (7, GREEN),
            width=5,
        ),
        bars(
            "Days until a certificate ends",
            Query(
                "(min by (server) (doppelcast_certificate_expiry_timestamp_seconds) - time())"
                " / 86400",
                "{{server}}",
                instant=True,
            ),
            (0, RED),
            (14, GREEN),
            width=5,
        ),
    ),
)
MACHINES = Row(
    "Processes",
    (
        lines(
            "Cores",
            Query(
                "sum by (instance) (rate(doppelcast_process_cpu_seconds_total[$__rate_interval]))",
                "{{instance}}",
            ),
            width=12,
        ),
        lines(
            "Memory",
            Query("max by (instance) (doppelcast_process_resident_memory_bytes)", "{{instance}}"),
            width=12,
            unit="bytes",
        ),
    ),
)


def fleet() -> Json:
    """The page."""
    return dashboard(
        "doppelcast-fleet",
        "Doppelcast: Fleet",
        (
            choice("brand", "Brand", of_the_fleet("doppelcast_room_wanted"), several=True),
            choice("platform", "Platform", of_the_fleet("doppelcast_room_wanted"), several=True),
        ),
        (ROOMS, ENDPOINTS, NODES, RENDER, CONTROL, PLAN, MACHINES),
    )
