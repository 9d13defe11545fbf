"""The failsafe: the workshop's battery runs down by itself and recovers, and what people may do about it."""

from datetime import UTC, datetime, timedelta

from ..batteries import DemoBattery
from ..client import Patience
from ..stage import INTERVAL, SHOWN_WITHIN, SLACK, Stage, expect, number
from .setup import added_at_once
from .values import expect_truth

LEVELS = ("sensor.failsafe", "sensor.discharge_level", "sensor.charge_level")
EVENT = "event.failsafe_event"
CRITICAL_WITHIN = 180.0
"""From ready to critical, in s."""
LOW_FOR = 5.0
"""At least so long it is low before it is critical, in s."""
LOW, CRITICAL = 20.0, 10.0
"""Thresholds of the state of charge that the dialog suggests, in %."""
DRILL = 2.0
"""How long a drill lasts, in s."""
TRUE_WITHIN = 0.02
"""Share by which a total may differ from the truth: some of it flows between two samples."""
JUST_NOW = 10.0
"""In s."""


async def expect_levels(stage: Stage, battery: DemoBattery, *levels: str) -> None:
    """Wait, not longer than it takes to show them, for the failsafe, discharge and charge level."""
    wanted = dict(zip(LEVELS, levels, strict=True))

    async def shown() -> bool:
        return await stage.states(battery, LEVELS) == wanted

    await Patience(SLACK).until(f"{battery.name} shows {wanted}", shown)


async def all_is_well_at_first(stage: Stage) -> None:
    """At first no battery has a failsafe, and all are ready."""
    wanted = {
        **dict.fromkeys(LEVELS, "none"),
        "binary_sensor.low_battery": "off",
        "binary_sensor.ready": "on",
    }
    for battery in added_at_once(stage.demo.fleet):
        states = await stage.states(battery, wanted)
        expect(states == wanted, f"{battery.name} shows {states}")


async def drill_raises_a_level_and_takes_it_back(stage: Stage) -> None:
    """A drill raises a level and takes it back, both marked as a test."""
    battery = stage.van
    answer = await stage.client.response(
        "battmon.failsafe_drill",
        device_id=stage.entities(battery).device_id,
        level="critical",
        side="charge",
        duration={"seconds": DRILL},
    )
    expect(answer["test"] and answer["level"] == "critical", f"the action answered {answer}")
    await expect_levels(stage, battery, "critical", "none", "critical")
    await _quiet(stage, battery)
    await expect_levels(stage, battery, "none", "none", "none")
    events = [event.attributes for event in stage.log.events(stage.entities(battery)[EVENT], *_OF_LEVELS)]
    seen = [(event["event_type"], event["charge_level"], event["test"]) for event in events]
    expect(seen == [("level_rose", "critical", True), ("level_fell", "none", True)], f"it told of {events}")


_OF_LEVELS = ("level_rose", "level_fell", "reason_began", "reason_ended")


async def _quiet(stage: Stage, battery: DemoBattery) -> None:
    """Wait for the end of a drill."""
    entity_id = stage.entities(battery)[EVENT]

    async def fell() -> bool:
        return bool(stage.log.events(entity_id, "level_fell"))

    await Patience(DRILL + SLACK).until(f"the drill of the {battery.name} ends", fell)


async def battery_runs_down_through_low_into_critical(stage: Stage) -> str:
    """By itself a battery runs down from none through low, for 5 s or more, to critical, within 3 minutes."""
    battery, begun = stage.workshop, stage.run_down_since
    entity_id = stage.entities(battery)[EVENT]

    async def twice() -> bool:
        return len(stage.log.events(entity_id, "level_rose")) >= 2

    await Patience(CRITICAL_WITHIN).until("its level rises twice", twice)
    rises = stage.log.events(entity_id, *_OF_LEVELS)
    expect([rise.attributes["event_type"] for rise in rises] == ["level_rose"] * 2, f"its events are {rises}")
    for rise, level in zip(rises, ("low", "critical"), strict=True):
        told = rise.attributes
        seen = told["level"], told["discharge_level"], told["charge_level"], told["side"], told["test"]
        expect(seen == (level, level, "none", "discharge", False), f"the event tells {told}")
        expect("state of charge" in told["reasons"][0], f"the reasons are {told['reasons']}")
    for name in LEVELS[:2]:
        states = stage.log.states(stage.entities(battery)[name])
        expect(states == ["low", "critical"], f"{name} went from none to {states}")
    low, critical = (rise.time - begun for rise in rises)
    expect(critical - low >= LOW_FOR, f"it was low for {critical - low:.1f} s only")
    expect(critical < CRITICAL_WITHIN, f"it took {critical:.0f} s")
    return f"(low after {low:.0f} s, critical after {critical:.0f} s)"


async def samples_tell_what_happened(stage: Stage) -> str:
    """Its last minutes can be had sample by sample."""
    device_id = stage.entities(stage.workshop).device_id
    fields = ["state_of_charge", "level"]
    answer = await stage.client.response("battmon.get_samples", device_id=device_id, fields=fields)
    rows = answer["samples"]
    expect(all(list(row) == ["time", *fields] for row in rows), f"the rows are {rows[:3]} and so on")
    expect(list(dict.fromkeys(row["level"] for row in rows)) == ["none", "low", "critical"], f"{rows}")
    charges = [row["state_of_charge"] for row in rows if row["level"] != "critical"]
    expect(charges == sorted(charges, reverse=True), f"the state of charge did not only fall: {charges}")
    since = datetime.now(UTC) - timedelta(seconds=JUST_NOW)
    answer = await stage.client.response("battmon.get_samples", device_id=device_id, since=since.isoformat())
    latest = [datetime.fromisoformat(row["time"]) for row in answer["samples"]]
    expect(latest and min(latest) >= since, f"since {since} there are rows of {latest}")
    expect(len(latest) >= JUST_NOW / INTERVAL / 2, f"in {JUST_NOW:g} s it was sampled {len(latest)} times")
    return f"({len(rows)} samples)"


async def battery_recovers_on_charge(stage: Stage) -> None:
    """Then it recovers on charge, and its level is held: clearing takes its time."""
    battery = stage.workshop

    async def charges() -> bool:
        return battery.rig.load.current(battery.rig.battery.time) > 0

    async def rises() -> bool:
        charge = number(await stage.state(battery, "sensor.state_of_charge"))
        return charge is not None and charge >= CRITICAL

    await Patience(SHOWN_WITHIN).until("it is charged", charges)
    await Patience(60.0).until("its state of charge rises", rises)
    wanted = {
        **dict(zip(LEVELS, ("critical", "critical", "none"), strict=True)),
        "binary_sensor.charging": "on",
        "binary_sensor.low_battery": "on",
        "binary_sensor.ready": "off",
    }
    states = await stage.states(battery, wanted)
    expect(states == wanted, f"it shows {states}")
    await expect_truth(stage, battery)


async def totals_are_true(stage: Stage) -> str:
    """What flowed out of it was counted, to 2 %, and only grew; then it can be counted afresh."""
    battery, simulated = stage.workshop, stage.workshop.rig.battery
    shown = [number(said.state) or 0.0 for said in stage.said(battery, "sensor.energy_out")]
    expect(len(shown) >= 2 and shown == sorted(shown) and shown[-1] > 0, f"the energy out was {shown}")
    device_id = stage.entities(battery).device_id
    counted = (await stage.client.response("battmon.reset_counters", device_id=device_id))["before"]
    truth = {"energy_out": simulated.energy_out, "charge_out": simulated.charge_out}
    errors = {name: counted[name] / value - 1 for name, value in truth.items()}
    expect(max(map(abs, errors.values())) < TRUE_WITHIN, f"it counted {counted}, and true is {truth}")

    async def is_zero() -> bool:
        return number(await stage.state(battery, "sensor.energy_out")) == 0

    await Patience(SLACK).until("it counts from zero", is_zero)
    return f"({counted['energy_out']:.2f} Wh, {errors['energy_out']:+.2%})"


async def reset_judges_afresh(stage: Stage) -> str:
    """Reset, it is judged by what is true now."""
    battery = stage.workshop
    charge = battery.device.state_of_charge
    device_id = stage.entities(battery).device_id
    answer = await stage.client.response("battmon.reset_failsafe", device_id=device_id)
    level = "critical" if charge < CRITICAL else "low" if charge < LOW else "none"
    expect(answer["discharge_level"] == level, f"at {charge} % the action answered {answer}")
    await expect_levels(stage, battery, level, level, "none")
    return f"({level} at {charge} %)"
