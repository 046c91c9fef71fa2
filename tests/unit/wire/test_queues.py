"""Names on the wire."""

from orchestrator.ids import ClipKey
from orchestrator.wire.queues import render_task_id

KEY = ClipKey("ab" * 32)


def test_an_order_that_is_given_again_goes_by_another_name() -> None:
    # A worker in whose queue the first one expired refuses its name from then on.
    first, again = render_task_id(KEY, 1000.0), render_task_id(KEY, 1060.5)
    assert first != again
    assert first.startswith(f"clip-{KEY[:32]}")
