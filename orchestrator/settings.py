"""Settings: grouped, documented, read from the environment once per process.

Every field can be set as `DOPPELCAST_<NAME>`, or by a file of that name, in lower case, in the
folder DOPPELCAST_SECRETS_DIR. Relations between fields are checked when they are read; an error
quotes the key.
"""

import ipaddress
import os
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from orchestrator.errors import ConfigurationError

PLAIN = ("redis", "sentinel")
SECRETS = "/run/secrets"
"""Where container engines put secrets: a file `doppelcast_redis_url` holds DOPPELCAST_REDIS_URL."""


class Settings(BaseSettings):
    """What a process needs to know about where it runs."""

    model_config = SettingsConfigDict(env_prefix="DOPPELCAST_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=lambda: Path.home() / ".doppelcast")
    """Where everything that isn't configured elsewhere lives: store, clips, spools, logs."""

    redis_url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    """redis://, rediss:// or sentinel:// address of broker, leases and board."""

    redis_allow_plain: bool = False
    """Whether redis:// and sentinel:// may lead to another machine, where anybody on the way reads
    along and may give orders. Only for a network that is nobody else's."""

    production: bool = False
    """Whether income hangs on this fleet: then Redis must ask for a password, and TLS must check
    who answers."""

    redis_prefix: str = "dc:"
    """Put before every key and queue, so that several fleets may share a server."""

    store_url: SecretStr | None = None
    """SQLAlchemy address of the store. Unset: SQLite in `home`."""

    media_dir: Path | None = None
    """Clips and assets; shared by render and stream workers. Unset: `home`/media."""

    clip_store_bytes: int = 20 * 1024**3
    """Size at which the clip store throws out what was used longest ago. Pins are kept."""

    clip_store_spare_bytes: int = Field(default=64 * 1024**2, ge=0)
    """Space on its disk that the clip store leaves free. With less nothing more is rendered."""

    ffmpeg: str | None = None
    """Path of ffmpeg. Unset: one on PATH that has the abilities, else the package's."""

    font: Path | None = None
    """A font file with Chinese glyphs. Unset: the package's Noto Sans SC."""

    node: str = "node-1"
    """This worker's name; stable over restarts, unique in the fleet."""

    slots: int = Field(default=60, ge=1, le=500)
    """Streams that a stream worker carries at once."""

    render_processes: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    """Renders at once on this machine."""

    lease_seconds: float = Field(default=4.0, gt=0)
    """How long a target stays held without renewal."""

    renew_seconds: float = Field(default=1.0, gt=0)
    """How often a holder renews."""

    beat_seconds: float = Field(default=1.0, gt=0)
    """How often a worker says what it carries."""

    grace_seconds: float = Field(default=45.0, ge=0)
    """How long a stream worker that is told to end (TERM) may take to hand its streams over to
    other nodes, before it stops what is left. Whoever sends KILL afterwards waits 15 s longer."""

    ahead_seconds: float = Field(default=60.0, ge=0)
    """How far ahead of what is on air clips must be rendered."""

    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    """Port of /healthz, /readyz and /metrics, one for each process of a machine: `doppelcast up`
    takes this one and the three after it. Unset: none. 0: any."""

    metrics_host: str = "127.0.0.1"
    """Address on which that port listens. In a pod 0.0.0.0 (or ::), for the kubelet asks there."""

    advertise_host: str = ""
    """Address or name under which coordinators reach a stream worker's metrics port. They ask there
    what is on air when the worker can't reach Redis, and leave that in peace. Unset: metrics_host,
    or, if that is any address, the one that the machine has towards Redis."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"

    log_json: bool = False
    """One JSON object a log line, for a collector; else text for people."""

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, level: object) -> object:
        return level.upper() if isinstance(level, str) else level

    @model_validator(mode="after")
    def _renews_in_time(self) -> "Settings":
        if self.renew_seconds * 2 >= self.lease_seconds:
            raise ValueError(
                "renew_seconds must be less than half of lease_seconds, "
                "or one lost renewal loses the lease"
            )
        return self

    @model_validator(mode="after")
    def _redis_is_safe(self) -> "Settings":
        unsafe = why_unsafe(self.redis, self.redis_allow_plain, self.production)
        if unsafe:
            raise ValueError(f"redis_url: {unsafe}")
        return self

    @property
    def media(self) -> Path:
        return self.media_dir or self.home / "media"

    @property
    def store(self) -> str:
        if self.store_url is not None:
            return self.store_url.get_secret_value()
        return f"sqlite:///{self.home / 'store.db'}"

    @property
    def redis(self) -> str:
        return self.redis_url.get_secret_value()


@lru_cache(maxsize=1)
def settings() -> Settings:
    """This process's settings: the environment's, then those of files that containers are given."""
    folder = Path(os.environ.get("DOPPELCAST_SECRETS_DIR", SECRETS))
    try:
        return Settings(_secrets_dir=folder if folder.is_dir() else None)
    except ValidationError as error:
        raise ConfigurationError(_explained(error)) from error


def why_unsafe(url: str, allow_plain: bool, production: bool) -> str:
    """Why Redis must not be used at that address, and the remedy; empty: it may. Quotes nothing."""
    try:
        parts = urlsplit(url)
        password, query = parts.password, parse_qs(parts.query)
    except ValueError:
        return "this is no address; an @, : or / in the password is written as %40, %3A, %2F"
    # Of several sentinels each has to be on this machine.
    hosts = [host.rsplit(":", 1)[0] for host in parts.netloc.rpartition("@")[2].split(",")]
    if parts.scheme in PLAIN and not allow_plain and not all(map(_here, hosts)):
        return (
            "it leads to another machine without TLS, and whoever listens there may take over the "
            "fleet. Use rediss://, or set DOPPELCAST_REDIS_ALLOW_PLAIN=true on a network of its own"
        )
    if production and not password:
        return (
            "it has no password, and DOPPELCAST_PRODUCTION is set. Give the fleet a user of its "
            "own: rediss://USER:PASSWORD@HOST:PORT/0"
        )
    if production and query.get("ssl_cert_reqs", ["required"]) != ["required"]:
        return "ssl_cert_reqs lets anybody answer in the server's name. Leave it out"
    return ""


def _here(host: str) -> bool:
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _explained(error: ValidationError) -> str:
    lines = ["The settings don't hold together:"]
    for item in error.errors():
        name = "_".join(str(part) for part in item["loc"]).upper()
        key = f"DOPPELCAST_{name}" if name else "settings"
        lines.append(f"  {key}: {item['msg']}")
    return "\n".join(lines)
