"""What a bus demands before a member joins it, and what it is held to a moment later."""

import asyncio
import logging

import pytest

from custom_components.battmon.model.errors import NoReply
from custom_components.battmon.model.switching import Wanted
from custom_components.battmon.protocols.protocol import Outcome
from custom_components.battmon.sources import guarding_of, interlock
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..battery import shown, until
from .house import cells_of, coordinator_of, polls, state_of
from .members_switched import OFF, ON, House, fresh, mosfets, writes


@pytest.fixture
async def bank(house: House) -> None:
    """A and B at one voltage, in parallel."""
    await house.add("A B")
    await house.join("parallel", "Bank", "A B")


@pytest.fixture
async def parted(house: House, bank: None) -> None:
    """A does not discharge."""
    await house.turn("A", "discharging", on=False)


async def test_a_member_joins_at_the_voltage_of_the_bus(house: House) -> None:
    await house.add("A", voltage=13.2)
    await house.add("B", voltage=13.39)
    await house.join("parallel", "Bank", "A B")
    await house.set("A", charging=False, discharging=False)
    await house.set("A", charging=True, discharging=True)
    assert house.mosfets("A B") == [ON, ON]


@pytest.mark.parametrize("name", ["A", "Bank"])
async def test_a_member_does_not_join_at_another_voltage(house: House, name: str) -> None:
    """Four LiFePO4 cells whose resistance is unknown: 4 x 50 mV."""
    await house.add("A", voltage=13.2)
    await house.add("B", voltage=13.44)
    await house.join("parallel", "Bank", "A B")
    await house.set("A", charging=False, discharging=False)
    for force in (False, True):
        with pytest.raises(
            HomeAssistantError,
            match=r"A is not switched on in Bank: it rests -0\.240 V from the bus \(limit 0\.200 V",
        ):
            await house.set(name, charging=True, discharging=True, force=force)
    with pytest.raises(HomeAssistantError, match=r"it rests -0\.240 V"):
        await house.turn(name, "discharging", on=True)
    assert house.mosfets("A B") == [OFF, ON]
    assert writes(house.ports["A"]) == 1


async def test_members_of_a_dead_bus_are_switched_on_one_by_one_and_each_is_asked(house: House) -> None:
    for name, voltage in (("A", 13.2), ("B", 13.5), ("C", 13.3)):
        await house.add(name, voltage)
    await house.join("parallel", "Bank", "A B C")
    await house.set("Bank", charging=False, discharging=False)
    with pytest.raises(HomeAssistantError, match=r"B: B is not switched on.*\+0\.300 V.*left so: A, C$"):
        await house.set("Bank", charging=True, discharging=True)
    assert house.mosfets("A B C") == [ON, OFF, ON]


@pytest.mark.usefixtures("bank")
async def test_both_sides_are_read_anew_before_one_joins(house: House) -> None:
    await house.set("A", charging=False, discharging=False)
    cells_of(house.ports["B"].device).sensed_cell_voltages = (3.4,) * 4
    before = polls(house.ports["B"])
    with pytest.raises(ServiceValidationError, match=r"-0\.400 V"):
        await house.turn("A", "charging", on=True)
    assert polls(house.ports["B"]) > before


@pytest.mark.usefixtures("bank")
async def test_a_bus_that_does_not_answer_is_not_joined(house: House) -> None:
    await house.set("A", charging=False, discharging=False)
    hass = house.hass
    await hass.config_entries.async_set_disabled_by(house.entries["B"].entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done()
    for force in (False, True):
        with pytest.raises(ServiceValidationError, match="Not read: B"):
            await house.set("A", discharging=True, force=force)
    assert house.mosfets("A") == [OFF]


@pytest.mark.usefixtures("bank")
@pytest.mark.parametrize(
    ("demand", "told"), [(-25.2, r"Bank: -25\.2 A > 25\.0 A"), (25.2, r"Bank: 25\.2 A > 25\.0 A")]
)
async def test_a_member_that_takes_or_gives_too_much_is_switched_off_again(
    house: House, demand: float, told: str
) -> None:
    await house.set("A", charging=False, discharging=False)
    house.demand("A", demand)
    with pytest.raises(HomeAssistantError, match=f"Switched off again.*{told}"):
        await house.set("A", charging=True, discharging=True)
    assert house.mosfets("A B") == [OFF, ON]
    house.demand("A", demand * 0.99)
    await house.set("A", charging=True, discharging=True)
    assert house.mosfets("A B") == [ON, ON]


@pytest.mark.usefixtures("parted")
async def test_only_what_was_switched_on_is_switched_off_again(house: House) -> None:
    house.demand("A", -40.0)
    with pytest.raises(HomeAssistantError, match="Switched off again"):
        await house.turn("A", "discharging", on=True)
    assert house.mosfets("A") == [(True, False)]


@pytest.mark.usefixtures("parted")
async def test_a_member_whose_current_cannot_be_read_is_switched_off_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interlock, "SETTLING", 30.0)
    command = asyncio.create_task(house.turn("A", "discharging", on=True))
    await until(house.hass, lambda: mosfets(house.ports["A"]) == ON)
    await until(house.hass, lambda: shown(house.hass, house.entries["A"], "switch", "discharging") == "on")
    house.ports["A"].faults.inject("silence", None)
    unload = asyncio.create_task(coordinator_of(house.entries["A"]).interlock.close())
    with pytest.raises(
        HomeAssistantError, match="could not be switched off again: Bank: no current was read"
    ):
        await command
    await unload


@pytest.mark.usefixtures("parted")
async def test_one_that_is_unloaded_right_after_it_joined_is_looked_at_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.demand("A", -50.0)
    monkeypatch.setattr(interlock, "SETTLING", 30.0)
    command = asyncio.create_task(house.turn("A", "discharging", on=True))
    await until(house.hass, lambda: shown(house.hass, house.entries["A"], "switch", "discharging") == "on")
    assert await house.hass.config_entries.async_unload(house.entries["A"].entry_id)
    with pytest.raises(HomeAssistantError, match=r"Switched off again.*-50\.0 A > 25\.0 A"):
        await command
    assert house.mosfets("A") == [(True, False)]


@pytest.mark.usefixtures("parted")
async def test_a_command_whose_end_was_not_heard_is_looked_at_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.demand("A", -50.0)
    source = coordinator_of(house.entries["A"]).source
    obey = source.command

    async def lose(wanted: Wanted, *, force: bool) -> Outcome:
        outcome = await obey(wanted, force=force)
        if wanted.discharging:
            raise NoReply("the link was lost right after it")
        return outcome

    monkeypatch.setattr(source, "command", lose)
    with pytest.raises(HomeAssistantError, match=r"Switched off again.*-50\.0 A > 25\.0 A"):
        await house.turn("A", "discharging", on=True)
    assert house.mosfets("A") == [(True, False)]


@pytest.mark.usefixtures("parted")
async def test_a_command_that_failed_stays_a_failure_where_nothing_came_of_it(house: House) -> None:
    for register in (0xE1, 0x00):
        house.ports["A"].faults.inject("error", None, register=register, status=0x99)
    with pytest.raises(HomeAssistantError, match="The battery refused"):
        await house.turn("A", "discharging", on=True)


async def test_nothing_is_commanded_any_more_once_a_battery_is_being_unloaded(house: House) -> None:
    await house.add("A")
    await house.join("parallel", "Bank", "A")
    coordinator, bank = (coordinator_of(house.entries[name]) for name in ("A", "Bank"))
    async with guarding_of(house.hass).lock(coordinator.battery_key):
        waiting = asyncio.create_task(house.turn("A", "charging", on=False))
        await asyncio.sleep(0)
        await until(house.hass, lambda: bool(coordinator.interlock._commands))
        closing = asyncio.create_task(coordinator.interlock.close())
        await asyncio.sleep(0)
    with pytest.raises(HomeAssistantError, match="being unloaded"):
        await waiting
    await closing
    with pytest.raises(HomeAssistantError, match="being unloaded"):
        await house.turn("A", "charging", on=False)
    await bank.source.close()
    with pytest.raises(HomeAssistantError, match="being unloaded"):
        await house.turn("Bank", "charging", on=False)
    assert house.writes("A") == 0


@pytest.mark.usefixtures("parted")
async def test_who_gives_up_waiting_does_not_end_the_look(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.demand("A", -50.0)
    monkeypatch.setattr(interlock, "SETTLING", 0.2)
    command = asyncio.create_task(house.turn("A", "discharging", on=True))
    await until(house.hass, lambda: mosfets(house.ports["A"]) == ON)
    command.cancel()
    await until(house.hass, lambda: mosfets(house.ports["A"]) == (True, False))
    await house.hass.async_block_till_done()


async def test_a_large_difference_of_charge_is_warned_of(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.add("A", remaining_capacity=10.0)
    await house.add("B", remaining_capacity=60.0)
    await house.join("parallel", "Bank", "A B")
    await house.turn("A", "discharging", on=False)
    assert "charge_difference" not in state_of(hass, house.entries["A"], "switch", "discharging").attributes
    with caplog.at_level(logging.WARNING):
        await house.turn("A", "discharging", on=True)
    assert "A joins Bank with a state of charge 50 points away from it" in caplog.text
    assert state_of(hass, house.entries["A"], "switch", "discharging").attributes["charge_difference"] == 50.0


async def test_a_string_joins_a_bank_as_a_whole(house: House) -> None:
    for name, voltage in (("A", 13.2), ("B", 13.2), ("C", 13.2), ("D", 13.7)):
        await house.add(name, voltage)
    await house.join("series", "One", "A B", chemistry="lifepo4")
    await house.join("series", "Two", "C D", chemistry="lifepo4")
    await house.join("parallel", "Bank", "One Two")
    await house.set("One", discharging=False, charging=False)
    for name in ("A", "One", "Bank"):
        with pytest.raises(
            HomeAssistantError, match=r"One is not switched on in Bank.*-0\.500 V.*limit 0\.400 V"
        ):
            await house.set(name, discharging=True, charging=True)
    cells_of(house.ports["D"].device).sensed_cell_voltages = (3.4,) * 4
    await fresh(house.hass, house.entries["D"])
    await house.set("One", discharging=True, charging=True)
    assert house.mosfets("A B C D") == [ON] * 4


async def test_a_bank_joins_a_bank_with_each_of_its_members(house: House) -> None:
    for name, voltage in (("A", 13.2), ("B", 13.2), ("C", 13.5)):
        await house.add(name, voltage)
    await house.join("parallel", "Inner", "A B")
    await house.join("parallel", "Outer", "Inner C")
    await house.set("Inner", discharging=False, charging=False)
    with pytest.raises(HomeAssistantError, match=r"A is not switched on in Outer.*-0\.300 V"):
        await house.set("Inner", discharging=True, charging=True)
    cells_of(house.ports["C"].device).sensed_cell_voltages = (3.31,) * 4
    await fresh(house.hass, house.entries["C"])
    await house.set("Inner", discharging=True, charging=True)
    assert house.mosfets("A B C") == [ON] * 3
    house.demand("A", -30.0)
    house.demand("B", -80.0)
    with pytest.raises(ServiceValidationError, match=r"Outer carries 110\.0 A"):
        await house.set("Inner", discharging=False)


async def test_a_bank_whose_bus_is_known_by_one_of_its_own_is_joined_though_another_bank_is_silent(
    house: House,
) -> None:
    await house.add("A B C")
    await house.join("parallel", "Inner", "A B")
    await house.join("parallel", "Outer", "Inner C")
    await house.set("B", charging=False, discharging=False)
    await house.hass.config_entries.async_set_disabled_by(
        house.entries["C"].entry_id, ConfigEntryDisabler.USER
    )
    await house.set("B", charging=True, discharging=True)
    await house.set("A", charging=False, discharging=False, force=True)
    await house.set("B", charging=False, discharging=False, force=True)
    with pytest.raises(ServiceValidationError, match="Outer.*Not read: C"):
        await house.set("B", charging=True, discharging=True)


async def test_a_battery_that_two_devices_see_is_asked_as_what_it_is_a_part_of(house: House) -> None:
    await house.add("A B C")
    await house.join("merged", "Merged", "A B")
    await house.join("parallel", "Bank", "Merged C")
    house.demand("A", -60.0)
    house.demand("C", -60.0)
    with pytest.raises(ServiceValidationError, match=r"Bank carries 120\.0 A"):
        await house.turn("A", "discharging", on=False)
