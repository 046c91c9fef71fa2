"""Where the commands write: tables and words for people, JSON for machines, never both mixed.

On a terminal, text is laid out for its width. In a pipe or a file a line stays one line, so that it
can be searched.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """A line for people, with rich markup; what is quoted in it goes through `plain` before."""
    out.print(text, soft_wrap=not out.is_terminal)


def fail(text: str) -> None:
    """What went wrong, on standard error, as plain text: it may quote a file."""
    if not err.is_terminal:
        err.print(Text(f"✗ {text}"), soft_wrap=True)
        return
    lines = Table.grid(padding=(0, 1, 0, 0))
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    lines.add_row(Text("✗", "bold red"), Text(text))
    err.print(lines)


def print_json(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


def clock_face(seconds: float) -> str:
    """A duration as 00:12:40."""
    whole = int(max(0.0, seconds))
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def counted(number: int, what: str) -> str:
    """`1 stream`, `2 streams`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
