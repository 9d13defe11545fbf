"""A memory that cannot be written: told once, tried again, and nothing is shown as saved."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from custom_components.battmon import memory
from custom_components.battmon.memory import SAVE_INTERVAL
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant

from . import remembering
from .remembering import Battery, Disk, cycles_in, opened, pass_time, stored

hass_config_dir = pytest.fixture(remembering.hass_config_dir)
hass_storage = pytest.fixture(remembering.hass_storage)
file = pytest.fixture(remembering.file)
disk = pytest.fixture(remembering.disk)


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
