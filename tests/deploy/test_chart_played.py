"""The chart's workloads as real containers: one release, from its installation to its end.

Everything that `helm install` starts with the trial's values is played (tests.support
.kubelet_podman says what stands for a cluster): two stream pods, a render pod, coordinator,
recorder, Flower, console, the trial's Valkey with its ACL and its PostgreSQL, then the hooks in
their order. The platform is nginx-rtmp and judges what it gets. Prometheus scrapes what the
rendered PodMonitor selects, and evaluates the rendered rules with their own patience. Valkey,
PostgreSQL, nginx and Prometheus are Debian's. The tests go on where the one before ended.
"""

import base64
import json
import socket
import time
from collections.abc import Iterator

import pytest

from tests.support.chart_played import ADMIN, ROOMS, Release, a_release
from tests.support.containers import Engine
from tests.support.flv import VIDEO, frames, steps
from tests.support.processes import eventually

RENDER_SECONDS = 900.0
"""Every clip is rendered first, on as many cores as there are."""
SCRAPE_SECONDS = 60.0
"""Scrapes and evaluations are a second apart."""
ALERT_SECONDS = 180.0
"""The rule's own half minute, and the time that the platform's silence takes to be noticed."""
MENDED_SECONDS = 240.0
"""A worker knocks more and more seldom where it is turned away."""
MOST_OFF_AIR_SECONDS = 2.0
FRAME_MS = 40
OFF_AIR = "DoppelcastRoomOffAir"


@pytest.fixture(scope="module")
def release(
    engine: Engine, image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Release]:
    with a_release(engine, image, tmp_path_factory.mktemp("played")) as release:
        yield release


def said(release: Release) -> str:
    """What a failed test wants to know."""
    return "\n".join(f"--- {name}\n{pod.said()[-1500:]}" for name, pod in release.pods.items())


def test_a_release_is_installed_and_goes_on_air(release: Release) -> None:
    release.install()
    release.run_hooks()
    for pod in release.pods.values():
        pod.becomes_ready()
    rooms = set(release.matrix.keys)
    assert len(rooms) == ROOMS
    assert eventually(lambda: release.on_air() == rooms, RENDER_SECONDS, 0.5), said(release)

    def smooth() -> bool:
        last = [release.ingest.recordings(key)[-1:] for key in rooms]
        films = [frames(path, VIDEO) for paths in last for path in paths]
        long = [film for film in films if len(film) > 100]
        return len(long) == ROOMS and all(set(steps(film)) == {FRAME_MS} for film in long)

    assert eventually(smooth, 60.0, 1.0)


def test_every_pod_has_the_rights_that_the_chart_leaves_it(release: Release) -> None:
    script = "id -u; touch /x 2>/dev/null && echo wrote; grep -E 'CapEff|NoNewPrivs' /proc/1/status"
    for name, pod in release.pods.items():
        user = pod.workload.pod["securityContext"]["runAsUser"]
        found = pod.execute("sh", "-c", script).said.split()
        assert found == [str(user), "CapEff:", "0" * 16, "NoNewPrivs:", "1"], name


def test_valkey_and_flower_ask_who_is_there(release: Release) -> None:
    with socket.create_connection((release.pods["valkey-0"].address, 6379), timeout=30) as line:
        line.sendall(b"PING\r\n")
        assert line.recv(100).startswith(b"-NOAUTH")
    flower = release.pods["flower-admin"]
    basic = base64.b64encode(ADMIN.encode()).decode()
    assert flower.get("/workers")[0] == 401
    assert flower.get("/workers", headers={"Authorization": f"Basic {basic}"})[0] == 200


def test_helm_test_is_content_and_the_console_reaches_the_fleet(release: Release) -> None:
    release.start("test").runs_to_its_end()

    def told() -> str:
        return release.pods["console"].execute("doppelcast", "status", "--json", check=False).said

    assert eventually(lambda: json.loads(told())["as_wanted"], SCRAPE_SECONDS, 1.0), told()


def test_prometheus_scrapes_what_the_pod_monitor_selects(release: Release) -> None:
    ask = release.prometheus.query
    ours = {"coordinator", "recorder", "render-0", "stream-0", "stream-1"}

    def scraped() -> bool:
        ready = {labels["pod"] for labels, is_so in ask("doppelcast_ready") if is_so}
        up = {labels["pod"] for labels, is_so in ask("up") if is_so}
        return up == ready == {f"{release.name}-{pod}" for pod in ours}

    assert eventually(scraped, SCRAPE_SECONDS, 0.5), ask("up")
    rooms = "sum(doppelcast_room_on_air)"
    assert eventually(lambda: ask(rooms) == [({}, ROOMS)], SCRAPE_SECONDS, 0.5), ask(rooms)


def test_a_room_that_the_platform_refuses_is_told_and_then_no_more(release: Release) -> None:
    room = release.matrix.rooms[0]
    others = {key: len(release.ingest.recordings(key)) for key in release.matrix.keys[1:]}
    assert eventually(lambda: not release.prometheus.firing(OFF_AIR), SCRAPE_SECONDS, 0.5)
    release.refuse(room.key)
    fires = eventually(lambda: bool(release.prometheus.firing(OFF_AIR)), ALERT_SECONDS, 0.5)
    assert fires, said(release)
    [told] = release.prometheus.firing(OFF_AIR)
    assert (told["stream"], told["severity"]) == (room.shop, "critical")
    assert release.on_air() == set(others)
    release.allow(room.key)
    assert eventually(lambda: room.key in release.on_air(), MENDED_SECONDS, 0.5), said(release)
    assert eventually(lambda: not release.prometheus.firing(OFF_AIR), SCRAPE_SECONDS, 0.5)
    assert {key: len(release.ingest.recordings(key)) for key in others} == others


def test_an_upgrade_of_the_stream_pods_takes_no_room_off_air(release: Release) -> None:
    rooms = set(release.matrix.keys)
    began = time.time()
    # A StatefulSet begins with the highest number, and waits for each until it is ready.
    for name in ("stream-1", "stream-0"):
        release.pods[name].delete()
        release.pods[name] = release.start("stream", name.removeprefix("stream"))
        release.pods[name].becomes_ready()
    back = eventually(lambda: release.on_air() == rooms, MENDED_SECONDS, 0.5)
    assert back, said(release)
    off_air = release.seconds_off_air(began)
    assert set(off_air) == rooms, "each was somewhere else meanwhile"
    assert max(off_air.values()) < MOST_OFF_AIR_SECONDS, off_air


@pytest.mark.parametrize("name", ["render-0", "flower-admin", "recorder", "coordinator"])
def test_a_pod_ends_by_itself_before_its_grace_is_over(release: Release, name: str) -> None:
    release.pods.pop(name).delete()
