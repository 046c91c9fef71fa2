"""Runs the soak beside the other tests, so that its ten minutes cost the suite none.

A pytest plugin. When a test asks for `soak`, the soak starts with the session, and that test comes
last: it waits for what is left of the ten minutes, and judges. However the session ends, the soak
ends with it.
"""

import pytest

from tests.support.soak.beside import KEY, MINUTES, SoakBeside


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever waits for the soak comes last."""
    items.sort(key=_asks)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start it, if it is asked for."""
    if any(map(_asks, session.items)) and not session.config.option.collectonly:
        session.config.stash[KEY] = SoakBeside(MINUTES)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End it, whatever became of the session."""
    soak = config.stash.get(KEY, None)
    if soak is not None:
        del config.stash[KEY]
        soak.end()


@pytest.fixture(scope="session")
def soak(pytestconfig: pytest.Config) -> SoakBeside:
    """The soak that runs beside."""
    return pytestconfig.stash[KEY]


def _asks(item: pytest.Item) -> bool:
    return "soak" in getattr(item, "fixturenames", ())
