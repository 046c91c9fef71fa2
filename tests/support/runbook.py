"""The runbook's commands, as they stand in its ```console blocks.

runbook.commands()            all of them, each with its section
runbook.of("Lose Redis")      a section's, in order
"""

import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATH = ROOT / "deploy" / "runbook.md"
PROMPT = "$ "


@dataclass(frozen=True)
class Command:
    """One line that a person types."""

    section: str
    text: str

    @property
    def words(self) -> tuple[str, ...]:
        """As a shell splits it; redirections and pipes are words too."""
        return tuple(shlex.split(self.text))

    @property
    def program(self) -> str:
        return self.words[0]


def text() -> str:
    """The whole page."""
    return PATH.read_text(encoding="utf-8")


@cache
def commands() -> tuple[Command, ...]:
    """All commands, from top to bottom."""
    found, section, fenced = [], "", ""
    for line in text().splitlines():
        if line.startswith("```"):
            fenced = "" if fenced else line.removeprefix("```") or "plain"
        elif fenced == "console":
            assert line.startswith(PROMPT), f"{line!r}: what is typed begins with a dollar sign"
            found.append(Command(section, line.removeprefix(PROMPT)))
        elif not fenced and (title := re.match(r"#{2,3} (.+)", line)):
            section = title[1]
    return tuple(found)


def of(section: str, program: str = "") -> tuple[Command, ...]:
    """A section's commands; those of one program, if it is named."""
    found = [c for c in commands() if c.section == section and program in ("", c.program)]
    assert found, f"the runbook has no commands in {section!r}"
    return tuple(found)
