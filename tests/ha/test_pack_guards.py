"""What virtual batteries demand before a member is switched, by its own switch, an action or all together."""

import asyncio
from dataclasses import replace

import pytest

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..battery import shown
from .house import coordinator_of
from .members_switched import ON, House, fresh, mosfets

# Series.


async def test_a_string_is_not_switched_before_its_ratings_are_stated(
    hass: HomeAssistant, house: House
) -> None:
    await house.add("A B")
    assert shown(hass, house.entries["A"], "switch", "charging") == "on"
    await house.join("series", "String", "A B", rated_for_string=False)
    for name in ("A", "String"):
        for key in ("charging", "discharging"):
            assert shown(hass, house.entries[name], "switch", key) == STATE_UNAVAILABLE
            await house.turn(name, key, on=False)
        for force in (False, True):
            with pytest.raises(ServiceValidationError, match="switched in String: state in its options"):
                await house.set(name, discharging=False, force=force)
    assert shown(hass, house.entries["A"], "switch", "balancing") == "on"
    assert house.writes("A B") == 0


async def test_switches_appear_when_the_ratings_are_stated_and_go_when_that_is_taken_back(
    hass: HomeAssistant, house: House
) -> None:
    await house.add("A")
    await house.join("series", "String", "A", rated_for_string=False)
    string, member = house.entries["String"], house.entries["A"]
    for rated, state in ((True, "on"), (False, STATE_UNAVAILABLE)):
        hass.config_entries.async_update_entry(string, options={**string.options, "rated_for_string": rated})
        await hass.async_block_till_done()
        assert shown(hass, member, "switch", "discharging") == state
    await hass.config_entries.async_set_disabled_by(string.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done()
    assert shown(hass, member, "switch", "discharging") == "on"


async def test_what_a_string_forbids_holds_while_it_is_not_loaded_and_for_all_that_is_in_it(
    hass: HomeAssistant, house: House
) -> None:
    await house.add("A B")
    await house.join("parallel", "Bank", "A B")
    await house.join("series", "String", "Bank", rated_for_string=False)
    await hass.config_entries.async_unload(house.entries["String"].entry_id)
    for name in ("A", "Bank"):
        assert shown(hass, house.entries[name], "switch", "charging") == STATE_UNAVAILABLE
        with pytest.raises(ServiceValidationError, match="String"):
            await house.set(name, charging=False)


@pytest.mark.parametrize("name", ["A", "String"])
async def test_a_string_is_opened_under_current_only_by_force(house: House, name: str) -> None:
    await house.add("A B")
    await house.join("series", "String", "A B")
    house.demand("A", -1.0)
    await house.turn(name, "discharging", on=False)
    await house.turn(name, "discharging", on=True)
    house.demand("A", -1.2)
    with pytest.raises(HomeAssistantError, match=r"String is not opened under 1\.2 A \(limit 1\.0 A\)"):
        await house.turn(name, "discharging", on=False)
    assert mosfets(house.ports["A"]) == ON
    await house.set(name, discharging=False, force=True)
    assert mosfets(house.ports["A"]) == (True, False)


async def test_a_string_that_cannot_be_read_is_opened_only_by_force(house: House) -> None:
    await house.add("A")
    await house.join("series", "String", "A")
    await asyncio.sleep(0)
    house.ports["A"].faults.inject("silence", 30, register=0x03)
    coordinator = coordinator_of(house.entries["A"])
    state = coordinator.state
    assert state.reading is not None
    coordinator.watch.state = replace(state, reading=replace(state.reading, current=None))
    coordinator._roster.tell(coordinator.battery_key, coordinator.watch.state, 1.0)
    with pytest.raises(ServiceValidationError, match=r"its current is unknown \(A\)"):
        await house.turn("A", "charging", on=False)
    house.ports["A"].faults.clear()
    await house.set("A", charging=False, force=True)
    assert mosfets(house.ports["A"]) == (False, True)


# Parallel, off.


@pytest.mark.parametrize(
    ("key", "demand", "told"),
    [("discharging", -60.0, r"120\.0 A.*100\.0 A \(B\)"), ("charging", 30.0, r"60\.0 A.*50\.0 A \(B\)")],
)
async def test_a_member_stays_on_where_the_others_cannot_carry_the_current(
    house: House, key: str, demand: float, told: str
) -> None:
    await house.add("A B")
    await house.join("parallel", "Bank", "A B")
    house.demand("A", demand)
    house.demand("B", demand)
    with pytest.raises(ServiceValidationError, match=f"Bank carries {told}"):
        await house.turn("A", key, on=False)
    for force in (False, True):
        with pytest.raises(ServiceValidationError, match=f"Bank carries {told}"):
            await house.set("A", **{key: False}, force=force)
    assert house.writes("A B") == 0
    house.demand("A", 0.0)
    await house.turn("A", key, on=False)
    assert house.writes("A B") == 1


async def test_a_member_that_cannot_be_read_may_carry_nothing(house: House) -> None:
    await house.add("A", demand=-5.0)
    await house.add("B")
    await house.add("C", options={"interval": 0.1})
    await house.join("parallel", "Bank", "A B C")
    hass = house.hass
    await hass.config_entries.async_unload(house.entries["C"].entry_id)
    await hass.config_entries.async_set_disabled_by(house.entries["C"].entry_id, ConfigEntryDisabler.USER)
    with pytest.raises(ServiceValidationError, match=r"the current of Bank is unknown \(C\)"):
        await house.turn("A", "discharging", on=False)
    assert house.writes("A B") == 0
    await house.set("A", discharging=False, force=True)
    assert house.mosfets("A B") == [(True, False), ON]


async def test_the_whole_bank_is_switched_off_where_its_strongest_can_break_the_current(house: House) -> None:
    await house.add("A", demand=-30.0)
    await house.add("B", demand=-71.0, capacity=50.0)
    await house.join("parallel", "Bank", "A B")
    with pytest.raises(ServiceValidationError, match=r"Bank carries 101\.0 A.* 100\.0 A \(A\)"):
        await house.turn("Bank", "discharging", on=False)
    assert house.writes("A B") == 0
    house.demand("B", -70.0)
    await house.turn("Bank", "discharging", on=False)
    assert house.mosfets("A B") == [(True, False)] * 2
    first, last = (
        next(seen.time for seen in house.ports[name].faults.log if seen.register == 0xE1 and seen.write)
        for name in "BA"
    )
    assert first < last


async def test_a_whole_bank_is_switched_off_by_force_whatever_it_carries(house: House) -> None:
    await house.add("A B", demand=-90.0)
    await house.join("parallel", "Bank", "A B")
    await house.set("Bank", discharging=False, force=True)
    assert house.mosfets("A B") == [(True, False)] * 2


async def test_a_bank_that_charges_is_not_cut_from_an_alternator(house: House) -> None:
    await house.add("A B", demand=6.0)
    await house.join("parallel", "Bank", "A B")
    with pytest.raises(ServiceValidationError, match=r"under 12\.0 A \(limit 10\.0 A\)"):
        await house.turn("Bank", "charging", on=False)
    assert house.writes("A B") == 0


async def test_two_that_are_switched_off_at_once_do_not_count_on_each_other(house: House) -> None:
    await house.add("A B", demand=-5.0)
    await house.join("parallel", "Bank", "A B")
    results = await asyncio.gather(
        house.turn("A", "discharging", on=False),
        house.turn("B", "discharging", on=False),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), ServiceValidationError]
    assert house.mosfets("A B") == [(True, False), ON]


async def test_every_battery_that_a_member_is_a_part_of_is_asked(house: House) -> None:
    await house.add("A B C")
    await house.join("parallel", "Left", "A B")
    await house.join("parallel", "Right", "B C")
    house.demand("B", -4.9)
    await house.set("C", discharging=False)
    with pytest.raises(ServiceValidationError, match="Right carries"):
        await house.turn("B", "discharging", on=False)
    await house.set("C", discharging=True)
    await house.set("A", discharging=False)
    with pytest.raises(ServiceValidationError, match="Left carries"):
        await house.turn("B", "discharging", on=False)


async def test_a_string_in_a_bank_is_asked_by_the_bank_for_each_of_its_members(house: House) -> None:
    await house.add("A B C D")
    await house.join("series", "One", "A B")
    await house.join("series", "Two", "C D")
    await house.join("parallel", "Bank", "One Two")
    for name in "ABCD":
        house.demand(name, -0.9)
    house.ports["C"].device.set_lock(3)
    house.ports["D"].device.set_lock(3)
    with pytest.raises(ServiceValidationError, match=r"Bank carries 0\.9 A.* 0\.0 A \(-\)"):
        await house.turn("A", "discharging", on=False)
    assert house.writes("A B C D") == 0


async def test_a_bank_in_a_string_is_the_string_only_with_its_last_member(house: House) -> None:
    await house.add("A B C", demand=-4.0)
    await house.join("parallel", "Bank", "A B")
    await house.join("series", "String", "Bank C")
    with pytest.raises(HomeAssistantError, match=r"String is not opened under 8\.0 A"):
        await house.turn("Bank", "discharging", on=False)
    assert house.writes("A B") == 0
    await house.turn("A", "discharging", on=False)
    house.demand("B", -0.9)
    house.demand("C", -0.9)
    await fresh(house.hass, house.entries["C"])
    with pytest.raises(ServiceValidationError, match=r"Bank carries 0\.9 A.* 0\.0 A"):
        await house.turn("B", "discharging", on=False)
    house.demand("B", 0.0)
    house.demand("C", -3.0)
    await fresh(house.hass, house.entries["C"])
    with pytest.raises(ServiceValidationError, match=r"String is not opened under 3\.0 A"):
        await house.turn("B", "discharging", on=False)
    house.demand("C", -0.9)
    await fresh(house.hass, house.entries["C"])
    await house.turn("Bank", "discharging", on=False)
    assert house.mosfets("A B") == [(True, False)] * 2
