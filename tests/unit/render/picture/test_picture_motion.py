"""How doubles move, judged as numbers."""

from itertools import pairwise

import pytest

from orchestrator.domain.clip import Mood
from workers.render.face import Gaze
from workers.render.motion import Pose, brow, gaze, gestures, glance, lid, pose

SEEDS = range(12)
LENGTHS = (0.32, 1.92, 5.12, 9.6)


def numbers(p: Pose) -> tuple[float, ...]:
    return p.breath, p.right, p.down, p.turn, p.lean


@pytest.mark.parametrize("mood", Mood)
@pytest.mark.parametrize("seconds", LENGTHS)
def test_every_clip_begins_and_ends_in_the_same_pose_at_rest(mood: Mood, seconds: float) -> None:
    for seed in SEEDS:
        for t in (0.0, seconds):
            assert numbers(pose(t, seconds, mood, seed)) == pytest.approx((0,) * 5, abs=1e-9)
        for t in (0.01, seconds - 0.01):
            assert numbers(pose(t, seconds, mood, seed)) == pytest.approx((0,) * 5, abs=0.01)


@pytest.mark.parametrize("mood", Mood)
def test_it_never_stands_still_for_two_frames_within_a_clip(mood: Mood) -> None:
    for seed in SEEDS:
        poses = [numbers(pose(n / 25, 5.12, mood, seed)) for n in range(128)]
        for one, next_one in pairwise(poses):
            assert one != next_one


@pytest.mark.parametrize("mood", Mood)
def test_no_step_between_two_frames_is_larger_than_the_eye_forgives(mood: Mood) -> None:
    for seed in SEEDS:
        poses = [pose(n / 25, 9.6, mood, seed) for n in range(240)]
        for one, next_one in pairwise(poses):
            assert abs(one.right - next_one.right) < 1.5
            assert abs(one.down - next_one.down) < 1.5
            assert abs(one.turn - next_one.turn) < 0.4


def test_the_head_stays_within_the_stage() -> None:
    for mood in Mood:
        for seed in SEEDS:
            for n in range(240):
                p = pose(n / 25, 9.6, mood, seed)
                assert abs(p.right) < 14
                assert abs(p.down) < 10
                assert abs(p.turn) < 3.5


def test_eyes_are_open_at_both_ends_and_blink_between() -> None:
    for seconds in LENGTHS[1:]:
        for seed in SEEDS:
            plan = gestures(seconds, seed)
            frames = round(seconds * 25)
            lids = [lid(plan, n / 25) for n in range(frames)]
            assert lids[0] == lids[-1] == 0
            assert max(lids) == 3


def test_eyes_change_with_the_mood_only_behind_closed_lids() -> None:
    for seed in SEEDS:
        plan = gestures(5.12, seed)
        seen = [(gaze(plan, n / 25, Mood.HAPPY), lid(plan, n / 25)) for n in range(128)]
        for (before, _), (after, closed) in pairwise(seen):
            assert before == after or closed == 3
        assert seen[0][0] == seen[-1][0] == Gaze.WIDE
        assert Gaze.SMILING in {g for g, _ in seen}


def test_eyes_look_straight_ahead_at_both_ends() -> None:
    for seed in SEEDS:
        plan = gestures(9.6, seed)
        assert glance(plan, 0) == glance(plan, 9.56) == (0, 0)
        assert any(glance(plan, n / 25) != (0, 0) for n in range(240))


def test_brows_follow_mood_and_voice_and_rest_at_both_ends() -> None:
    assert brow(0, 5, Mood.EXCITED, 1) == brow(5, 5, Mood.EXCITED, 1) == 0
    assert brow(2, 5, Mood.EXCITED, 0) > brow(2, 5, Mood.CALM, 0) > brow(2, 5, Mood.EARNEST, 0)
    assert brow(2, 5, Mood.CALM, 1) > brow(2, 5, Mood.CALM, 0)


def test_two_idle_variants_move_differently_and_one_always_alike() -> None:
    one, other = ([pose(n / 25, 5.12, Mood.CALM, s) for n in range(128)] for s in (1, 2))
    assert one != other
    assert one == [pose(n / 25, 5.12, Mood.CALM, 1) for n in range(128)]
