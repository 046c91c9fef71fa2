"""The right to write and to connect, as the holder of a lease sees it."""

from orchestrator.domain.hold import Hold, answered, first, unanswered
from orchestrator.domain.lease import LeaseAnswer, LeaseVerdict
from orchestrator.ids import FencingToken

SECONDS = 6.0
GRANTED = LeaseVerdict(LeaseAnswer.GRANTED, "us", FencingToken(3), SECONDS)
HELD = LeaseVerdict(LeaseAnswer.HELD, "them", FencingToken(3), 4.0)
STALE = LeaseVerdict(LeaseAnswer.STALE, "them", FencingToken(4))


def a_hold(at: float = 100.0) -> Hold:
    return first(GRANTED, at, SECONDS)


def test_a_lease_counts_from_before_it_was_asked_for() -> None:
    hold = a_hold(100.0)
    assert hold.may_write(105.9)
    assert not hold.may_write(106.0)


def test_a_refused_lease_gives_no_right() -> None:
    assert not first(HELD, 100.0, SECONDS).may_write(100.0)


def test_renewing_prolongs_the_right() -> None:
    assert answered(a_hold(100.0), GRANTED, 102.0).may_write(107.9)


def test_a_holder_that_finds_a_newer_token_stops_at_once() -> None:
    assert not answered(a_hold(100.0), STALE, 102.0).may_write(102.1)


def test_a_holder_whose_lease_went_to_another_stops_at_once() -> None:
    assert not answered(a_hold(100.0), HELD, 102.0).may_write(102.1)


def test_what_is_on_air_stays_on_air_while_redis_is_away() -> None:
    hold = a_hold(100.0)
    for at in range(102, 3702, 2):
        hold = unanswered(hold, float(at), at + 1.0)
        assert hold.may_write(at + 2.9)
    assert hold.out_of_reach


def test_a_process_that_was_frozen_past_its_lease_may_not_write_when_it_thaws() -> None:
    assert not a_hold(100.0).may_write(130.0)


def test_reaching_nobody_does_not_bring_the_right_back_after_a_freeze() -> None:
    hold = unanswered(a_hold(100.0), 130.0, 131.0)
    assert not hold.may_write(131.1)


def test_an_attempt_that_was_itself_frozen_does_not_prolong_the_right() -> None:
    hold = unanswered(a_hold(100.0), 102.0, 150.0)
    assert not hold.may_write(150.1)


def test_a_freeze_during_an_outage_of_redis_ends_the_right_as_well() -> None:
    hold = unanswered(unanswered(a_hold(100.0), 102.0, 103.0), 108.0, 109.0)
    assert hold.may_write(114.9)
    thawed = unanswered(hold, 160.0, 161.0)
    assert not thawed.may_write(161.1)


def test_a_frozen_holder_goes_on_when_redis_still_knows_nobody_else() -> None:
    thawed = unanswered(a_hold(100.0), 130.0, 131.0)
    assert answered(thawed, GRANTED, 132.0).may_write(132.1)


def test_renewal_is_due_by_the_clock_and_never_after_a_refusal() -> None:
    hold = a_hold(100.0)
    assert not hold.due(101.9, every=2.0)
    assert hold.due(102.0, every=2.0)
    assert not answered(hold, STALE, 102.0).due(200.0, every=2.0)


def test_there_is_time_for_a_goodbye_only_while_nobody_else_can_have_the_lease() -> None:
    hold = a_hold(100.0)
    assert hold.held(100.0 + hold.seconds - 0.1)
    assert answered(hold, STALE, 102.0).held(102.1)
    # What is written on without an answer may have been taken over long ago.
    alone = unanswered(hold, 104.0, 105.0)
    assert alone.may_write(110.0)
    assert not alone.held(110.0)
    assert not answered(alone, STALE, 110.0).held(110.0)
    assert answered(alone, GRANTED, 110.0).held(110.1)
