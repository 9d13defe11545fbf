"""Commands: Home Assistant is asked to switch, the simulator whether it switched."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from simulators.jbd import JbdDevice

from ..batteries import DemoBattery
from ..client import ClientError, Patience
from ..stage import INTERVAL, SLACK, Stage, Wrong, expect, number

BALANCING_PAUSE = 60.0
"""The balancing setting is written at most this often, in s."""
_NAME_OF_FET = {"charging": "charge_mosfet", "discharging": "discharge_mosfet"}


def fet_of(device: JbdDevice, switch: str) -> bool:
    """Ask the simulated board whether it conducts in one direction."""
    return device.charge_fet if switch == "charging" else device.discharge_fet


async def switches_obey(stage: Stage) -> None:
    """The charging and discharging switches move the FETs."""
    for battery in stage.restless:
        for switch in ("charging", "discharging"):
            for on in (False, True):
                await expect_switched(stage, battery, switch, on)


async def expect_switched(stage: Stage, battery: DemoBattery, switch: str, on: bool) -> None:
    """Raise Wrong unless a battery is switched, nothing else is, and both is shown."""
    other = "discharging" if switch == "charging" else "charging"
    device = battery.device
    entity_id = stage.entities(battery)[f"switch.{switch}"]
    await stage.client.action(f"switch.turn_{_word(on)}", entity_id=entity_id)
    expect(fet_of(device, switch) is on, f"{battery.name}: the simulator did not switch {switch} {_word(on)}")
    expect(fet_of(device, other), f"{battery.name}: {other} was switched off along with {switch}")
    await _shown(stage, battery, {f"switch.{switch}": on, f"binary_sensor.{_NAME_OF_FET[switch]}": on})


async def _shown(stage: Stage, battery: DemoBattery, states: dict[str, bool]) -> None:
    """Wait, not longer than it takes to read back, until the entities show what is true."""
    wanted = {name: _word(on) for name, on in states.items()}

    async def shown() -> bool:
        return await stage.states(battery, wanted) == wanted

    await Patience(SLACK).until(f"{battery.name} shows {wanted}", shown)


async def no_current_flows_through_open_fets(stage: Stage) -> None:
    """Open FETs carry no current."""
    battery = stage.van
    entity_id = stage.entities(battery)["switch.discharging"]
    await stage.client.action("switch.turn_off", entity_id=entity_id)
    await stage.press(battery, "button.read_now")
    expect(battery.rig.battery.current == 0, "the simulated load still draws current")
    current = await stage.state(battery, "sensor.current")
    await stage.client.action("switch.turn_on", entity_id=entity_id)
    expect(number(current) == 0, f"the current is shown as {current}")
    expect(battery.rig.battery.current < 0, "the simulated load stays without current")


async def set_switches_obeys(stage: Stage) -> None:
    """The action set_switches moves both FETs at once."""
    battery, device = stage.house, stage.house.device
    device_id = stage.entities(battery).device_id
    for on in (False, True):
        await stage.client.action("battmon.set_switches", device_id=device_id, charging=on, discharging=on)
        expect(
            (device.charge_fet, device.discharge_fet) == (on, on),
            f"the simulator did not switch both {_word(on)}",
        )
        await _shown(stage, battery, {"switch.charging": on, "switch.discharging": on})


async def refusal_is_an_error(stage: Stage) -> None:
    """A board that does not obey is an error, and the switch shows the truth."""
    battery, device = stage.van, stage.van.device
    device.obey = False
    try:
        await stage.client.action("switch.turn_off", entity_id=stage.entities(battery)["switch.charging"])
    except ClientError:
        pass
    else:
        raise Wrong("a board that does not obey is believed")
    finally:
        device.obey = True
    await _shown(stage, battery, {"switch.charging": True})


async def balancing_stops(stage: Stage) -> None:
    """Balancing is switched off in settings and cells."""
    for battery in stage.restless:
        expect(
            battery.device.balancing_cells,
            f"{battery.name}: the simulator does not balance to begin with",
        )
        await _balance(stage, battery, False)
        expect(
            not battery.device.balancing_enabled,
            f"{battery.name}: the simulator's setting did not change",
        )
        await Patience(SLACK + INTERVAL).until(f"{battery.name} stops bleeding", _bleeds(battery, False))
    stage.balancing_since = time.monotonic()


async def balancing_is_not_worn_out(stage: Stage) -> None:
    """Balancing cannot be switched again within a minute."""
    device = stage.house.device
    try:
        await _balance(stage, stage.house, True)
    except ClientError:
        expect(not device.balancing_enabled, "the error is shown, and yet the setting was written")
        return
    raise Wrong("the setting was written twice within a minute")


async def balancing_starts_again(stage: Stage) -> None:
    """Balancing is switched on again."""
    await asyncio.sleep(max(0.0, stage.balancing_since + BALANCING_PAUSE + 0.5 - time.monotonic()))
    for battery in stage.restless:
        await _balance(stage, battery, True)
        expect(battery.device.balancing_enabled, f"{battery.name}: the simulator's setting did not change")
        expect(not battery.device.in_factory_mode, f"{battery.name}: the simulator was left in factory mode")
        await Patience(SLACK + INTERVAL).until(f"{battery.name} bleeds", _bleeds(battery, True))


async def _balance(stage: Stage, battery: DemoBattery, on: bool) -> None:
    await stage.client.action(
        f"switch.turn_{_word(on)}", entity_id=stage.entities(battery)["switch.balancing"]
    )
    await _shown(stage, battery, {"switch.balancing": on})


def _bleeds(battery: DemoBattery, on: bool) -> Callable[[], Awaitable[bool]]:
    async def asks() -> bool:
        return bool(battery.device.balancing_cells) is on

    return asks


def _word(on: bool) -> str:
    return "on" if on else "off"
