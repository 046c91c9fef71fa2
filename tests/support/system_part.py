"""What a test needs of the system: without it the test is skipped, and in CI it fails."""

import os

import pytest

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")


def require(missing: str | None) -> None:
    """`missing`: what isn't there, in words; None when all is."""
    if missing is None:
        return
    (pytest.fail if IN_CI else pytest.skip)(missing)
