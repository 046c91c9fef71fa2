"""Stream keys: found where their reference says, and nowhere to be read."""

from pathlib import Path

import pytest

from orchestrator.errors import ConfigurationError
from orchestrator.wire.secrets import resolve_key

SECRET = "live_abc_123"


def test_a_key_comes_from_the_environment() -> None:
    key = resolve_key("env:SHOP_KEY", {"SHOP_KEY": f" {SECRET}\n"})
    assert key.get_secret_value() == SECRET
    assert SECRET not in repr(key)


def test_a_key_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    assert resolve_key(f"file:{path}").get_secret_value() == SECRET


def test_an_endpoint_without_a_key_has_an_empty_one() -> None:
    assert resolve_key("").get_secret_value() == ""


@pytest.mark.parametrize("environ", [{}, {"SHOP_KEY": ""}, {"SHOP_KEY": "  "}])
def test_a_variable_that_is_not_set_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="SHOP_KEY is not set"):
        resolve_key("env:SHOP_KEY", environ)


@pytest.mark.parametrize("content", ["", "two\nlines", f"{SECRET}\nand more"])
def test_a_file_that_holds_no_single_key_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="on one line") as refused:
        resolve_key(f"file:{path}")
    assert SECRET not in str(refused.value)


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"\xff\xfe" + SECRET.encode())
    with pytest.raises(ConfigurationError, match="not text") as refused:
        resolve_key(f"file:{path}")
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("reference", [SECRET, "env:", "file:", f"key:{SECRET}"])
def test_what_is_no_reference_is_refused_and_not_quoted(reference: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        resolve_key(reference, {})
    assert SECRET not in str(refused.value)
