"""A real memory file, batteries that are remembered in it, and the disk that it is on."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.memory import MemoryStore
from custom_components.battmon.memory_file import MINOR_VERSION, NOTICE, MemoryFile
from custom_components.battmon.model.identity import Fingerprint
from custom_components.battmon.model.memory import BatteryMemory, from_file
from custom_components.battmon.model.reading import Identity
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..battery import until


def hass_config_dir(tmp_path: Path) -> str:
    """A configuration folder that these tests may write to."""
    (tmp_path / "config").mkdir()
    return str(tmp_path / "config")


def hass_storage() -> Iterator[dict[str, Any]]:
    """Real files instead of the plugin's storage in memory."""
    return iter([{}])


def file(hass_config_dir: str) -> Path:
    """Where the memory is kept."""
    path = Path(hass_config_dir) / ".storage" / DOMAIN
    path.parent.mkdir()
    return path


def known(cycles: int = 1) -> BatteryMemory:
    """Return the memory of a battery that was met."""
    identity = Identity(manufacturer="JBD")
    return BatteryMemory(fingerprint=Fingerprint(identity=identity, cells=4, cycle_count=cycles))


def stored(file: Path) -> dict[str, BatteryMemory]:
    """Read the file as it is on the disk."""
    batteries = json.loads(file.read_text())["data"]["batteries"]
    return {key: from_file(record) for key, record in batteries.items()}


def version_of(file: Path) -> tuple[int, int]:
    """Read the version of the file as it is on the disk."""
    content = json.loads(file.read_text())
    return content["version"], content["minor_version"]


def write(file: Path, content: str | bytes) -> None:
    """Make the file what somebody or something else left there."""
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def is_there(file: Path) -> bool:
    """Whether the file exists."""
    return file.exists()


def form(*, version: int = 1, minor_version: int = MINOR_VERSION, **batteries: Any) -> dict[str, Any]:
    """Return the content of a memory file."""
    return {
        "version": version,
        "minor_version": minor_version,
        "key": DOMAIN,
        "data": {"batteries": batteries},
    }


async def opened(hass: HomeAssistant) -> MemoryStore:
    """Open the memory as Home Assistant's start does."""
    store = MemoryStore(hass)
    await store.async_load()
    return store


def notice(hass: HomeAssistant) -> ir.IssueEntry | None:
    """Return the notice about a file that was set aside."""
    return ir.async_get(hass).async_get_issue(DOMAIN, NOTICE)


def set_aside(file: Path) -> list[Path]:
    """Return the copies that were kept."""
    return sorted(path for path in file.parent.iterdir() if path.name.startswith(f"{DOMAIN}."))


async def pass_time(hass: HomeAssistant, seconds: float) -> None:
    """Let time pass for everything that waits."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds + 1))
    await hass.async_block_till_done(wait_background_tasks=True)


class Battery:
    """A battery that is followed: its memory counts what was asked and told."""

    def __init__(self, store: MemoryStore, key: str = "A") -> None:
        self.store, self.key = store, key
        self.cycles = 0
        self.told: list[int | None] = []
        self.asked = 0
        self.leave = store.follow(key, self._provide)
        self.deafen = store.listen_saved(key, self._saved)

    def sample(self) -> None:
        """Change what there is to remember."""
        self.cycles += 1
        self.store.touch(self.key)

    def _provide(self) -> BatteryMemory:
        self.asked += 1
        return replace(self.store.get(self.key), fingerprint=known(self.cycles).fingerprint)

    def _saved(self, memory: BatteryMemory) -> None:
        self.told.append(cycles_of(memory))


def cycles_of(memory: BatteryMemory | None) -> int | None:
    """Return the count by which these tests tell memories apart."""
    fingerprint = None if memory is None else memory.fingerprint
    return None if fingerprint is None else fingerprint.cycle_count


def cycles_in(file: Path) -> dict[str, int | None]:
    """Return that count of every battery in the file."""
    return {key: cycles_of(memory) for key, memory in stored(file).items()}


class Disk:
    """Writes only when it is let, and knows how many writes there were and were at once."""

    def __init__(self, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
        self._hass = hass
        self.begun, self.at_once, self.most = 0, 0, 0
        self._free = threading.Event()
        self._counting = threading.Lock()
        self._write = MemoryFile._write_prepared_data
        monkeypatch.setattr(MemoryFile, "_write_prepared_data", partialmethod(Disk._slowly, disk=self))

    async def busy(self, writes: int) -> None:
        """Wait until this many writes have begun."""
        await until(self._hass, lambda: self.begun >= writes, 5.0)

    def release(self) -> None:
        """Let all writes go on from now on."""
        self._free.set()

    @staticmethod
    def _slowly(file: MemoryFile, mode: str, data: str | bytes, *, disk: Disk) -> None:
        with disk._counting:
            disk.begun += 1
            disk.at_once += 1
            disk.most = max(disk.most, disk.at_once)
        disk._free.wait(5)
        disk._write(file, mode, data)
        with disk._counting:
            disk.at_once -= 1


def disk(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """A disk that is busy until it is released."""
    disk = Disk(hass, monkeypatch)
    yield disk
    disk.release()
