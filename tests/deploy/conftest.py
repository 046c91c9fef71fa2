"""What all tests of images share: an engine, and our image built once."""

import pytest

from tests.support.containers import Engine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever comes first builds."""
    for item in items:
        if "deploy" in item.path.parts:
            item.add_marker(pytest.mark.timeout(1500))


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="session")
def image(engine: Engine) -> str:
    return engine.doppelcast()


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> None:
    """Containers aren't this process's children; whoever starts them takes them down."""
