"""Batteries on one I2C bus: a scan, true values, devices that fail one by one, and a bus that goes."""

import re
import time
from collections.abc import Iterable
from functools import partial

from .. import bus_flows, flows
from ..bus_batteries import BusBattery
from ..client import Patience
from ..stage import BUS_RATES, INTERVAL, SLACK, Stage, expect, number
from .shown import Truth, expect_gone, expect_true, shows_values
from .values import UNAVAILABLE_AFTER

ATTEMPTS = 3
"""The load may change between reading and comparing: not that often in a row."""
BACK_WITHIN = 2 * INTERVAL + SLACK
"""From the return of a device to its values, in s."""
VALUES = ("sensor.voltage", "sensor.current", "sensor.power")
CALIBRATION = 0x02
"""The power monitor's register that it forgets with its power."""
METER = 0x40
"""The power monitor's address."""
RESET, CONFIGURE = b"\x00\x80\x00", b"\x00\x00\x00"
"""What may be written to it beside the calibration (wired.md 7)."""
LOSSES = 5
"""How often it loses its power: with luck it is only asked when it is all right again."""
ROUNDED = 0.011
"""What is rounded off a voltage or a current, and drifts from read to read, in V or A."""
MEAN = 0.02
"""Share by which the mean current may differ that the power monitor counts between two polls: a little of the
time between them is not known."""


async def scan_tells_what_is_there(stage: Stage) -> str:
    """A scan of the bus tells of all four devices what they are, and not again of those that were added."""
    told = stage.demo.found_on_bus
    wanted = {f"0x{one.address:02x}": one for one in stage.bus.batteries}
    expect(told.keys() == wanted.keys(), f"it tells of {told}")
    for address, one in wanted.items():
        expect(tells(told[address], one), f"of the {one.name} it says: {told[address]}")
    begun = time.monotonic()
    answer = await bus_flows.look(stage.client, stage.bus.path)
    seconds = time.monotonic() - begun
    await flows.close(stage.client, answer)
    expect(answer.get("step_id") == "i2c_nothing", f"once more it tells of {answer}")
    return f"({seconds:.1f} s)"


def tells(words: str, one: BusBattery) -> bool:
    """Tell whether words name a device, its cells and its voltage; a power monitor says nothing of those."""
    name = f"{one.device} at 0x{one.address:02X}"
    if not one.cells_shown:
        return words == name
    match = re.fullmatch(rf"{name}, {one.cells_shown} cells, (\d+\.\d) V", words)
    # The load has changed since.
    return match is not None and abs(float(match[1]) / one.battery.terminal_voltage - 1) < 0.1


async def values_are_true(stage: Stage) -> None:
    """Read now shows of every device on the bus what is true in the simulators."""
    await _expect_truth(stage, stage.bus.batteries)


async def _expect_truth(stage: Stage, batteries: Iterable[BusBattery]) -> None:
    for battery in batteries:
        await expect_true(stage, battery, partial(_true_values, battery), attempts=ATTEMPTS)


def _true_values(one: BusBattery) -> Truth:
    """Return what is true and how much of it device and wire round off, by the entity that shows it."""
    battery = one.battery
    voltage, current = battery.terminal_voltage, battery.current
    loose = ROUNDED + (0.0 if one.tells_cells else MEAN * abs(current))
    measured = {
        "sensor.voltage": (voltage, ROUNDED),
        "sensor.current": (current, loose),
        "sensor.power": (voltage * current, 0.6 + loose * voltage),
    }
    if not one.tells_cells:
        return measured
    cells = {f"sensor.cell_{index}": (value, 0.002) for index, value in enumerate(battery.cell_voltages, 1)}
    return {
        **measured,
        **cells,
        "sensor.state_of_charge": (battery.state_of_charge, 0.6),
        "sensor.remaining_capacity": (battery.remaining_capacity, 0.011),
    }


async def lost_power_is_noticed(stage: Stage) -> str:
    """A power monitor that loses its power is told anew what it forgot, and shows nothing wrong meanwhile."""
    garden, chip = stage.bus.garden, stage.bus.meter
    told = chip.written_word(CALIBRATION)
    rated = garden.battery.cells[0].capacity

    async def knows_again() -> bool:
        return chip.written_word(CALIBRATION) == told

    longest = 0.0
    for _ in range(LOSSES):
        begun = time.monotonic()
        chip.power_cycled()
        expect(chip.written_word(CALIBRATION) != told, "it has forgotten nothing")
        await stage.press(garden, "button.read_now")
        rate = -(number(await stage.state(garden, "sensor.current")) or 0.0) / rated
        possible = (1 - MEAN) * min(BUS_RATES) < rate < (1 + MEAN) * max(BUS_RATES)
        expect(possible, f"{rate:.3f} C were shown")
        await Patience(SLACK).until("it is told its calibration again", knows_again)
        longest = max(longest, time.monotonic() - begun)
    await _expect_truth(stage, [garden])
    return f"({LOSSES} times, within {longest:.2f} s)"


async def silent_devices_are_noticed(stage: Stage) -> None:
    """Of a Batmon that does not answer and a monitor without power the values go in time, of no other."""
    bus, silent = stage.bus.bus, (stage.bus.drones[1], stage.bus.garden)
    before = {one.key: stage.times_out_of_sight(one) for one in stage.bus.batteries}
    bus.inject("no_acknowledge", address=silent[0].address, count=None)
    del bus.chips[silent[1].address]
    await expect_gone(stage, VALUES, *silent, within=UNAVAILABLE_AFTER + SLACK)
    others = [one for one in stage.bus.batteries if one not in silent]
    await _expect_truth(stage, others)
    for one in stage.bus.batteries:
        times = stage.times_out_of_sight(one) - before[one.key]
        expect(times == (one in silent), f"{times} times the log says that {one.name} is out of sight")


async def devices_that_answer_again_are_noticed(stage: Stage) -> str:
    """When they answer again, and the monitor has forgotten all, both show what is true."""
    bus, garden = stage.bus.bus, stage.bus.garden
    bus.clear()
    garden.chip.power_cycled()
    bus.chips[garden.address] = garden.chip
    return await _expect_back(stage)


async def _expect_back(stage: Stage) -> str:
    """Wait, not longer than two polls, until all batteries show all their values; those are true."""
    back = shows_values(stage, *stage.bus.batteries)
    seconds = await Patience(BACK_WITHIN).until("all values are back", back)
    await _expect_truth(stage, stage.bus.batteries)
    return f"({seconds:.1f} s)"


async def lost_bus_is_noticed(stage: Stage) -> None:
    """An adapter that is pulled makes the values of all that is on its bus unavailable in time."""
    stage.bus.bus.present = False
    await expect_gone(stage, VALUES, *stage.bus.batteries, within=UNAVAILABLE_AFTER + SLACK)


async def bus_put_back_is_noticed(stage: Stage) -> str:
    """Put back, all of them are read again within two polls."""
    stage.bus.bus.present = True
    return await _expect_back(stage)


async def nothing_was_written_that_must_not_be(stage: Stage) -> str:
    """Nothing was ever written but register numbers, and to the power monitor how it is to measure."""
    written = [*stage.bus.bus.log]
    wrong = [said for said in written if not is_allowed(said.address, said.written)]
    expect(not wrong, f"written was {wrong}")
    for told in (RESET, CONFIGURE):
        expect(any(said.written == told for said in written), f"the log lacks {told.hex()}")
    return f"({len(written)} writes)"


def is_allowed(address: int, written: bytes) -> bool:
    """Tell whether more than a register's number may be written at an address."""
    calibrates = len(written) == 3 and written[0] == CALIBRATION
    return address == METER and (calibrates or written in (RESET, CONFIGURE))
