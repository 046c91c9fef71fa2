"""Keeps a stream key out of everything that ffmpeg says.

ffmpeg prints the address it publishes to, whole and in parts. Redaction goes from the certain to
the general: the whole address, the key in every spelling, then whatever looks like an address.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from orchestrator.domain.endpoint import publish_url, redacted

_ADDRESS = re.compile(r"(?:rtmps?|srt|file):/[^\s'\"]+")
_SHORTEST = 5
"""Shorter pieces of a key tell nothing, and would tear other words apart."""


def redactor(url: str, key: str) -> Callable[[str], str]:
    """A function that makes a line fit to be seen."""
    whole = publish_url(url, key)
    shown = redacted(url)
    spellings = {key, key.lstrip("?"), quote(key), quote(key, safe=""), unquote(key)}
    parts = re.split(r"[?&]", key)
    spellings |= {*parts, *(part.partition("=")[2] for part in parts)}
    secrets = sorted(
        (s for s in spellings if len(s) >= _SHORTEST or s == key != ""), key=len, reverse=True
    )

    def clean(line: str) -> str:
        line = line.replace(whole, shown)
        for secret in secrets:
            line = line.replace(secret, "…")
        return _ADDRESS.sub(lambda found: _seen(found.group(), shown), line)

    return clean


def _seen(address: str, shown: str) -> str:
    if address.startswith(shown):
        return address
    try:
        return redacted(address)
    except ValueError:
        return "…"
