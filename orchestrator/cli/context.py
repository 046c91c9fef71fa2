"""Which fleet a command means: the environment's, or the one that `up` runs on this machine.

`up` leaves a note of its embedded broker in its home (home.py), so that `status`, `apply` and
`stop` in another terminal find it without a setting. A configured DOPPELCAST_REDIS_URL wins.
"""

import getpass
import os

from orchestrator.cli.home import noted_broker
from orchestrator.settings import Settings, settings

REDIS_URL = "DOPPELCAST_REDIS_URL"


def current_settings() -> Settings:
    """The settings, with the embedded broker's address where one runs and none is configured."""
    if REDIS_URL not in os.environ:
        noted = noted_broker(settings().home)
        if noted is not None:
            os.environ[REDIS_URL] = noted
            settings.cache_clear()
    return settings()


def account() -> str:
    """Who gives the command; in a container the account's number may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
