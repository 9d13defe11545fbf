"""How batteries come into Home Assistant and stand in it."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from .. import flows
from ..batteries import Fleet
from ..client import Client, NotInTime, Patience
from ..folder import DASHBOARD
from ..known import Known
from ..stage import INTERVAL, PASSWORD, SLACK, Stage, Wrong, expect

SPARE = "Spare battery"
UNKNOWN = ("unavailable", "unknown", "missing")
YET_TO_BE_KNOWN = {
    "button.read_now": "until it is pressed",
    "button.reset_failsafe": "until it is pressed",
    "event.failsafe_event": "until the first event",
    "sensor.internal_resistance": "until enough steps of the current were seen",
    "sensor.resting_voltage": "until the resistance is known",
    "sensor.time_to_empty": "while nothing is taken out",
    "sensor.time_to_low": "while nothing is taken out",
    "sensor.time_to_full": "while nothing is charged",
    "sensor.days_since_full": "until the battery was full",
    "sensor.state_of_health": "until the capacity was learned",
}
"""Entities that are rightly unknown, and for how long."""


def added_at_once(fleet: Fleet) -> list[Known]:
    """Return the batteries that need not be discovered."""
    return [battery for battery in fleet.known if battery is not fleet.boat]


async def all_are_added(stage: Stage) -> None:
    """All that need not be discovered were added through the dialogs, virtual ones too, and are loaded."""
    titles = (await flows.titles(stage.client)).values()
    expect(
        sorted(titles) == sorted(battery.name for battery in added_at_once(stage.demo.fleet)),
        f"Home Assistant has {titles}",
    )
    states = await flows.entry_states(stage.client)
    expect(set(states.values()) == {"loaded"}, f"their entries are {states}")


async def browser_is_signed_in(stage: Stage) -> None:
    """A browser is signed in by itself and lands on the dashboard."""
    expect("<home-assistant>" in await stage.client.page("/"), "/ is not Home Assistant's page")
    address = f"{stage.demo.url}/"
    answer = await stage.client.sign_in(address, "trusted_networks")
    expect(answer["type"] == "create_entry", f"a browser is asked to sign in: {answer}")
    core = (await stage.client.command("frontend/get_system_data", key="core"))["value"]
    expect(core["default_panel"] == DASHBOARD, f"/ opens {core}")


async def dashboard_is_whole(stage: Stage) -> None:
    """The dashboard shows entities that exist."""
    shown = await shown_entities(stage.client)
    states = await stage.client.states()
    expect(
        shown and not (missing := shown - states.keys()),
        f"it shows entities that are not there: {sorted(missing)}",
    )
    for battery in added_at_once(stage.demo.fleet):
        expect(is_shown(stage, battery, shown), f"it hardly shows the {battery.name}")


async def shown_entities(client: Client) -> set[str]:
    """Return the entities on the dashboard."""
    return _entities_in(await client.command("lovelace/config", url_path=DASHBOARD))


def is_shown(stage: Stage, battery: Known, shown: set[str]) -> bool:
    """Tell whether a battery with all its cells is among the entities shown."""
    least = battery.cells_shown + (12 if battery.cells_shown else 8)
    return len(shown & set(stage.entities(battery).ids.values())) >= least


def _entities_in(config: Any) -> set[str]:
    if isinstance(config, dict):
        own = {config["entity"]} if "entity" in config and isinstance(config["entity"], str) else set()
        return own.union(*map(_entities_in, config.values()))
    return set().union(*map(_entities_in, config)) if isinstance(config, list) else set()


async def all_entities_have_states(stage: Stage) -> None:
    """Every entity has a value or a good reason to have none yet, every cell of a real one an entity."""
    for battery in added_at_once(stage.demo.fleet):
        await expect_states(stage, battery)


async def expect_states(stage: Stage, battery: Known) -> None:
    """Raise Wrong unless every cell of a real battery has an entity, and every entity a state."""
    cells = len(stage.entities(battery).numbered("sensor.cell_"))
    wanted = battery.cells_shown
    expect(cells == wanted, f"{battery.name} shows {cells} cells, not {wanted}")
    poor: list[str] = []

    async def all_have_one() -> bool:
        states = await stage.states(battery)
        poor[:] = [
            name
            for name, state in states.items()
            if state in UNKNOWN and not (state == "unknown" and name in YET_TO_BE_KNOWN)
        ]
        return not poor

    # What a member has just learned takes a moment to those that are made of it.
    with suppress(NotInTime):
        await Patience(SLACK).until("all its entities have values", all_have_one)
    expect(not poor, f"{battery.name} has no value for {poor}")


async def same_port_is_refused(stage: Stage) -> None:
    """A port that is in use already is refused."""
    try:
        await flows.read(stage.client, stage.house.port)
    except flows.AlreadyConfigured:
        return
    raise Wrong("the port of the house battery was taken once more")


async def wrong_port_and_password_can_be_corrected(stage: Stage) -> None:
    """A wrong port and a wrong password can be corrected in the same dialog."""
    client, wrong = stage.client, stage.spare.link.with_name("nothing")
    form = await flows.begin(client)
    answer = await flows.send(client, form, flows.serial_fields(wrong))
    expect(answer.get("errors"), f"nothing is said about a port that is not there: {answer}")
    answer = await flows.send(client, answer, flows.serial_fields(stage.spare.link))
    expect(answer.get("step_id") == "password", f"no password is asked for: {answer}")
    answer = await flows.send(client, answer, {"password": "000001"})
    expect(
        answer.get("step_id") == "password" and answer.get("errors"),
        f"a wrong password is not refused: {answer}",
    )
    answer = await flows.send(client, answer, {"password": PASSWORD})
    expect(answer.get("step_id") == "battery", f"the right password does not help: {answer}")
    expect(
        answer["description_placeholders"]["facts"].startswith("8 cells, "),
        f"it shows {answer['description_placeholders']}",
    )
    stage.spare_entry = await flows.finish(client, answer, SPARE)


async def diagnostics_hold_no_secret(stage: Stage) -> None:
    """Diagnostics can be downloaded and hold no secret."""
    for entry_id in (stage.entry_id(stage.house), stage.spare_entry):
        answer = await stage.client.get(f"diagnostics/config_entry/{entry_id}")
        text = json.dumps(answer["data"])
        secrets = (PASSWORD, "".join(f"0{digit}" for digit in PASSWORD), str(stage.spare.link.parent))
        expect(not any(secret in text for secret in secrets), "a password or a port is in the diagnostics")
        reading = answer["data"]["reading"]
        expect(len(reading["cell_voltages"]) in {8, 16}, f"the reading in the diagnostics is {reading}")
        expect(answer["data"]["conversations"], "no conversations are in the diagnostics")


async def spare_can_be_removed(stage: Stage) -> None:
    """A battery can be removed."""
    await stage.client.delete(f"config/config_entries/entry/{stage.spare_entry}")
    expect(SPARE not in (await flows.titles(stage.client)).values(), "it is still there")


async def sampling_can_be_changed(stage: Stage) -> None:
    """Sampling can be changed in the options."""
    battery = stage.van
    fields = {"interval": 1.0, "publish_interval": 1.0, "cell_entities": False}
    await flows.set_options(stage.client, stage.entry_id(battery), "sampling", fields)

    async def cells_are_gone() -> bool:
        await stage.find_entities()
        return not stage.entities(battery).numbered("sensor.cell_")

    await Patience(SLACK + INTERVAL).until("the cells are no entities any more", cells_are_gone)
    expect("switch.charging" in stage.entities(battery), "the switches are gone with the cells")
    reads = len(battery.line.faults.log)
    await asyncio.sleep(5.2)
    polls = sum(seen.register == 0x03 for seen in battery.line.faults.log[reads:])
    expect(4 <= polls <= 6, f"it was read {polls} times in 5.2 s at an interval of 1 s")
