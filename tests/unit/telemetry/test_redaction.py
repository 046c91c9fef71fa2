"""What looks like a secret isn't shown, and what doesn't is left alone."""

import pytest

from orchestrator.telemetry.redaction import without_secrets

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("to rtmp://live.example/app/s3cretkey?sign=1", "to rtmp://live.example/app/…"),
        ("rediss://fleet:pass@redis.example:6380/0", "rediss://redis.example:6380/0/…"),
        ("('https://example.org/cb?code=1',)", "('https://example.org/cb/…',)"),
        ("{'stream_key': 'short1', 'shop': 'a'}", "{'stream_key': '…', 'shop': 'a'}"),
        ("?streamname=x&key=abc&pflag=1", "?streamname=x&key=…&pflag=1"),
        ('{\\"token\\": \\"abc\\"}', '{\\"token\\": \\"…\\"}'),
        ("live_12345678_aBcDeFgH", "…"),
        ("a1b2-c3d4-e5f6-g7h8-i9j0", "…"),
        ("9f86d081884c7d659a2feaa0c55ad015", "…"),
    ],
)
def test_keys_and_addresses_are_hidden(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "ON AIR 03:12:44 · 25.0 fps · 2.4 Mb/s · 素云家纺 · restarts 1",
        "OFF AIR 1 min · 暖福 · rtmp://127.0.0.1:1935/live/…: Connection refused",
        "('nuanfu-bilibili-room-2', 28270000123)",
        "the key: it is refused",
        f"clip-{DIGEST[:32]} of {DIGEST}",
        "stream-suyun-douyin-28270000123",
    ],
)
def test_what_admins_read_stays(text: str) -> None:
    assert without_secrets(text) == text
