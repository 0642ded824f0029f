"""kill -9 at random points under load: everything acknowledged is there afterwards, and nothing is half done."""

from __future__ import annotations

import os
import random
import time

import pytest

from databases import Cluster
from load import Load, kill
from running import Garrison

SEED = 20_260_117
FIRST_TIER = 6
# Each round reads everything back from the database.
FIRST_TIER_POSTGRES = 3
SOAK = 200
# An account that the load does not use.
BYSTANDER = "210987654321"


def rounds(default: int) -> int:
    return int(os.environ.get("GARRISON_KILLS", default))


def torture(server: Garrison, kills: int, minimum: int) -> Load:
    """So many kills, at random points. Now and then one comes while the server is still starting."""
    dice, load = random.Random(SEED), Load(SEED)
    server.start()
    try:
        for _ in range(kills):
            load.run(server, dice.randrange(1, 160), lambda: kill(server))
            server.process.wait()
            if dice.random() < 0.3:
                server.launch()
                # Not a wait for something: where in its start the server is killed.
                time.sleep(dice.random() * 0.05)
                server.kill()
            server.start()
            load.settle(server)
        load.finish(server)
        acknowledged = sum(len(past.acknowledged) for past in load.rounds)
        assert acknowledged >= minimum, f"only {acknowledged} calls were acknowledged"
        print(f"{kills} kills, {acknowledged} acknowledged calls, {len(load.ids)} keys")
        assert server.stop() == 0, server.log.read_text()
        return load
    finally:
        if server.process.poll() is None:
            server.kill()


def test_a_killed_server_keeps_what_it_acknowledged(tmp_path):
    torture(Garrison(tmp_path / "server"), rounds(FIRST_TIER), minimum=200)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_server_killed_two_hundred_times_keeps_what_it_acknowledged(tmp_path):
    torture(Garrison(tmp_path / "server"), rounds(SOAK), minimum=10_000)


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster()
    yield cluster
    cluster.remove()


def test_a_killed_server_keeps_what_it_acknowledged_in_postgresql(tmp_path, cluster):
    torture(Garrison(tmp_path / "server", store=cluster.database("few")), rounds(FIRST_TIER_POSTGRES), minimum=100)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_server_killed_two_hundred_times_keeps_what_it_acknowledged_in_postgresql(tmp_path, cluster):
    torture(Garrison(tmp_path / "server", store=cluster.database("many")), rounds(SOAK), minimum=10_000)


@pytest.mark.parametrize("restart", [True, False])
def test_a_killed_database_loses_nothing_and_service_resumes(tmp_path, cluster, restart):
    """PostgreSQL is killed under load and comes back: Garrison refuses meanwhile, and serves again by itself. What was
    committed with the last breath is there after a restart of Garrison, and without one."""
    server = Garrison(tmp_path / "server", store=cluster.database(f"killed_{restart}".lower())).start()
    load = Load(SEED)
    try:
        load.run(server, 90, cluster.kill)
        answer = server.api(BYSTANDER).send("CreateKey")
        assert (answer.status, answer.code) == (503, "ServiceUnavailableException"), answer
        health = server.health()
        assert (health["status"], health["store"]["status"]) == ("degraded", "degraded"), health
        assert health["store"]["reason"]
        cluster.boot()
        await_service(server)
        if restart:
            server.kill()
            server.start()
        load.settle(server)
        load.finish(server)
        assert server.stop() == 0, server.log.read_text()
    finally:
        if server.process.poll() is None:
            server.kill()


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_a_database_killed_two_hundred_times_loses_nothing(tmp_path, cluster):
    """The same, again and again: mostly Garrison lives on with what it holds in memory, which must be what the database has."""
    dice, load = random.Random(SEED), Load(SEED)
    server = Garrison(tmp_path / "server", store=cluster.database("often")).start()
    kills = rounds(SOAK)
    try:
        for _ in range(kills):
            load.run(server, dice.randrange(1, 160), cluster.kill)
            cluster.boot()
            await_service(server)
            if dice.random() < 0.2:
                server.kill()
                server.start()
            load.settle(server)
        load.finish(server)
        acknowledged = sum(len(past.acknowledged) for past in load.rounds)
        print(f"{kills} kills of the database, {acknowledged} acknowledged calls, {len(load.ids)} keys")
        assert server.stop() == 0, server.log.read_text()
    finally:
        if server.process.poll() is None:
            server.kill()


def await_service(server: Garrison) -> None:
    """Waits until a change is accepted again."""
    deadline = time.monotonic() + 20
    while (answer := server.api(BYSTANDER).send("CreateKey")).status != 200:
        assert answer.status == 503 and time.monotonic() < deadline, answer
        time.sleep(0.02)
    assert server.health()["status"] == "ok"
