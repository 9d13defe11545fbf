"""The battery that advertises: discovered, added, released, out of range and back."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from simulators.bluetooth.link_faults import CONNECT
from simulators.load import Constant

from .. import flows
from ..batteries import ADDRESS, ADVERTISED_NAME
from ..client import Answer, Patience
from ..phone import Phone
from ..stage import SLACK, Stage, expect, number
from .setup import expect_states, is_shown, shown_entities
from .shown import expect_gone, shows_nothing, shows_values
from .switching import expect_switched
from .values import VALUES, expect_truth

INTERVAL = 1.0
"""How often the battery is read once that was changed, in s."""
OFFERED_WITHIN = 5.0
"""From the first advertisement to the card, in s."""
ADDED_WITHIN = 3.0
"""From submitting the form on the card to the first state, in s."""
UNAVAILABLE_AFTER = 5.0
"""Without a good sample for so long, values are unavailable, in s."""
RELEASED = UNAVAILABLE_AFTER + 1.0
"""How long another central keeps the link, in s."""
ROUNDED = 0.011
"""What board and wire round off a current, in A."""
RELEASE = "switch.release_bluetooth"


async def battery_is_discovered(stage: Stage) -> str:
    """A battery that begins to advertise is offered by a card, and nobody connects to it yet."""
    peripheral, air = stage.boat.peripheral, stage.boat.relay.air
    expect(await flows.find_card(stage.client, ADDRESS) is None, "a battery that nobody hears is offered")
    stage.boat.do(peripheral.reappear)
    stage.boat.do(air.advertise)
    card, seconds = await _offered(stage)
    name = card["context"]["title_placeholders"]["name"]
    expect(ADVERTISED_NAME in name, f"the card says {name}")
    expect(_connections(stage) == 0, "it was connected to before anybody wanted that")
    return f"({seconds:.2f} s)"


async def _offered(stage: Stage) -> tuple[Answer, float]:
    """Wait for the card that offers the battery; return it and the seconds that took."""
    card: Answer | None = None

    async def is_offered() -> bool:
        nonlocal card
        card = await flows.find_card(stage.client, ADDRESS)
        return card is not None

    seconds = await Patience(OFFERED_WITHIN).until("a card offers the battery", is_offered)
    assert card is not None
    return card, seconds


def _connections(stage: Stage) -> int:
    """Count how often anybody has tried to connect to the battery."""
    return stage.boat.do(lambda: stage.boat.peripheral.link_faults.count(CONNECT))


async def discovered_battery_is_added(stage: Stage) -> str:
    """From Submit on its card to its first state takes less than 3 s."""
    seconds = await _add(stage)
    return f"({seconds:.2f} s)"


async def _add(stage: Stage) -> float:
    """Add the battery from its card; return the seconds from Submit to its first state."""
    card, _ = await _offered(stage)
    form = await flows.open_card(stage.client, card)
    begun = time.monotonic()
    found = await flows.connect(stage.client, form)
    seen = found["description_placeholders"]
    expect(seen["facts"].startswith(f"{stage.boat.cells} cells, "), f"the dialog found {seen}")
    entry_id = await flows.finish(stage.client, found, stage.boat.name, **stage.boat.chosen)

    async def has_state() -> bool:
        await stage.find_entities()
        return (
            stage.boat in stage.added and number(await stage.state(stage.boat, "sensor.voltage")) is not None
        )

    await Patience(ADDED_WITHIN).until("its voltage has a state", has_state)
    seconds = time.monotonic() - begun
    expect(seconds < ADDED_WITHIN, f"it took {seconds:.2f} s")
    expect(stage.entry_id(stage.boat) == entry_id, "its device belongs to another entry")
    return seconds


async def added_battery_is_whole(stage: Stage) -> str:
    """Every entity of it has a value, its link quality a percentage."""
    await expect_states(stage, stage.boat)
    quality = number(await stage.state(stage.boat, "sensor.link_quality"))
    expect(quality is not None and 0 < quality <= 100, f"the link quality is {quality}")
    return f"({quality:g} %)"


async def dashboard_shows_it(stage: Stage) -> None:
    """The dashboard shows it as soon as it is there."""

    async def shown() -> bool:
        return is_shown(stage, stage.boat, await shown_entities(stage.client))

    await Patience(SLACK).until("the dashboard shows the battery", shown)


async def its_values_are_true(stage: Stage) -> None:
    """Read now shows what is true in its simulator."""
    await expect_truth(stage, stage.boat)


async def its_diagnostics_hold_no_address(stage: Stage) -> None:
    """Its diagnostics do not tell its address."""
    answer = await stage.client.get(f"diagnostics/config_entry/{stage.entry_id(stage.boat)}")
    text = json.dumps(answer["data"]).upper()
    plain = ADDRESS.replace(":", "")
    expect(ADDRESS not in text and plain not in text, "the address is in the diagnostics")
    expect(answer["data"]["conversations"], "no conversations are in the diagnostics")


async def its_sampling_can_be_changed(stage: Stage) -> None:
    """Its sampling can be changed, and commands to it be allowed, in the options."""
    entry_id = stage.entry_id(stage.boat)
    await flows.allow_switches(stage.client, entry_id)
    fields = {
        "interval": INTERVAL,
        "publish_interval": INTERVAL,
        "cell_entities": True,
        "let_it_sleep": False,
    }
    await flows.set_options(stage.client, entry_id, "sampling", fields)

    async def switches_are_there() -> bool:
        await stage.find_entities()
        return "switch.charging" in stage.entities(stage.boat)

    await Patience(SLACK + INTERVAL).until("its switches are there", switches_are_there)
    await Patience(SLACK + INTERVAL).until("it shows values", shows_values(stage, stage.boat))


async def switch_obeys_over_bluetooth(stage: Stage) -> None:
    """Its charging switch moves the FET over Bluetooth."""
    for on in (False, True):
        await expect_switched(stage, stage.boat, "charging", on)


async def released_battery_is_free(stage: Stage) -> None:
    """Released, it shows no values, another central can have it, and that is no fault."""
    await stage.client.action("switch.turn_on", entity_id=stage.entities(stage.boat)[RELEASE])
    shows_none = shows_nothing(stage, VALUES, stage.boat)
    await Patience(SLACK).until("its values are unavailable", shows_none)
    before = _connections(stage)
    async with Phone(stage.boat.socket, ADDRESS) as phone:
        link = await phone.connect(within=SLACK + INTERVAL)
        expect(link is not None and link.services, "another central cannot connect")
        assert link is not None
        await asyncio.sleep(RELEASED)
        expect(link.connected, "the other central has lost the link")
        await link.disconnect()
    expect(_connections(stage) == before + 1, "Home Assistant tried to connect to a battery it had released")
    expect(await shows_none(), "values are shown although nobody reads them")
    expect(stage.times_out_of_sight(stage.boat) == 0, "the log says that it is out of sight")


async def taken_back_it_shows_what_is_true(stage: Stage) -> str:
    """Taken back, it is read at once, and the first value shown is new and true."""
    with _drawing(stage, 1.11) as current:
        begun = time.monotonic()
        await stage.client.action("switch.turn_off", entity_id=stage.entities(stage.boat)[RELEASE])
        first = await _first_current(stage)
        seconds = time.monotonic() - begun
    expect(abs(first - current) < ROUNDED, f"the current is {current:.2f} A and shown as {first:.2f} A")
    return f"({seconds:.2f} s)"


@contextmanager
def _drawing(stage: Stage, rate: float) -> Iterator[float]:
    """Have the load draw what it never draws otherwise, at a rate in C; give the current, in A."""
    battery = stage.boat.rig.battery
    load, current = battery.load, -rate * battery.cells[0].capacity
    stage.boat.do(lambda: setattr(battery, "load", Constant(current)))
    try:
        yield current
    finally:
        stage.boat.do(lambda: setattr(battery, "load", load))


async def _first_current(stage: Stage) -> float:
    """Wait for any current to be shown, and return it, in A."""
    shown: float | None = None

    async def is_shown() -> bool:
        nonlocal shown
        shown = number(await stage.state(stage.boat, "sensor.current"))
        return shown is not None

    await Patience(SLACK, pause=0.02).until("a current is shown", is_shown)
    assert shown is not None
    return shown


async def cut_link_is_made_again(stage: Stage) -> str:
    """A link that is cut is made again within two polls, and nobody need know."""
    before = _connections(stage)
    with _drawing(stage, 1.22) as current:
        stage.boat.do(stage.boat.peripheral.cut)
        seconds = await _shows_current(stage, current)
    expect(_connections(stage) > before, "the link was not cut")
    expect(stage.times_out_of_sight(stage.boat) == 0, "the log says that it is out of sight")
    return f"({seconds:.2f} s)"


async def _shows_current(stage: Stage, current: float) -> float:
    """Wait, not longer than two polls, until a current is shown; return the seconds that took."""

    async def shown() -> bool:
        value = number(await stage.state(stage.boat, "sensor.current"))
        return value is not None and abs(value - current) < ROUNDED

    return await Patience(2 * INTERVAL + SLACK).until(f"{current:.2f} A are shown", shown)


async def battery_out_of_range_is_noticed(stage: Stage) -> None:
    """Out of range, its values are unavailable in time, and one line in the log says why."""
    stage.boat.do(stage.boat.peripheral.vanish)
    await expect_gone(stage, VALUES, stage.boat, within=UNAVAILABLE_AFTER + SLACK)
    times = stage.times_out_of_sight(stage.boat)
    expect(times == 1, f"the log says {times} times that it is out of sight")


async def battery_in_range_again_is_noticed(stage: Stage) -> str:
    """In range again, it shows new values within two polls."""
    with _drawing(stage, 1.33) as current:
        stage.boat.do(stage.boat.peripheral.reappear)
        seconds = await _shows_current(stage, current)
    expect(await shows_values(stage, stage.boat)(), "not all its values are back")
    await expect_truth(stage, stage.boat)
    return f"({seconds:.2f} s)"


async def removed_battery_is_discovered_again(stage: Stage) -> str:
    """Removed, it is discovered again, and can be added again."""
    await stage.client.delete(f"config/config_entries/entry/{stage.entry_id(stage.boat)}")
    expect(stage.boat.name not in (await flows.titles(stage.client)).values(), "it is still there")
    _, offered = await _offered(stage)
    added = await _add(stage)
    await its_sampling_can_be_changed(stage)
    return f"(card after {offered:.2f} s, from Submit to its first state {added:.2f} s)"
