"""The parts speech is made of: the packages' model, the voices' files, the dictionaries."""

from importlib import resources
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from orchestrator.domain.clip import Voice
from orchestrator.domain.voices import VOICES, known_voice, voices_of
from workers.render.speech import model
from workers.render.speech.engines import ENGINES
from workers.render.speech.normalize import normalize
from workers.render.speech.phonemes import COMFORTABLE_TOKENS, pieces

PHONEMES = "ni↓xau↓, tʰa→mən mai↘ lɤ sa→n pʰi↗ŋ."


def _styles() -> np.ndarray:
    file = resources.files("workers.render.speech") / "voices" / "zf_xiaoyi.bin"
    return np.frombuffer(file.read_bytes(), dtype="<f4").reshape(510, 256)


def test_the_matrix_checker_knows_exactly_the_voices_that_are_there() -> None:
    folder = resources.files("workers.render.speech") / "voices"
    files = {Path(f.name).stem for f in folder.iterdir() if f.name.endswith(".bin")}
    assert set(voices_of("kokoro")) == files
    assert {v.engine for v in VOICES} == set(ENGINES)
    assert known_voice(Voice("zf_xiaoyi")) is not None
    assert known_voice(Voice("zf_xiaoyi", engine="other")) is None


@pytest.mark.parametrize("name", voices_of("kokoro"))
def test_a_voice_s_file_is_whole(name: str) -> None:
    file = resources.files("workers.render.speech") / "voices" / f"{name}.bin"
    styles = np.frombuffer(file.read_bytes(), dtype="<f4")
    assert styles.shape == (510 * 256,)
    assert np.isfinite(styles).all()
    assert np.abs(styles).max() < 10


def test_the_edited_model_says_exactly_what_the_published_one_says() -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    published = onnxruntime.InferenceSession(model._model_bytes(), options)
    style = _styles()[len(PHONEMES)]
    tokens = [0, *(model.vocabulary()[p] for p in PHONEMES), 0]
    inputs = {
        "tokens": np.array([tokens], dtype=np.int64),
        "style": style.reshape(1, -1),
        "speed": np.array([1.0], dtype=np.float32),
    }
    (expected,) = published.run(["audio"], inputs)
    spoken = model.KokoroModel(threads=1).say(PHONEMES, style, 1.0)
    assert np.array_equal(spoken.samples, expected.ravel())
    assert spoken.lengths.sum() == len(spoken.samples)
    assert len(spoken.lengths) == len(tokens)


def test_only_a_processor_that_says_so_gets_the_signed_way(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("flags\t\t: fpu avx2 avx512_vnni sha_ni\n")
    assert model._has_vnni(info)
    info.write_text("flags\t\t: fpu avx2 avx512f\n")
    assert not model._has_vnni(info)
    assert not model._has_vnni(tmp_path / "absent")


def test_every_phoneme_of_chinese_and_english_is_one_the_model_knows() -> None:
    said = pieces(
        normalize("绿色女款，儿童日用，四十只，元旦，ABCDEFGHIJKLMNOPQRSTUVWXYZ，Pro Max，iPhone")
    )
    table = model.vocabulary()
    assert all(p in table for piece in said for p in piece.phonemes)


@pytest.mark.parametrize(
    ("word", "phonemes"),
    [
        ("薄款", "pau↗kʰwa↓n"),
        ("长绒棉", "ꭧʰa↗ŋɻʊ↗ŋmjɛ↗n"),
        ("还剩", "xai↗ʂə↘ŋ"),
        ("调味", "tʰjau↗wei↘"),
        ("重量", "ꭧʊ↘ŋlja↘ŋ"),
        ("两只", "lja↓ŋꭧɨ→"),
        ("只要", "ꭧɨ↓jau↘"),
        ("擦干", "ʦʰa→ka→n"),
        ("得到", "tɤ↗tau↘"),
        ("泡得浓", "pʰau↘tɤ "),
        ("干净", "ka→nʨi↘ŋ"),
        ("能干", "nə↗ŋka↘n"),
        ("两米长", "lja↓ŋmi↓ ꭧʰa↗ŋ"),
        ("绗缝", "xa↗ŋfə↗ŋ"),
        ("睡不着", "ʂwei↘pu↘ꭧau↗"),
    ],
)
def test_shop_words_with_several_readings_are_read_right(word: str, phonemes: str) -> None:
    (piece,) = pieces(word)
    assert piece.phonemes.startswith(phonemes)


def test_letters_are_spelled_and_names_are_pronounced() -> None:
    (piece,) = pieces("U S B和Pro")
    assert piece.phonemes.startswith("jˈu ˈɛs bˈi")
    assert "pɹˈO" in piece.phonemes


@pytest.mark.parametrize(
    "text", ["好" * 900, "又轻又暖，" * 200, "真的很好用。" * 100, "SUPERCALI" * 80]
)
def test_no_piece_is_longer_than_the_model_takes_and_nothing_is_lost(text: str) -> None:
    said = pieces(text)
    assert all(len(p.phonemes) <= model.MAX_TOKENS for p in said)
    assert len(said) > 1
    whole = "".join(p.phonemes for p in pieces(text[: len(text) // 8]))
    assert sum(len(p.phonemes) for p in said) > 6 * len(whole)


def test_sentences_are_followed_by_a_longer_pause_than_clauses() -> None:
    sentence = "这款真的非常好用，" * 3 + "买它！"
    said = pieces(sentence * 12)
    assert all(len(p.phonemes) <= COMFORTABLE_TOKENS for p in said)
    assert {p.pause for p in said} == {0.34}
