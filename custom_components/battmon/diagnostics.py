"""Diagnostics: all that helps to find a fault, and nothing that is secret."""

from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.core import HomeAssistant

from .coordinator import BattmonConfigEntry
from .model.as_json import as_json
from .model.memory import to_file
from .sources.settings import CONF_DEVICE, CONF_PASSWORD
from .sources.source import Spoken

# A port's name holds the serial number of its USB adapter.
REDACTED = {CONF_PASSWORD, CONF_DEVICE, "unique_id", "serial_number", "title"}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: BattmonConfigEntry
) -> dict[str, Any]:
    """Return what is known of a battery and what was last said on its wire."""
    coordinator = entry.runtime_data
    state = coordinator.state
    return {
        "entry": async_redact_data(entry.as_dict(), REDACTED),
        "memory": async_redact_data(to_file(coordinator.memory), REDACTED),
        "state": {
            "healthy": state.healthy,
            "sampled_at": state.sampled_at and state.sampled_at.utc.isoformat(),
            "power": state.power,
            "cell_imbalance": state.cell_imbalance,
            "last_error": coordinator.last_error and repr(coordinator.last_error),
        },
        "reading": state.reading and as_json(state.reading),
        "conversations": [_spoken(spoken) for spoken in coordinator.source.record],
    }


def _spoken(spoken: Spoken) -> dict[str, Any]:
    reply = spoken.reply
    return {
        "at": spoken.at.isoformat(),
        "request": "**REDACTED**" if spoken.request is None else spoken.request.hex(),
        "reply": reply.hex() if isinstance(reply, bytes) else reply,
    }
