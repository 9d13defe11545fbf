"""The dialogs that add a battery and allow its commands, walked through as the browser walks through them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .client import Answer, Client, ClientError, Patience

_FLOW = "config/config_entries/flow"
_OPTIONS = "config/config_entries/options/flow"
DOMAIN = "battmon"
_CONNECTED = Patience(25.0)
"""The dialog gives up connecting after 20 s."""


class AlreadyConfigured(ClientError):
    """The battery is in Home Assistant already."""


async def begin(client: Client) -> Answer:
    """Open the dialog that adds a battery and choose the serial port: the form asks which."""
    return await choose(client, await menu(client), "serial")


async def menu(client: Client) -> Answer:
    """Open the dialog that adds a battery: the menu asks how it is connected."""
    return expect_step(await client.post(_FLOW, {"handler": DOMAIN}), "menu", "user")


async def choose(client: Client, asked: Answer, item: str) -> Answer:
    """Choose an item that leads to a form of the same name."""
    return expect_step(await send(client, asked, {"next_step_id": item}), "form", item)


async def send(client: Client, form: Answer, fields: Mapping[str, Any]) -> Answer:
    """Fill in a form of the dialog that adds a battery and return what comes next, whatever it is."""
    return await client.post(f"{_FLOW}/{form['flow_id']}", fields)


def serial_fields(port: Path) -> dict[str, Any]:
    """Return what the first form wants to know about a battery on a serial port."""
    return {"device": str(port), "protocol": "jbd", "line": {}}


async def read(client: Client, port: Path) -> Answer:
    """Open the dialog and let it read the battery; return the form that shows what it found."""
    answer = await send(client, await begin(client), serial_fields(port))
    if answer["type"] == "abort" and answer["reason"] == "already_configured":
        raise AlreadyConfigured(f"a battery on {port} is there already")
    return expect_step(answer, "form", "battery")


async def add(client: Client, port: Path, name: str, **battery: Any) -> str:
    """Add the battery at a port and return its config entry's id."""
    return await finish(client, await read(client, port), name, **battery)


async def find_card(client: Client, address: str) -> Answer | None:
    """Return the card that offers the battery at a Bluetooth address, if there is one."""
    for row in await client.command("config_entries/flow/progress"):
        if row["handler"] == DOMAIN and row["context"].get("unique_id") == address.lower():
            return dict(row)
    return None


async def open_card(client: Client, card: Answer) -> Answer:
    """Click on a card and return the form that asks whether to connect."""
    return expect_step(await client.get(f"{_FLOW}/{card['flow_id']}"), "form", "bluetooth_confirm")


async def connect(client: Client, form: Answer) -> Answer:
    """Submit that form, wait while the dialog connects, and return what follows."""
    answer = expect_step(await send(client, form, {}), "progress", "connect")
    return expect_step(await waited(client, answer), "form", "battery")


async def waited(client: Client, answer: Answer) -> Answer:
    """Wait while a dialog works, and return what follows."""

    async def goes_on() -> bool:
        nonlocal answer
        if answer["type"] == "progress":
            answer = await again(client, answer["flow_id"])
        return bool(answer["type"] != "progress")

    await _CONNECTED.until("the dialog is done", goes_on)
    return answer


async def again(client: Client, flow_id: str) -> Answer:
    """Return where a dialog stands."""
    return dict(await client.get(f"{_FLOW}/{flow_id}"))


async def close(client: Client, answer: Answer) -> None:
    """Close a dialog."""
    await client.delete(f"{_FLOW}/{answer['flow_id']}")


async def finish(client: Client, form: Answer, name: str, **battery: Any) -> str:
    """Name the battery that was found, accept what is suggested and return its config entry's id.

    `battery` (chemistry, use) goes before what is suggested.
    """
    return await accept(client, await send(client, form, changed(form, {"name": name, **battery})))


async def accept(client: Client, answer: Answer) -> str:
    """Accept the thresholds that are suggested, if any are, and return the config entry's id."""
    entry_id: str = (await accepted(client, answer))["result"]["entry_id"]
    return entry_id


async def accepted(client: Client, answer: Answer) -> Answer:
    """Accept the thresholds that are suggested, if any are, and return all that is said of the new entry."""
    if answer["type"] == "form":
        answer = await send(client, answer, filled_in(expect_step(answer, "form", "thresholds")))
    return expect_step(answer, "create_entry")


def filled_in(form: Answer) -> dict[str, Any]:
    """Return what a form holds before anything is typed, as the browser sends it."""
    return _filled_in(form["data_schema"])


def _filled_in(fields: list[Answer]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        suggested = (field.get("description") or {}).get("suggested_value")
        if field.get("type") == "expandable":
            values[field["name"]] = _filled_in(field["schema"])
        elif suggested is not None or "default" in field:
            values[field["name"]] = field["default"] if suggested is None else suggested
    return values


def changed(form: Answer, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form holds, with some fields changed in whatever section they stand; `None` clears."""
    values = filled_in(form)
    places = {
        field["name"]: values if part is None else values[part["name"]]
        for part, fields in [(None, form["data_schema"]), *_sections(form)]
        for field in fields
    }
    for name, value in changes.items():
        places[name].pop(name, None)
        if value is not None:
            places[name][name] = value
    return values


def _sections(form: Answer) -> list[tuple[Answer, list[Answer]]]:
    return [(part, part["schema"]) for part in form["data_schema"] if part.get("type") == "expandable"]


async def set_options(client: Client, entry_id: str, menu: str, fields: Mapping[str, Any]) -> None:
    """Choose an item in the menu of a battery's options, fill in its form and save."""
    form = await open_options(client, entry_id, menu)
    expect_step(await send_option(client, form, fields), "create_entry")


async def open_options(client: Client, entry_id: str, menu: str) -> Answer:
    """Choose an item in the menu of a battery's options and return its form."""
    answer = expect_step(await client.post(_OPTIONS, {"handler": entry_id}), "menu")
    return expect_step(await send_option(client, answer, {"next_step_id": menu}), "form", menu)


async def send_option(client: Client, form: Answer, fields: Mapping[str, Any]) -> Answer:
    """Fill in a form of the options and return what comes next, whatever it is."""
    return await client.post(f"{_OPTIONS}/{form['flow_id']}", fields)


async def set_thresholds(client: Client, entry_id: str, changes: Mapping[str, Any], **battery: Any) -> None:
    """Change a battery's thresholds; `battery` (chemistry, cells, use, suggest) decides what is suggested."""
    form = await open_options(client, entry_id, "failsafe")
    form = expect_step(await send_option(client, form, changed(form, battery)), "form", "thresholds")
    expect_step(await send_option(client, form, changed(form, changes)), "create_entry")


async def allow_switches(client: Client, entry_id: str) -> None:
    """Permit every command to a battery that there is."""
    form = await open_options(client, entry_id, "commands")
    fields = {field["name"]: True for field in form["data_schema"]}
    expect_step(await send_option(client, form, fields), "create_entry")


async def entry_at(client: Client, address: str) -> str | None:
    """Return the config entry's id of the battery at a Bluetooth address, if it was added."""
    ours = await entry_ids(client)
    for device in await client.command("config/device_registry/list"):
        if ["bluetooth", address] in device["connections"]:
            return next((entry_id for entry_id in device["config_entries"] if entry_id in ours), None)
    return None


async def entry_states(client: Client) -> dict[str, str]:
    """Return the state of every enabled battery's config entry, by its id."""
    entries = await client.get(f"config/config_entries/entry?domain={DOMAIN}")
    return {entry["entry_id"]: entry["state"] for entry in entries if entry["disabled_by"] is None}


async def titles(client: Client) -> dict[str, str]:
    """Return the title of every battery's config entry, by its id."""
    entries = await client.get(f"config/config_entries/entry?domain={DOMAIN}")
    return {entry["entry_id"]: entry["title"] for entry in entries}


async def entry_ids(client: Client) -> set[str]:
    """Return the ids of all batteries' config entries."""
    return set(await titles(client))


def expect_step(answer: Answer, kind: str, step: str | None = None) -> Answer:
    """Return what was answered if it is of this kind; raise ClientError if not, or if it tells errors."""
    if answer["type"] != kind or (step is not None and answer["step_id"] != step):
        raise ClientError(f"expected {kind} {step or ''}, got {answer}")
    if answer.get("errors"):
        raise ClientError(f"the form {answer['step_id']} says {answer['errors']}")
    return answer
