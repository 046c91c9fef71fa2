"""Celery's events as Flower receives them, for the length of a block."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from orchestrator.settings import Settings
from orchestrator.wire.celery_app import make_app


@contextmanager
def events(settings: Settings) -> Iterator[list[dict[str, Any]]]:
    """A list that grows as events come in."""
    app = make_app(settings)
    seen: list[dict[str, Any]] = []
    ending = threading.Event()

    def receive() -> None:
        with app.connection_for_read() as connection:
            receiver = app.events.Receiver(connection, handlers={"*": seen.append})
            while not ending.is_set():
                try:
                    receiver.capture(limit=None, timeout=1, wakeup=False)
                except TimeoutError:
                    continue

    thread = threading.Thread(target=receive, name="events")
    thread.start()
    try:
        yield seen
    finally:
        ending.set()
        thread.join(10)
        app.close()
