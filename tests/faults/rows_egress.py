"""Rows about one stream and its endpoint: ffmpeg dies or freezes, the endpoint cuts or refuses.

Each hits its streams one after the other at uneven moments, and measures at the endpoint, from the
last media of the old connection to the first of the new one. Streams that nobody hits are watched
for as long: `watched`, or all others.
"""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from random import Random

from orchestrator.domain.stream import Phase
from orchestrator.ids import StreamId
from tests.faults.outcome import Outcome, off_air, outcome
from tests.support.arrivals import NEVER, Shore, busiest
from tests.support.processes import eventually, gone
from tests.support.rig import Rig, Strike, strike

CHANCE = Random(7)
PATIENCE = 40.0
STORM_SECONDS = 5.0


def ffmpeg_killed(
    fleet: Rig, keys: Sequence[str], spread: float = 4.0, watched: Sequence[str] | None = None
) -> Outcome:
    """The child dies at once."""
    return _hit(fleet, "ffmpeg killed", keys, _signals(fleet, signal.SIGKILL), spread, watched)


def ffmpeg_frozen(
    fleet: Rig, keys: Sequence[str], spread: float = 4.0, watched: Sequence[str] | None = None
) -> Outcome:
    """The child stands still, with its line open."""
    return _hit(fleet, "ffmpeg frozen", keys, _signals(fleet, signal.SIGSTOP), spread, watched)


def endpoint_resets(
    fleet: Rig, keys: Sequence[str], spread: float = 4.0, watched: Sequence[str] | None = None
) -> Outcome:
    """The endpoint cuts the line with a TCP reset."""
    return _hit(
        fleet, "endpoint resets", keys, lambda key: fleet.judge.reset([key]), spread, watched
    )


def endpoint_wedges(
    fleet: Rig, keys: Sequence[str], spread: float = 4.0, watched: Sequence[str] | None = None
) -> Outcome:
    """The endpoint keeps the line and reads no more. `noticed`: when our child was ended."""
    began, children = time.monotonic(), fleet.ffmpegs()
    noticed: dict[str, float] = {}

    def look(struck: Mapping[str, float]) -> None:
        for key, at in struck.items():
            if key not in noticed and gone(children[key]):
                noticed[key] = time.monotonic() - at

    struck = _strike_all(keys, lambda key: fleet.judge.wedge([key]), spread, look)
    until, shores = _await_back(fleet, struck, began, look)
    trials = [shores[key].gap_of_change(at) for key, at in struck.items()]
    seconds = sorted(noticed.get(key, NEVER) for key in keys)
    return outcome(
        "endpoint wedges",
        trials,
        shores,
        noticed=[round(one, 2) for one in seconds],
        others_off_air=_others(shores, keys, (began, until), watched),
    )


def endpoint_busy(
    fleet: Rig, keys: Sequence[str], seconds: float = 7.0, watched: Sequence[str] | None = None
) -> Outcome:
    """The endpoint cuts the line and says for a while that somebody publishes; then it is free."""
    began = time.monotonic()
    free = began + seconds
    fleet.judge.manner(keys, "busy", free)
    fleet.judge.reset(keys)
    until, shores = _await_back(fleet, dict.fromkeys(keys, began), began)
    fleet.judge.manner(keys, "accept")
    trials = [shores[key].back_after(began) - free for key in keys]
    tries = [shores[key].tries(began, free) for key in keys]
    return outcome(
        "endpoint busy 7 s",
        trials,
        shores,
        trial="one stream; seconds after the endpoint is free",
        tries_while_busy=sorted(tries),
        others_off_air=_others(shores, keys, (began, until), watched),
    )


def endpoint_refuses(
    fleet: Rig, key: str, seconds: float = 60.0, watched: Sequence[str] | None = None
) -> Outcome:
    """The endpoint takes this key no more, from its next try on. Trials: the others, off air."""
    began = time.monotonic()
    fleet.judge.manner([key], "refuse")
    fleet.judge.reset([key])
    stream = StreamId(key.removeprefix("key-"))

    def stopped() -> bool:
        words = {o.stream: o for o in fleet.store.observations()}
        return stream in words and words[stream].phase is Phase.FAILED

    in_time = eventually(stopped, seconds, 0.2)
    took = time.monotonic() - began
    time.sleep(STORM_SECONDS)
    now = time.monotonic()
    shores = fleet.judge.shores(began)
    attempts = [one.at for one in shores[key].attempts if one.at >= began]
    word = next((o for o in fleet.store.observations() if o.stream == stream), None)
    rest = [name for name in shores if name != key] if watched is None else watched
    others = [off_air(shores[name], began, now) for name in rest]
    fleet.judge.manner([key], "accept")
    return outcome(
        "endpoint refuses for good",
        others,
        shores,
        trial="one of the other streams; seconds off air",
        stopped_after=round(took, 1) if in_time else None,
        attempts=len(attempts),
        most_in_5_s_after_the_third=busiest(attempts[3:], STORM_SECONDS),
        attempt_moments=[round(at - began, 2) for at in attempts],
        permanent=bool(word and word.permanent),
        reason=word.reason if word else "",
        alarms=_alarms(fleet, stream),
    )


def _alarms(fleet: Rig, stream: str) -> int:
    """How often a node has called for somebody about that stream, in its log."""
    lines = [
        line for node in fleet.nodes.values() for line in node.log.read_text("utf-8").splitlines()
    ]
    return sum(" alarm " in line and f"stream={stream}" in line for line in lines)


def _signals(fleet: Rig, number: signal.Signals) -> Strike:
    children = fleet.ffmpegs()
    return lambda key: strike(children[key], number)


def _hit(
    fleet: Rig,
    row: str,
    keys: Sequence[str],
    hurt: Strike,
    spread: float,
    watched: Sequence[str] | None,
) -> Outcome:
    began = time.monotonic()
    struck = _strike_all(keys, hurt, spread)
    until, shores = _await_back(fleet, struck, began)
    trials = [shores[key].gap_of_change(at) for key, at in struck.items()]
    others = _others(shores, keys, (began, until), watched)
    return outcome(row, trials, shores, others_off_air=others)


def _strike_all(
    keys: Sequence[str],
    hurt: Strike,
    spread: float,
    look: Callable[[Mapping[str, float]], None] = lambda _: None,
) -> dict[str, float]:
    """Hurt them all within that many seconds, at moments that have nothing to do with slices."""
    struck: dict[str, float] = {}
    moments = sorted(CHANCE.uniform(0, spread) for _ in keys)
    began = time.monotonic()
    for key, moment in zip(keys, moments, strict=True):
        while (left := began + moment - time.monotonic()) > 0:
            look(struck)
            time.sleep(min(left, 0.02))
        struck[key] = hurt(key)
    return struck


def _await_back(
    fleet: Rig,
    struck: Mapping[str, float],
    began: float,
    look: Callable[[Mapping[str, float]], None] = lambda _: None,
) -> tuple[float, dict[str, Shore]]:
    """Until each has media on a connection that was granted after it was struck; says when."""
    deadline = time.monotonic() + PATIENCE
    looked = 0.0
    while time.monotonic() < deadline:
        look(struck)
        if time.monotonic() - looked > 0.25:
            looked = time.monotonic()
            shores = fleet.judge.shores(began)
            if all(shores[key].back_after(at) < NEVER for key, at in struck.items()):
                break
        time.sleep(0.02)
    time.sleep(1.0)  # an old holder that comes late is seen as well
    return time.monotonic(), fleet.judge.shores(began - 1.0)


def _others(
    shores: Mapping[str, Shore],
    keys: Sequence[str],
    during: tuple[float, float],
    watched: Sequence[str] | None,
) -> float:
    """The longest that any stream was off air that wasn't hit."""
    names = [key for key in shores if key not in keys] if watched is None else watched
    return round(max((off_air(shores[name], *during) for name in names), default=0.0), 2)
