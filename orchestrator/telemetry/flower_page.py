"""Flower's configuration file (`FLOWER_CONF`): what admins need and Flower alone doesn't give.

- A stream's whole line is shown. Flower cuts a result after 400 pixels, before the shop's name. Its
  pages are tornado's; a module that every page holds adds one rule to their style.
- Terminate works for whoever is logged in. A browser repeats its login when it is asked for it, and
  Flower's API, which the button calls, refuses without asking.

Run by Flower itself, not imported by us. Made for Flower 2.2, whose version is pinned.
"""

from http import HTTPStatus
from typing import Any

from flower.api import BaseApiHandler
from flower.urls import settings
from tornado.web import TemplateModule
from typing_extensions import override

tasks_columns = "name,result,state,uuid,args,started,runtime,worker"
"""Flower's option. Streams come first: their task's name is the last in the alphabet."""
WHOLE_LINE = ".tasks-table .overflow-auto { max-width: none; }"
LOGIN = 'Basic realm="flower"'
"""What Flower's pages ask with; the same realm, so that a browser gives the same answer."""

_refuse = BaseApiHandler.write_error


class WideRows(TemplateModule):
    """Tornado's module for a part of a page, with our rule in the page's style."""

    @override
    def embedded_css(self) -> str:
        return "\n".join(filter(None, (super().embedded_css(), WHOLE_LINE)))


def _ask_for_the_login(handler: Any, status_code: int, **more: Any) -> None:
    if status_code == HTTPStatus.UNAUTHORIZED and handler.application.options.basic_auth:
        handler.set_header("WWW-Authenticate", LOGIN)
    _refuse(handler, status_code, **more)


settings["ui_modules"] = {"Template": WideRows}
BaseApiHandler.write_error = _ask_for_the_login
