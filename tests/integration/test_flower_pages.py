"""Flower as `doppelcast flower` runs it: who may look, who may change, what it never shows.

Three at once, for starting takes longest: admins', viewers', and one that hands out cookies.
"""

import base64
import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.error import HTTPError

import pytest
from tornado.web import create_signed_value

from orchestrator.settings import Settings
from orchestrator.wire.celery_app import make_app
from tests.support.fleet import COMMAND
from tests.support.processes import eventually, started
from tests.support.valkey import ValkeyProcess, free_port, listens

pytestmark = pytest.mark.timeout(120)

COOKIES = "a secret that survives a restart, forty letters"
ADMIN = {"Authorization": f"Basic {base64.b64encode(b'lin:pass').decode()}"}
SOMEBODY = "/api/task/revoke/stream-suyun-douyin-1?terminate=true"
SHUTDOWN = "/api/worker/shutdown/node-1"
SECRET = "rtmp://live.example/app/s3cret-key-of-a-room"


@dataclass(frozen=True)
class Flower:
    port: int

    def ask(
        self, path: str, headers: Mapping[str, str] | None = None, data: bytes | None = None
    ) -> tuple[int, str]:
        """Status and text."""
        address = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(address, data, dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status), str(answer.read().decode())
        except HTTPError as error:
            return error.code, error.read().decode()

    def post(self, path: str, headers: Mapping[str, str]) -> int:
        return self.ask(path, headers, b"")[0]


@dataclass(frozen=True)
class Flowers:
    admin: Flower
    viewer: Flower
    cookies: Flower
    """Its logins come from elsewhere, and a cookie says who is there."""


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory, valkey: ValkeyProcess) -> Iterator[Flowers]:
    folder = tmp_path_factory.mktemp("flowers")
    login = {"FLOWER_BASIC_AUTH": "lin:pass"}
    elsewhere = {
        "FLOWER_AUTH_PROVIDER": "flower.views.auth.GithubLoginHandler",
        "FLOWER_AUTH": "lin@example.org",
        "FLOWER_OAUTH2_KEY": "try",
        "FLOWER_OAUTH2_SECRET": "try",
        "FLOWER_OAUTH2_REDIRECT_URI": "http://127.0.0.1/login",
        "FLOWER_OPEN_METRICS": "true",
    }
    kinds = (("admin", login, ()), ("viewer", login, ("--read-only",)), ("cookies", elsewhere, ()))
    common = {"DOPPELCAST_REDIS_URL": valkey.url, "DOPPELCAST_HOME": str(folder)}
    common |= {"FLOWER_COOKIE_SECRET": COOKIES, "DOPPELCAST_REDIS_PREFIX": "flowers:"}
    made = {}
    with ExitStack() as stack:
        for name, env, options in kinds:
            made[name] = Flower(free_port())
            argv = [*COMMAND, "flower", "--port", str(made[name].port), *options]
            log = folder / f"{name}.log"
            stack.enter_context(started(argv, stderr=log, env={**common, **env}))
        for name, flower in made.items():
            log = folder / f"{name}.log"
            assert eventually(lambda port=flower.port: listens(port), 60), log.read_text()
        yield Flowers(**made)


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> None:
    """Here the dashboards outlive a test."""


def test_without_a_login_only_its_health_is_told(flowers: Flowers) -> None:
    for path in ("/", "/tasks", "/workers", "/broker", "/api/workers", "/api/tasks", "/metrics"):
        assert flowers.admin.ask(path)[0] == 401, path
    assert flowers.admin.ask("/healthcheck") == (200, "OK")
    assert flowers.admin.ask("/tasks", ADMIN)[0] == 200
    assert "flower_" in flowers.admin.ask("/metrics", ADMIN)[1]


def test_metrics_are_open_where_the_network_decides(flowers: Flowers) -> None:
    assert flowers.cookies.ask("/metrics")[0] == 200


def test_another_sites_page_gives_no_orders_with_an_admins_login(flowers: Flowers) -> None:
    for where in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert flowers.admin.post(SOMEBODY, {**ADMIN, **where}) == 403
    assert flowers.admin.post(SOMEBODY, ADMIN) == 200


def test_a_cookie_gives_no_orders_without_the_pages_own_token(flowers: Flowers) -> None:
    who = create_signed_value(COOKIES, "user", "lin@example.org").decode()
    assert flowers.cookies.ask("/api/tasks", {"Cookie": f"user={who}"})[0] == 200
    assert flowers.cookies.post(SOMEBODY, {"Cookie": f"user={who}"}) == 403
    mine = {"Cookie": f"user={who}; _xsrf=0123456789abcdef", "X-XSRFToken": "0123456789abcdef"}
    assert flowers.cookies.post(SOMEBODY, mine) == 200
    forged = create_signed_value("another secret", "user", "lin@example.org").decode()
    assert flowers.cookies.post(SOMEBODY, {**mine, "Cookie": f"user={forged}"}) != 200


def test_a_viewer_changes_nothing(flowers: Flowers) -> None:
    posts = (
        *(SOMEBODY, SHUTDOWN),
        *("/api/task/apply/stream.run", "/api/task/async-apply/stream.run"),
        *("/api/task/send-task/stream.run", "/api/task/abort/x"),
        *("/api/task/timeout/stream.run", "/api/task/rate-limit/stream.run"),
        *(f"/api/worker/pool/{verb}/node-1" for verb in ("grow", "shrink", "restart", "autoscale")),
        *(f"/api/worker/queue/{verb}-consumer/node-1" for verb in ("add", "cancel")),
    )
    assert {path: flowers.viewer.post(path, ADMIN) for path in posts} == dict.fromkeys(posts, 403)
    assert flowers.viewer.ask("/tasks", ADMIN)[0] == 200


def test_what_looks_like_a_secret_is_shown_nowhere(flowers: Flowers, valkey: ValkeyProcess) -> None:
    settings = Settings.model_validate({"redis_url": valkey.url, "redis_prefix": "flowers:"})
    task = {"uuid": "stream-suyun-douyin-7", "name": "stream.run", "args": f"('{SECRET}',)"}
    task |= {"kwargs": "{'stream_key': 's3cret-key'}", "result": f"OFF AIR · {SECRET}: refused"}
    with make_app(settings) as app, app.events.default_dispatcher(hostname="node-1@host") as tell:
        tell.send("worker-online", freq=1.0, sw_ident="x", sw_ver="1", sw_sys="Linux", active=1)
        tell.send("task-received", **task)
        tell.send("task-started", **task)

        def told() -> bool:
            found = json.loads(flowers.admin.ask("/api/tasks", ADMIN)[1])
            return "result" in found.get(str(task["uuid"]), {})

        assert eventually(told, 20, 0.2)
    table = "/tasks/datatable?draw=1&start=0&length=9&order[0][column]=0&columns[0][data]=name"
    for path in ("/api/tasks", f"/api/task/info/{task['uuid']}", f"/task/{task['uuid']}", table):
        status, text = flowers.admin.ask(path, ADMIN)
        assert status == 200
        assert "s3cret" not in text, path
        assert "live.example/app/" in text, path
