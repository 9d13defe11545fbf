"""The memory file: saved in time, read again after a restart, and never lost."""

import asyncio
import copy
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.battmon import memory
from custom_components.battmon.const import DOMAIN
from custom_components.battmon.memory import SAVE_INTERVAL, STORE, MemoryStore
from custom_components.battmon.memory_file import MINOR_VERSION, NOTICE, MemoryFile
from custom_components.battmon.model.identity import Fingerprint
from custom_components.battmon.model.memory import BatteryMemory, from_file, to_file
from custom_components.battmon.model.reading import Identity
from custom_components.battmon.model.switching import Mosfets, SwitchMemory
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..battery import ALLOW_ALL, Bench, set_up, until
from .house import set_switches

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """A configuration folder that these tests may write to."""
    (tmp_path / "config").mkdir()
    return str(tmp_path / "config")


@pytest.fixture
def hass_storage() -> Iterator[dict[str, Any]]:
    """Real files instead of the plugin's storage in memory."""
    return iter([{}])


@pytest.fixture
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


async def test_what_is_put_is_saved_within_a_minute(hass: HomeAssistant, file: Path) -> None:
    store = await opened(hass)
    store.put("A", known())
    await pass_time(hass, SAVE_INTERVAL / 2)
    assert not is_there(file)
    await pass_time(hass, SAVE_INTERVAL)
    assert stored(file) == {"A": known()}
    assert SAVE_INTERVAL <= 60


async def test_changes_that_never_end_do_not_put_it_off(
    hass: HomeAssistant, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[float] = []

    def begin(hass: HomeAssistant, delay: float, action: Any) -> CALLBACK_TYPE:
        begun.append(delay)
        return async_call_later(hass, delay, action)

    monkeypatch.setattr(memory, "async_call_later", begin)
    store = await opened(hass)
    for cycles in range(10):
        store.put("A", known(cycles))
    assert begun == [SAVE_INTERVAL], "a timer that every change begins anew may never end"
    await pass_time(hass, SAVE_INTERVAL)
    assert stored(file) == {"A": known(9)}
    store.put("A", known(10))
    await pass_time(hass, SAVE_INTERVAL)
    assert stored(file) == {"A": known(10)}


async def test_what_did_not_change_is_not_saved_again(
    hass: HomeAssistant, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await opened(hass)
    store.put("A", known())
    await store.async_save()
    saves: list[object] = []

    async def save(_store: object, data: object) -> None:
        saves.append(data)

    monkeypatch.setattr(Store, "async_save", save)
    store.put("A", known())
    await pass_time(hass, SAVE_INTERVAL)
    assert saves == []


async def test_the_last_change_is_saved_at_the_end(hass: HomeAssistant, file: Path) -> None:
    store = await opened(hass)
    store.put("A", known())
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert stored(file) == {"A": known()}


async def test_nothing_new_at_the_end_writes_nothing(hass: HomeAssistant, file: Path) -> None:
    await opened(hass)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert not is_there(file)


async def test_it_is_there_again_after_a_restart(hass: HomeAssistant, file: Path) -> None:
    switches = SwitchMemory(
        commanded=Mosfets(charging=False, discharging=True),
        mosfet_register=0xE1,
        factory_mode=True,
        balancing_writes=(dt_util.utcnow(),),
    )
    before = await opened(hass)
    before.put("A", replace(known(), switches=switches))
    before.put("B", known(7))
    await before.async_save()
    after = await opened(hass)
    assert after.get("A") == replace(known(), switches=switches)
    assert after.get("B") == known(7)
    assert after.get("C") == BatteryMemory()
    assert notice(hass) is None


async def test_a_command_is_in_the_file_before_it_is_over(
    hass: HomeAssistant, bench: Bench, file: Path
) -> None:
    entry = await set_up(hass, bench.plug_in(), **ALLOW_ALL)
    await set_switches(hass, entry, charging=False, balancing=False)
    switches = stored(file)[entry.data["battery_key"]].switches
    assert switches.commanded == Mosfets(charging=False, discharging=True)
    assert len(switches.balancing_writes) == 1
    assert not switches.factory_mode


async def test_the_worst_is_in_the_file_while_a_command_runs(
    hass: HomeAssistant, bench: Bench, file: Path
) -> None:
    """Should the power fail midway, the next start must know that factory mode may be on."""
    port = bench.plug_in()
    entry = await set_up(hass, port, **ALLOW_ALL)
    seen: list[SwitchMemory] = []

    def look(request: Any) -> bool:
        if request.register == 0x00 and request.write:
            seen.append(stored(file)[entry.data["battery_key"]].switches)
        return False

    port.faults.inject("silence", None, match=look)
    await set_switches(hass, entry, charging=False, balancing=False)
    assert seen
    assert all(switches.factory_mode for switches in seen)
    assert all(len(switches.balancing_writes) == 1 for switches in seen)


async def test_a_newer_file_is_set_aside_and_told(hass: HomeAssistant, file: Path) -> None:
    content = json.dumps(form(version=2, A={"of": "a later time"}))
    write(file, content)
    store = await opened(hass)
    assert store.get("A") == BatteryMemory()
    (kept,) = set_aside(file)
    assert kept.name.startswith("battmon.newer-2-")
    assert kept.read_text() == content
    issue = notice(hass)
    assert issue is not None
    assert issue.translation_placeholders == {"file": str(kept)}
    assert not is_there(file)


async def test_a_newer_minor_version_is_read(hass: HomeAssistant, file: Path) -> None:
    write(file, json.dumps(form(minor_version=9, A={**to_file(known()), "more": [1, 2]})))
    store = await opened(hass)
    assert store.get("A") == known()
    assert set_aside(file) == []


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([]),
        json.dumps("text"),
        json.dumps(7),
        json.dumps(None),
        json.dumps({"version": 1}),
        json.dumps({"data": {}}),
        json.dumps({"version": 0, "minor_version": 2, "key": DOMAIN, "data": {}}),
        json.dumps({"version": None, "data": {}}),
        json.dumps({"version": "1", "data": {}}),
        json.dumps(form() | {"data": []}),
        json.dumps(form() | {"data": {}}),
        json.dumps(form() | {"data": {"batteries": None}}),
        json.dumps(form() | {"data": {"batteries": [1]}}),
    ],
)
async def test_a_file_of_another_form_is_set_aside_and_told(
    hass: HomeAssistant, file: Path, content: str
) -> None:
    write(file, content)
    store = await opened(hass)
    assert store.get("A") == BatteryMemory()
    (kept,) = set_aside(file)
    assert kept.read_text() == content
    assert notice(hass) is not None
    # It goes on as if new.
    store.put("A", known())
    await store.async_save()
    assert stored(file) == {"A": known()}


@pytest.mark.parametrize("content", [b"", b"{", b"\x00" * 64, b'{"version": 1, "data": \xff}'])
async def test_a_broken_file_is_kept_by_home_assistant_itself(
    hass: HomeAssistant, file: Path, content: bytes
) -> None:
    write(file, content)
    store = await opened(hass)
    assert store.get("A") == BatteryMemory()
    (kept,) = set_aside(file)
    assert kept.name.startswith("battmon.corrupt.")
    assert kept.read_bytes() == content
    issues = [issue for issue in ir.async_get(hass).issues.values() if issue.issue_domain is not None]
    assert [issue.translation_key for issue in issues] == ["storage_corruption"]


GOOD = to_file(known())


def damaged(*path: str, value: Any) -> Any:
    """Return a battery's record with one value replaced."""
    record = copy.deepcopy(GOOD)
    inner: Any = record
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return record


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        "text",
        {},
        damaged("fingerprint", "cells", value="4"),
        damaged("fingerprint", "identity", value=None),
        damaged("profile", "quantities", value=7),
        damaged("profile", "temperatures", value=["moon"]),
        damaged("profile", "cells", value=-4),
        {name: part for name, part in GOOD.items() if name != "switches"},
    ],
)
async def test_a_damaged_battery_does_not_take_the_others_along(
    hass: HomeAssistant, file: Path, record: Any
) -> None:
    content = json.dumps(form(A=GOOD, B=record, C=to_file(known(9))))
    write(file, content)
    store = await opened(hass)
    assert (store.get("A"), store.get("B"), store.get("C")) == (known(), BatteryMemory(), known(9))
    (kept,) = set_aside(file)
    assert kept.read_text() == content
    assert notice(hass) is not None
    assert stored(file) == {"A": known(), "C": known(9)}


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("switches", {"factory_mode": "no"}),
        ("switches", {"balancing_writes": ["yesterday"]}),
        ("switches", {"commanded": {"charging": 1}}),
        ("seen_at", "yesterday"),
    ],
)
async def test_a_damaged_part_of_a_battery_does_not_take_its_other_parts_along(
    hass: HomeAssistant, file: Path, part: str, value: Any
) -> None:
    content = json.dumps(form(A=damaged(part, value=value), C=to_file(known(9))))
    write(file, content)
    store = await opened(hass)
    assert (store.get("A"), store.get("C")) == (known(), known(9))
    (kept,) = set_aside(file)
    assert kept.read_text() == content
    assert notice(hass) is not None
    assert stored(file) == {"A": known(), "C": known(9)}


async def test_a_file_of_the_first_version_is_taken_over(hass: HomeAssistant, file: Path) -> None:
    first = {name: GOOD[name] for name in ("fingerprint", "profile", "switches")}
    write(file, json.dumps(form(minor_version=1, A=first)))
    store = await opened(hass)
    assert store.get("A") == store.saved("A") == known()
    assert set_aside(file) == []
    assert version_of(file) == (1, 2)


async def test_a_file_set_aside_does_not_keep_batteries_from_working(
    hass: HomeAssistant, bench: Bench, file: Path
) -> None:
    write(file, json.dumps(form(version=99)))
    entry = await set_up(hass, bench.plug_in())
    assert entry.state.recoverable
    assert notice(hass) is not None
    assert hass.data[STORE].get(entry.data["battery_key"]).fingerprint is not None


async def test_forgetting_is_in_the_file_at_once(hass: HomeAssistant, file: Path) -> None:
    store = await opened(hass)
    store.put("A", known())
    store.put("B", known())
    await store.async_save()
    await store.async_forget("A")
    assert stored(file) == {"B": known()}
    await store.async_forget("nobody")
    assert stored(file) == {"B": known()}


# What changes with every sample.


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


@pytest.fixture
def disk(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """A disk that is busy until it is released."""
    disk = Disk(hass, monkeypatch)
    yield disk
    disk.release()


async def test_what_is_followed_is_asked_at_every_save_and_never_else(
    hass: HomeAssistant, file: Path
) -> None:
    store = await opened(hass)
    battery = Battery(store)
    for _ in range(600):
        battery.sample()
    assert battery.asked == 0
    await pass_time(hass, SAVE_INTERVAL)
    assert (battery.asked, cycles_in(file)) == (1, {"A": 600})
    assert cycles_of(store.get("A")) == 600
    await pass_time(hass, SAVE_INTERVAL)
    assert battery.asked == 1, "nothing was new"
    battery.sample()
    await store.async_save()
    assert (battery.asked, cycles_in(file)) == (2, {"A": 601})


async def test_what_is_put_stays_where_a_provider_builds_on_it(hass: HomeAssistant, file: Path) -> None:
    store = await opened(hass)
    battery = Battery(store)
    battery.sample()
    switches = SwitchMemory(factory_mode=True)
    store.put("A", replace(store.get("A"), switches=switches))
    await store.async_save()
    assert stored(file) == {"A": replace(known(1), switches=switches)}


async def test_what_is_shown_is_what_is_in_the_file(hass: HomeAssistant, file: Path) -> None:
    store = await opened(hass)
    battery, other = Battery(store, "A"), Battery(store, "B")
    assert store.saved("A") is None
    battery.sample()
    assert (battery.told, store.saved("A")) == ([], None)
    await store.async_save()
    assert (battery.told, cycles_of(store.saved("A"))) == ([1], 1)
    battery.sample()
    assert cycles_of(store.saved("A")) == 1
    other.sample()
    await pass_time(hass, SAVE_INTERVAL)
    assert (battery.told, other.told) == ([1, 2], [1])
    battery.deafen()
    battery.sample()
    await store.async_save()
    assert battery.told == [1, 2]
    assert store.saved("nobody") is None


async def test_after_a_restart_the_last_saved_is_shown_at_once(hass: HomeAssistant, file: Path) -> None:
    write(file, json.dumps(form(A=to_file(known(7)))))
    assert cycles_of((await opened(hass)).saved("A")) == 7


async def test_nothing_is_shown_before_it_is_on_the_disk(hass: HomeAssistant, file: Path, disk: Disk) -> None:
    store = await opened(hass)
    battery = Battery(store)
    battery.sample()
    saving = hass.async_create_task(store.async_save())
    await disk.busy(1)
    battery.sample()
    assert (battery.told, store.saved("A")) == ([], None)
    disk.release()
    await saving
    assert battery.told == [1], "the second sample was not part of that write"
    assert cycles_in(file) == {"A": 1}
    await pass_time(hass, SAVE_INTERVAL)
    assert battery.told == [1, 2]


async def test_saves_at_the_same_time_are_one_write(hass: HomeAssistant, file: Path, disk: Disk) -> None:
    store = await opened(hass)
    batteries = [Battery(store, f"{number}") for number in range(50)]
    saves = []
    for battery in batteries:
        battery.sample()
        saves.append(hass.async_create_task(store.async_save()))
    await disk.busy(1)
    disk.release()
    await asyncio.gather(*saves)
    assert disk.begun == 1
    assert cycles_in(file) == {battery.key: 1 for battery in batteries}


async def test_what_changes_right_after_a_save_was_asked_for_is_part_of_it(
    hass: HomeAssistant, file: Path
) -> None:
    store = await opened(hass)
    battery = Battery(store)
    saving = hass.async_create_task(store.async_save())
    battery.sample()
    await saving
    assert cycles_in(file) == {"A": 1}


async def test_a_change_during_a_write_is_written_after_it(
    hass: HomeAssistant, file: Path, disk: Disk
) -> None:
    store = await opened(hass)
    battery = Battery(store)
    battery.sample()
    first = hass.async_create_task(store.async_save())
    await disk.busy(1)
    battery.sample()
    second = hass.async_create_task(store.async_save())
    await asyncio.sleep(0.05)
    assert disk.begun == 1
    disk.release()
    await asyncio.gather(first, second)
    assert (disk.begun, disk.most, battery.told, cycles_in(file)) == (2, 1, [1, 2], {"A": 2})


async def test_whoever_gives_up_waiting_does_not_break_the_write_off(
    hass: HomeAssistant, file: Path, disk: Disk
) -> None:
    store = await opened(hass)
    battery = Battery(store)
    battery.sample()
    saving = asyncio.create_task(store.async_save())
    await disk.busy(1)
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    battery.sample()
    again = asyncio.create_task(store.async_save())
    await asyncio.sleep(0.05)
    assert disk.begun == 1, "two writes at once may end in the wrong order"
    disk.release()
    await again
    assert (disk.most, battery.told, cycles_in(file)) == (1, [1, 2], {"A": 2})


async def test_leaving_takes_the_last_value_and_keeps_it(hass: HomeAssistant, file: Path) -> None:
    store = await opened(hass)
    battery = Battery(store)
    battery.sample()
    battery.leave()
    assert cycles_of(store.get("A")) == 1
    battery.sample()
    await pass_time(hass, SAVE_INTERVAL)
    assert (battery.asked, cycles_in(file)) == (1, {"A": 1})
    battery.leave()
    assert battery.asked == 1


async def test_leaving_untouched_asks_nothing(hass: HomeAssistant, file: Path) -> None:
    store = await opened(hass)
    battery = Battery(store)
    battery.leave()
    await store.async_save()
    assert (battery.asked, stored(file)) == (0, {})


async def test_whoever_leaves_late_does_not_end_the_one_who_came_after(
    hass: HomeAssistant, file: Path
) -> None:
    store = await opened(hass)
    before, after = Battery(store), Battery(store)
    after.cycles = 10
    after.sample()
    before.leave()
    await store.async_save()
    assert (before.asked, cycles_in(file)) == (0, {"A": 11})


async def test_the_last_sample_is_in_the_file_when_home_assistant_has_stopped(
    hass: HomeAssistant, file: Path
) -> None:
    store = await opened(hass)
    battery = Battery(store)

    async def last_sample(_event: object) -> None:
        battery.sample()
        await store.async_save()  # a command that ends while all is being stopped
        told.extend(battery.told)
        battery.sample()
        battery.leave()

    told: list[int | None] = []
    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, last_sample)
    await hass.async_stop()
    assert told == [], "nothing is written in that stage"
    assert cycles_in(file) == {"A": 2}


async def test_what_is_forgotten_during_a_write_does_not_come_back(
    hass: HomeAssistant, file: Path, disk: Disk
) -> None:
    store = await opened(hass)
    battery, other = Battery(store, "A"), Battery(store, "B")
    battery.sample()
    other.sample()
    saving = hass.async_create_task(store.async_save())
    await disk.busy(1)
    forgetting = hass.async_create_task(store.async_forget("A"))
    await asyncio.sleep(0)
    battery.sample()
    disk.release()
    await asyncio.gather(saving, forgetting)
    assert (disk.most, cycles_in(file)) == (1, {"B": 1})
    # Who still runs has no part in it.
    battery.sample()
    battery.leave()
    battery.deafen()
    await pass_time(hass, SAVE_INTERVAL)
    await store.async_save()
    assert (battery.told, battery.asked) == ([], 1)
    assert cycles_in(file) == {"B": 1}
    assert (store.get("A"), store.saved("A")) == (BatteryMemory(), None)


async def test_a_battery_that_is_adopted_begins_anew(hass: HomeAssistant, file: Path) -> None:
    store = await opened(hass)
    old = Battery(store)
    old.cycles = 99
    old.sample()
    await store.async_forget("A")
    new = Battery(store)
    old.leave()
    old.deafen()
    new.sample()
    await store.async_save()
    assert (old.told, new.told, cycles_in(file)) == ([], [1], {"A": 1})


async def test_forgetting_a_battery_that_was_never_met_writes_nothing(
    hass: HomeAssistant, file: Path
) -> None:
    store = await opened(hass)
    Battery(store)
    await store.async_forget("A")
    assert not is_there(file)


def full(file: Path) -> None:
    """Have every rename fail."""
    file.mkdir()


def gone(file: Path) -> None:
    """Have every attempt to make the folder fail."""
    file.parent.rmdir()
    file.parent.touch()


@contextmanager
def kept_back(file: Path) -> Iterator[None]:
    """Take the file away and bring it back."""
    content = file.read_bytes()
    file.unlink()
    yield
    file.write_bytes(content)


def repair(file: Path) -> None:
    """Let it be written again."""
    if file.is_dir():
        file.rmdir()
    else:
        file.parent.unlink()


@pytest.mark.parametrize("spoil", [full, gone])
async def test_a_write_that_fails_is_told_once_tried_again_and_never_shown_as_saved(
    hass: HomeAssistant, file: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], None]
) -> None:
    store = await opened(hass)
    battery = Battery(store)
    spoil(file)
    battery.sample()
    await store.async_save()
    for _ in range(3):
        await pass_time(hass, SAVE_INTERVAL)
    assert said(caplog, "ERROR") == 1
    assert (battery.told, store.saved("A")) == ([], None)
    repair(file)
    assert said(caplog, "INFO") == 0
    await pass_time(hass, SAVE_INTERVAL)
    assert (battery.told, cycles_in(file), said(caplog, "INFO")) == ([1], {"A": 1}, 1)
    await pass_time(hass, SAVE_INTERVAL)
    assert said(caplog, "INFO") == 1


async def test_samples_during_a_write_that_fails_do_not_put_the_next_try_off(
    hass: HomeAssistant, file: Path, disk: Disk
) -> None:
    store = await opened(hass)
    battery = Battery(store)
    full(file)
    battery.sample()
    saving = hass.async_create_task(store.async_save())
    await disk.busy(1)
    battery.sample()
    disk.release()
    await saving
    repair(file)
    await pass_time(hass, SAVE_INTERVAL)
    assert (disk.begun, battery.told, cycles_in(file)) == (2, [2], {"A": 2})


async def test_a_forgotten_battery_is_forgotten_even_if_that_cannot_be_written_at_once(
    hass: HomeAssistant, file: Path
) -> None:
    store = await opened(hass)
    battery = Battery(store)
    battery.sample()
    await store.async_save()
    with kept_back(file):
        full(file)
        await store.async_forget("A")
        repair(file)
    assert cycles_in(file) == {"A": 1}
    await pass_time(hass, SAVE_INTERVAL)
    assert stored(file) == {}


async def test_what_failed_is_written_at_the_end(hass: HomeAssistant, file: Path) -> None:
    store = await opened(hass)
    battery = Battery(store)
    battery.sample()
    full(file)
    await store.async_save()
    repair(file)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert cycles_in(file) == {"A": 1}


async def test_a_memory_that_no_file_can_hold_does_not_take_the_others_along(
    hass: HomeAssistant, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = await opened(hass)
    battery, other = Battery(store, "A"), Battery(store, "B")
    for cycles in (1, 1.5, 2.5):
        battery.cycles = cycles  # type: ignore[assignment]
        store.touch("A")
        other.sample()
        await store.async_save()
    assert cycles_in(file) == {"A": 1, "B": 3}
    assert (battery.told, other.told) == ([1], [1, 2, 3])
    assert said(caplog, "ERROR") == 1
    battery.cycles = 4
    store.touch("A")
    await store.async_save()
    assert (cycles_in(file), battery.told) == ({"A": 4, "B": 3}, [1, 4])


def said(caplog: pytest.LogCaptureFixture, level: str) -> int:
    """Count what BattMon itself said of its memory."""
    return sum(record.levelname == level and record.name == memory.__name__ for record in caplog.records)
