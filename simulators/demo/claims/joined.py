"""Virtual batteries: a string, a bank of it and a third battery, and a plug that is pulled among them."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from simulators.bank import Flow

from ..batteries import VirtualBattery
from ..client import Answer, ClientError, Patience
from ..known import Known
from ..stage import INTERVAL, SLACK, Stage, Wrong, expect, number
from .values import UNAVAILABLE_AFTER

CLOSE = 0.005
"""Share by which voltage, current and power of the bank may differ from the truth."""
ROUNDED = {"voltage": 0.02, "current": 0.02, "power": 0.6}
"""What the boards round off voltages and currents of all members together, and the sensor off the power."""
POINTS = 1.0
"""What the boards round off a state of charge, in points."""
CELL = 0.002
"""What they round off a cell, in V."""
ATTEMPTS = 4
"""The load may change, or a poll come, between reading and comparing: not that often in a row."""
JUDGED_AFTER = 62.0
"""Nobody is unhealthy in the first minute after a start, in s."""
NAMED_WITHIN = 30.0
"""From the plug to the name, in s: one stale time."""
MEASURED = ("sensor.voltage", "sensor.current", "sensor.power")
UNKNOWN_WITHOUT_ALL = ("sensor.current", "sensor.power", "sensor.remaining_capacity")
"""Sums, of a bank that lacks a member: what they would be without it poses as the sum of all."""


async def members_are_whole(stage: Stage) -> None:
    """Every virtual battery is complete, and nothing is wrong among its members."""
    await expect_whole(stage)
    for battery in stage.demo.fleet.virtual:
        told = (await stage.attributes(battery, "sensor.quality"))["members"]
        names = [member["name"] for member in told]
        expect(names == [member.name for member in battery.members], f"{battery.name} has {names}")
        expect(all(member["used"] and not member["why"] for member in told), f"{battery.name}: {told}")


async def expect_whole(stage: Stage, *batteries: VirtualBattery) -> float:
    """Wait, not longer than two polls, until virtual batteries are complete, or all; return the seconds."""
    expected = batteries or stage.demo.fleet.virtual

    async def whole() -> bool:
        return all([await _is(stage, battery, "ok") for battery in expected])

    names = " and ".join(battery.name for battery in expected)
    return await Patience(2 * INTERVAL + SLACK).until(f"{names} are complete", whole)


async def _is(stage: Stage, battery: VirtualBattery, quality: str) -> bool:
    problem = "off" if quality == "ok" else "on"
    wanted = {"sensor.quality": quality, "binary_sensor.member_problem": problem}
    return await stage.states(battery, wanted) == wanted


async def bank_shows_the_truth(stage: Stage) -> str:
    """The bank shows voltage, current and power as they are, to 0.5 %, and the string the sum of its two."""
    for _ in range(ATTEMPTS):
        shown = await _read(stage)
        if not (wrong := "; ".join(_differences(stage, shown))):
            break
    else:
        raise Wrong(wrong)
    values = shown[stage.cabin.whole.key]
    return f"({values['voltage']:.2f} V, {values['current']:.2f} A, {values['power']:.1f} W)"


type Values = dict[str, float]


async def _read(stage: Stage) -> dict[str, Values]:
    """Read the cabin's batteries now, what they are together after that, and return what is shown."""
    cabin = stage.cabin
    await asyncio.gather(*(stage.press(one, "button.read_now") for one in (cabin.a, cabin.b, cabin.c)))
    shown: dict[str, Values] = {}
    for battery in (cabin.a, cabin.b, cabin.c, cabin.string, cabin.whole):
        if isinstance(battery, VirtualBattery):
            await stage.press(battery, "button.read_now")
        states = await stage.states(battery, (*MEASURED, "sensor.state_of_charge"))
        shown[battery.key] = {
            name.removeprefix("sensor."): _expect_number(battery, name, state)
            for name, state in states.items()
        }
    return shown


def _expect_number(battery: Known, name: str, state: str) -> float:
    value = number(state)
    if value is None:
        raise Wrong(f"{battery.name}: {name} is {state}")
    return value


def _differences(stage: Stage, shown: dict[str, Values]) -> Iterable[str]:
    cabin = stage.cabin
    string, whole, (a, b) = (
        shown[cabin.string.key],
        shown[cabin.whole.key],
        (shown[cabin.a.key], shown[cabin.b.key]),
    )
    yield from _apart("the bank", whole, _truth(cabin.bank.flow()))
    yield from _apart("the string", string, _truth(cabin.bank.flow(cabin.pair)))
    yield from _apart("the string", string, {"voltage": a["voltage"] + b["voltage"]})
    charges = {"bank": (whole, cabin.bank), "string": (string, cabin.pair)}
    for name, (values, part) in charges.items():
        if abs(values["state_of_charge"] - part.state_of_charge) > POINTS:
            yield f"the {name} is at {part.state_of_charge:.2f} % and shown at {values['state_of_charge']} %"


def _truth(flow: Flow) -> Values:
    voltage = flow.voltage or 0.0
    return {"voltage": voltage, "current": flow.current, "power": voltage * flow.current}


def _apart(what: str, shown: Values, truth: Values) -> Iterable[str]:
    for name, value in truth.items():
        if abs(shown[name] - value) > max(CLOSE * abs(value), ROUNDED[name]):
            yield f"{name} of {what} is {value:.4g} and shown as {shown[name]}"


async def cells_of_all_are_told(stage: Stage) -> str:
    """The action get_cells tells every cell of all members, under its name, as it is."""
    for _ in range(ATTEMPTS):
        await _read(stage)
        answer, truth = await _cells(stage), _true_cells(stage)
        told = {cell["name"]: cell["voltage"] for cell in answer["cells"]}
        expect(list(told) == list(truth), f"the cells are {list(told)}")
        wrong = {name: told[name] for name in told if abs(told[name] - truth[name]) > CELL}
        if not wrong:
            break
    else:
        raise Wrong(f"the action says {wrong} and true is {truth}")
    lowest = answer["lowest"]
    expect(abs(lowest["voltage"] - min(told.values())) < 1e-6, f"the lowest of {told} is not {lowest}")
    expect(len(answer["members"]) == 3, f"the members are {answer['members']}")
    return f"({len(told)} cells, {1000 * answer['imbalance']:.0f} mV apart)"


async def _cells(stage: Stage) -> Answer:
    device_id = stage.entities(stage.cabin.whole).device_id
    return await stage.client.response("battmon.get_cells", device_id=device_id)


def _true_cells(stage: Stage) -> Values:
    """Return the voltage of every cell of the bank, in order, under the name that it should have."""
    cabin = stage.cabin
    inside = {
        f"{cabin.string.name} / {cabin.a.name}": cabin.a,
        f"{cabin.string.name} / {cabin.b.name}": cabin.b,
        cabin.c.name: cabin.c,
    }
    return {
        f"{name} / cell {number}": voltage
        for name, battery in inside.items()
        for number, voltage in enumerate(battery.rig.battery.cell_voltages, 1)
    }


async def diagnostics_tell_of_every_member(stage: Stage) -> None:
    """Its diagnostics tell what every member gave last, and no name."""
    cabin = stage.cabin
    answer = await stage.client.get(f"diagnostics/config_entry/{stage.entry_id(cabin.whole)}")
    given = answer["data"]["pack"]["contributions"]
    expect(len(given) == 2 and all(one["used"] for one in given), f"the contributions are {given}")
    expect(not any(battery.name in str(answer["data"]) for battery in _all(stage)), "a name is in there")


def _all(stage: Stage) -> tuple[Known, ...]:
    cabin = stage.cabin
    return cabin.a, cabin.b, cabin.c, cabin.string, cabin.whole


async def switches_in_a_bank_are_guarded(stage: Stage) -> None:
    """A member is not switched off where the rest could not carry the load, nor a string broken."""
    cabin = stage.cabin
    for battery, what in ((cabin.c, "the rest cannot carry the load"), (cabin.a, "the string is under load")):
        try:
            await stage.client.action(
                "switch.turn_off", entity_id=stage.entities(battery)["switch.discharging"]
            )
        except ClientError:
            expect(battery.device.discharge_fet, f"{battery.name} was switched off, and an error shown")
        else:
            raise Wrong(f"{battery.name} was switched off although {what}")


async def pulled_member_is_named(stage: Stage) -> str:
    """Without one of its two the string is unavailable, the bank partial, and both say who is missing."""
    cabin = stage.cabin
    await asyncio.sleep(max(0.0, stage.run_down_since + JUDGED_AFTER - time.monotonic()))
    cabin.a.line.vanish()
    wanted = ((cabin.string, "insufficient", cabin.a.name), (cabin.whole, "partial", cabin.string.name))

    async def noticed() -> bool:
        return all([await _is(stage, battery, quality) for battery, quality, _ in wanted])

    seconds = await Patience(NAMED_WITHIN).until("both are not complete any more", noticed)
    for battery, _, missing in wanted:
        told = (await stage.attributes(battery, "sensor.quality"))["missing"]
        expect(told == [missing], f"{battery.name} says that {told} is missing")
    return f"({seconds:.1f} s)"


async def nothing_shrinks(stage: Stage) -> None:
    """No sum of the bank shrinks meanwhile: it is unknown. Its voltage is that of the others."""
    cabin = stage.cabin
    states = await stage.states(cabin.whole, ("sensor.voltage", *UNKNOWN_WITHOUT_ALL))
    unknown = {name: states[name] for name in UNKNOWN_WITHOUT_ALL}
    expect(set(unknown.values()) == {"unknown"}, f"the bank shows {unknown}")
    voltage, truth = number(states["sensor.voltage"]), cabin.bank.voltage
    expect(voltage and abs(voltage - truth) < 0.05 * truth, f"it shows {voltage} V and has {truth:.2f} V")
    gone = await stage.states(cabin.string, MEASURED)
    expect(set(gone.values()) == {"unavailable"}, f"the string shows {gone}")
    answer = await _cells(stage)
    named = {cell["name"]: cell["voltage"] for cell in answer["cells"]}
    here = [name for name, value in named.items() if value is not None]
    expect(here == [name for name in named if name.startswith(cabin.c.name)], f"the action tells {named}")
    expect(answer["quality"] == "partial", f"the action says {answer['quality']}")


async def missing_member_is_a_reason(stage: Stage) -> None:
    """The missing member is a reason of the failsafe, by name, and of the member problem."""
    cabin = stage.cabin
    for battery, missing in ((cabin.string, cabin.a), (cabin.whole, cabin.string)):

        async def unhealthy(battery: VirtualBattery = battery) -> bool:
            return await stage.state(battery, "sensor.failsafe") == "unhealthy"

        await Patience(UNAVAILABLE_AFTER + SLACK).until(f"{battery.name} is unhealthy", unhealthy)
        for name in ("sensor.failsafe", "binary_sensor.member_problem"):
            reasons: Any = (await stage.attributes(battery, name))["reasons"]
            expect(any(missing.name in one for one in reasons), f"{battery.name}: {name} says {reasons}")


async def member_put_back_is_noticed(stage: Stage) -> str:
    """Put back, all of it recovers by itself within two polls, and shows what is true."""
    cabin = stage.cabin
    cabin.a.line.reappear()
    seconds = await expect_whole(stage, cabin.string, cabin.whole)

    async def well() -> bool:
        states = [await stage.state(one, "sensor.failsafe") for one in _all(stage)]
        return set(states) == {"none"}

    await Patience(SLACK).until("nothing is held", well)
    await bank_shows_the_truth(stage)
    return f"({seconds:.1f} s)"
