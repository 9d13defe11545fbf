"""Values: what Home Assistant shows against what is true in the simulator, and a plug that is pulled."""

import time
from functools import partial

from ..batteries import DemoBattery
from ..client import Patience
from ..stage import INTERVAL, SHOWN_WITHIN, SLACK, Look, Stage, expect, number
from .shown import Truth, expect_gone, expect_true, shows_values

UNAVAILABLE_AFTER = max(5.0, 3 * INTERVAL)
"""Without a good sample for so long, values are unavailable, in s."""
VALUES = ("sensor.voltage", "sensor.current", "sensor.state_of_charge", "sensor.cell_1", "switch.charging")
"""Some of what a board shows."""


async def values_are_true_when_read_now(stage: Stage) -> None:
    """Read now shows what is true in the simulators."""
    for battery in stage.restless:
        await expect_truth(stage, battery)


async def expect_truth(stage: Stage, battery: DemoBattery) -> None:
    """Raise Wrong if a battery that is read now is shown otherwise than it is."""
    # The simulator lives on only when it is asked or after 5 s: what is true then was true when it was read.
    await expect_true(stage, battery, partial(_true_values, battery), attempts=5)


def _true_values(battery: DemoBattery) -> Truth:
    """Return what is true and how much of it board and wire round off, by the entity that shows it."""
    simulated, device = battery.rig.battery, battery.device
    cells = simulated.cell_voltages
    return {
        "sensor.voltage": (simulated.terminal_voltage, 0.011),
        "sensor.current": (simulated.current, 0.011),
        "sensor.power": (
            simulated.terminal_voltage * simulated.current,
            0.6 + 0.011 * simulated.terminal_voltage,
        ),
        "sensor.state_of_charge": (device.state_of_charge, 0.6),
        "sensor.remaining_capacity": (device.remaining_capacity or 0.0, 0.011),
        "sensor.lowest_cell": (min(cells), 0.002),
        "sensor.highest_cell": (max(cells), 0.002),
        **{f"sensor.cell_{index}": (value, 0.002) for index, value in enumerate(cells, 1)},
    }


async def pulled_plug_is_noticed(stage: Stage) -> None:
    """A pulled plug makes the values unavailable in time."""
    stage.house.line.vanish()
    await expect_gone(stage, VALUES, stage.house, within=UNAVAILABLE_AFTER + SLACK)


async def other_battery_is_unaffected(stage: Stage) -> None:
    """The other battery goes on."""
    await stage.press(stage.van, "button.read_now")
    states = await stage.states(stage.van, ["sensor.voltage", "binary_sensor.connected"])
    expect(
        states["binary_sensor.connected"] == "on" and number(states["sensor.voltage"]), f"it shows {states}"
    )


async def plug_put_back_is_noticed(stage: Stage) -> None:
    """A plug put back is noticed within two polls."""
    stage.house.line.reappear()
    await Patience(2 * INTERVAL + SLACK).until("all its values are back", shows_values(stage, stage.house))
    await values_are_true_when_read_now(stage)


async def values_move_and_were_true(stage: Stage) -> None:
    """Values moved, and all that was shown was true."""
    for battery in stage.demo.fleet.all:
        looks = stage.looks[battery.key]
        expect(time.monotonic() - looks[-1].time < SLACK, f"nobody looks at the {battery.name} any more")
        shown = {(look.shown_voltage, look.shown_current) for look in looks if look.shown_voltage is not None}
        expect(len(shown) >= 3, f"{battery.name} showed only {shown} in {len(looks)} looks")
        for index, look in enumerate(looks):
            expect(was_true(look, looks[: index + 1]), f"{battery.name} showed what never was: {look}")


def was_true(look: Look, history: list[Look]) -> bool:
    """Tell whether what is shown was true at some time not too long ago; before the first nobody knows."""
    if look.shown_voltage is None or look.shown_current is None or look.time - history[0].time < SHOWN_WITHIN:
        return True
    return any(
        abs(past.true_voltage - look.shown_voltage) < 0.05
        and abs(past.true_current - look.shown_current) < 0.05
        for past in history
        if past.time >= look.time - SHOWN_WITHIN
    )
