"""What viewers see and hear: decoded pictures and sound of what nginx-rtmp received."""

import json
from itertools import pairwise

import av
import numpy as np
import pytest

from orchestrator.domain.media import AUDIO_RATE, FRAME_MS, PORTRAIT_720
from orchestrator.sandbox.label import label_check
from tests.acceptance.conftest import OnAir, Recorded
from tests.support.airing import price_on
from tests.support.flv import AUDIO, VIDEO, frames, steps
from tests.support.receiver import findings_of

pytestmark = [pytest.mark.slow, pytest.mark.needs_nginx, pytest.mark.timeout(900)]

OPEN_PX = 15
"""More than this between the lips is an open mouth; of a closed one up to five pixels look dark."""
AT_ONCE = {"analyzeduration": "500000"}
"""A player that looks at half a second before it begins."""
LATE = 2
"""Pictures by which lips and voice may be apart: 80 ms, which nobody sees."""


def test_every_picture_is_720_by_1280_and_comes_40_ms_after_the_one_before(
    on_air: OnAir, recorded: Recorded
) -> None:
    for room in on_air.rooms:
        airing = recorded.airing(room)
        assert airing.sizes == {(720, 1280)}
        assert {after - before for before, after in pairwise(airing.times_ms)} == {FRAME_MS}
        assert len(airing.times_ms) > 20 * 25


def test_a_judge_finds_nothing_wrong_with_what_arrived(on_air: OnAir, recorded: Recorded) -> None:
    found = {room.shop: findings_of([recorded.paths[room.shop]]) for room in on_air.rooms}
    assert found == {room.shop: () for room in on_air.rooms}


def test_picture_and_sound_go_on_evenly_through_every_join(
    on_air: OnAir, recorded: Recorded
) -> None:
    for room in on_air.rooms:
        path = recorded.paths[room.shop]
        video, audio = frames(path, VIDEO), frames(path, AUDIO)
        assert set(steps(video)) == {40}
        assert set(steps(audio)) == {21, 22}
        joins = recorded.joins(room, before_ms=video[-1].timestamp)
        assert len(joins) >= 4
        assert set(joins) <= {tag.timestamp for tag in video if tag.key}
        assert set(joins) <= {tag.timestamp for tag in audio}
        last = round((len(audio) - 1) * 1024 * 1000 / AUDIO_RATE)
        assert abs(audio[-1].timestamp - last) <= 1  # nothing adds up over the joins


def test_every_picture_looked_at_is_labelled_in_letters_that_are_large_enough(
    on_air: OnAir, recorded: Recorded
) -> None:
    for room in on_air.rooms:
        check = label_check(recorded.paths[room.shop], 1.3, PORTRAIT_720)
        assert check.frames >= 15
        assert check.visible_throughout, (room.shop, check)
        assert check.smallest_glyph_px >= 0.05 * 720


def test_lips_are_closed_while_nobody_speaks_and_move_with_the_voice(
    on_air: OnAir, recorded: Recorded
) -> None:
    for room in on_air.rooms:
        airing = recorded.airing(room)
        silent, spoken = airing.parted[airing.silence], airing.parted[airing.speech]
        assert silent.size > 50
        assert spoken.size > 50
        assert silent.max() < OPEN_PX
        assert (spoken > OPEN_PX).mean() > 0.7
        moves = np.abs(np.diff(airing.parted))[airing.speech[1:]]
        assert (moves > OPEN_PX).mean() > 0.4


def test_mouths_open_when_the_voice_is_loud_and_not_some_time_before_or_after(
    on_air: OnAir, recorded: Recorded
) -> None:
    for room in on_air.rooms:
        airing = recorded.airing(room)
        lags = {lag: airing.likeness(lag) for lag in range(-12, 13)}
        assert lags[0] > 0.5, room.shop
        best = max(lags, key=lags.__getitem__)
        assert abs(best) <= LATE, room.shop


def test_the_price_on_the_card_is_the_matrixs_and_no_other(
    on_air: OnAir, recorded: Recorded
) -> None:
    for room in on_air.rooms:
        could_be = (room.price, *room.prices_it_is_not)
        cards = recorded.airing(room).cards
        read = [price for card in cards if (price := price_on(card, could_be)) is not None]
        assert len(read) >= 3, room.shop
        assert set(read) == {room.price}


def test_a_price_that_the_matrix_does_not_name_is_not_taken_for_its_own(
    on_air: OnAir, recorded: Recorded
) -> None:
    cheap, dear = on_air.rooms[1], on_air.rooms[0]
    assert cheap.price != dear.price
    cards = recorded.airing(cheap).cards
    assert {price_on(card, (dear.price, dear.was)) for card in cards} == {None}


def test_whoever_plays_a_stream_is_told_that_it_is_generated(on_air: OnAir) -> None:
    for room in on_air.rooms:
        with av.open(on_air.server.target(room.key), options=AT_ONCE) as playing:
            label = json.loads(playing.metadata["AIGC"])
        assert label["Label"] == "1"
        assert label["ContentProducer"]
        assert label["ProduceID"]
