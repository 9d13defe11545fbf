"""Entities of other integrations as a battery: units, signs, age, news."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from custom_components.battmon.model.errors import LinkDown, NothingNew
from custom_components.battmon.model.reading import Place, Temperature
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..battery import shown, until
from .house import coordinator_of, device_of, keys
from .made_of_entities import heard, read, reading, registered, say, set_up, shunt


async def test_what_entities_say_is_a_battery(hass: HomeAssistant) -> None:
    named = shunt(
        hass,
        voltage=13.2,
        current=-5.5,
        state_of_charge=61,
        remaining_capacity=122,
        full_capacity=200,
    )
    entry = await set_up(hass, named)
    found = reading(entry)
    assert (found.voltage, found.current, found.state_of_charge) == (13.2, -5.5, 61.0)
    assert (found.remaining_capacity, found.full_capacity) == (122.0, 200.0)
    assert shown(hass, entry, "sensor", "voltage") == "13.2"
    assert float(shown(hass, entry, "sensor", "power")) == pytest.approx(-72.6, abs=1)
    assert device_of(hass, entry).model == "Home Assistant entities"


async def test_units_are_converted_and_temperatures_have_a_place(hass: HomeAssistant) -> None:
    say(hass, "sensor.voltage", 13250, "mV")
    say(hass, "sensor.one", 77, "°F")
    say(hass, "sensor.other", 40, "°C")
    entry = await set_up(
        hass,
        {
            "voltage": "sensor.voltage",
            "temperatures": ["sensor.one"],
            "mosfet_temperatures": ["sensor.other"],
        },
    )
    assert reading(entry).voltage == 13.25
    found = reading(entry).temperatures
    assert found is not None
    assert found[0] == (pytest.approx(25.0), Place.CELL)
    assert found[1] == Temperature(40.0, Place.MOSFET)


async def test_what_is_no_value_is_unknown_and_the_reason_is_in_the_diagnostics(hass: HomeAssistant) -> None:
    say(hass, "sensor.odd", 12, "furlong")
    entry = await set_up(hass, {"voltage": "sensor.odd", **shunt(hass, current=3)})
    assert (reading(entry).voltage, reading(entry).current) == (None, 3.0)
    record = coordinator_of(entry).source.record
    assert [spoken.reply for spoken in record] == [
        "sensor.odd has the unit 'furlong', which cannot be converted to V"
    ]


async def test_a_cell_that_says_nothing_keeps_its_place(hass: HomeAssistant) -> None:
    for number, value in enumerate((3.31, "unavailable", 0, 3.34), 1):
        say(hass, f"sensor.cell_{number}", value, "V")
    entry = await set_up(hass, {"cell_voltages": [f"sensor.cell_{n}" for n in (4, 1, 2, 3)]})
    assert reading(entry).cell_voltages == (3.34, 3.31, None, 0.0)
    fingerprint = coordinator_of(entry).source.fingerprint
    assert fingerprint is not None
    assert fingerprint.cells == 4


async def test_a_correction_makes_one_entity_right(hass: HomeAssistant) -> None:
    say(hass, "sensor.pin", 1250, "mV")
    options: dict[str, Any] = {"corrections": {"sensor.pin": {"gain": 10.1, "offset": -1.01}}}
    entry = await set_up(hass, {"voltage": "sensor.pin", **shunt(hass, current=4)}, **options)
    assert reading(entry).voltage == pytest.approx(11.615)
    assert reading(entry).current == 4.0


async def test_an_unsigned_current_is_not_counted(hass: HomeAssistant) -> None:
    named = shunt(hass, voltage=13.2, current=5)
    signed = await set_up(hass, named, capacity=100.0, chemistry="lifepo4")
    unsigned = await set_up(hass, named, capacity=100.0, chemistry="lifepo4", current_is_unsigned=True)
    assert "state_of_charge" in keys(hass, signed, "sensor")
    assert "state_of_charge" not in keys(hass, unsigned, "sensor")


# Age.


async def test_a_value_that_was_reported_too_long_ago_is_not_shown_as_new(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    named = shunt(hass, voltage=13.2, current=5)
    entry = await set_up(hass, named, time_out=60.0)
    freezer.tick(timedelta(seconds=40))
    say(hass, "sensor.current", 5, "A")  # reported again, unchanged
    freezer.tick(timedelta(seconds=20))
    assert (await read(hass, entry)).voltage == 13.2
    freezer.tick(timedelta(seconds=1))
    found = await read(hass, entry)
    assert (found.voltage, found.current) == (None, 5.0)
    freezer.tick(timedelta(seconds=40))
    await coordinator_of(entry).async_sample()
    assert "has said nothing for more than 60 s" in str(coordinator_of(entry).last_error)


async def test_one_entity_may_have_a_time_out_of_its_own(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    named = shunt(hass, voltage=13.2, current=5)
    entry = await set_up(hass, named, time_out=60.0, corrections={"sensor.voltage": {"time_out": 600.0}})
    freezer.tick(timedelta(seconds=61))
    found = await read(hass, entry)
    assert (found.voltage, found.current) == (13.2, None)


async def test_a_battery_of_which_nothing_is_known_is_out_of_sight(
    hass: HomeAssistant, short_sight: None
) -> None:
    entry = await set_up(hass, shunt(hass, voltage="unavailable", current="unknown"))
    coordinator = coordinator_of(entry)
    assert not coordinator.state.healthy
    assert str(coordinator.last_error) == "sensor.voltage is unavailable; sensor.current is unknown"
    assert coordinator.state.reading is None


# News.


async def test_a_report_is_in_the_state_without_being_asked_for(hass: HomeAssistant) -> None:
    entry = await set_up(hass, shunt(hass, voltage=13.2, current=5))
    say(hass, "sensor.voltage", 13.1, "V")
    say(hass, "sensor.current", -20, "A")
    await heard(hass, entry, voltage=13.1, current=-20.0)


async def test_a_report_that_changes_nothing_is_a_sample_too(hass: HomeAssistant) -> None:
    entry = await set_up(hass, shunt(hass, voltage=13.2))
    coordinator = coordinator_of(entry)
    before = coordinator.state.sampled_at
    say(hass, "sensor.voltage", 13.2, "V")
    await until(hass, lambda: coordinator.state.sampled_at != before, 5)


async def test_what_one_device_reports_together_is_one_sample(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.battmon.sources.entity_news.SETTLE", 0.5)
    entry = await set_up(hass, shunt(hass, voltage=13.2, current=0))
    seen: list[tuple[float | None, float | None]] = []
    coordinator = coordinator_of(entry)
    coordinator.watch._changed = lambda found, _: (
        seen.append((found.voltage, found.current)) if found else None
    )
    say(hass, "sensor.current", -50, "A")
    await asyncio.sleep(0.02)
    say(hass, "sensor.voltage", 12.9, "V")
    await until(hass, lambda: bool(seen), 5)
    assert seen[0] == (12.9, -50.0)


async def test_the_same_report_is_not_two_samples_at_once(hass: HomeAssistant) -> None:
    """A single bad report must not confirm itself when critical values are read again."""
    entry = await set_up(hass, shunt(hass, voltage=2.0), low_voltage=12.0, low_voltage_critical=11.0)
    coordinator = coordinator_of(entry)
    before = coordinator.state.sampled_at
    for _ in range(3):
        await coordinator.async_sample()
    assert coordinator.state.sampled_at is before
    assert coordinator.last_error is None
    with pytest.raises(NothingNew):
        await coordinator.source.read()


async def test_a_state_that_stays_is_a_sample_again_after_a_while(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many entities report nothing but changes: a low battery must not look as if nobody knew."""
    monkeypatch.setattr("custom_components.battmon.sources.entities.HELD", 0.0)
    entry = await set_up(hass, shunt(hass, voltage=13.2))
    before = coordinator_of(entry).state.sampled_at
    await coordinator_of(entry).async_sample()
    assert coordinator_of(entry).state.sampled_at is not before


# Coming late, being renamed, going.


async def test_entities_may_come_long_after_the_battery(hass: HomeAssistant) -> None:
    entry = await set_up(hass, {"voltage": "sensor.late"})
    assert coordinator_of(entry).state.reading is None
    say(hass, "sensor.late", 13.2, "V")
    await until(hass, lambda: coordinator_of(entry).state.reading is not None, 5)
    assert reading(entry).voltage == 13.2
    await hass.async_block_till_done()
    assert shown(hass, entry, "sensor", "voltage") == "13.2"


async def test_a_renamed_entity_is_followed(hass: HomeAssistant) -> None:
    one = registered(hass, "sensor.voltage")
    shunt(hass, voltage=13.2, current=5)
    entry = await set_up(
        hass,
        {"voltage": "sensor.voltage", "current": "sensor.current"},
        registry_ids={"sensor.voltage": one.id},
        corrections={one.id: {"gain": 2.0}},
    )
    assert reading(entry).voltage == 26.4
    er.async_get(hass).async_update_entity("sensor.voltage", new_entity_id="sensor.bank_voltage")
    say(hass, "sensor.bank_voltage", 13.5, "V")
    await heard(hass, entry, voltage=27.0)
    say(hass, "sensor.bank_voltage", 13.0, "V")
    await heard(hass, entry, voltage=26.0)


async def test_an_entity_that_is_renamed_while_the_battery_is_not_loaded_is_found(
    hass: HomeAssistant,
) -> None:
    one = registered(hass, "sensor.voltage")
    shunt(hass, voltage=13.2)
    entry = await set_up(hass, {"voltage": "sensor.voltage"}, registry_ids={"sensor.voltage": one.id})
    await hass.config_entries.async_unload(entry.entry_id)
    er.async_get(hass).async_update_entity("sensor.voltage", new_entity_id="sensor.other")
    say(hass, "sensor.other", 14.0, "V")
    await hass.config_entries.async_setup(entry.entry_id)
    assert reading(entry).voltage == 14.0


async def test_the_maker_is_that_of_the_one_device_behind_all_entities(hass: HomeAssistant) -> None:
    other = MockEntry(hass)
    device = other.device("Victron")
    registered(hass, "sensor.voltage", device_id=device.id, config_entry=other.entry)
    registered(hass, "sensor.current", device_id=device.id, config_entry=other.entry)
    named = shunt(hass, voltage=13.2, current=1)
    entry = await set_up(hass, named)
    assert device_of(hass, entry).manufacturer == "Victron"
    second = other.device("Else")
    registered(hass, "sensor.load", device_id=second.id, config_entry=other.entry)
    mixed = await set_up(hass, {**named, "load": "sensor.load"})
    assert device_of(hass, mixed).manufacturer is None


class MockEntry:
    """Another integration."""

    def __init__(self, hass: HomeAssistant) -> None:
        from pytest_homeassistant_custom_component.common import MockConfigEntry

        self.entry = MockConfigEntry(domain="elsewhere")
        self.entry.add_to_hass(hass)
        self._devices = dr.async_get(hass)

    def device(self, manufacturer: str) -> dr.DeviceEntry:
        """Return a device of a maker."""
        return self._devices.async_get_or_create(
            config_entry_id=self.entry.entry_id,
            identifiers={("elsewhere", manufacturer)},
            manufacturer=manufacturer,
        )


async def test_nothing_is_heard_after_unloading(hass: HomeAssistant) -> None:
    entry = await set_up(hass, shunt(hass, voltage=13.2))
    coordinator = coordinator_of(entry)
    say(hass, "sensor.voltage", 13.1, "V")
    await hass.config_entries.async_unload(entry.entry_id)
    say(hass, "sensor.voltage", 13.0, "V")
    await hass.async_block_till_done()
    assert coordinator.state.reading is not None
    assert coordinator.state.reading.voltage == 13.2
    with pytest.raises(LinkDown, match="unloaded"):
        await coordinator.source.read()
