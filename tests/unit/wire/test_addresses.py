"""Redis addresses: what is taken, what is refused, and how kombu is told."""

import pytest
from pydantic import SecretStr, ValidationError

from orchestrator.errors import ConfigurationError
from orchestrator.settings import Settings
from orchestrator.wire.broker import broker
from orchestrator.wire.redis_client import check_address, connect, sentinel_address


@pytest.mark.parametrize("url", ["redis://h/0", "rediss://u:p@h:6380/1", "sentinel://h/m"])
def test_one_server_tls_and_sentinel_are_taken(url: str) -> None:
    check_address(url)


@pytest.mark.parametrize("url", ["redis+cluster://h", "rediss-cluster://h", "cluster://h"])
def test_a_cluster_is_refused_with_a_way_out(url: str) -> None:
    with pytest.raises(ConfigurationError, match="sentinel://"):
        connect(url)


def test_an_unknown_scheme_is_refused_without_quoting_the_password() -> None:
    with pytest.raises(ConfigurationError) as refused:
        connect("amqp://user:hunter2@h")
    assert "hunter2" not in str(refused.value)


def test_a_sentinel_address_is_taken_apart() -> None:
    address = sentinel_address("sentinel://user:p%40ss@10.0.0.1:26380,10.0.0.2/mymaster/3")
    assert address.hosts == (("10.0.0.1", 26380), ("10.0.0.2", 26379))
    assert (address.master, address.db) == ("mymaster", 3)
    assert (address.username, address.password) == ("user", "p@ss")


@pytest.mark.parametrize("url", ["sentinel://", "sentinel://h:26379", "sentinel:///m"])
def test_a_sentinel_address_without_host_or_master_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="sentinel address"):
        sentinel_address(url)


def test_kombu_hears_of_all_sentinels_and_the_prefix() -> None:
    at = broker("sentinel://:secret@a:1,b:2/mymaster/3", "dc:")
    assert at.url == "sentinel://:secret@a:1/3;sentinel://:secret@b:2/3"
    assert at.options["master_name"] == "mymaster"
    assert at.options["global_keyprefix"] == "dc:"


def test_kombu_gets_a_plain_address_as_it_is() -> None:
    assert broker("redis://h:1/2", "dc:").url == "redis://h:1/2"


@pytest.mark.parametrize("query", ["", "?ssl_ca_certs=/ca.crt"])
def test_kombu_is_told_to_check_who_answers(query: str) -> None:
    url = broker(f"rediss://u:p@h:1/2{query}", "dc:").url
    assert url.startswith(f"rediss://u:p@h:1/2{query}")
    assert url.endswith("ssl_cert_reqs=required")


SAFE = [
    "redis://127.0.0.1:6379/0",
    "redis://:p@localhost/0",
    "redis://[::1]:6379",
    "rediss://u:p@redis.example/0",
    "sentinel://127.0.0.1:26379,127.0.0.2:26379/m",
]


@pytest.mark.parametrize("url", SAFE)
def test_tls_and_this_machine_are_safe(url: str) -> None:
    assert Settings(redis_url=SecretStr(url)).redis == url


@pytest.mark.parametrize(
    "url", ["redis://u:hunter2@10.0.0.7/0", "sentinel://:hunter2@127.0.0.1,10.0.0.7/m"]
)
def test_another_machine_without_tls_is_refused_unless_it_is_allowed(url: str) -> None:
    with pytest.raises(ValidationError, match="DOPPELCAST_REDIS_ALLOW_PLAIN") as refused:
        Settings(redis_url=SecretStr(url))
    assert "hunter2" not in str(refused.value)
    assert Settings(redis_url=SecretStr(url), redis_allow_plain=True).redis == url


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("rediss://redis.example/0", "no password"),
        ("rediss://user:@redis.example/0", "no password"),
        ("redis://127.0.0.1/0", "no password"),
        ("rediss://u:hunter2@redis.example/0?ssl_cert_reqs=none", "ssl_cert_reqs"),
    ],
)
def test_production_wants_a_password_and_a_checked_server(url: str, said: str) -> None:
    assert Settings(redis_url=SecretStr(url)).redis == url
    with pytest.raises(ValidationError, match=said) as refused:
        Settings(redis_url=SecretStr(url), production=True)
    assert "hunter2" not in str(refused.value)
