"""Logs: one line an event, for people or as JSON.

A message is a static sentence; its values are in `extra`, with an `action` that says what part of
the work it belongs to. Both forms show all of them, so nothing needs to be put into the sentence.

    2026-11-22 12:30:05.123 INFO    placement  a stream is placed  node=node-1 stream=suyun-douyin
"""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from typing_extensions import override

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "action"}


class HumanFormatter(logging.Formatter):
    """For a terminal and a log file."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, tz=UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        action = getattr(record, "action", record.name.rsplit(".", 1)[-1])
        facts = " ".join(f"{key}={_shown(value)}" for key, value in sorted(_facts(record).items()))
        line = f"{at} {record.levelname:<7} {action:<10} {record.getMessage()}"
        return self._with_trace(f"{line}  {facts}" if facts else line, record)

    def _with_trace(self, line: str, record: logging.LogRecord) -> str:
        if record.exc_info:
            return f"{line}\n{self.formatException(record.exc_info)}"
        return line


class JsonFormatter(logging.Formatter):
    """For a log collector."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        document: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "action": getattr(record, "action", None),
            "message": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info:
            document["trace"] = self.formatException(record.exc_info)
        return json.dumps(document, ensure_ascii=False, default=str)


def configure(level: str = "INFO", *, as_json: bool = False) -> None:
    """Send all logs of this process to standard error, in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else HumanFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Alembic tells every open of a store, kombu every reconnection that we tell ourselves.
    for chatty in ("alembic", "kombu", "amqp"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _facts(record: logging.LogRecord) -> Mapping[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _KNOWN}


def _shown(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text or not text else text
