"""Each rung of the ladder: when it is taken, how long it waits, whom it calls."""

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import (
    BroadcastError,
    ConfigurationError,
    EndpointBusy,
    EndpointClosed,
    EndpointDropped,
    EndpointEnded,
    EndpointRefused,
    EndpointReplaced,
    EndpointUnreachable,
    EndpointWedged,
    FFmpegFailed,
    LeaseLost,
)
from orchestrator.platforms.platform import Recovery, SecondPublisher
from workers.stream.ladder import (
    BUSY_LATE_SECONDS,
    CLOSED_SECONDS,
    JITTER,
    REFUSALS,
    REFUSED_AGAIN_SECONDS,
    REPLACED_SECONDS,
    SHORT_LIVES,
    STEADY_SECONDS,
    TRANSIENT_LATE_SECONDS,
    TRANSIENT_LONGEST,
    Ladder,
    Rung,
)

RECOVERY = Recovery(grace_seconds=60.0, first_retry_seconds=0.3, busy_retry_seconds=1.0)
TRANSIENTS = (EndpointDropped, EndpointUnreachable, EndpointWedged, FFmpegFailed)
REFUSED, NEWEST, BOTH, UNKNOWN = (
    SecondPublisher.REFUSED,
    SecondPublisher.NEWEST_WINS,
    SecondPublisher.BOTH,
    SecondPublisher.UNKNOWN,
)


class Still(Random):
    """No chance at all: delays as they are written."""

    def uniform(self, a: float, _b: float) -> float:
        return a


class Climb:
    """A run on its ladder, with a clock of its own."""

    def __init__(
        self, second: SecondPublisher = REFUSED, recovery: Recovery = RECOVERY, seed: int = 0
    ) -> None:
        self.ladder = Ladder(recovery, second)
        self.now = 1000.0
        self.chance = Random(seed) if seed else Still()
        self.attempts: list[float] = []
        self.given_up = False

    def ends(self, error: BroadcastError, on_air: float | None = None, took: float = 0.2) -> Rung:
        """One try: it takes a moment, is on air for so long or never, and ends so."""
        self.attempts.append(self.now)
        self.now += took
        if on_air is not None:
            self.ladder.on_air(self.now)
            self.now += on_air
        rung = self.ladder.ended(error, on_air, self.now, self.chance)
        self.now += rung.delay
        self.given_up = rung.give_up
        return rung


def delays(climb: Climb, error: BroadcastError, count: int, on_air: float | None = None) -> list:
    return [climb.ends(error, on_air).delay for _ in range(count)]


# Refused in words.


def test_a_key_that_was_never_good_is_given_up_at_once_with_an_alarm() -> None:
    rung = Climb().ends(EndpointRefused("it says: no such stream."))
    assert rung.give_up
    assert "no such stream" in rung.alarm
    assert "no such stream" in rung.reason


def test_a_key_that_was_good_is_tried_twice_more() -> None:
    climb = Climb()
    climb.ends(EndpointDropped(), on_air=100)
    rungs = [climb.ends(EndpointRefused()) for _ in range(REFUSALS)]
    assert [rung.give_up for rung in rungs] == [False, False, True]
    assert [rung.delay for rung in rungs[:2]] == [REFUSED_AGAIN_SECONDS] * 2
    assert rungs[-1].alarm
    assert not rungs[0].alarm


def test_refusals_long_ago_aren_t_counted() -> None:
    climb = Climb()
    climb.ends(EndpointDropped(), on_air=100)
    for _ in range(5):
        assert not climb.ends(EndpointRefused()).give_up
        climb.ends(EndpointDropped(), on_air=STEADY_SECONDS)


# Hung up without a word.


def test_who_hangs_up_without_a_word_is_called_twice_soon_then_seldom() -> None:
    assert delays(Climb(), EndpointClosed(), 5) == list(CLOSED_SECONDS[:5])


def test_who_has_never_taken_the_stream_refuses_it_once_the_grace_is_over() -> None:
    climb = Climb()
    begun = climb.now
    while not (rung := climb.ends(EndpointClosed("it hung up."))).give_up:
        assert not rung.alarm
    assert 60 <= climb.now - begun <= 60 + CLOSED_SECONDS[-1]
    assert "it hung up" in rung.alarm
    assert "times" in rung.alarm


def test_who_took_the_stream_before_is_called_forever_with_an_alarm_after_the_grace() -> None:
    climb = Climb()
    climb.ends(EndpointDropped(), on_air=100)
    rungs = [climb.ends(EndpointClosed()) for _ in range(20)]
    assert not any(rung.give_up for rung in rungs)
    assert [rung.delay for rung in rungs[-3:]] == [CLOSED_SECONDS[-1]] * 3
    assert not rungs[0].alarm
    assert "room counts as lost" in rungs[-1].alarm


# Busy.


def test_a_busy_endpoint_is_asked_every_second_within_the_grace() -> None:
    climb = Climb()
    assert delays(climb, EndpointBusy(), 10) == [0.3, *[1.0] * 9]


def test_an_endpoint_that_was_busy_for_seven_seconds_is_found_free_within_two() -> None:
    for seed in range(1, 50):
        climb = Climb(seed=seed)
        begun = climb.now
        climb.ends(EndpointDropped(), on_air=30)
        begun = climb.now
        while climb.now - begun < 7:
            climb.ends(EndpointBusy())
        assert climb.now - begun - 7 <= 1.5


def test_an_endpoint_that_stays_busy_calls_for_help_and_is_asked_seldom() -> None:
    climb = Climb()
    rungs = [climb.ends(EndpointBusy()) for _ in range(80)]
    assert not rungs[30].alarm
    assert rungs[-1].delay == BUSY_LATE_SECONDS
    assert "Somebody else publishes" in rungs[-1].alarm
    assert not any(rung.give_up for rung in rungs)


def test_a_long_grace_doesn_t_mean_two_hours_of_asking_every_second() -> None:
    climb = Climb(recovery=Recovery(7200.0, 0.3, 1.0))
    for _ in range(120):
        last = climb.ends(EndpointBusy())
    assert last.delay == BUSY_LATE_SECONDS


# Replaced.


def test_a_server_that_says_so_has_replaced_us_on_every_platform() -> None:
    for second in SecondPublisher:
        rung = Climb(second).ends(EndpointReplaced(), on_air=100)
        assert rung.reread_lease
        assert rung.delay == REPLACED_SECONDS[0]
        assert "Somebody else publishes" in rung.alarm


def test_an_end_in_good_order_is_a_replacement_where_the_newest_wins() -> None:
    assert Climb(NEWEST).ends(EndpointEnded(), on_air=100).reread_lease


def test_where_nobody_knows_only_the_second_such_end_is_a_replacement() -> None:
    climb = Climb(UNKNOWN)
    first, second = (climb.ends(EndpointEnded(), on_air=5) for _ in range(2))
    assert (first.delay, first.reread_lease) == (RECOVERY.first_retry_seconds, False)
    assert (second.delay, second.reread_lease) == (REPLACED_SECONDS[0], True)


@pytest.mark.parametrize("second", [REFUSED, BOTH])
def test_where_the_newest_never_wins_an_end_in_good_order_is_a_break_like_others(
    second: SecondPublisher,
) -> None:
    rung = Climb(second).ends(EndpointEnded(), on_air=100)
    assert (rung.delay, rung.reread_lease) == (RECOVERY.first_retry_seconds, False)


@pytest.mark.parametrize("second", [NEWEST, UNKNOWN])
def test_three_short_lives_in_a_row_mean_that_somebody_throws_us_out(
    second: SecondPublisher,
) -> None:
    climb = Climb(second)
    rungs = [climb.ends(EndpointDropped(), on_air=4) for _ in range(SHORT_LIVES + 5)]
    assert [rung.reread_lease for rung in rungs[:3]] == [False, False, True]
    assert [rung.delay for rung in rungs[2:]] == [*REPLACED_SECONDS, REPLACED_SECONDS[-1]]


def test_an_ffmpeg_that_dies_three_times_was_thrown_out_by_nobody() -> None:
    climb = Climb(UNKNOWN)
    assert not any(climb.ends(FFmpegFailed(), on_air=4).reread_lease for _ in range(6))


# Transient.


@pytest.mark.parametrize("kind", TRANSIENTS)
def test_a_break_is_mended_soon_then_less_often(kind: type[BroadcastError]) -> None:
    assert delays(Climb(), kind(), 6) == [0.3, 0.6, 1.2, 2.4, 4.8, TRANSIENT_LONGEST]


@pytest.mark.parametrize("kind", TRANSIENTS)
def test_after_ten_steady_seconds_a_break_counts_as_the_first(kind: type[BroadcastError]) -> None:
    climb = Climb()
    assert delays(climb, kind(), 5, on_air=STEADY_SECONDS) == [0.3] * 5


def test_a_break_that_outlasts_the_grace_calls_for_help_and_is_never_given_up() -> None:
    climb = Climb()
    climb.ends(EndpointDropped(), on_air=100)
    rungs = [climb.ends(EndpointUnreachable("it is down.")) for _ in range(40)]
    assert not any(rung.give_up for rung in rungs)
    assert rungs[-1].delay == TRANSIENT_LATE_SECONDS
    assert "it is down" in rungs[-1].alarm


def test_short_times_on_air_keep_the_room_but_not_the_pace() -> None:
    climb = Climb()
    for _ in range(40):
        rung = climb.ends(EndpointDropped(), on_air=STEADY_SECONDS / 2)
    assert rung.delay == TRANSIENT_LONGEST
    assert not rung.alarm


# What isn't the endpoint's.


def test_a_lost_lease_is_asked_for_again_at_once_and_counts_for_nothing() -> None:
    climb = Climb()
    rung = climb.ends(LeaseLost(), on_air=30)
    assert (rung.delay, rung.reread_lease, rung.give_up) == (0.0, True, False)
    assert climb.ends(EndpointDropped()).delay == RECOVERY.first_retry_seconds


def test_what_no_second_try_can_mend_is_given_up() -> None:
    rung = Climb().ends(ConfigurationError("rtmp is misspelt."))
    assert rung.give_up
    assert "misspelt" in rung.alarm


# The alarm, chance, and the ceiling on attempts.


def test_an_alarm_stands_until_the_stream_is_steadily_on_air() -> None:
    climb = Climb(NEWEST)
    climb.ends(EndpointReplaced(), on_air=100)
    climb.ends(EndpointUnreachable())
    climb.ladder.on_air(climb.now)
    assert climb.ladder.alarm(climb.now + STEADY_SECONDS - 0.1)
    assert not climb.ladder.alarm(climb.now + STEADY_SECONDS)
    assert not climb.ladder.alarm(climb.now)


def test_those_who_failed_together_return_apart_and_never_too_soon() -> None:
    waits = [Climb(seed=seed).ends(EndpointDropped()).delay for seed in range(1, 21)]
    assert len(set(waits)) == 20
    assert all(0.3 <= wait <= 0.3 * (1 + JITTER) for wait in waits)


KINDS = (
    EndpointRefused,
    EndpointBusy,
    EndpointClosed,
    EndpointUnreachable,
    EndpointDropped,
    EndpointEnded,
    EndpointReplaced,
    EndpointWedged,
    FFmpegFailed,
)
endings = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.one_of(st.none(), st.floats(0.0, 30.0)),
        st.floats(0.0, 3.0),
    ),
    max_size=200,
)


def most_within(attempts: list[float], seconds: float) -> int:
    return max(
        (sum(1 for other in attempts if at <= other < at + seconds) for at in attempts), default=0
    )


@given(endings, st.sampled_from(SecondPublisher), st.integers(1, 1000))
def test_no_sequence_of_endings_makes_a_storm(
    sequence: list[tuple[type[BroadcastError], float | None, float]],
    second: SecondPublisher,
    seed: int,
) -> None:
    """Never two attempts within 0.3 s; a minute holds the quick first tries, and one a second."""
    climb = Climb(second, seed=seed)
    for kind, on_air, took in sequence:
        climb.ends(kind(), on_air, took)
        if climb.given_up:
            break
    gaps = [after - before for before, after in itertools.pairwise(climb.attempts)]
    assert all(gap >= 0.3 for gap in gaps)
    assert most_within(climb.attempts, 10) <= 20
    assert most_within(climb.attempts, 60) <= 70


refusing = st.lists(
    st.tuples(st.sampled_from([EndpointClosed, EndpointRefused]), st.floats(0.0, 3.0)),
    min_size=4,
    max_size=100,
)


@given(refusing, st.booleans(), st.sampled_from(SecondPublisher), st.integers(1, 1000))
def test_a_refusing_endpoint_is_called_at_most_once_in_five_seconds_after_the_third(
    sequence: list[tuple[type[BroadcastError], float]],
    taken_before: bool,
    second: SecondPublisher,
    seed: int,
) -> None:
    climb = Climb(second, seed=seed)
    if taken_before:
        climb.ends(EndpointDropped(), on_air=60)
        climb.attempts.clear()
    for kind, took in sequence:
        climb.ends(kind(), None, took)
        if climb.given_up:
            break
    late = climb.attempts[2:]
    assert all(after - before >= 5.0 for before, after in itertools.pairwise(late))
