"""The producer named in the matrix: checked there, and carried into every stream."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from orchestrator.domain.clip import LOCAL_PRODUCER
from orchestrator.errors import SpecError
from orchestrator.matrixfile import Loaded, load

SMALL = Path(__file__).parents[2] / "deploy" / "demo" / "small.yaml"
GOOD_CODE = "001191350100M000100Y4300000"


def read(folder: Path, producer: str) -> Loaded:
    document = SMALL.read_text(encoding="utf-8")
    named = document.replace("  name: 林娜\n", f"  name: 林娜\n  aigc_producer: {producer}\n", 1)
    assert named != document
    path = folder / "matrix.yaml"
    path.write_text(named, encoding="utf-8")
    return load(path, lambda reference: SecretStr(f"key-of-{reference}"))


@pytest.mark.parametrize("name", [GOOD_CODE, "yunshang-media"])
def test_the_producer_reaches_the_streams(tmp_path: Path, name: str) -> None:
    assert [stream.producer for stream in read(tmp_path, name).streams()] == [name]


def test_left_out_it_is_plainly_a_local_name() -> None:
    loaded = load(SMALL, lambda reference: SecretStr(f"key-of-{reference}"))
    assert {stream.producer for stream in loaded.streams()} == {LOCAL_PRODUCER}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("001191350100M000100Y4400000", "check digit"),
        ("001191350100M000100Y430000", "27 characters"),
        ("云裳传媒", "no Chinese"),
        ('"yun shang"', "no space"),
        ('""', "printable ASCII"),
        ("[a]", "text"),
    ],
)
def test_what_cant_stand_in_the_metadata_is_refused_with_the_remedy(
    tmp_path: Path, name: str, says: str
) -> None:
    with pytest.raises(SpecError) as refused:
        read(tmp_path, name)
    (problem,) = refused.value.problems
    assert problem.path == "streamer.aigc_producer"
    assert says in problem.message
    assert "27" in problem.remedy
    assert "name" in problem.remedy
