"""What Redis says to somebody who wants a target."""

from orchestrator.domain.lease import LeaseAnswer, LeaseVerdict
from orchestrator.ids import FencingToken


def test_a_verdict_says_what_to_do() -> None:
    assert LeaseVerdict(LeaseAnswer.GRANTED).granted
    assert LeaseVerdict(LeaseAnswer.STALE).stale
    held = LeaseVerdict(LeaseAnswer.HELD, "n2/x", FencingToken(3), 2.5)
    assert not held.granted
    assert not held.stale
