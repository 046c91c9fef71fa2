"""The voices that the speech engines know, for whoever checks a matrix before anything is rendered.

The engines bring the voices' files; that this table says the same is a test's business, because the
domain does no I/O and knows no engine.
"""

from dataclasses import dataclass

from orchestrator.domain.clip import Voice


@dataclass(frozen=True)
class KnownVoice:
    """A voice as people choose it: whose it sounds like, and how."""

    engine: str
    name: str
    gender: str
    character: str


VOICES = (
    KnownVoice("kokoro", "zf_xiaobei", "女", "沉稳舒缓，语速慢，适合讲解"),
    KnownVoice("kokoro", "zf_xiaoxiao", "女", "亲切自然，语速适中，适合日常带货"),
    KnownVoice("kokoro", "zf_xiaoyi", "女", "音高明亮，活泼甜美，适合年轻人群"),
    KnownVoice("kokoro", "zm_yunxi", "男", "年轻清亮，语速适中，适合数码潮品"),
    KnownVoice("kokoro", "zm_yunyang", "男", "低沉浑厚，语速快，适合品质推荐"),
)


def voices_of(engine: str) -> tuple[str, ...]:
    """The names that this engine knows."""
    return tuple(v.name for v in VOICES if v.engine == engine)


def known_voice(voice: Voice) -> KnownVoice | None:
    """What is known of a voice; nothing where it doesn't exist."""
    return next((v for v in VOICES if (v.engine, v.name) == (voice.engine, voice.name)), None)
