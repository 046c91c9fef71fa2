"""Stream keys, looked up where their reference says, at the moment they are needed.

A reference is `env:NAME` or `file:PATH`; an empty one means that there is no key (`file:`
addresses). The key lives in a `SecretStr` from here on, and no error says more than the reference.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from orchestrator.errors import ConfigurationError

LONGEST_KEY = 4096


def resolve_key(reference: str, environ: Mapping[str, str] | None = None) -> SecretStr:
    """The key that a reference names. `environ` is this process's unless another is handed in."""
    if not reference:
        return SecretStr("")
    scheme, _, name = reference.partition(":")
    if scheme == "env" and name:
        return _from_environment(name, os.environ if environ is None else environ)
    if scheme == "file" and name:
        return _from_file(Path(name))
    raise ConfigurationError("A stream key is named as env:NAME or file:PATH, never written down.")


def _from_environment(name: str, environ: Mapping[str, str]) -> SecretStr:
    key = environ.get(name, "").strip()
    if not key:
        raise ConfigurationError(
            f"The environment variable {name} is not set. Set it to the stream key."
        )
    return SecretStr(key)


def _from_file(path: Path) -> SecretStr:
    try:
        with path.expanduser().open(encoding="utf-8") as file:
            key = file.read(LONGEST_KEY).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigurationError(
            f"The key file {path} can't be read: {reason}. Put the stream key into it."
        ) from None
    if not key or "\n" in key:
        raise ConfigurationError(f"The key file {path} must hold the stream key on one line.")
    return SecretStr(key)
