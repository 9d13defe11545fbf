"""One battery that two devices see: its board, and a shunt that another integration reads."""

import time

from ..client import Patience
from ..shunt import CHARGE, CURRENT, ENTITIES
from ..stage import INTERVAL, SLACK, Stage, expect, number

OFFSET = 0.25
"""What the shunt shows beside the truth, so that it is seen whose current is shown, in A."""
FINE = 0.011
"""What both round off, and a board reads a moment later than the other, in A."""
LOST_AFTER = 30.0
"""Three looks at entities, which are looked at every 10 s, in s."""
COUNTED = 2.0
"""Points by which a charge that is counted on may move in the meantime."""


async def shunt_gives_the_current(stage: Stage) -> None:
    """Current and state of charge come from the shunt, all else from the board."""
    stage.shunt.shunt.offset = OFFSET
    await _expect_given(stage, {"current", "state_of_charge"})
    await _expect_current(stage, OFFSET)
    state = number(await stage.state(stage.merged, "sensor.state_of_charge"))
    truth = stage.house.rig.battery.state_of_charge
    expect(state is not None and abs(state - truth) < 0.5, f"it is at {truth:.1f} % and shown at {state} %")


async def _expect_given(stage: Stage, wanted: set[str]) -> None:
    """Wait, not longer than it takes to notice, until just these quantities come from the shunt."""

    async def given() -> bool:
        members = (await stage.attributes(stage.merged, "sensor.quality"))["members"]
        by_name: dict[str, set[str]] = {member["name"]: set(member["gives"]) for member in members}
        board = by_name[stage.house.name]
        return by_name[stage.shunt.name] == wanted and {"voltage", "cell_voltages"} <= board

    await Patience(INTERVAL + SLACK).until(f"the shunt gives {wanted or 'nothing'}", given)


async def _expect_current(stage: Stage, offset: float) -> None:
    """Wait until a current is shown that is the true one and an offset, in A."""
    shown: list[str] = []

    async def true() -> bool:
        await stage.press(stage.merged, "button.read_now")
        shown.append(await stage.state(stage.merged, "sensor.current"))
        current = number(shown[-1])
        return current is not None and abs(current - stage.house.rig.battery.current - offset) < FINE

    await Patience(INTERVAL + SLACK).until(f"the current is shown {offset:g} A beside the truth", true)


async def without_the_shunt_the_board_counts(stage: Stage) -> str:
    """Without the shunt's word the board's current counts at once, and charge is counted on."""
    before = number(await stage.state(stage.merged, "sensor.state_of_charge")) or 0.0
    begun = time.monotonic()
    stage.shunt.shunt.silent = frozenset({CURRENT, CHARGE})
    await _expect_given(stage, set())
    seconds = time.monotonic() - begun
    await _expect_current(stage, 0.0)
    attributes = await stage.attributes(stage.merged, "sensor.state_of_charge")
    expect(attributes["origin"] == "counted", f"the origin of the charge is {attributes['origin']}")
    after = number(await stage.state(stage.merged, "sensor.state_of_charge"))
    expect(after is not None and before - COUNTED < after <= before, f"it jumped from {before} to {after} %")
    quality = await stage.state(stage.merged, "sensor.quality")
    expect(quality == "partial", f"the quality is {quality}")
    stage.shunt.shunt.silent = frozenset(ENTITIES.values())
    stage.shunt_silent_since = time.monotonic()
    return f"({seconds:.1f} s)"


async def lost_shunt_is_named(stage: Stage) -> str:
    """A shunt that says nothing at all is lost in time, and named; the rest goes on."""

    async def named() -> bool:
        missing: list[str] = (await stage.attributes(stage.merged, "sensor.quality"))["missing"]
        return missing == [stage.shunt.name]

    await Patience(LOST_AFTER + SLACK).until("the shunt is missing", named)
    since = stage.shunt_silent_since
    seconds = next(
        said.time - since
        for said in stage.said(stage.shunt, "binary_sensor.connected")
        if said.time > since and said.state == "off"
    )
    expect(seconds < LOST_AFTER + SLACK, f"it was lost after {seconds:.1f} s only")
    voltage = number(await stage.state(stage.shunt, "sensor.voltage"))
    expect(voltage is None, f"the shunt shows {voltage} V")
    await _expect_current(stage, 0.0)
    return f"({seconds:.0f} s)"


async def shunt_that_speaks_again_counts(stage: Stage) -> None:
    """When it speaks again, it counts again."""
    stage.shunt.shunt.silent = frozenset()
    await _expect_given(stage, {"current", "state_of_charge"})
    await _expect_current(stage, OFFSET)
    stage.shunt.shunt.offset = 0.0
