"""What all tests of the chart share: patience."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
PATIENCE = 1200
"""Whoever comes first fetches Helm, or installs the scanner; loading some schemas takes long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """None of them makes a claim about time."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(PATIENCE))
