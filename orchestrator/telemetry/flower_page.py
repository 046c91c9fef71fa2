"""Flower's configuration file (`FLOWER_CONF`): what admins need and Flower alone doesn't give.

- A stream's whole line is shown. Flower cuts a result after 400 pixels, before the shop's name. Its
  pages are tornado's; a module that every page holds adds one rule to their style.
- Terminate works for whoever is logged in. A browser repeats its login when it is asked for it, and
  Flower's API, which the button calls, refuses without asking.
- Its metrics name every task and worker, so they ask for a login like everything else; /healthcheck
  alone doesn't. FLOWER_OPEN_METRICS=true opens them, where a network decides who comes.
- What looks like a secret is hidden before Flower keeps it (redaction.py). Its own hook for that,
  format_task, cleans the pages and forgets the API.

Run by Flower itself, not imported by us. Made for Flower 2.2, whose version is pinned.
"""

import os
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flower.api import BaseApiHandler
from flower.events import EventsState
from flower.urls import settings
from flower.views.monitor import Metrics
from tornado.web import TemplateModule, authenticated
from typing_extensions import override

from orchestrator.telemetry.redaction import without_secrets

tasks_columns = "name,result,state,worker,uuid,started,runtime,args"
"""Flower's option. Streams come first: their task's name is the last in the alphabet."""
WHOLE_LINE = ".tasks-table .overflow-auto { max-width: none; }"
LOGIN = 'Basic realm="flower"'
"""What Flower's pages ask with; the same realm, so that a browser gives the same answer."""

TOLD = ("args", "kwargs", "result", "exception", "traceback")
"""What an event may quote."""

_refuse = BaseApiHandler.write_error
_keep = EventsState.event


class WideRows(TemplateModule):
    """Tornado's module for a part of a page, with our rule in the page's style."""

    @override
    def embedded_css(self) -> str:
        return "\n".join(filter(None, (super().embedded_css(), WHOLE_LINE)))


def _ask_for_the_login(handler: Any, status_code: int, **more: Any) -> None:
    if status_code == HTTPStatus.UNAUTHORIZED and handler.application.options.basic_auth:
        handler.set_header("WWW-Authenticate", LOGIN)
    _refuse(handler, status_code, **more)


def _keep_without_secrets(state: EventsState, event: Mapping[str, Any]) -> None:
    told = {name: without_secrets(str(event[name])) for name in TOLD if event.get(name)}
    _keep(state, {**event, **told})


settings["ui_modules"] = {"Template": WideRows}
BaseApiHandler.write_error = _ask_for_the_login
EventsState.event = _keep_without_secrets
if os.environ.get("FLOWER_OPEN_METRICS", "").lower() != "true":
    Metrics.get = authenticated(Metrics.get)
