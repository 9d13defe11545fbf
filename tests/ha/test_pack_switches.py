"""The switches of virtual batteries: what one command does to many members, and what is said of them."""

import asyncio

import pytest

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..battery import Bench, Port, shown, until
from .house import keys, set_switches, turn
from .members_switched import OFF, ON, battery, mosfets, plug_in, stands, virtual, writes

pytestmark = pytest.mark.usefixtures("quick", "soon")


@pytest.fixture
def ports(bench: Bench) -> list[Port]:
    """Four batteries at one voltage."""
    return [plug_in(bench) for _ in range(4)]


async def test_a_switch_is_offered_where_a_member_may_be_switched_and_the_person_allows_it(
    hass: HomeAssistant, ports: list[Port]
) -> None:
    one = await battery(hass, ports[0], "One", allow_charging=False, allow_balancing=False)
    two = await battery(hass, ports[1], "Two", allow_discharging=False, allow_charging=False)
    bank = await virtual(hass, "parallel", "Bank", one, two, allow_balancing=False)
    assert keys(hass, bank, "switch") == {"discharging"}
    flow = await hass.config_entries.options.async_init(bank.entry_id)
    form = await hass.config_entries.options.async_configure(flow["flow_id"], {"next_step_id": "commands"})
    assert form["data_schema"] is not None
    assert {str(field) for field in form["data_schema"].schema} == {"allow_discharging", "allow_balancing"}


async def test_permission_that_all_members_lost_takes_the_switch_away(
    hass: HomeAssistant, ports: list[Port]
) -> None:
    one = await battery(hass, ports[0], "One")
    bank = await virtual(hass, "parallel", "Bank", one)
    hass.config_entries.async_update_entry(one, options={**one.options, "allow_discharging": False})
    await hass.config_entries.async_reload(one.entry_id)
    with pytest.raises(
        ServiceValidationError, match="No member of this battery may be switched: discharging"
    ):
        await turn(hass, bank, "discharging", on=False)
    await hass.config_entries.async_reload(bank.entry_id)
    await hass.async_block_till_done()
    assert keys(hass, bank, "switch") == {"charging"}


@pytest.mark.parametrize("kind", ["series", "parallel"])
@pytest.mark.parametrize("key", ["charging", "discharging"])
async def test_all_members_are_switched_off_and_on(
    hass: HomeAssistant, ports: list[Port], kind: str, key: str
) -> None:
    members = [await battery(hass, port, name) for port, name in zip(ports[:3], "ABC", strict=True)]
    whole = await virtual(hass, kind, "Whole", *members)
    assert stands(hass, whole, key) == ("on", {"on": ["A", "B", "C"]})
    await turn(hass, whole, key, on=False)
    off = (key != "charging", key != "discharging")
    assert [mosfets(port) for port in ports[:3]] == [off] * 3
    assert stands(hass, whole, key) == ("off", {"off": ["A", "B", "C"]})
    await turn(hass, whole, key, on=True)
    assert [mosfets(port) for port in ports[:3]] == [ON] * 3
    assert stands(hass, whole, key) == ("on", {"on": ["A", "B", "C"]})
    assert [writes(port) for port in ports[:3]] == [2, 2, 2]


async def test_a_switch_that_members_disagree_about_is_unknown_and_names_them(
    hass: HomeAssistant, ports: list[Port]
) -> None:
    one, two = [await battery(hass, port, name) for port, name in zip(ports[:2], "AB", strict=True)]
    bank = await virtual(hass, "parallel", "Bank", one, two)
    await turn(hass, one, "discharging", on=False)
    assert stands(hass, bank, "discharging") == ("unknown", {"on": ["B"], "off": ["A"]})
    assert stands(hass, bank, "charging") == ("on", {"on": ["A", "B"]})
    await turn(hass, two, "discharging", on=False)
    assert stands(hass, bank, "discharging") == ("off", {"off": ["A", "B"]})


async def test_a_member_that_may_not_be_switched_is_left_as_it_is(
    hass: HomeAssistant, ports: list[Port]
) -> None:
    one = await battery(hass, ports[0], "A", allow_charging=False)
    two = await battery(hass, ports[1], "B")
    bank = await virtual(hass, "parallel", "Bank", one, two)
    await set_switches(hass, bank, charging=False, discharging=False)
    assert [mosfets(port) for port in ports[:2]] == [(True, False), OFF]
    assert stands(hass, bank, "charging") == ("unknown", {"on": ["A"], "off": ["B"]})


async def test_a_member_that_refuses_is_named_with_its_reason_and_the_others_stay_as_commanded(
    hass: HomeAssistant, ports: list[Port]
) -> None:
    members = [await battery(hass, port, name) for port, name in zip(ports[:3], "ABC", strict=True)]
    bank = await virtual(hass, "parallel", "Bank", *members)
    ports[1].faults.inject("error", None, register=0xE1, status=0x99)
    ports[1].faults.inject("error", None, register=0x00, status=0x99)
    with pytest.raises(HomeAssistantError, match=r"B: The battery refused .*\. Done, and left so: A, C$"):
        await turn(hass, bank, "discharging", on=False)
    assert [mosfets(port)[1] for port in ports[:3]] == [False, True, False]
    assert stands(hass, bank, "discharging") == ("unknown", {"on": ["B"], "off": ["A", "C"]})


async def test_every_member_that_fails_is_named_with_its_own_reason(
    hass: HomeAssistant, bench: Bench
) -> None:
    ports = [plug_in(bench, obey=False), plug_in(bench), plug_in(bench)]
    members = [await battery(hass, port, name) for port, name in zip(ports, "ABC", strict=True)]
    bank = await virtual(hass, "series", "String", *members)
    ports[1].faults.inject("silence", None)
    await hass.config_entries.async_unload(members[2].entry_id)
    with pytest.raises(
        HomeAssistantError,
        match=r"A: .*did not carry it out.*B: The battery does not answer.*C: .*not loaded.*left so: -$",
    ):
        await set_switches(hass, bank, discharging=False, force=True)
    assert [mosfets(port) for port in ports] == [ON] * 3


async def test_a_member_that_vanishes_midway_is_named(hass: HomeAssistant, ports: list[Port]) -> None:
    members = [await battery(hass, port, name) for port, name in zip(ports[:3], "ABC", strict=True)]
    bank = await virtual(hass, "parallel", "Bank", *members)
    ports[0].faults.inject("delay", None, register=0xE1, delay=0.05)
    command = hass.async_create_task(turn(hass, bank, "charging", on=False))
    await until(hass, lambda: writes(ports[0]) == 1)
    ports[1].vanish()
    with pytest.raises(HomeAssistantError, match=r"B: The connection is down.*left so: A, C$"):
        await command
    assert [mosfets(port)[0] for port in ports[:3]] == [False, True, False]


async def test_who_gives_up_waiting_leaves_no_member_behind(hass: HomeAssistant, ports: list[Port]) -> None:
    members = [await battery(hass, port, name) for port, name in zip(ports[:3], "ABC", strict=True)]
    bank = await virtual(hass, "parallel", "Bank", *members)
    ports[0].faults.inject("delay", None, register=0xE1, delay=0.05)
    command = asyncio.create_task(turn(hass, bank, "discharging", on=False))
    await until(hass, lambda: writes(ports[0]) == 1)
    command.cancel()
    await until(hass, lambda: [mosfets(port)[1] for port in ports[:3]] == [False] * 3)
    await hass.async_block_till_done()
    assert [writes(port) for port in ports[:3]] == [1, 1, 1]


async def test_a_battery_that_is_unloaded_ends_with_the_member_that_is_being_commanded(
    hass: HomeAssistant, ports: list[Port]
) -> None:
    members = [await battery(hass, port, name) for port, name in zip(ports[:2], "AB", strict=True)]
    bank = await virtual(hass, "parallel", "Bank", *members)
    ports[0].faults.inject("delay", None, register=0xE1, delay=0.05)
    command = hass.async_create_task(set_switches(hass, bank, discharging=False))
    await until(hass, lambda: writes(ports[0]) == 1)
    assert await hass.config_entries.async_unload(bank.entry_id)
    with pytest.raises(HomeAssistantError, match=r"B: .*unloaded.*left so: A$"):
        await command
    assert [mosfets(port)[1] for port in ports[:2]] == [False, True]


async def test_a_bank_of_strings_switches_every_battery_once(hass: HomeAssistant, ports: list[Port]) -> None:
    members = [await battery(hass, port, name) for port, name in zip(ports, "ABCD", strict=True)]
    strings = [
        await virtual(hass, "series", f"String {number}", *members[2 * number - 2 : 2 * number])
        for number in (1, 2)
    ]
    bank = await virtual(hass, "parallel", "Bank", *strings)
    await turn(hass, bank, "discharging", on=False)
    assert [mosfets(port)[1] for port in ports] == [False] * 4
    assert stands(hass, bank, "discharging") == ("off", {"off": ["String 1", "String 2"]})
    await set_switches(hass, bank, charging=True, discharging=True)
    assert [mosfets(port) for port in ports] == [ON] * 4
    assert [writes(port) for port in ports] == [2] * 4
    await hass.config_entries.async_unload(members[3].entry_id)
    with pytest.raises(HomeAssistantError, match=r"String 2: .*D: .*it is not loaded.*left so: String 1$"):
        await set_switches(hass, bank, charging=False, force=True)


async def test_a_battery_that_is_in_two_members_is_commanded_once(
    hass: HomeAssistant, ports: list[Port]
) -> None:
    one, two, three = [await battery(hass, port, name) for port, name in zip(ports[:3], "ABC", strict=True)]
    strings = [
        await virtual(hass, "series", "String 1", one, two),
        await virtual(hass, "series", "String 2", one, three),
    ]
    bank = await virtual(hass, "parallel", "Bank", *strings)
    await turn(hass, bank, "discharging", on=False)
    assert [mosfets(port) for port in ports[:3]] == [(True, False)] * 3
    assert stands(hass, bank, "discharging") == ("off", {"off": ["String 1", "String 2"]})
    assert [writes(port) for port in ports[:3]] == [1] * 3
    await turn(hass, bank, "discharging", on=True)
    assert [mosfets(port) for port in ports[:3]] == [ON] * 3
    assert [writes(port) for port in ports[:3]] == [2] * 3, "another command is a command"
    for register in (0xE1, 0x00):
        ports[0].faults.inject("error", None, register=register, status=0x99)
    with pytest.raises(HomeAssistantError, match=r"String 1: .*A: .*String 2: .*A: ") as refused:
        await set_switches(hass, bank, charging=False, force=True)
    assert str(refused.value).count("left so: B") == str(refused.value).count("left so: C") == 1
    assert [mosfets(port)[0] for port in ports[:3]] == [True, False, False]


async def test_a_battery_that_two_devices_see_is_switched_by_one_of_them(
    hass: HomeAssistant, ports: list[Port]
) -> None:
    one, two = [await battery(hass, port, name) for port, name in zip(ports[:2], "AB", strict=True)]
    merged = await virtual(hass, "merged", "Both", one, two, quantities={})
    await turn(hass, merged, "charging", on=False)
    assert [mosfets(port)[0] for port in ports[:2]] == [False, True]
    assert shown(hass, merged, "switch", "charging") == "off"
    await hass.config_entries.async_unload(one.entry_id)
    await turn(hass, merged, "charging", on=False)
    assert [mosfets(port)[0] for port in ports[:2]] == [False, False]


async def test_a_battery_that_is_made_of_itself_does_not_command_itself(
    hass: HomeAssistant, ports: list[Port]
) -> None:
    one = await battery(hass, ports[0], "A")
    inner = await virtual(hass, "parallel", "Inner", one)
    outer = await virtual(hass, "parallel", "Outer", inner)
    members = [*inner.options["members"], *[outer.data["battery_key"]]]
    hass.config_entries.async_update_entry(inner, options={**inner.options, "members": members})
    await hass.config_entries.async_reload(inner.entry_id)
    with pytest.raises(HomeAssistantError, match="Outer: .*made of the battery.*left so: A$"):
        await set_switches(hass, inner, charging=False)
    assert mosfets(ports[0]) == (False, True)


async def test_members_are_taken_for_unknown_once_they_are_silent(
    hass: HomeAssistant, ports: list[Port], short_sight: None
) -> None:
    one = await battery(hass, ports[0], "A", interval=0.1)
    two = await battery(hass, ports[1], "B", interval=0.1)
    bank = await virtual(hass, "parallel", "Bank", one, two)
    ports[0].faults.inject("silence", None)
    await until(hass, lambda: shown(hass, one, "switch", "charging") == STATE_UNAVAILABLE)
    await until(hass, lambda: stands(hass, bank, "charging")[0] == "unknown")
    assert stands(hass, bank, "charging")[1] == {"on": ["B"], "unknown": ["A"]}


async def test_balancing_goes_to_all_as_well(hass: HomeAssistant, ports: list[Port]) -> None:
    members = [await battery(hass, port, name) for port, name in zip(ports[:2], "AB", strict=True)]
    string = await virtual(hass, "series", "String", *members, allow_balancing=True, rated_for_string=False)
    await turn(hass, string, "balancing", on=False)
    assert [port.device.balancing_enabled for port in ports[:2]] == [False, False]
    assert stands(hass, string, "balancing") == ("off", {"off": ["A", "B"]})
