"""What changes with every sample: taken at every save, and shown only when it is in the file."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from custom_components.battmon.memory import SAVE_INTERVAL
from custom_components.battmon.model.memory import BatteryMemory, to_file
from custom_components.battmon.model.switching import SwitchMemory
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant

from . import remembering
from .remembering import (
    Battery,
    Disk,
    cycles_in,
    cycles_of,
    form,
    is_there,
    known,
    opened,
    pass_time,
    stored,
    write,
)

hass_config_dir = pytest.fixture(remembering.hass_config_dir)
hass_storage = pytest.fixture(remembering.hass_storage)
file = pytest.fixture(remembering.file)
disk = pytest.fixture(remembering.disk)


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
