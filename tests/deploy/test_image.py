"""The image: built as it is published, run as production runs it."""

import json

from orchestrator import __version__
from orchestrator.cli.main import app
from tests.support.containers import Engine

SMALL_BYTES = 1.8e9
"""Speech model, fonts, ffmpeg and a solver are in it, Python's caches of all modules too."""
COMMANDS = sorted(command.name or "" for command in app.registered_commands)

HELP = """
import sys
from orchestrator.cli.main import app

for name in sys.argv[1:]:
    app([name, "--help"], standalone_mode=False)
    print(name)
"""
"""All in one process: what a command line needs for its start would be most of the time."""


def inside(engine: Engine, image: str, script: str) -> str:
    """What a shell in the container says."""
    return engine.run(image, "-c", script, options=("--entrypoint", "/bin/sh")).said


def test_it_says_its_version(engine: Engine, image: str) -> None:
    assert engine.run(image, "--version").said.strip() == f"doppelcast {__version__}"


def test_it_is_nobody_in_particular_and_writes_only_where_it_may(
    engine: Engine, image: str
) -> None:
    said = inside(
        engine,
        image,
        "id -u; for place in / /usr /opt/doppelcast /data /media /tmp; do "
        "touch $place/x 2>/dev/null && echo $place; done; true",
    ).split()
    assert said == ["10001", "/data", "/tmp"]


def test_it_has_no_compiler_no_pip_and_nothing_set_uid(engine: Engine, image: str) -> None:
    script = "command -v gcc pip make; find /opt /usr/local -perm /6000 2>/dev/null; true"
    assert inside(engine, image, script) == ""


def test_every_command_has_its_help_in_it(engine: Engine, image: str) -> None:
    options = ("--entrypoint", "/opt/doppelcast/bin/python")
    said = engine.run(image, "-c", HELP, *COMMANDS, options=options).said
    assert [line for line in said.splitlines() if line in COMMANDS] == COMMANDS


def test_tini_ends_the_main_process_alone(engine: Engine, image: str) -> None:
    [found] = json.loads(engine.podman("image", "inspect", image).said)
    assert found["Config"]["Entrypoint"] == ["/usr/bin/tini", "--", "doppelcast"]
    assert found["Config"]["User"] == "10001:10001"
    assert found["Size"] < SMALL_BYTES


def test_it_can_draw_speak_and_encode(engine: Engine, image: str) -> None:
    ended = engine.run(image, "doctor", "--json", options=("--memory", "2g"))
    findings = {f["name"]: f for f in json.loads(ended.said)["findings"]}
    parts = {name: f["ok"] for name, f in findings.items() if name not in ("disk", "machine")}
    assert all(parts.values()), findings
