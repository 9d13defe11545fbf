"""When batteries are read, whose answers count, and what the log says of it."""

import asyncio
import logging
import time
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.model.errors import LinkDown
from custom_components.battmon.sources import device
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from simulators.jbd import JbdDevice

from ..battery import Bench, jbd, make_entry, set_up, shown, until
from .house import add, coordinator_of, turn
from .watched import INTERVAL, Watched, side_by_side


async def update(entry: MockConfigEntry) -> None:
    """Do what `homeassistant.update_entity` does, without waiting between two of them."""
    await coordinator_of(entry).async_refresh()


def messages(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return what BattMon said, from information on."""
    return [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name.startswith("custom_components.battmon") and record.levelno >= logging.INFO
    ]


# Pace.


@pytest.mark.usefixtures("hasty")
async def test_samples_keep_their_pace_without_drift(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = Watched(hass, bench, "battery", delay=0.03)
    await battery.set_up(monkeypatch, interval=0.1)
    await battery.polled(12)
    starts = [start for start, _error in battery.samples]
    late = [start - starts[0] - 0.1 * number for number, start in enumerate(starts)]
    # A busy machine may delay one of them; what must not be is that delays add up.
    assert min(late) > -0.05
    assert sorted(late)[len(late) // 2] < 0.05


@pytest.mark.usefixtures("hasty")
async def test_a_read_that_hung_is_not_made_up_for(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = Watched(hass, bench, "battery")
    await battery.set_up(monkeypatch, interval=0.1)
    source = coordinator_of(battery.entry).source
    read, hangs = source.read, [0.55]

    async def hang_once() -> Any:
        await asyncio.sleep(hangs.pop() if hangs else 0)
        return await read()

    monkeypatch.setattr(source, "read", hang_once)
    await battery.until(lambda: not hangs)
    begin = len(battery.samples)
    await battery.polled(begin + 6, since=0)
    starts = [start for start, _error in battery.samples[begin:]]
    gaps = [after - before for before, after in zip(starts, starts[1:], strict=False)]
    assert gaps[0] > 0.5
    assert min(gaps[1:]) > 0.05


@pytest.mark.usefixtures("hasty")
async def test_values_are_taken_away_in_time_though_a_read_hangs(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = Watched(hass, bench, "battery")
    await battery.set_up(monkeypatch)
    battery.watch()
    monkeypatch.setattr(coordinator_of(battery.entry).source, "read", lambda: asyncio.sleep(60))
    took = time.monotonic()
    await battery.until(battery.is_lost)
    assert time.monotonic() - took < 3 * INTERVAL + 0.5
    assert battery.wrong == []


@pytest.mark.usefixtures("hasty")
async def test_a_bug_does_not_end_the_watch(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = Watched(hass, bench, "battery")
    await battery.set_up(monkeypatch)
    source = coordinator_of(battery.entry).source
    with monkeypatch.context() as patch:
        patch.setattr(source, "read", lambda: 1 / 0)
        await battery.until(lambda: "Unexpected error while reading battery" in caplog.text)
    assert await battery.polled(1) == [None]


@pytest.mark.usefixtures("hasty")
async def test_a_port_that_appears_means_nothing_to_a_battery_that_is_well(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, interval=3600)
    heard = len(port.faults.log)
    coordinator_of(entry).retry_now()
    await asyncio.sleep(0.1)
    assert len(port.faults.log) == heard


@pytest.mark.usefixtures("hasty")
async def test_the_truth_is_read_after_a_failed_command_though_polling_is_off(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in()
    entry = make_entry(port, allow_charging=True)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, pref_disable_polling=True)
    assert await hass.config_entries.async_setup(entry.entry_id)
    heard = len(port.faults.log)
    port.faults.inject("error", status=0x83, register=0xE1)
    with pytest.raises(HomeAssistantError, match="password"):
        await turn(hass, entry, "charging", on=False)
    asked = len(port.faults.log)
    await until(hass, lambda: len(port.faults.log) > asked)
    await hass.async_block_till_done()
    assert port.faults.log[heard].register == 0x03
    assert shown(hass, entry, "switch", "charging") == "on"
    assert await hass.config_entries.async_unload(entry.entry_id)


# The log.


@pytest.mark.usefixtures("hasty")
async def test_an_update_that_fails_says_nothing_more_than_the_sampler(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, interval=0.3, publish_interval=0.1)
    caplog.set_level(logging.INFO)
    caplog.clear()
    port.faults.inject("silence", count=None)
    await update(entry)
    assert shown(hass, entry, "sensor", "voltage") != "unavailable", "one failure says nothing yet"
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == "unavailable")
    for _update in range(2):
        await update(entry)
    assert [level for level, _text in messages(caplog)] == ["WARNING"]
    port.faults.clear()
    await update(entry)
    assert shown(hass, entry, "sensor", "voltage") != "unavailable"
    assert messages(caplog) == [
        ("WARNING", "Battery is out of sight: no answer"),
        ("INFO", "Battery is in sight"),
    ]


@pytest.mark.usefixtures("hasty")
async def test_a_remembered_battery_out_of_reach_at_start_is_told_once(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, interval=0.1, publish_interval=0.1)
    assert await hass.config_entries.async_unload(entry.entry_id)
    port.line.vanish()
    caplog.clear()
    caplog.set_level(logging.INFO)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await update(entry)
    await asyncio.sleep(0.3)
    port.line.reappear()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    await update(entry)
    (warned, why), back = messages(caplog)
    assert warned == "WARNING"
    assert "No such file" in why
    assert back == ("INFO", "Battery is in sight")


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
    assert len(hass.config_entries.flow.async_progress()) == 1


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
    flows = hass.config_entries.flow.async_progress()
    assert [flow for flow in flows if flow["context"]["source"] == SOURCE_REAUTH] == []


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
    with pytest.raises(LinkDown):
        await source.read()
    await source.close()
    assert len(port.faults.log) == heard


# With the real times.


async def go_silent_and_come_back(battery: Watched) -> None:
    """A silent battery is shown for 5 s at most, and again at once when it answers."""
    battery.faults.inject("silence", count=None)
    start = time.monotonic()
    await battery.until(battery.is_lost)
    assert 4.0 < time.monotonic() - start < 6.5
    battery.faults.clear()
    assert None in await battery.polled(2)


async def vanish_and_come_back(battery: Watched) -> None:
    """A port that is gone for long is found again within two polls, too."""
    battery.port.line.vanish()
    await battery.until(battery.is_lost)
    battery.port.line.reappear()
    assert None in await battery.polled(2)


async def wake_up(battery: Watched) -> None:
    """A sleeping board loses the first request."""
    battery.device.asleep = True
    assert await battery.polled(2) == [None, None]


async def test_real_times(hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    batteries = [Watched(hass, bench, name) for name in ("silent", "gone", "asleep")]
    for battery in batteries:
        await battery.set_up(monkeypatch, interval=1.0)
        battery.watch()
    silent, gone, asleep = batteries
    await side_by_side(go_silent_and_come_back(silent), vanish_and_come_back(gone), wake_up(asleep))
    assert [battery.wrong for battery in batteries] == [[], [], []]
    assert [battery.outages for battery in batteries] == [1, 1, 0]
