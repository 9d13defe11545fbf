"""Sensors of what is worked out: which there are for which battery, and what they show."""

from collections.abc import Mapping
from typing import Any

import pytest

from custom_components.battmon.judgement_options import NUMBERS
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from simulators.jbd import JbdDevice
from simulators.jbd_registers import Register

from ..battery import Bench, set_up, shown, until
from .house import FAST, add, cells_of, coordinator_of, fixed, keys, log_of, registered, state_of
from .judged import levels, reload, some_samples

pytestmark = pytest.mark.usefixtures("quick")

ALWAYS = {"failsafe", "discharge_level", "charge_level"}
OF_CURRENT = {
    "energy_in",
    "energy_out",
    "charge_in",
    "charge_out",
    "internal_resistance",
    "resting_voltage",
}
OF_CAPACITY = {
    "state_of_charge_uncertainty",
    "state_of_health",
    "time_to_empty",
    "time_to_full",
    "charge_current_limit",
    "discharge_current_limit",
}
OF_CHEMISTRY = {"charge_voltage_limit", "days_since_full"}
OF_THRESHOLD = {"time_to_low"}
WORKED_OUT = ALWAYS | OF_CURRENT | OF_CAPACITY | OF_CHEMISTRY | OF_THRESHOLD
TECHNICAL = {
    "state_of_charge_uncertainty",
    "state_of_health",
    "internal_resistance",
    "charge_voltage_limit",
    "charge_current_limit",
    "discharge_current_limit",
}
MILD = (20.0, 20.0, 20.0)
"""Temperatures that reduce nothing, in degC."""


def hundred(charge: float = 60.0, *cells: float, **settings: Any) -> JbdDevice:
    """Return a battery of 100 Ah."""
    settings = {"probes": MILD, **settings}
    return fixed(*cells, capacity=100.0, full_capacity=100.0, remaining_capacity=charge, **settings)


# Which there are.


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ALWAYS | OF_CURRENT | OF_CAPACITY),
        ({"chemistry": "lifepo4"}, ALWAYS | OF_CURRENT | OF_CAPACITY | OF_CHEMISTRY),
        ({"low_state_of_charge": 20}, ALWAYS | OF_CURRENT | OF_CAPACITY | OF_THRESHOLD),
        ({"low_capacity": 5}, ALWAYS | OF_CURRENT | OF_CAPACITY | OF_THRESHOLD),
        # The time is foretold to the low threshold alone.
        ({"low_state_of_charge_critical": 10}, ALWAYS | OF_CURRENT | OF_CAPACITY),
        ({"low_state_of_charge": 0, "low_capacity": 0}, ALWAYS | OF_CURRENT | OF_CAPACITY),
        ({"chemistry": "lto", "low_capacity": 5}, WORKED_OUT),
    ],
)
async def test_what_is_worked_out_has_sensors(
    hass: HomeAssistant, bench: Bench, options: dict[str, Any], expected: set[str]
) -> None:
    entry = await set_up(hass, bench.plug_in(fixed()), **options)
    assert keys(hass, entry, "sensor") & WORKED_OUT == expected
    for key in expected:
        known = registered(hass, entry, "sensor", key)
        assert known.disabled_by is None
        assert (known.entity_category == "diagnostic") is (key in TECHNICAL), key


async def test_what_needs_a_capacity_is_known_once_a_person_tells_it(
    hass: HomeAssistant, bench: Bench
) -> None:
    device = fixed(demand=-1.0, remaining_capacity=2.0)
    device.registers[Register.DESIGN_CAPACITY] = 0
    entry = await add(hass, bench.plug_in(device))
    needing = (
        "full_capacity",
        "charge_current_limit",
        "discharge_current_limit",
        "state_of_charge_uncertainty",
    )
    assert {shown(hass, entry, "sensor", key) for key in needing} == {"unknown"}
    hass.config_entries.async_update_entry(entry, options={**FAST, "capacity": 280.0})
    await reload(hass, entry)
    assert "unknown" not in {shown(hass, entry, "sensor", key) for key in needing}
    assert shown(hass, entry, "sensor", "full_capacity") == "280.0"


async def test_options_that_change_add_and_take_sensors(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    before = keys(hass, entry, "sensor")
    changed = {**FAST, "chemistry": "lifepo4", "low_state_of_charge": 20}
    hass.config_entries.async_update_entry(entry, options=changed)
    await reload(hass, entry)
    assert keys(hass, entry, "sensor") - before == OF_CHEMISTRY | OF_THRESHOLD
    assert shown(hass, entry, "sensor", "charge_voltage_limit") == "13.8"
    hass.config_entries.async_update_entry(entry, options=FAST)
    await reload(hass, entry)
    assert keys(hass, entry, "sensor") == before
    assert not [
        state for state in hass.states.async_all() if state.entity_id.endswith("charge_voltage_limit")
    ]


# What they show.


async def test_where_the_state_of_charge_is_from(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(hundred()))
    charge = state_of(hass, entry, "sensor", "state_of_charge")
    assert (charge.state, charge.attributes["origin"]) == ("60.0", "device")
    assert shown(hass, entry, "sensor", "state_of_charge_uncertainty") == "10.0"
    hass.config_entries.async_update_entry(entry, options={**FAST, "ignore_device_state_of_charge": True})
    await reload(hass, entry)
    charge = state_of(hass, entry, "sensor", "state_of_charge")
    assert (charge.state, charge.attributes["origin"]) == ("60.0", "counted")


async def test_a_battery_that_is_not_trusted_and_never_was_says_nothing(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry = await add(hass, bench.plug_in(hundred()), {**FAST, "ignore_device_state_of_charge": True})
    charge = state_of(hass, entry, "sensor", "state_of_charge")
    assert (charge.state, charge.attributes["origin"]) == ("unknown", None)
    assert shown(hass, entry, "sensor", "state_of_charge_uncertainty") == "unknown"
    assert shown(hass, entry, "sensor", "remaining_capacity") == "unknown"


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        (-10.0, {"time_to_empty": 6.0, "time_to_low": 4.0, "time_to_full": None}),
        (20.0, {"time_to_empty": None, "time_to_low": None, "time_to_full": 2.0}),
        (0.0, {"time_to_empty": None, "time_to_low": None, "time_to_full": None}),
    ],
)
async def test_how_long_it_lasts_is_shown_in_hours(
    hass: HomeAssistant, bench: Bench, demand: float, expected: Mapping[str, float | None]
) -> None:
    device = hundred(demand=demand)
    entry = await set_up(hass, bench.plug_in(device), low_state_of_charge=20)
    for key, hours in expected.items():
        state = state_of(hass, entry, "sensor", key)
        assert state.attributes["device_class"] == "duration"
        assert state.attributes["unit_of_measurement"] == "h"
        if hours is None:
            assert state.state == "unknown"
        else:
            assert float(state.state) == pytest.approx(hours, abs=0.09)


async def test_times_are_shown_no_finer_than_they_are_known(hass: HomeAssistant, bench: Bench) -> None:
    """To 6 minutes, and to 30 beyond five hours: a new state at each minute would say nothing new."""
    device = hundred(demand=-9.97)
    entry = await set_up(hass, bench.plug_in(device), low_state_of_charge=20)
    minutes = {key: 60 * float(shown(hass, entry, "sensor", key)) for key in ("time_to_empty", "time_to_low")}
    assert minutes["time_to_low"] == pytest.approx(240, abs=1e-6)
    assert minutes["time_to_empty"] == pytest.approx(360, abs=1e-6)


async def test_limits_tell_what_reduces_them(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(hundred())
    options = {**FAST, "chemistry": "lifepo4", "charge_current_cap": 40, "discharge_current_cap": 80}
    entry = await add(hass, port, options)

    def limits() -> dict[str, tuple[float, Any, Any]]:
        states = {
            key: state_of(hass, entry, "sensor", key)
            for key in ("charge_voltage_limit", "charge_current_limit", "discharge_current_limit")
        }
        return {
            key: (float(state.state), state.attributes.get("reasons"), state.attributes.get("without"))
            for key, state in states.items()
        }

    assert limits() == {
        "charge_voltage_limit": (13.8, None, None),
        "charge_current_limit": (40.0, [], []),
        "discharge_current_limit": (80.0, [], []),
    }
    cells_of(port.device).probes = (20.0, -10.0, 20.0)
    await until(hass, lambda: limits()["charge_current_limit"][0] == 0)
    found = limits()
    assert found["charge_current_limit"][1] == ["charge_cold"]
    assert found["discharge_current_limit"] == (80.0, [], []), "cold is no reason not to discharge"
    cells_of(port.device).probes = MILD
    cells_of(port.device).sensed_cell_voltages = (2.79, 3.2, 3.2, 3.2)
    await until(hass, lambda: limits()["discharge_current_limit"][0] == 0)
    found = limits()
    assert "low_cell" in found["discharge_current_limit"][1]
    assert "low_cell" not in found["charge_current_limit"][1]


async def test_limits_tell_what_they_do_not_know(hass: HomeAssistant, bench: Bench) -> None:
    """A sensor that the battery never had applies no curve, and says so."""
    port = bench.plug_in(hundred(probes=()))
    entry = await add(hass, port, {**FAST, "chemistry": "lifepo4"})
    without = state_of(hass, entry, "sensor", "charge_current_limit").attributes["without"]
    assert without == ["temperatures", "mosfets"]
    hass.config_entries.async_update_entry(entry, options=FAST)
    await reload(hass, entry)
    without = state_of(hass, entry, "sensor", "discharge_current_limit").attributes["without"]
    assert without == ["chemistry"]


async def test_the_resistance_is_learned_from_steps(hass: HomeAssistant, bench: Bench) -> None:
    """30 A through 20 mOhm are 0.6 V."""
    port = bench.plug_in(hundred())
    entry = await add(hass, port)
    assert shown(hass, entry, "sensor", "internal_resistance") == "unknown"
    assert shown(hass, entry, "sensor", "resting_voltage") == "unknown"
    battery = cells_of(port.device)
    for current in (-30.0, 0.0) * 6:
        battery.demand = current
        battery.sensed_cell_voltages = ((13.2 + 0.02 * current) / 4,) * 4
        await some_samples(hass, port, 9)
        if current and shown(hass, entry, "sensor", "internal_resistance") != "unknown":
            break
    assert float(shown(hass, entry, "sensor", "internal_resistance")) == pytest.approx(20.0, abs=0.5)
    assert float(shown(hass, entry, "sensor", "voltage")) == pytest.approx(12.6)
    assert float(shown(hass, entry, "sensor", "resting_voltage")) == pytest.approx(13.2, abs=0.03)
    assert state_of(hass, entry, "sensor", "internal_resistance").attributes["unit_of_measurement"] == "mΩ"


# Options that are damaged.


@pytest.mark.parametrize(
    "broken", ["much", None, [], {}, True, float("nan"), float("inf"), -1e9, 1e9, "", b"x", object()]
)
async def test_damaged_options_do_not_stop_a_battery_from_being_watched(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture, broken: Any
) -> None:
    names = (
        *NUMBERS,
        "use",
        "chemistry",
        "armed_entity",
        "use_resting_voltage",
        "ignore_device_state_of_charge",
    )
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**FAST, **dict.fromkeys(names, broken)})
    assert entry.state is ConfigEntryState.LOADED
    await some_samples(hass, port)
    assert levels(hass, entry)["failsafe"] == "none"
    assert coordinator_of(entry).pace.settings.failsafe.thresholds == {}
    told = [text for level, text in log_of(caplog) if level == "WARNING"]
    assert len(told) == (0 if broken is None else len(set(told)))
    assert (told == []) is (broken is None)


async def test_one_damaged_threshold_leaves_the_others_in_force(hass: HomeAssistant, bench: Bench) -> None:
    options = {**FAST, "low_voltage": "13", "low_voltage_critical": 12.0, "low_cell": 3.25}
    entry = await add(hass, bench.plug_in(fixed(3.2, 3.3, 3.3, 3.3)), {**options, "low_voltage_delay": 0})
    await until(hass, lambda: levels(hass, entry)["failsafe"] == "low")
    thresholds = coordinator_of(entry).pace.settings.failsafe.thresholds
    assert {kind: tuple(pair) for kind, pair in thresholds.items()} == {
        "low_voltage": (None, 12.0),
        "low_cell": (3.25, None),
    }
