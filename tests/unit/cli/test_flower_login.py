"""Flower isn't started for everybody."""

from pathlib import Path

import pytest

from orchestrator.cli.flower import flower_environment, with_login_of_file
from orchestrator.errors import ConfigurationError

LOGIN = {"FLOWER_BASIC_AUTH": "lin:secret"}


@pytest.mark.parametrize("given", [{}, {"FLOWER_BASIC_AUTH": " "}, {"FLOWER_AUTH": "a@b"}])
def test_without_a_login_there_is_no_flower(given: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="FLOWER_BASIC_AUTH=user:password"):
        flower_environment(given, "127.0.0.1", 5555, read_only=False)


def test_viewers_only_look_and_what_is_given_wins_over_the_defaults() -> None:
    given = {**LOGIN, "FLOWER_MAX_TASKS": "500", "FLOWER_READ_ONLY": "false"}
    told = flower_environment(given, "::", 8888, read_only=True)
    assert told["FLOWER_READ_ONLY"] == "true"
    assert (told["FLOWER_ADDRESS"], told["FLOWER_PORT"]) == ("::", "8888")
    assert told["FLOWER_MAX_TASKS"] == "500"
    assert told["FLOWER_CONF"].endswith("flower_page.py")


def test_a_login_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "login"
    file.write_text("lin:secret\n")
    given = with_login_of_file({"FLOWER_BASIC_AUTH_FILE": str(file)})
    assert given["FLOWER_BASIC_AUTH"] == "lin:secret"
    assert with_login_of_file(LOGIN) == LOGIN
    with pytest.raises(ConfigurationError, match="can't be read"):
        with_login_of_file({"FLOWER_BASIC_AUTH_FILE": str(tmp_path / "none")})
