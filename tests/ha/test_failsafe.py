"""The failsafe as Home Assistant shows it: its levels, why, and when they come and go."""

import asyncio
import time
from typing import Any

import pytest

from custom_components.battmon.model.failsafe import timing
from custom_components.battmon.model.failsafe.levels import Level
from homeassistant.core import HomeAssistant
from simulators.jbd_protection import Bit

from ..battery import ALLOW_ALL, Bench, shown, until
from . import judged
from .house import FAST, add, cells_of, fixed, polls, read_now, registered, set_switches, state_of
from .judged import (
    CRITICAL,
    EMPTY,
    HOLD,
    JUDGED,
    LEVELS,
    LOW,
    LOW_WORDS,
    NEARLY,
    NO_LEVEL,
    SELDOM,
    WEAK,
    WELL,
    attribute,
    becomes,
    charge_to,
    is_on,
    levels,
    reasons,
    samples_of,
    some_samples,
    why_not_ready,
)

pytestmark = pytest.mark.usefixtures("quick")

# What there is.


async def test_a_battery_that_is_well_has_no_level_and_is_ready(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    assert levels(hass, entry) == NO_LEVEL
    for key in LEVELS:
        state = state_of(hass, entry, "sensor", key)
        assert state.attributes["options"] == ["none", "unhealthy", "low", "critical"]
        assert state.attributes["device_class"] == "enum"
        assert (state.attributes["reasons"], state.attributes["test"]) == ([], False)
        assert registered(hass, entry, "sensor", key).entity_category is None
    assert not is_on(hass, entry, "low_battery")
    assert state_of(hass, entry, "binary_sensor", "low_battery").attributes["device_class"] == "battery"
    assert is_on(hass, entry, "ready")
    assert why_not_ready(hass, entry) == []


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("failsafe", "Battery Failsafe"),
        ("discharge_level", "Battery Discharge level"),
        ("charge_level", "Battery Charge level"),
    ],
)
async def test_a_level_is_named(hass: HomeAssistant, bench: Bench, key: str, name: str) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    assert state_of(hass, entry, "sensor", key).attributes["friendly_name"] == name


# Raising.


async def test_low_voltage_is_low_once_it_has_lasted(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "low_voltage_delay": 0.5})
    begin = time.monotonic()
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    assert time.monotonic() - begin > 0.5
    assert reasons(hass, entry) == reasons(hass, entry, "discharge_level") == [f"{LOW_WORDS} for 0.5 s"]
    assert reasons(hass, entry, "charge_level") == []
    assert attribute(hass, entry, "test") is False
    assert is_on(hass, entry, "low_battery")
    assert why_not_ready(hass, entry) == [f"{LOW_WORDS} for 0.5 s"]


async def test_a_short_dip_is_not_low(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "low_voltage_delay": 60.0})
    charge_to(port, WEAK)
    await until(hass, lambda: why_not_ready(hass, entry) == [LOW_WORDS])
    charge_to(port, WELL)
    await until(hass, lambda: is_on(hass, entry, "ready"))
    assert levels(hass, entry) == NO_LEVEL


async def test_critical_takes_two_samples_of_which_the_second_is_read_out_of_turn(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, SELDOM)
    charge_to(port, EMPTY)
    before = polls(port)
    begin = time.monotonic()
    await read_now(hass, entry)
    await becomes(hass, entry, CRITICAL)
    assert polls(port) >= before + 2
    assert time.monotonic() - begin < 20, "not at its turn, which is an hour away"
    assert reasons(hass, entry)[0] == "critical low voltage: 11.8 V < 12.0 V"


async def test_a_spike_of_one_sample_is_not_critical(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**SELDOM, "low_voltage": 0})
    charge_to(port, EMPTY)
    before = polls(port)

    def recover(_request: object) -> bool:
        if polls(port) > before:
            charge_to(port, WELL)
        return False

    port.faults.inject("silence", None, match=recover)  # strikes nothing: it only sees the requests
    await read_now(hass, entry)
    await until(hass, lambda: polls(port) >= before + 2)
    await until(hass, lambda: is_on(hass, entry, "ready"))
    assert levels(hass, entry) == NO_LEVEL


async def test_a_critical_battery_that_falls_silent_is_critical(hass: HomeAssistant, bench: Bench) -> None:
    """It takes no second sample when the battery does not answer any more."""
    port = bench.plug_in(fixed())
    entry = await add(hass, port, SELDOM)
    charge_to(port, EMPTY)
    answered = polls(port) + 1
    port.faults.inject("silence", None, match=lambda _request: polls(port) > answered)
    await read_now(hass, entry)
    await becomes(hass, entry, CRITICAL)


async def test_while_a_timer_runs_it_is_read_faster_and_then_as_before(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "SUSPICION_INTERVAL", 0.1)
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**SELDOM, "low_voltage_delay": 2.0})
    times: list[float] = []
    samples_of(entry, monkeypatch, lambda: times.append(time.monotonic()))
    charge_to(port, WEAK)
    await read_now(hass, entry)
    await becomes(hass, entry, LOW)
    gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    # 2 s in quarters, or longer ones on a busy machine; the first read follows the one that was asked for.
    assert 3 <= len(gaps) <= 7
    assert sorted(gaps)[len(gaps) // 2] > 0.4
    read = polls(port)
    await asyncio.sleep(1.2)
    assert polls(port) == read, "what is known is not suspected"


async def test_a_suspicion_that_a_command_raises_is_followed_up(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**SELDOM, **ALLOW_ALL})
    charge_to(port, EMPTY)
    await set_switches(hass, entry, charging=False)
    await becomes(hass, entry, CRITICAL)


async def test_high_voltage_is_the_chargers_business(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "high_voltage": 14.0, "high_voltage_critical": 14.4})
    charge_to(port, 14.2)
    await becomes(hass, entry, {"failsafe": "low", "discharge_level": "none", "charge_level": "low"})
    charge_to(port, 14.48)
    expected = {"failsafe": "critical", "discharge_level": "none", "charge_level": "critical"}
    await becomes(hass, entry, expected)
    assert not is_on(hass, entry, "low_battery")
    assert reasons(hass, entry, "discharge_level") == []
    assert "critical high voltage: 14.48 V > 14.4 V" in reasons(hass, entry, "charge_level")


@pytest.mark.parametrize(
    ("bit", "words", "expected"),
    [
        (Bit.SHORT_CIRCUIT, "short circuit", dict.fromkeys(LEVELS, "critical")),
        (
            Bit.FRONT_END,
            "front end failure",
            {"failsafe": "critical", "discharge_level": "none", "charge_level": "none"},
        ),
        (
            Bit.CHARGE_MOSFET,
            "charge mosfet failure",
            {"failsafe": "critical", "discharge_level": "none", "charge_level": "critical"},
        ),
    ],
)
async def test_an_alarm_of_the_battery_takes_one_sample(
    hass: HomeAssistant, bench: Bench, bit: Bit, words: str, expected: dict[str, str]
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, SELDOM)
    if bit is Bit.SHORT_CIRCUIT:
        port.line.run(port.device.short_circuit)
    else:
        port.device.defects = bit
    before = polls(port)
    await read_now(hass, entry)
    assert polls(port) == before + 1
    assert levels(hass, entry) == expected
    assert reasons(hass, entry) == [f"device alarm: {words}"]


async def test_a_switch_that_was_switched_off_is_no_level(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, **ALLOW_ALL})
    await set_switches(hass, entry, charging=False, discharging=False)
    await some_samples(hass, port)
    assert levels(hass, entry) == NO_LEVEL


async def test_nothing_is_shed_for_a_broken_sense_wire(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    cells_of(port.device).sensed_cell_voltages = (3.3, 0.0, 3.3, 3.3)
    cells_of(port.device).pack_voltage = 13.2
    expected = {"failsafe": "critical", "discharge_level": "none", "charge_level": "none"}
    await becomes(hass, entry, expected)
    assert "sense wire" in reasons(hass, entry)[0]


async def test_a_dead_cell_is_critical_on_both_sides(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, FAST)
    cells_of(port.device).sensed_cell_voltages = (3.3, 0.0, 3.3, 3.3)
    await becomes(hass, entry, dict.fromkeys(LEVELS, "critical"))
    assert "cell 2 at 0 V" in reasons(hass, entry)


@pytest.mark.parametrize(
    ("options", "level"),
    [
        ({"low_state_of_charge": 20}, "none"),
        ({"low_state_of_charge": 30}, "low"),
        ({"low_state_of_charge": 30, "low_state_of_charge_critical": 26}, "critical"),
        # Counted, it is 25 +- 10.
        ({"low_state_of_charge": 20, "ignore_device_state_of_charge": True}, "low"),
        ({"low_state_of_charge": 14, "ignore_device_state_of_charge": True}, "none"),
        ({"low_capacity": 1.1}, "low"),
        ({"low_capacity": 0.9}, "none"),
    ],
)
async def test_state_of_charge_and_capacity(
    hass: HomeAssistant, bench: Bench, options: dict[str, Any], level: str
) -> None:
    port = bench.plug_in(fixed(remaining_capacity=1.0))
    # It is counted from what the device says first.
    entry = await add(hass, port, FAST)
    hass.config_entries.async_update_entry(entry, options={**FAST, **options})
    await judged.reload(hass, entry)
    await some_samples(hass, port)
    assert levels(hass, entry)["discharge_level"] == level


# Clearing.


@pytest.mark.usefixtures("short_hold")
async def test_a_level_clears_by_the_margin_and_after_a_while(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    charge_to(port, NEARLY)
    await some_samples(hass, port, 8)
    assert levels(hass, entry) == LOW, "it is not clear by 0.1 V a cell"
    begin = time.monotonic()
    charge_to(port, WELL)
    await becomes(hass, entry, NO_LEVEL)
    assert time.monotonic() - begin > HOLD[Level.LOW]
    assert why_not_ready(hass, entry) == []


@pytest.mark.usefixtures("short_hold")
async def test_a_vehicle_holds_its_level_until_it_is_reset_by_the_button(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "use": "vehicle"})
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    charge_to(port, WELL)
    await some_samples(hass, port, 10)
    assert levels(hass, entry) == LOW
    await judged.press_reset(hass, entry)
    assert levels(hass, entry) == NO_LEVEL
    assert is_on(hass, entry, "ready")


async def test_a_reset_does_not_take_away_what_is_there(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "use": "vehicle"})
    charge_to(port, EMPTY)
    await becomes(hass, entry, CRITICAL)
    await judged.press_reset(hass, entry)
    await some_samples(hass, port)
    assert levels(hass, entry) == CRITICAL


# Being ready.


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"ready_voltage": 13.6}, ["voltage too low: 13.2 V < 13.6 V"]),
        ({"ready_state_of_charge": 60}, ["state of charge too low: 50 % < 60 %"]),
        ({"ready_capacity": 2.5}, ["remaining capacity too low: 2 Ah < 2.5 Ah"]),
        ({"ready_voltage": 13.1, "ready_state_of_charge": 50, "ready_capacity": 2}, []),
        (
            {"ready_voltage": 13.6, "ready_capacity": 2.5},
            ["voltage too low: 13.2 V < 13.6 V", "remaining capacity too low: 2 Ah < 2.5 Ah"],
        ),
        (
            {"low_voltage": 11.0, "low_voltage_critical": 12.0},
            ["thresholds of low voltage contradict each other: critical 12.0 V, low 11.0 V"],
        ),
    ],
)
async def test_a_battery_that_is_not_ready_tells_every_reason(
    hass: HomeAssistant, bench: Bench, options: dict[str, float], why: list[str]
) -> None:
    port = bench.plug_in(fixed(3.3, 3.3, 3.3, 3.3, remaining_capacity=2.0))
    entry = await add(hass, port, {**FAST, **options})
    assert why_not_ready(hass, entry) == why


async def test_levels_are_published_at_once(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "publish_interval": 3600})
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    assert shown(hass, entry, "sensor", "voltage") == "12.8", "all of the sample is shown"
