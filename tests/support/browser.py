"""Debian's Chromium without a screen, driven through ChromeDriver's own HTTP protocol (W3C).

with browser(tmp_path) as page:
    page.open("http://admin:secret@127.0.0.1:5555/tasks")
    page.texts("#tasks-table tbody tr")
    page.click("#task-terminate")
    page.screenshot(tmp_path / "tasks.png")
"""

import base64
import json
import shutil
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import system_part
from tests.support.fonts import FONT
from tests.support.ports import free_port
from tests.support.processes import eventually, started
from tests.support.valkey import listens

REMEDY = "Chromium and its driver aren't here: apt-get install chromium chromium-driver"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The protocol's name for a reference to an element."""
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--hide-scrollbars", "--window-size=1600,1000"),
    # Only this machine is asked; every other name is unknown at once.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
ANSWER_SECONDS = 60.0


def missing() -> str | None:
    """What isn't installed, in words; None when all is."""
    found = shutil.which("chromium") and shutil.which("chromedriver")
    return None if found else REMEDY


def require() -> None:
    """Skip the test without a browser; in CI, fail it."""
    system_part.require(missing())


class Page:
    """A browser's one window."""

    def __init__(self, driver: str, session: str) -> None:
        self._base = f"{driver}/session/{session}"

    def open(self, url: str) -> None:
        """Go there, and wait until the page is loaded."""
        self._ask("POST", "/url", {"url": url})

    def reload(self) -> None:
        self._ask("POST", "/refresh", {})

    def run(self, script: str, *arguments: Any) -> Any:
        """A script in the page; what it returns."""
        body = {"script": script, "args": list(arguments)}
        return self._ask("POST", "/execute/sync", body)

    def texts(self, selector: str) -> list[str]:
        """What a reader sees of every such element."""
        script = "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)"
        return [str(text) for text in self.run(script, selector)]

    def click(self, selector: str) -> None:
        """Click as a person does: it must be there, in view, and not covered."""
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        self._ask("POST", f"/element/{found[ELEMENT]}/click", {})

    def devtools(self, method: str, options: Mapping[str, Any]) -> Any:
        """A command of the browser's own protocol, for what WebDriver can't: media, paper."""
        return self._ask("POST", "/goog/cdp/execute", {"cmd": method, "params": dict(options)})

    def screenshot(self, path: Path) -> None:
        """What the window shows, as PNG."""
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))

    def close(self) -> None:
        self._ask("DELETE", "")

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return ask(method, self._base + path, body)


def ask(method: str, url: str, body: Any = None) -> Any:
    """One command of the protocol."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
        return json.load(answer)["value"]


def _with_chinese_font(folder: Path) -> Path:
    """A data folder whose fonts the browser finds: a bare machine has no Chinese letters."""
    fonts = folder / "data" / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    (fonts / FONT.name).symlink_to(FONT)
    return folder / "data"


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """A browser for the length of a block, with a profile of its own."""
    require()
    port = free_port()
    driver = f"http://127.0.0.1:{port}"
    argv = [str(shutil.which("chromedriver")), f"--port={port}"]
    env = {"XDG_DATA_HOME": str(_with_chinese_font(folder))}
    with started(argv, stderr=folder / "chromedriver.log", env=env) as group:
        assert eventually(lambda: listens(port), ANSWER_SECONDS), group.stderr()
        flags = [*FLAGS, f"--user-data-dir={folder / 'profile'}"]
        options = {"args": flags, "binary": shutil.which("chromium")}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options}
        capabilities = {"capabilities": {"alwaysMatch": wanted}}
        session = ask("POST", f"{driver}/session", capabilities)["sessionId"]
        page = Page(driver, session)
        try:
            yield page
        finally:
            page.close()
