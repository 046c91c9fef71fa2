"""Flower's configuration file (`FLOWER_CONF`): the tasks page shows a stream's whole line.

Flower cuts a result after 400 pixels, in the middle of a stream's row: before the name of its shop.
Its pages are tornado's; a module that every page holds adds one rule to their style.

Run by Flower itself, not imported by us. Made for Flower 2.2; where a later one is built otherwise,
rows are cut again and nothing else changes.
"""

from flower.urls import settings
from tornado.web import TemplateModule
from typing_extensions import override

tasks_columns = "name,result,state,uuid,args,started,runtime,worker"
"""Flower's option. Streams come first: their task's name is the last in the alphabet."""
WHOLE_LINE = ".tasks-table .overflow-auto { max-width: none; }"


class WideRows(TemplateModule):
    """Tornado's module for a part of a page, with our rule in the page's style."""

    @override
    def embedded_css(self) -> str:
        return "\n".join(filter(None, (super().embedded_css(), WHOLE_LINE)))


settings["ui_modules"] = {"Template": WideRows}
