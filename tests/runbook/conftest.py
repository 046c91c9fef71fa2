"""One host with a fleet on air, for all commands that the runbook gives there."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.support.postgres import postgres
from tests.support.rig import rig
from tests.support.runbook_host import CONTROL, STREAMS, Host


@pytest.fixture(scope="package")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("host")
    with postgres() as server:
        with psycopg.connect(f"{server.url}/postgres", autocommit=True) as connection:
            connection.execute("CREATE ROLE doppelcast SUPERUSER LOGIN")
            connection.execute("CREATE DATABASE doppelcast OWNER doppelcast")
        url = server.url.replace("postgres@", "doppelcast@") + "/doppelcast"
        with rig(folder, streams=2, slots=6, store_url=url) as fleet:
            host = Host(fleet, server, folder)
            fleet.start_recorder()
            for name in CONTROL[:2]:
                fleet.start_coordinator(name)
            nodes = [fleet.start_node(name, awaited=False) for name in STREAMS]
            for node in nodes:
                fleet.await_node(node)
            fleet.apply()
            host.on_air()
            yield host
