"""The power goes: of the data folder only what was synced survives, and that is everything acknowledged."""

from __future__ import annotations

import os
import random

import pytest

from load import Load, kill
from power import Unpowered

SEED = 20_260_118
FIRST_TIER = 3
SOAK = 100
# With a sync left out this many losses must be enough to notice.
ENOUGH = 8


def blackouts(server: Unpowered, losses: int) -> int:
    """So many losses of power under load, each checked; returns how many calls were acknowledged."""
    dice, load = random.Random(SEED), Load(SEED)
    try:
        for _ in range(losses):
            server.start()
            load.run(server, dice.randrange(40, 160), lambda: kill(server))
            server.lose_power()
            server.start()
            load.settle(server)
            server.lose_power()
        server.start()
        load.finish(server)
        return sum(len(past.acknowledged) for past in load.rounds)
    finally:
        if server.process.poll() is None:
            server.kill()


def test_a_loss_of_power_keeps_what_was_acknowledged(tmp_path):
    losses = int(os.environ.get("GARRISON_KILLS", FIRST_TIER))
    assert blackouts(Unpowered(tmp_path / "server"), losses) > 40 * losses


def test_a_new_data_folder_survives_wherever_its_root_key_is(tmp_path):
    assert blackouts(Unpowered(tmp_path / "server", root_key=tmp_path / "root-key"), 1) > 0


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_hundred_losses_of_power_keep_what_was_acknowledged(tmp_path):
    losses = int(os.environ.get("GARRISON_KILLS", SOAK))
    assert blackouts(Unpowered(tmp_path / "server"), losses) > 40 * losses


@pytest.mark.parametrize(
    ("without", "lost"),
    [
        ("*/data/records.db-wal", "acknowledged keys are gone"),
        ("*/data/audit/*.seg", "acknowledged calls have no audit record"),
        ("*/data/audit", "acknowledged calls have no audit record"),
    ],
)
def test_a_sync_that_is_left_out_is_noticed(tmp_path, without, lost):
    """The test above is able to fail: without one of the syncs acknowledged calls are lost, and it says so."""
    with pytest.raises(AssertionError, match=lost) as noticed:
        blackouts(Unpowered(tmp_path / "server", without), ENOUGH)
    print(f"without the sync of {without}: {str(noticed.value).splitlines()[0]}")
