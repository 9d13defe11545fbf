"""Energy and charge, in and out: what is shown was saved, and never falls."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.battmon.memory import SAVE_INTERVAL
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulators.jbd import JbdDevice

from ..battery import Bench, entity_id, shown, until
from .house import FAST, add, coordinator_of, fixed, registered, state_of
from .judged import in_file, reload, restart, some_samples
from .releasing import all_shown

pytestmark = pytest.mark.usefixtures("quick")

ENERGIES, CHARGES = ("energy_in", "energy_out"), ("charge_in", "charge_out")
NAMES = {
    "energy_in": "Battery Energy charged",
    "energy_out": "Battery Energy discharged",
    "charge_in": "Battery Charge in",
    "charge_out": "Battery Charge out",
}


def discharging() -> JbdDevice:
    """Return a battery of which a second under load can be seen in the totals."""
    return fixed(demand=-300.0, capacity=600.0, full_capacity=600.0, remaining_capacity=300.0)


def out(hass: HomeAssistant, entry: MockConfigEntry) -> float:
    """Return the charge that is shown as taken out."""
    return float(shown(hass, entry, "sensor", "charge_out"))


def counted(entry: MockConfigEntry) -> float:
    """Return the charge that was counted as taken out."""
    return coordinator_of(entry).state.estimators.counting.charge_out


async def test_they_are_what_the_energy_dashboard_takes(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    for key, name in NAMES.items():
        said = state_of(hass, entry, "sensor", key).attributes
        known = registered(hass, entry, "sensor", key)
        assert said["friendly_name"] == name
        assert said["state_class"] == "total_increasing"
        assert known.entity_category is None
        if key in ENERGIES:
            assert said["device_class"] == "energy"
            assert said["unit_of_measurement"] == "kWh"
            assert known.options["sensor.private"]["suggested_unit_of_measurement"] == "kWh"
        else:
            assert said["unit_of_measurement"] == "Ah"
    energy = next(
        entity for entity in hass.data["sensor"].entities if entity.unique_id.endswith("_energy_in")
    )
    assert energy.native_unit_of_measurement == "Wh"


async def test_what_is_shown_is_what_was_saved(
    hass: HomeAssistant, bench: Bench, hass_storage: dict[str, Any]
) -> None:
    port = bench.plug_in(discharging())
    entry = await add(hass, port)
    await until(hass, lambda: counted(entry) > 0.1)
    assert out(hass, entry) == 0, "it is not in the file yet"
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=SAVE_INTERVAL + 1))
    await until(hass, lambda: out(hass, entry) > 0)
    saved = in_file(hass_storage, entry, "estimators")["counting"]
    assert out(hass, entry) == round(saved["charge_out"], 2)
    assert float(shown(hass, entry, "sensor", "energy_out")) == pytest.approx(
        saved["energy_out"] / 1000, abs=1e-4
    )
    assert float(shown(hass, entry, "sensor", "charge_in")) == 0


@pytest.mark.parametrize("again", [reload, restart])
async def test_what_is_shown_never_falls(
    hass: HomeAssistant, bench: Bench, hass_storage: dict[str, Any], again: Any
) -> None:
    """Neither by a reload nor by a crash, which loses what was not saved."""
    port = bench.plug_in(discharging())
    entry = await add(hass, port)
    states = all_shown(hass, entity_id(hass, entry, "sensor", "charge_out"))
    for _ in range(3):
        await some_samples(hass, port, 6)
        await coordinator_of(entry).knowledge.async_save()
        await some_samples(hass, port, 6)
        await again(hass, entry)
    values = [float(state) for state in states if state not in ("unavailable", "unknown")]
    assert values == sorted(values)
    assert len(set(values)) >= 3
    assert out(hass, entry) <= counted(entry) + 0.005


async def test_a_reload_loses_nothing(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(discharging())
    entry = await add(hass, port)
    await until(hass, lambda: counted(entry) > 0.1)
    before = counted(entry)
    await reload(hass, entry)
    assert counted(entry) >= before


async def test_they_are_there_when_the_battery_is_not(
    hass: HomeAssistant, bench: Bench, short_sight: None
) -> None:
    port = bench.plug_in(discharging())
    entry = await add(hass, port)
    await until(hass, lambda: counted(entry) > 0.1)
    await coordinator_of(entry).knowledge.async_save()
    port.vanish()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "off")
    assert out(hass, entry) > 0
    await reload(hass, entry)
    assert out(hass, entry) > 0


async def test_a_total_is_written_only_when_it_was_saved(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(discharging())
    entry = await add(hass, port, FAST)
    states = all_shown(hass, entity_id(hass, entry, "sensor", "energy_out"))
    await until(hass, lambda: counted(entry) > 0.2)
    assert states == []
    await coordinator_of(entry).knowledge.async_save()
    assert len(states) == 1
