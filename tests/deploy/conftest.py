"""What all tests of images share: an engine, and our image built once."""

from pathlib import Path

import pytest

from tests.support.containers import Engine, NoEngine
from tests.support.system_part import IN_CI

HERE = Path(__file__).parent
PATIENCE = 3600
"""Each single step has a ceiling of its own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever comes first builds."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(PATIENCE))


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Without one the tests are skipped; in CI the run ends, and says once why."""
    try:
        return Engine(tmp_path_factory.mktemp("engine"))
    except NoEngine as reason:
        if IN_CI:
            pytest.exit(str(reason), returncode=1)
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def image(engine: Engine) -> str:
    return engine.doppelcast()


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> None:
    """Containers aren't this process's children; whoever starts them takes them down."""
