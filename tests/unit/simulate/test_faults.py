"""Days are drawn before they begin."""

from random import Random

from orchestrator.simulate.faults import REDIS, FaultKind, Weather, drawn


def test_a_day_has_as_many_faults_as_were_asked_for_in_their_order() -> None:
    faults = drawn(Weather(hours=24, lose_node_every=600, redis_outages=3, drops=2), Random(1))
    assert [f.at for f in faults] == sorted(f.at for f in faults)
    assert sum(f.kind is FaultKind.NODE_LOST for f in faults) == 144
    assert sum(f.kind in REDIS for f in faults) == 3
    assert {f.drops for f in faults} == {2}


def test_outages_dont_overlap_and_some_empty_redis() -> None:
    outages = drawn(Weather(hours=2, lose_node_every=0, redis_outages=3), Random(5))
    ends = [fault.at + fault.seconds for fault in outages]
    assert all(end < after.at for end, after in zip(ends, outages[1:], strict=False))
    assert {fault.kind for fault in outages} == REDIS


def test_a_day_without_faults_is_a_day_without_faults() -> None:
    assert drawn(Weather(lose_node_every=0, redis_outages=0), Random(1)) == ()


def test_the_same_seed_draws_the_same_day() -> None:
    assert drawn(Weather(), Random(3)) == drawn(Weather(), Random(3))
    assert drawn(Weather(), Random(3)) != drawn(Weather(), Random(4))
