"""Home Assistant is killed at random moments under load, again and again, and started again.

Nothing is lost beyond the last save interval, no total that is shown ever falls, and levels hold.
"""

import json
import os
import signal
import time
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

import pytest
from pytest_socket import socket_allow_hosts

from custom_components.battmon.model.failsafe.levels import Level
from simulators.battery import FixedBattery
from simulators.jbd import JbdDevice

from ..battery import Bench, Port
from .home import BEAT, SAVE_INTERVAL, TOTALS, Life, file_in, in_file, live

pytestmark = pytest.mark.slow

SEED = 20261121
KILLS, MANY_KILLS = 20, 100
EARLY = 5
"""Every so many times Home Assistant is killed while it starts."""
PATIENCE = 60.0
"""In s. How long a start may take on a busy machine."""
NORMAL, LOW, CRITICAL = 3.3, 3.2, 2.9
"""V of each of four cells: thresholds are 13 and 12 V."""

type Message = dict[str, Any]


@dataclass
class Told:
    """What one process told before it was killed."""

    messages: list[Message] = field(default_factory=list)
    ready: Event = field(default_factory=Event)
    """That the battery is set up, or never will be."""

    def listen(self, pipe: Connection) -> None:
        """Read until the process is dead; its last line may be torn."""
        with os.fdopen(os.dup(pipe.fileno()), "rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    self.messages.append(json.loads(line))
                    if self.alive:
                        self.ready.set()
        self.ready.set()  # or never will be

    @property
    def alive(self) -> bool:
        """Whether the battery was set up."""
        return bool(self.all("ready"))

    def all(self, what: str) -> list[Message]:
        """Return the messages of one kind."""
        return [message for message in self.messages if message["what"] == what]

    @property
    def end(self) -> float:
        """When it last told anything."""
        return float(self.messages[-1]["at"])

    @property
    def late(self) -> float:
        """The longest that the event loop or the disk kept anybody waiting, in s."""
        beats = [beat["at"] for beat in self.all("beat")]
        gaps = [after - before - BEAT for before, after in zip(beats, beats[1:], strict=False)]
        begun = [message["at"] for message in self.all("writing")]
        ended = [message["at"] for message in self.all("written")] + [self.end]
        writes = [end - begin for begin, end in zip(begun, ended, strict=False)]
        longest: float = max([0.0, *gaps, *writes])
        return longest


@dataclass
class House:
    """The folder of a Home Assistant that is killed and started again, and its battery."""

    folder: Path
    port: Port
    random: Random = field(default_factory=lambda: Random(SEED))
    shown: dict[str, str] = field(default_factory=dict)
    """What every entity showed last."""

    @property
    def battery(self) -> FixedBattery:
        """The battery behind the port."""
        assert isinstance(self.port.device.battery, FixedBattery)
        return self.port.device.battery

    def in_file(self) -> dict[str, Any]:
        """Return what is on the disk."""
        file = file_in(self.folder)
        return in_file(file.read_bytes() if file.exists() else b'{"data": {"batteries": {}}}')

    def live(self, number: int) -> Told:
        """Start Home Assistant, load the battery, and kill it at a random moment."""
        self._load(NORMAL)
        context = get_context("forkserver")
        context.set_forkserver_preload([live.__module__])
        ear, mouth = context.Pipe(duplex=False)
        told = Told()
        life = Life(str(self.folder), self.port.path, reset=number % 3 == 0)
        process = context.Process(target=_child, args=(life, mouth), daemon=True)
        process.start()
        mouth.close()
        listener = Thread(target=told.listen, args=(ear,))
        listener.start()
        try:
            self._wait(number, told)
        finally:
            process.kill()  # signal 9
            process.join()
            listener.join()
            ear.close()
        assert process.exitcode == -signal.SIGKILL, "it ended before it was killed"
        return told

    def _wait(self, number: int, told: Told) -> None:
        if number % EARLY == EARLY - 1:
            time.sleep(self.random.uniform(0, 0.5))
            return
        assert told.ready.wait(PATIENCE)
        assert told.alive, "it could not be set up"
        time.sleep(self.random.uniform(0, 0.7))
        self._load(self.random.choice((NORMAL, LOW, CRITICAL)))
        time.sleep(self.random.uniform(0, 0.7))

    def _load(self, cell: float) -> None:
        def load() -> None:
            self.battery.sensed_cell_voltages = (cell,) * 4
            self.battery.demand = self.random.choice((-50.0, 50.0))

        self.port.line.run(load)


def _child(life: Life, pipe: Connection) -> None:
    live(life, pipe.fileno())


@pytest.fixture
def house(bench: Bench, tmp_path: Path) -> House:
    """A house with a battery that answers at once."""
    # The server that forks the processes is asked through a socket.
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    device = JbdDevice(FixedBattery((NORMAL,) * 4), delay=0.001)
    folder = tmp_path / "config"
    folder.mkdir()
    return House(folder, bench.plug_in(device))


def check_disk(told: Told, before: dict[str, Any], after: dict[str, Any]) -> None:
    """The file is the last that was written, or the one that was being written."""
    finished = told.all("written")
    begun = [message for message in told.all("writing") if not finished or message["at"] > finished[-1]["at"]]
    possible = [finished[-1] if finished else before, *begun]
    assert after in [{"level": content["level"], "totals": content["totals"]} for content in possible]


def check_shown(told: Told, house: House, before: dict[str, Any]) -> None:
    """What is shown first is what was in the file, and no total ever falls, not even then."""
    levels = [message["value"] for message in told.all("shown") if message["key"] == "failsafe"]
    assert levels[:1] in ([], [before["level"]])
    for message in told.all("shown"):
        key, value = message["key"], message["value"]
        if key in TOTALS:
            assert float(value) >= float(house.shown.get(key, 0)), f"{key} fell"
        house.shown[key] = value


def check_loss(told: Told, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """All that was counted before the last interval is in the file. Returns whether that was anything."""
    limit = told.end - SAVE_INTERVAL - 0.2 - 3 * told.late
    counted = [beat["totals"] for beat in told.all("beat") if beat["at"] <= limit]
    for totals in counted[-1:]:
        for key in TOTALS:
            assert after["totals"][key] >= totals[key], f"{key} is lost"
    return bool(counted) and counted[-1] != before["totals"]


def check_levels(told: Told) -> int:
    """A level that rises is written at once. Returns how many did."""
    beats = told.all("beat")
    rises = [
        after
        for before, after in zip(beats, beats[1:], strict=False)
        if Level[after["level"].upper()] > Level[before["level"].upper()]
        and after["at"] + 0.1 + 3 * told.late < told.end
    ]
    for rise in rises:
        # The beat that tells of it comes after it.
        assert any(
            message["level"] == rise["level"]
            and rise["at"] - BEAT - told.late - 0.1 <= message["at"] <= rise["at"] + 0.1 + 3 * told.late
            for message in told.all("writing")
        ), f"{rise['level']} was not written at once"
    return len(rises)


def test_nothing_is_lost_and_nothing_falls_when_home_assistant_is_killed(
    house: House, request: pytest.FixtureRequest
) -> None:
    kills = MANY_KILLS if request.config.getoption("--long") else KILLS
    lives_with_loss_to_judge = rises = alive = 0
    for number in range(kills):
        before = house.in_file()
        told = house.live(number)
        after = house.in_file()
        if not told.messages:
            assert after == before
            continue
        alive += told.alive
        check_disk(told, before, after)
        check_shown(told, house, before)
        lives_with_loss_to_judge += check_loss(told, before, after)
        rises += check_levels(told)
    # It all counts for nothing if nothing happened.
    assert alive >= kills * (EARLY - 1) // EARLY
    assert lives_with_loss_to_judge
    assert rises
    assert {*TOTALS, "failsafe"} <= house.shown.keys()
    assert float(house.shown["energy_in"]) > 0
    assert float(house.shown["energy_out"]) > 0
