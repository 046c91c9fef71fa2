"""The trial Valkey, run for real with the command that the chart gives it."""

from collections.abc import Iterator

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError

from orchestrator.wire.broker import broker, queue
from orchestrator.wire.redis_client import check_keeps_everything, connect, run_id
from tests.support.trial_valkey import TrialValkey


@pytest.fixture(scope="module")
def valkey() -> Iterator[TrialValkey]:
    server = TrialValkey()
    server.start()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def nothing_is_left_behind(valkey: TrialValkey) -> None:
    """Looked for at the server's end: what all tests share outlives each of them."""


def test_the_fleets_user_gets_what_a_fleet_needs(valkey: TrialValkey) -> None:
    check_keeps_everything(valkey.url)
    redis = connect(valkey.url)
    assert run_id(redis)
    with broker(valkey.url, "dc:").connection() as connection:
        with connection.SimpleQueue(queue("render.now")) as waiting:
            waiting.put({"a": "task"})
        # What KEDA counts is the list that the queue is.
        assert redis.llen("dc:render.now") == 1
        connection.default_channel.queue_purge("render.now")
    redis.close()


def test_it_can_do_nothing_to_the_server_and_strangers_can_do_nothing(valkey: TrialValkey) -> None:
    with Redis.from_url(valkey.url) as redis:
        for order in ("FLUSHALL", "SHUTDOWN", "CONFIG GET *", "ACL LIST", "KEYS *"):
            with pytest.raises(NoPermissionError):
                redis.execute_command(*order.split())
        assert redis.info("persistence")["aof_enabled"] == 1
    for login in ("", "doppelcast:wrong@", ":anything@"):
        with (
            pytest.raises(AuthenticationError),
            Redis.from_url(f"redis://{login}{valkey.address}") as stranger,
        ):
            stranger.ping()


def test_the_password_is_in_a_file_that_nobody_else_reads(valkey: TrialValkey) -> None:
    assert valkey.config.stat().st_mode & 0o077 == 0
    assert valkey.password in valkey.config.read_text(encoding="utf-8")
