"""The dialogs that add the batteries on an I2C bus, walked through as the browser walks through them."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from .bus_batteries import BusBattery
from .client import Answer, Client, ClientError
from .flows import accepted, again, changed, expect_step, menu, send, waited


async def look(client: Client, path: Path) -> Answer:
    """Let the dialog look at a bus, and return what follows."""
    form = await send(client, await menu(client), {"next_step_id": "i2c"})
    # A machine without any bus says so, and takes one that is typed as well.
    if form["type"] != "form" or form["step_id"] not in ("i2c", "i2c_none"):
        raise ClientError(f"expected to be asked for a bus, got {form}")
    return await waited(client, await send(client, form, {"bus": str(path)}))


def offered(form: Answer) -> dict[str, str]:
    """Return what a form offers to choose from: words by address."""
    field = next(row for row in form["data_schema"] if row["name"] == "devices")
    return {option["value"]: option["label"] for option in field["selector"]["select"]["options"]}


async def add(
    client: Client, pick: Answer, batteries: Sequence[BusBattery]
) -> AsyncIterator[tuple[BusBattery, str]]:
    """Choose devices, in the order of their addresses; add one after the other and yield its entry's id."""
    chosen = [f"0x{battery.address:02x}" for battery in batteries]
    answer = await send(client, pick, {"devices": chosen})
    for battery in batteries:
        created = await _add(client, expect_step(answer, "form", "i2c_device"), battery)
        yield battery, created["result"]["entry_id"]
        if (following := created.get("next_flow")) is not None:
            answer = await again(client, following[1])


async def _add(client: Client, form: Answer, battery: BusBattery) -> Answer:
    told = form["description_placeholders"]["device"]
    if not told.startswith(f"{battery.device} at 0x{battery.address:02X}"):
        raise ClientError(f"expected to be asked about the {battery.name}, not about {told}")
    read = await waited(client, await send(client, form, changed(form, battery.asked)))
    found = expect_step(read, "form", "battery")
    named = changed(found, {"name": battery.name, **battery.chosen})
    return await accepted(client, await send(client, found, named))
