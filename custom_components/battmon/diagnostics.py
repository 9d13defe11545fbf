"""Diagnostics: all that helps to find a fault, and nothing that is secret."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .const import CONF_BATTERY_KEY
from .coordinator import BattmonConfigEntry, BattmonCoordinator
from .diagnostics_pack import Aliases
from .failsafe_words import failsafe_in_words
from .memory import STORE
from .model.as_json import as_json
from .model.codec import to_plain
from .model.errors import MembersMissing
from .model.estimation.estimate import Estimate, Estimators
from .model.failsafe.failsafe import Failsafe
from .model.failsafe.words import in_words, not_ready_in_words
from .model.memory import to_file
from .model.packs.members import PackReading, missing
from .model.reading import Reading
from .sources import roster_of
from .sources.settings import CONF_ADDRESS, CONF_BLUETOOTH_PASSWORD, CONF_DEVICE, CONF_PASSWORD
from .sources.source import Spoken

# A port's name holds the serial number of its USB adapter, a Bluetooth address tells where people live.
TO_REDACT = {
    CONF_PASSWORD,
    CONF_BLUETOOTH_PASSWORD,
    CONF_DEVICE,
    CONF_ADDRESS,
    "unique_id",
    "discovery_keys",
    "serial_number",
    "title",
    "member_names",
}
# The battery's, and those of the adapters and proxies around it.
ADDRESS = re.compile(r"\b(?:dev_)?[0-9a-f]{2}([:_-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}\b", re.IGNORECASE)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: BattmonConfigEntry
) -> dict[str, Any]:
    """Return what is known of a battery and, if it is loaded, what was last said on its wire."""
    memory = hass.data[STORE].get(entry.data[CONF_BATTERY_KEY])
    loaded = entry.state is ConfigEntryState.LOADED
    titles = [battery.title for battery in roster_of(hass).entries()]
    aliases = Aliases(entry.runtime_data.state.pack if loaded else None, titles)
    found: dict[str, Any] = {
        "entry": async_redact_data(entry.as_dict(), TO_REDACT),
        "memory": async_redact_data(to_file(aliases.in_memory(memory)), TO_REDACT),
    }
    if loaded:
        found |= _running(entry.runtime_data, aliases)
    else:
        found["reason"] = entry.reason
    redacted: dict[str, Any] = _without(_names_of(entry.data), found)
    return redacted


def _running(coordinator: BattmonCoordinator, aliases: Aliases) -> dict[str, Any]:
    state = coordinator.state
    pack = None if state.pack is None else aliases.in_pack(state.pack)
    error = coordinator.last_error
    if isinstance(error, MembersMissing):
        error = None if pack is None else missing(pack)  # it names them
    return {
        "state": {
            "healthy": state.healthy,
            "paused": state.paused,
            "link_quality": coordinator.pace.link_quality,
            "signal_strength": coordinator.source.signal_strength(),
            "sampled_at": state.sampled_at and state.sampled_at.utc.isoformat(),
            "power": state.power,
            "cell_imbalance": state.cell_imbalance,
            "last_error": error and repr(error),
        },
        "reading": state.reading and _measured(state.reading),
        "pack": pack and _plain(pack),
        "failsafe": _judged(aliases.in_failsafe(state.failsafe)),
        "not_ready": [not_ready_in_words(aliases.in_not_ready(why)) for why in state.not_ready],
        "estimate": _plain(state.estimate),
        "estimators": _plain(state.estimators),
        "conversations": [_spoken(spoken) for spoken in coordinator.source.record],
    }


def _measured(reading: Reading) -> dict[str, Any]:
    """Return what every battery tells."""
    told = as_json(reading)
    return {field.name: told[field.name] for field in fields(Reading)}


def _judged(failsafe: Failsafe) -> dict[str, Any]:
    return {
        **failsafe_in_words(failsafe),
        "held": [
            {"reason": in_words(held.reason), "ended": held.ended, "clear_for": held.clear_for}
            for held in failsafe.held
        ],
        "timers": [{"reason": in_words(timer.reason), "elapsed": timer.elapsed} for timer in failsafe.timers],
        "read_within": failsafe.read_within,
    }


def _plain(record: Estimate | Estimators | PackReading) -> Any:
    try:
        return to_plain(record)
    except ValueError as error:
        # What cannot be written is what a fault may be about.
        return {"error": str(error), "text": repr(record)}


def _spoken(spoken: Spoken) -> dict[str, Any]:
    reply = spoken.reply
    return {
        "at": spoken.at.isoformat(),
        "request": REDACTED if spoken.request is None else spoken.request.hex(),
        "reply": reply.hex() if isinstance(reply, bytes) else reply,
    }


def _names_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """What error messages call a port: as it is set up, or the host in its URL."""
    if CONF_DEVICE not in data:
        return ()
    host = urlsplit(data[CONF_DEVICE]).hostname
    return (data[CONF_DEVICE],) if host is None else (data[CONF_DEVICE], host)


def _without(names: tuple[str, ...], found: Any) -> Any:
    """Return what was found with these names, and all addresses, struck out of all texts."""
    if isinstance(found, dict):
        return {key: _without(names, value) for key, value in found.items()}
    if isinstance(found, list):
        return [_without(names, value) for value in found]
    if isinstance(found, str):
        for name in names:
            found = found.replace(name, REDACTED)
        return ADDRESS.sub(REDACTED, found)
    return found
