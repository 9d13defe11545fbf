"""The dialogs that add a battery and allow its commands, walked through as the browser walks through them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .client import Answer, Client, ClientError

_FLOW = "config/config_entries/flow"
_OPTIONS = "config/config_entries/options/flow"
DOMAIN = "battmon"


class AlreadyConfigured(ClientError):
    """The battery is in Home Assistant already."""


async def begin(client: Client) -> Answer:
    """Open the dialog that adds a battery: its first form asks for the port."""
    return _expect(await client.post(_FLOW, {"handler": DOMAIN}), "form", "serial")


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
    return _expect(answer, "form", "battery")


async def add(client: Client, port: Path, name: str) -> str:
    """Add the battery at a port and return its config entry's id."""
    answer = await send(client, await read(client, port), {"name": name})
    entry_id: str = _expect(answer, "create_entry")["result"]["entry_id"]
    return entry_id


async def set_options(client: Client, entry_id: str, menu: str, fields: Mapping[str, Any]) -> None:
    """Choose an item in the menu of a battery's options, fill in its form and save."""
    answer = _expect(await client.post(_OPTIONS, {"handler": entry_id}), "menu")
    path = f"{_OPTIONS}/{answer['flow_id']}"
    _expect(await client.post(path, {"next_step_id": menu}), "form", menu)
    _expect(await client.post(path, fields), "create_entry")


async def allow_switches(client: Client, entry_id: str) -> None:
    """Permit every command to a battery."""
    fields = {"allow_charging": True, "allow_discharging": True, "allow_balancing": True}
    await set_options(client, entry_id, "commands", fields)


async def entry_states(client: Client) -> dict[str, str]:
    """Return the state of every enabled battery's config entry, by its id."""
    entries = await client.get(f"config/config_entries/entry?domain={DOMAIN}")
    return {entry["entry_id"]: entry["state"] for entry in entries if entry["disabled_by"] is None}


async def entry_ids(client: Client) -> set[str]:
    """Return the ids of all batteries' config entries."""
    entries = await client.get(f"config/config_entries/entry?domain={DOMAIN}")
    return {entry["entry_id"] for entry in entries}


def _expect(answer: Answer, kind: str, step: str | None = None) -> Answer:
    if answer["type"] != kind or (step is not None and answer["step_id"] != step):
        raise ClientError(f"expected {kind} {step or ''}, got {answer}")
    if answer.get("errors"):
        raise ClientError(f"the form {answer['step_id']} says {answer['errors']}")
    return answer
