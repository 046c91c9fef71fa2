"""What every voice of every engine must give, judged on the real model's sound."""

import numpy as np
import pytest

from orchestrator.domain.clip import Mood, Voice
from orchestrator.domain.media import AUDIO_RATE
from orchestrator.domain.voices import VOICES, KnownVoice
from orchestrator.errors import SpeechFailed
from workers.render.speech import lips
from workers.render.speech.contract import MouthShape, Samples, Speech, SpeechEngine
from workers.render.speech.engines import engine
from workers.render.speech.loudness import loudness, true_peak_db

TEXT = "宝宝们，这款四件套今天只要¥129.9！爸爸妈妈都说好，喜欢的点3号链接。"


@pytest.fixture(scope="module")
def kokoro() -> SpeechEngine:
    return engine("kokoro")


@pytest.fixture(scope="module", params=VOICES, ids=lambda v: v.name)
def voice(request: pytest.FixtureRequest) -> KnownVoice:
    known: KnownVoice = request.param
    return known


@pytest.fixture(scope="module")
def speech(voice: KnownVoice) -> Speech:
    return engine(voice.engine).speak(TEXT, Voice(voice.name, engine=voice.engine), Mood.CALM)


def test_it_is_as_loud_as_every_other_voice(speech: Speech) -> None:
    assert loudness(speech.samples) == pytest.approx(-16, abs=1)
    assert true_peak_db(speech.samples) <= -1


def test_it_is_mono_at_the_grid_s_rate_and_as_long_as_such_a_text_takes(speech: Speech) -> None:
    assert speech.samples.dtype == np.float32
    assert speech.samples.ndim == 1
    assert 4 < speech.seconds < 12


def test_it_sounds_like_speech_and_not_like_noise_or_clipping(speech: Speech) -> None:
    spectrum = np.abs(np.fft.rfft(speech.samples)) ** 2
    frequency = np.fft.rfftfreq(len(speech.samples), 1 / AUDIO_RATE)
    assert spectrum[(frequency > 80) & (frequency < 4000)].sum() > 0.9 * spectrum.sum()
    assert spectrum[frequency > 12_500].sum() < 1e-4 * spectrum.sum()
    assert abs(float(speech.samples.mean())) < 0.002
    level = lips.levels(speech.samples, AUDIO_RATE // 100)
    assert np.percentile(level, 90) - np.percentile(level, 10) > 20


def test_its_shapes_cover_it_in_order(speech: Speech) -> None:
    assert speech.shapes[0].start == 0
    assert speech.shapes[-1].end == pytest.approx(speech.seconds, abs=1e-6)
    assert all(s.start < s.end for s in speech.shapes)
    assert all(
        a.end == pytest.approx(b.start)
        for a, b in zip(speech.shapes, speech.shapes[1:], strict=False)
    )


def test_the_mouth_rests_in_every_pause_and_moves_otherwise(speech: Speech) -> None:
    pauses = lips.silences(speech.samples, AUDIO_RATE, at_least=0.15)
    assert all(_shape_at(speech, (a + b) / 2) is MouthShape.REST for a, b in pauses)
    spoken = speech.seconds - sum(b - a for a, b in lips.silences(speech.samples, AUDIO_RATE))
    moving = [s for s in speech.shapes if s.shape is not MouthShape.REST]
    assert sum(s.end - s.start for s in moving) > 0.9 * spoken
    assert len(moving) / spoken > 6


def test_the_lips_close_for_every_b_p_and_m(speech: Speech) -> None:
    closures = [s for s in speech.shapes if s.shape is MouthShape.CLOSED]
    assert len(closures) >= 7  # 宝宝们 百 爸爸妈妈
    assert all(s.end - s.start >= 0.059 for s in closures)


def test_the_lips_are_closed_when_it_sounds_so(voice: KnownVoice) -> None:
    text = "爸爸不怕冰，白布包八百包，拔萝卜。"
    speech = engine(voice.engine).speak(text, Voice(voice.name), Mood.CALM)
    assert _power(speech, MouthShape.CLOSED) < _power(speech, MouthShape.A) / 3
    assert _power(speech, MouthShape.CLOSED) < _power(speech, MouthShape.U) / 3


@pytest.mark.parametrize("text", ["好", "欢迎！", "三、二、一，上链接！"])
def test_short_texts_are_level_too(kokoro: SpeechEngine, text: str) -> None:
    speech = kokoro.speak(text, Voice("zm_yunyang"), Mood.CALM)
    assert loudness(speech.samples) == pytest.approx(-16, abs=1)
    assert 0.2 < speech.seconds < 4


def test_the_same_text_gives_the_same_samples_however_many_threads(kokoro: SpeechEngine) -> None:
    say = ("支持USB-C接口，2米长。", Voice("zf_xiaoxiao"), Mood.HAPPY)
    first, again = kokoro.speak(*say), kokoro.speak(*say)
    assert np.array_equal(first.samples, again.samples)
    assert first.shapes == again.shapes
    assert np.array_equal(first.samples, engine("kokoro", threads=2).speak(*say).samples)


def test_excitement_is_faster_than_earnestness(kokoro: SpeechEngine) -> None:
    voice = Voice("zf_xiaoyi")
    excited = kokoro.speak("今天的福利真的太大了", voice, Mood.EXCITED)
    earnest = kokoro.speak("今天的福利真的太大了", voice, Mood.EARNEST)
    assert excited.seconds < earnest.seconds * 0.94


def test_a_text_longer_than_the_model_takes_is_said_with_pauses_between(
    kokoro: SpeechEngine,
) -> None:
    text = "这床被子又轻又暖，" * 18 + "喜欢的宝宝赶紧下单。"
    speech = kokoro.speak(text, Voice("zf_xiaoxiao", speed=1.3), Mood.CALM)
    assert speech.seconds > 20
    pauses = lips.silences(speech.samples, AUDIO_RATE, at_least=0.15)
    assert len(pauses) >= 2
    assert max(b - a for a, b in pauses) < 0.8
    assert all(_shape_at(speech, (a + b) / 2) is MouthShape.REST for a, b in pauses)
    assert loudness(speech.samples) == pytest.approx(-16, abs=1)


def test_latin_names_take_time_to_say(kokoro: SpeechEngine) -> None:
    plain = kokoro.speak("支持接口", Voice("zm_yunxi"), Mood.CALM)
    named = kokoro.speak("支持USB接口", Voice("zm_yunxi"), Mood.CALM)
    assert named.seconds > plain.seconds + 0.4


@pytest.mark.parametrize("text", ["", "😍😍", "！！！", "  "])
def test_nothing_to_say_is_said_to_be_so(kokoro: SpeechEngine, text: str) -> None:
    with pytest.raises(SpeechFailed, match="can be said"):
        kokoro.speak(text, Voice("zf_xiaoxiao"), Mood.CALM)


def test_an_unknown_voice_and_an_unknown_engine_name_the_known_ones(kokoro: SpeechEngine) -> None:
    with pytest.raises(SpeechFailed, match="zf_xiaoxiao"):
        kokoro.speak("你好", Voice("nobody"), Mood.CALM)
    with pytest.raises(SpeechFailed, match="kokoro"):
        engine("nothing")


def _shape_at(speech: Speech, at: float) -> MouthShape:
    return next(s.shape for s in speech.shapes if s.start <= at < s.end)


def _power(speech: Speech, shape: MouthShape) -> float:
    parts: list[Samples] = [
        speech.samples[round(s.start * AUDIO_RATE) : round(s.end * AUDIO_RATE)]
        for s in speech.shapes
        if s.shape is shape
    ]
    return float(np.mean(np.concatenate(parts).astype(np.float64) ** 2))
