"""Switches: opt-in, obeyed, and never showing what was merely asked for."""

from datetime import timedelta

import pytest

from custom_components.battmon.model import switching
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..battery import ALLOW_ALL, Bench, Port, set_up, shown
from .house import FAST, add, fixed, keys, read_now, registered, set_switches, turn

pytestmark = pytest.mark.usefixtures("quick")

SWITCHES = ("charging", "discharging", "balancing")


def truth(port: Port) -> dict[str, bool]:
    """Return what the simulated board really does."""
    device = port.device
    return {
        "charging": device.charge_fet,
        "discharging": device.discharge_fet,
        "balancing": device.balancing_enabled,
    }


async def test_there_is_none_unless_allowed(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in())
    assert keys(hass, entry, "switch") == set()


@pytest.mark.parametrize("allowed", SWITCHES)
async def test_each_is_allowed_by_itself(hass: HomeAssistant, bench: Bench, allowed: str) -> None:
    entry = await set_up(hass, bench.plug_in(), **{f"allow_{allowed}": True})
    assert keys(hass, entry, "switch") == {allowed}


async def test_balancing_is_a_setting_and_the_mosfets_are_not(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in(), **ALLOW_ALL)
    categories = {key: registered(hass, entry, "switch", key).entity_category for key in SWITCHES}
    assert categories == {"charging": None, "discharging": None, "balancing": "config"}


@pytest.mark.parametrize("key", SWITCHES)
async def test_a_switch_moves_itself_alone_and_shows_it_at_once(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(switching, "BALANCING_PAUSE", timedelta(0))
    port = bench.plug_in()
    entry = await set_up(hass, port, interval=3600, publish_interval=3600, **ALLOW_ALL)
    for on in (False, True):
        await turn(hass, entry, key, on=on)
        expected = {**dict.fromkeys(SWITCHES, True), key: on}
        assert truth(port) == expected
        states = {name: shown(hass, entry, "switch", name) == "on" for name in SWITCHES}
        assert states == expected


async def test_a_board_that_acknowledges_and_does_nothing_is_told(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(obey=False))
    entry = await set_up(hass, port, **ALLOW_ALL)
    for key in SWITCHES:
        with pytest.raises(HomeAssistantError, match="did not carry it out"):
            await turn(hass, entry, key, on=False)
        assert shown(hass, entry, "switch", key) == "on"


async def test_a_protection_that_holds_a_mosfet_off_is_named(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await set_up(hass, port, **ALLOW_ALL)
    port.line.run(port.device.short_circuit)
    with pytest.raises(HomeAssistantError, match="Its alarms: short circuit"):
        await turn(hass, entry, "discharging", on=True)
    assert shown(hass, entry, "switch", "discharging") == "off"


@pytest.mark.parametrize(
    ("status", "reason"), [(0x81, "asks for a password"), (0x82, "damaged"), (0x99, "refused")]
)
async def test_a_refusal_is_an_error_with_its_reason_and_nothing_moves(
    hass: HomeAssistant, bench: Bench, status: int, reason: str
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**FAST, **ALLOW_ALL})
    port.faults.inject("error", None, register=0xE1, status=status)
    # Where the switch itself is not allowed, factory mode is tried, and refused for the password.
    port.faults.inject("error", None, register=0x00, status=status)
    with pytest.raises(HomeAssistantError, match=reason):
        await turn(hass, entry, "charging", on=False)
    assert truth(port)["charging"]
    await read_now(hass, entry)
    assert shown(hass, entry, "switch", "charging") == "on"


async def test_the_newest_firmware_is_switched_by_its_other_register(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(fixed(supports_lock=False, supports_control=True))
    entry = await set_up(hass, port, **ALLOW_ALL)
    await turn(hass, entry, "discharging", on=False)
    assert not port.device.discharge_fet
    assert shown(hass, entry, "switch", "discharging") == "off"
    tried = [seen.register for seen in port.faults.log if seen.register in (0xE1, 0xFB)]
    await turn(hass, entry, "discharging", on=True)
    later = [seen.register for seen in port.faults.log if seen.register in (0xE1, 0xFB)]
    assert (tried, later) == ([0xE1, 0xFB], [0xE1, 0xFB, 0xFB])


async def test_a_board_that_knows_neither_register_says_so(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(supports_lock=False))
    entry = await set_up(hass, port, **ALLOW_ALL)
    with pytest.raises(HomeAssistantError, match="does not know this command"):
        await turn(hass, entry, "charging", on=False)


async def test_charging_is_not_cut_under_load_by_a_switch(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(demand=10.1, capacity=100.0))
    entry = await set_up(hass, port, **ALLOW_ALL)
    with pytest.raises(ServiceValidationError, match=r"under 10\.1 A \(limit 10\.0 A\)"):
        await turn(hass, entry, "charging", on=False)
    assert port.device.charge_fet
    assert shown(hass, entry, "switch", "charging") == "on"


async def test_a_battery_that_fell_silent_cannot_be_switched(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, **ALLOW_ALL)
    port.faults.inject("silence", None)
    with pytest.raises(HomeAssistantError, match="does not answer"):
        await turn(hass, entry, "charging", on=False)
    assert port.device.charge_fet


async def test_a_lock_of_unknown_origin_is_settled_by_naming_both(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    port.device.set_lock(1)
    entry = await set_up(hass, port, **ALLOW_ALL)
    with pytest.raises(ServiceValidationError, match="State both charging and discharging"):
        await turn(hass, entry, "discharging", on=False)
    assert truth(port) == {"charging": False, "discharging": True, "balancing": True}
    await set_switches(hass, entry, charging=True, discharging=False)
    assert truth(port) == {"charging": True, "discharging": False, "balancing": True}
    await turn(hass, entry, "discharging", on=True)
    assert truth(port) == dict.fromkeys(SWITCHES, True)
