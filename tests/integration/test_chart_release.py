"""The pods that the chart makes, played for real: a fleet on air, and an upgrade that nobody sees.

The release is the trial's, with its own Valkey (its command, its ACL) and Debian's PostgreSQL.
"""

import base64
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.faults.outcome import off_air
from tests.support.arrivals import overlap_ms
from tests.support.chart import Workload, by_name, rendered
from tests.support.helm import ROOT
from tests.support.kubelet import Kubelet, Pod
from tests.support.postgres import an_empty_database
from tests.support.rig import Rig, rig
from tests.support.stream_worker import key_name
from tests.support.trial_valkey import TrialValkey

STREAMS = 10
RELEASE = "fleet-doppelcast"
LOGINS = {"admin": "lin:for-admins", "viewer": "desk:for-viewers", "cookie-secret": "a" * 32}
MOST_OFF_AIR_SECONDS = 2.0
pytestmark = pytest.mark.timeout(900)


@dataclass
class Fleet:
    """What runs."""

    around: Rig
    node: Kubelet
    made: dict[str, Workload]

    def start(self, workload: str, number: int | None = None) -> Pod:
        """A pod of that workload."""
        end = "" if number is None else f"-{number}"
        return self.node.start(self.made[workload], f"{RELEASE}-{workload}{end}")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Fleet]:
    """Valkey, PostgreSQL and an endpoint; the schema is there, no process runs yet."""
    folder = tmp_path_factory.mktemp("release")
    valkey = TrialValkey()
    with ExitStack() as stack:
        database = stack.enter_context(an_empty_database(postgres_server))
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("CREATE ROLE doppelcast LOGIN SUPERUSER")
        around = rig(folder / "rig", streams=STREAMS, valkey=valkey, store_url=database)
        made = stack.enter_context(around)
        hosts = {
            f"{RELEASE}-valkey:6379": valkey.address,
            f"{RELEASE}-postgresql:5432/doppelcast": database.partition("@")[2],
        }
        secrets = {
            f"{RELEASE}-valkey": {"password": valkey.password},
            f"{RELEASE}-postgresql": {"password": "trusted"},
            "doppelcast-flower": LOGINS,
        }
        claims = {f"{RELEASE}-media": made.settings.media}
        node = Kubelet(folder, secrets, hosts, claims)
        stack.callback(node.close)
        yield Fleet(made, node, by_name(rendered("tiny", _more(made))))


@pytest.fixture(autouse=True)
def nothing_is_left_behind(fleet: Fleet) -> None:
    """Looked for at the fleet's end: what all tests share outlives each of them."""


def _more(around: Rig) -> dict[str, object]:
    """Two nodes with room to spare, the keys of the endpoint, and viewers."""
    keys = [{"name": key_name(key), "value": key} for key in around.keys]
    return {
        "extraEnv": keys,
        "workerPools": {"stream": {"replicas": 2, "slots": 12}},
        "flower": {"viewer": {"enabled": True}},
    }


def test_the_image_begins_where_the_pods_arguments_go_on(fleet: Fleet) -> None:
    lines = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    who = fleet.made["coordinator"].pod["securityContext"]
    assert f"USER {who['runAsUser']}:{who['runAsGroup']}" in lines
    assert 'ENTRYPOINT ["/usr/bin/tini", "--", "doppelcast"]' in lines


def test_a_release_goes_on_air_and_an_upgrade_takes_no_room_off(fleet: Fleet) -> None:
    fleet.start("migrate").runs_to_its_end()
    pods = {name: fleet.start(name, 0) for name in ("coordinator", "recorder", "render")}
    streams = [fleet.start("stream", number) for number in range(2)]
    for pod in (*pods.values(), *streams):
        pod.becomes_ready()
    fleet.around.apply()
    fleet.around.await_on_air(steady=1.0)
    began = time.monotonic()
    # A StatefulSet begins with the highest number, and waits for each until it is ready.
    for number in (1, 0):
        streams[number].delete()
        assert streams[number].group.process.returncode == 0
        streams[number] = fleet.start("stream", number)
        streams[number].becomes_ready()
    fleet.around.await_on_air(steady=1.0)
    ended = time.monotonic()
    shores = fleet.around.judge.shores(began)
    off = {key: off_air(shores[key], began, ended) for key in fleet.around.keys}
    assert max(off.values()) <= MOST_OFF_AIR_SECONDS, off
    assert overlap_ms(list(shores.values())) == 0
    moved = [connection for shore in shores.values() for connection in shore.connections]
    assert len(moved) > STREAMS, "each was somewhere else meanwhile"
    for name, pod in pods.items():
        assert pod.passes("liveness"), name
        assert pod.ask("/metrics") == 200, name
        assert pod.delete() < pod.workload.pod["terminationGracePeriodSeconds"]


def test_flower_asks_everybody_who_they_are_and_helm_asks_how_all_are(fleet: Fleet) -> None:
    admin, viewer = fleet.start("flower-admin"), fleet.start("flower-viewer")
    for pod, login in ((admin, LOGINS["admin"]), (viewer, LOGINS["viewer"])):
        pod.becomes_ready()
        basic = base64.b64encode(login.encode()).decode()
        assert pod.ask("/workers") == 401
        assert pod.ask("/workers", headers={"Authorization": f"Basic {basic}"}) == 200
    wrong = base64.b64encode(LOGINS["viewer"].encode()).decode()
    assert admin.ask("/workers", headers={"Authorization": f"Basic {wrong}"}) == 401
    for pod in (admin, viewer):
        fleet.node.hosts[f"{pod.name}:5555"] = f"127.0.0.1:{pod.ports['http']}"
    fleet.start("test").runs_to_its_end()


def test_the_console_reaches_all_that_a_command_needs(fleet: Fleet) -> None:
    console = fleet.start("console")
    assert (Path(console.env["DOPPELCAST_MEDIA_DIR"])).is_dir()
    status = console.execute("doppelcast", "status", "--json")
    assert '"broker_answers": true' in status.stdout, status.stdout + status.stderr
