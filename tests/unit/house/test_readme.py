"""The README says what is there."""

import re
from pathlib import Path

import pytest

from orchestrator.cli.main import app

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = {command.name for command in app.registered_commands}


def test_its_matrix_is_the_small_demo_matrix() -> None:
    assert (ROOT / "deploy/demo/small.yaml").read_text(encoding="utf-8") in README


@pytest.mark.parametrize("path", re.findall(r"(?:\]\(|src=\")([\w./-]+)", README))
def test_every_picture_and_page_it_shows_is_there(path: str) -> None:
    assert (ROOT / path).is_file()


def test_it_names_every_command_and_no_other() -> None:
    table = README.split("## Commands", 1)[1].split("\n\n", 2)[1]
    named = set(re.findall(r"`(?:doppelcast )?([a-z]+)(?= |`)", table)) - {"env", "file"}
    assert named == COMMANDS
