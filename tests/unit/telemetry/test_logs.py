"""Logs show the sentence, the action, and every value beside it."""

import json
import logging
import sys

from orchestrator.telemetry.logs import HumanFormatter, JsonFormatter


def record(**extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": "orchestrator.x", "levelname": "INFO", "msg": "a stream is placed", "created": 0.0}
    )
    vars(made).update(extra)
    return made


def test_people_read_one_line() -> None:
    line = HumanFormatter().format(record(action="placement", node="n1", reason="no room"))
    assert line == (
        '1970-01-01 00:00:00.000 INFO    placement  a stream is placed  node=n1 reason="no room"'
    )


def test_machines_read_json() -> None:
    document = json.loads(JsonFormatter().format(record(action="placement", token=7)))
    assert (document["message"], document["action"]) == ("a stream is placed", "placement")
    assert (document["token"], document["level"]) == (7, "info")


def test_both_show_what_went_wrong() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        failed = record(exc_info=sys.exc_info())
    assert "ValueError: broken" in HumanFormatter().format(failed)
    assert "ValueError: broken" in json.loads(JsonFormatter().format(failed))["trace"]
