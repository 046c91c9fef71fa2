"""Who may talk to whom in a release: what the fleet needs, and nothing else."""

from itertools import product

import pytest

from tests.support.chart import rendered
from tests.support.network_policy import Network

METRICS, FLOWER, REDIS, STORE = 9464, 5555, 6379, 5432
PLATFORM = "203.0.113.9"
LOGIN = "198.51.100.7/32"
METADATA = "169.254.169.254"
WORKERS = {"stream-worker", "render-worker"}
STORE_USERS = {"coordinator", "recorder", "migrate", "console", "test"}
SERVERS = {"valkey", "postgresql"}


@pytest.fixture(scope="module")
def trial() -> Network:
    return Network(rendered("tiny", {"flower": {"viewer": {"enabled": True}}}))


@pytest.fixture(scope="module")
def production() -> Network:
    return Network(rendered("production"))


def test_every_way_within_a_release_is_one_that_was_meant(trial: Network) -> None:
    ports = (METRICS, FLOWER, REDIS, STORE)
    ways = {
        (client, server, port)
        for client, server, port in product(trial.components, trial.components, ports)
        if trial.connects(client, server, port)
    }
    to_redis = {(client, "valkey", REDIS) for client in trial.components - SERVERS}
    to_store = {(client, "postgresql", STORE) for client in STORE_USERS}
    to_flower = {("test", f"flower-{role}", FLOWER) for role in ("admin", "viewer")}
    asks = {("coordinator", "stream-worker", METRICS)}
    assert ways == to_redis | to_store | to_flower | asks


def test_everybody_may_ask_for_names_and_only_stream_workers_publish(production: Network) -> None:
    for component in production.components:
        assert production.resolves(component)
        for port in (1935, 443):
            publishes = production.reaches(component, PLATFORM, port)
            assert publishes == (component == "stream-worker")
        assert not production.reaches(component, PLATFORM, 80)


def test_platforms_are_reached_by_srt_and_over_ipv6_too() -> None:
    given = Network(rendered(more={"networkPolicy": {"streaming": {"udpPorts": [9000]}}}))
    assert given.reaches("stream-worker", PLATFORM, 9000, "UDP")
    assert not given.reaches("stream-worker", PLATFORM, 9000)
    assert not given.reaches("stream-worker", PLATFORM, 1935, "UDP")
    assert given.reaches("stream-worker", "2001:db8::9", 1935)
    assert not given.reaches("stream-worker", "fd00:ec2::254", 443)


def test_flower_reaches_whoever_is_to_say_who_comes_and_nobody_else_does() -> None:
    given = Network(rendered(more={"networkPolicy": {"login": [{"ipBlock": {"cidr": LOGIN}}]}}))
    for component in given.components:
        reaches = given.reaches(component, LOGIN.partition("/")[0], 443)
        assert reaches == (component in {"flower-admin", "flower-viewer", "stream-worker"})
    assert not Network(rendered()).reaches("flower-admin", LOGIN.partition("/")[0], 443)


def test_nobody_reaches_the_machines_own_service_of_credentials(production: Network) -> None:
    for component, port in product(production.components, (80, 443, 1935)):
        assert not production.reaches(component, METADATA, port)


def test_servers_elsewhere_are_reached_where_they_are(production: Network) -> None:
    assert production.reaches("stream-worker", "10.20.0.7", 6380)
    assert not production.reaches("render-worker", "10.20.9.7", 6380)
    for component in production.components:
        reaches = production.reaches(component, "10.20.1.7", STORE)
        assert reaches == (component in STORE_USERS | {"matrix"})
        assert not reaches or component not in WORKERS


def test_prometheus_scrapes_and_the_ingress_shows_flower(production: Network) -> None:
    for component in ("coordinator", "recorder", *WORKERS):
        assert production.admits(component, "monitoring", METRICS)
        assert not production.admits(component, "elsewhere", METRICS)
        assert not production.admits(component, "monitoring", FLOWER)
    assert production.admits("flower-viewer", "ingress-nginx", FLOWER)
    assert not production.admits("flower-admin", "elsewhere", FLOWER)


def test_keda_counts_in_the_trial_valkey(trial: Network) -> None:
    assert trial.admits("valkey", "keda", REDIS)
    assert not trial.admits("valkey", "elsewhere", REDIS)
    assert not trial.admits("postgresql", "keda", STORE)


def test_without_policies_everybody_reaches_everybody() -> None:
    assert Network(rendered("external-everything")).reaches("render-worker", PLATFORM, 80)
