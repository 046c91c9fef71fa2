"""Every run can be asked to stop, from the moment that Celery knows of it."""

import threading

from workers.pool import Stop, StreamPool, ask_all, own_stop


def carry(started: threading.Event, ends: list[str]) -> None:
    stop = own_stop()
    started.set()
    stop.event.wait(30)
    ends.append(stop.reason)


def a_pool() -> StreamPool:
    pool = StreamPool(limit=4)
    pool.start()
    return pool


def test_a_run_is_stopped_by_the_id_that_celery_was_told() -> None:
    pool, started, ends, accepted = a_pool(), threading.Event(), [], []
    result = pool.on_apply(
        carry, (started, ends), accept_callback=lambda pid, _: accepted.append(pid), callback=str
    )
    assert started.wait(30)
    pool.terminate_job(accepted[0], 15)
    result.wait(30)
    pool.stop()
    assert ends == ["terminated"]


def test_a_wish_to_stop_is_not_lost_before_the_run_looks() -> None:
    pool, ends = a_pool(), []

    def accepted(pid: int, _: float) -> None:
        pool.terminate_job(pid)

    pool.on_apply(carry, (threading.Event(), ends), accept_callback=accepted, callback=str).wait(30)
    pool.stop()
    assert ends == ["terminated"]


def test_a_pool_that_stops_asks_all_its_runs() -> None:
    pool, ends = a_pool(), []
    events = [threading.Event() for _ in range(3)]
    for started in events:
        pool.on_apply(carry, (started, ends), callback=str)
    assert all(started.wait(30) for started in events)
    pool.stop()
    assert ends == ["shutdown"] * 3
    assert ask_all("again") == 0


def test_ending_one_that_is_gone_is_no_error() -> None:
    pool = a_pool()
    pool.terminate_job(12345, 15)
    pool.stop()


def test_the_first_reason_stands() -> None:
    stop = Stop()
    stop.ask("no longer wanted")
    stop.ask("terminated")
    assert stop.reason == "no longer wanted"
