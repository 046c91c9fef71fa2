"""How often something goes wrong, as people write it."""

import pytest
import typer

from orchestrator.cli.simulate import _seconds


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("90s", 90.0), ("10m", 600.0), ("1.5h", 5400.0), ("never", 0.0), ("0", 0.0), (600.0, 600.0)],
)
def test_a_time_is_a_number_and_a_unit(written: str | float, seconds: float) -> None:
    assert _seconds(written) == seconds


@pytest.mark.parametrize("written", ["", "10", "10x", "-5m", "0m", "nanm", "infs", "m"])
def test_what_isnt_a_time_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(typer.BadParameter, match="write 90s, 10m or 2h, or never"):
        _seconds(written)
