"""What a stream worker shows of the certificates of those whom its streams go to."""

import threading

from orchestrator.errors import WireUnreachable
from orchestrator.telemetry.metrics import Reading
from orchestrator.wire.certificate import ends_at
from tests.support.processes import eventually
from tests.unit.stream.hands import HandClock
from workers.stream.certificates import ASK_SECONDS, Certificates, hosts

ONE, TWO = "rtmps://one.example:1443/app", "rtmps://two.example/app"
PLAIN = "rtmp://three.example/app"


class Servers:
    """Who was asked, and what they show."""

    def __init__(self, **ends: float) -> None:
        self.ends = ends
        self.asked: list[tuple[str, int]] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, host: str, port: int) -> float | None:
        self.gate.wait(30)
        self.asked.append((host, port))
        if host not in self.ends:
            raise WireUnreachable("away")
        return self.ends[host]


def shown(certificates: Certificates) -> dict[str, float]:
    return {one.labels[0]: one.value for one in certificates.readings() if isinstance(one, Reading)}


def test_only_who_is_reached_by_rtmps_has_one() -> None:
    streams = [("douyin", ONE), ("kuaishou", PLAIN), ("taobao", TWO), ("", TWO)]
    assert hosts(streams) == {("one.example", 1443): "douyin", ("two.example", 443): "taobao"}


def test_each_host_is_asked_once_an_hour_and_the_first_date_of_a_platform_is_shown() -> None:
    clock, servers = HandClock(), Servers(**{"one.example": 300.0, "two.example": 200.0})
    certificates = Certificates(clock, servers)
    streams = [("douyin", ONE), ("douyin", ONE), ("douyin", TWO)]
    certificates.look(streams)
    assert eventually(lambda: shown(certificates) == {"douyin": 200.0}, 30)
    certificates.look(streams)
    assert len(servers.asked) == 2
    servers.ends |= {"one.example": 900.0, "two.example": 800.0}
    clock.advance(ASK_SECONDS)
    certificates.look(streams)
    assert eventually(lambda: shown(certificates) == {"douyin": 800.0}, 30)
    certificates.look([("douyin", ONE)])
    assert shown(certificates) == {"douyin": 900.0}
    certificates.look([])
    assert not shown(certificates)


def test_a_host_that_does_not_answer_holds_up_nobody_and_tells_nothing() -> None:
    clock, servers = HandClock(), Servers(**{"two.example": 200.0})
    certificates = Certificates(clock, servers)
    servers.gate.clear()
    certificates.look([("douyin", ONE), ("taobao", TWO)])
    assert not shown(certificates)
    servers.gate.set()
    assert eventually(lambda: shown(certificates) == {"taobao": 200.0}, 30)


def test_what_is_no_certificate_has_no_end() -> None:
    for data in (b"", b"\x30", b"\x30\x05abc", b"\x30\x00", b"\x30\x84\xff\xff\xff\xff", b"hello"):
        assert ends_at(data) is None
