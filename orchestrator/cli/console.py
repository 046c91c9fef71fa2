"""Where the commands write: tables and words for people, JSON for machines, never both mixed."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """A line for people, with rich markup."""
    out.print(text)


def fail(text: str) -> None:
    """What went wrong, on standard error, as plain text: it may quote a file."""
    err.print("✗ ", style="bold red", end="")
    err.print(text, markup=False)


def print_json(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


def clock_face(seconds: float) -> str:
    """A duration as 00:12:40."""
    whole = int(max(0.0, seconds))
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
