"""Whose answers count: passwords, batteries that were exchanged, ports that are shared."""

import asyncio
import logging
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.model.errors import LinkDown
from custom_components.battmon.model.switching import Wanted
from custom_components.battmon.sources import device
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from simulators.jbd import JbdDevice

from ..battery import Bench, jbd, set_up, shown, until
from .house import add, asked, cells_of, coordinator_of, fixed, flows, polls, turn
from .watched import Watched

NAME = 0x05


async def update(entry: MockConfigEntry) -> None:
    """Do what `homeassistant.update_entity` does, without waiting between two of them."""
    await coordinator_of(entry).async_refresh()


# Passwords.


@pytest.mark.usefixtures("hasty")
async def test_a_wrong_password_is_sent_once_and_never_again(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(jbd(password="123456", password_scope="all"))
    entry = await add(hass, port, password="123456")
    port.line.run(lambda: setattr(port.device, "password", "654321"))
    port.line.vanish()
    port.line.reappear()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "off")
    attempts = [seen for seen in port.faults.log if seen.register == 0x06]
    assert len(attempts) == 2, "one that was right, one that was not"
    heard = len(port.faults.log)
    for _update in range(3):
        await update(entry)
    coordinator_of(entry).retry_now()
    await asyncio.sleep(0.3)
    assert len(port.faults.log) == heard
    assert len(flows(hass)) == 1


@pytest.mark.usefixtures("hasty")
async def test_a_wrong_password_that_only_settings_need_is_sent_once(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(jbd(password="123456", password_scope="factory"))
    entry = await add(
        hass, port, {"interval": 0.1, "publish_interval": 0.1, "allow_balancing": True}, password="111111"
    )
    for _time in range(3):
        await port_comes_back(hass, port)
        connections = coordinator_of(entry).source._wire.connections  # type: ignore[attr-defined]
        await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    assert connections >= 3
    assert len([seen for seen in port.faults.log if seen.register == 0x06]) == 1
    assert shown(hass, entry, "switch", "balancing") == "unknown"


async def port_comes_back(hass: HomeAssistant, port: Any) -> None:
    """Pull the plug and put it back, and wait until the battery was asked for its name again."""
    port.line.vanish()
    port.line.reappear()
    heard = len(port.faults.log)
    await until(hass, lambda: len(port.faults.log) > heard + 3)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("status", [0x81, 0x83])
async def test_one_refusal_is_not_taken_for_a_question_after_the_password(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    battery = Watched(hass, bench, "battery")
    await battery.set_up(monkeypatch)
    armed = battery.faults.inject("error", status=status, register=0x03)
    await battery.until(lambda: armed.struck > 0)
    assert None in await battery.polled(2)
    assert [flow for flow in flows(hass) if flow["context"]["source"] == SOURCE_REAUTH] == []


# Whose answers count.


def other(cells: int = 4, **settings: Any) -> JbdDevice:
    """Return another battery."""
    return jbd(cells, name="ANOTHER", **settings)


async def swap_unplugged(port: Any, battery: JbdDevice) -> None:
    """Between two polls: nobody notices that the port was gone."""
    port.line.vanish()
    port.line.replace(battery)
    port.line.reappear()


async def swap_in_silence(port: Any, battery: JbdDevice) -> None:
    """The adapter stays plugged in."""
    port.faults.inject("silence", count=None)
    await asyncio.sleep(0.5)
    port.line.replace(battery)
    port.faults.clear()


async def swap_between_rare_polls(port: Any, battery: JbdDevice) -> None:
    """The adapter stays plugged in, and nobody asks meanwhile."""
    port.line.replace(battery)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("swap", [swap_unplugged, swap_in_silence, swap_between_rare_polls])
async def test_another_battery_behind_the_port_is_never_shown(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch, swap: Any
) -> None:
    monkeypatch.setattr(device, "EXCHANGE_TIME", 0.05)
    port = bench.plug_in()
    entry = await set_up(hass, port, interval=0.1, publish_interval=0.1, allow_charging=True)
    right, wrong = port.device, other(remaining_capacity=1.23)
    seen: list[str] = []
    hass.bus.async_listen("state_changed", lambda event: seen.append(event.data["new_state"].state))
    await swap(port, wrong)
    issue = (DOMAIN, f"wrong_battery_{entry.entry_id}")
    await until(hass, lambda: ir.async_get(hass).async_get_issue(*issue) is not None)
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "off")
    assert "1.23" not in seen
    assert not any(request.write for request in port.faults.log)
    await swap(port, right)
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    assert ir.async_get(hass).async_get_issue(*issue) is None


@pytest.mark.usefixtures("hasty")
async def test_another_battery_with_other_cells_is_noticed_at_the_next_poll(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(jbd(4))
    entry = await set_up(hass, port, interval=0.1, publish_interval=0.1)
    seen: list[str] = []
    hass.bus.async_listen("state_changed", lambda event: seen.append(event.data["new_state"].state))
    port.line.replace(other(cells=8))
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == "unavailable")
    assert not any(float(value) > 20 for value in seen if value.replace(".", "").isdigit())


@pytest.mark.usefixtures("hasty")
async def test_a_cell_that_is_missing_is_critical_and_looked_into_once(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(fixed(3.3, 3.3, 3.3, 3.3))
    entry = await add(hass, port)
    before = asked(port, NAME)
    cells_of(port.device).sensed_cell_voltages = (3.3, 3.3, 3.3)
    await until(hass, lambda: shown(hass, entry, "sensor", "failsafe") == "critical")
    reads = polls(port)
    await until(hass, lambda: polls(port) > reads + 10)
    assert asked(port, NAME) <= before + 2
    assert shown(hass, entry, "sensor", "lowest_cell") == "3.3", "it is the same battery"


@pytest.mark.usefixtures("hasty")
async def test_a_command_never_reaches_a_battery_that_was_just_plugged_in(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, interval=3600, allow_charging=True)
    wrong = other()
    await swap_unplugged(port, wrong)
    errors = []
    for _attempt in range(3):
        with pytest.raises(HomeAssistantError) as error:
            await turn(hass, entry, "charging", on=False)
        errors.append(str(error.value))
    assert "Another battery" in errors[-1]
    assert wrong.lock == 0


# Ports.


@pytest.mark.usefixtures("hasty")
async def test_two_entries_share_a_port(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    entries = [await add(hass, port, battery_key=key, unique_id=key) for key in ("ONE", "TWO")]
    wires = {id(coordinator_of(entry).source._wire) for entry in entries}  # type: ignore[attr-defined]
    assert len(wires) == 1
    assert await hass.config_entries.async_unload(entries[0].entry_id)
    heard = len(port.faults.log)
    await until(hass, lambda: len(port.faults.log) > heard + 3)
    assert shown(hass, entries[1], "binary_sensor", "connected") == "on"
    assert await hass.config_entries.async_unload(entries[1].entry_id)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("esphome-hass://esphome/entry?port_name=uart", "not"),
        ("socket://nohost", "host"),
        ("foo://x", "scheme"),
        ("/nonexistent/port", "No such file"),
    ],
)
async def test_a_port_that_cannot_be_opened_is_said_in_words(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, url: str, words: str
) -> None:
    entry = await set_up(hass, url)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.reason is not None
    assert words in entry.reason
    assert [record for record in caplog.records if record.exc_info and record.levelno > logging.DEBUG] == []
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_source_that_is_closed_is_not_read_again(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port)
    source = coordinator_of(entry).source
    assert await hass.config_entries.async_unload(entry.entry_id)
    heard = len(port.faults.log)
    for closed in (source.read(), source.command(Wanted(charging=False), force=False)):
        with pytest.raises(LinkDown):
            await closed
    await source.close()
    assert len(port.faults.log) == heard
