"""Batteries that are joined in forms: entries about which something is known, with nothing behind them."""

from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.model.packs.settings import PackSettings
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState
from custom_components.battmon.sources import roster_of
from custom_components.battmon.sources.pack_settings import pack_settings
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntry, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component

from ..words import DE, EN


@pytest.fixture
async def only_forms(hass: HomeAssistant) -> AsyncIterator[None]:
    """Set BattMon up, but no battery: only what is asked and saved is looked at."""
    await async_setup_component(hass, DOMAIN, {})
    package = f"custom_components.{DOMAIN}"
    with (
        patch(f"{package}.async_setup_entry", return_value=True),
        patch(f"{package}.async_unload_entry", return_value=True),
    ):
        yield
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)


def key_of(title: str) -> str:
    """Return the key of the battery with this title."""
    return f"KEY_{title.upper()}"


def keys_of(*titles: str) -> list[str]:
    """Return the keys of batteries in their order."""
    return [key_of(title) for title in titles]


def battery(
    hass: HomeAssistant,
    title: str,
    *,
    voltage: float | None = None,
    capacity: float | None = None,
    cells: int | None = 4,
    chemistry: str | None = "lifepo4",
) -> MockConfigEntry:
    """Add a battery of which this is known; a voltage makes it one that is in sight."""
    options = {"cells": cells, "chemistry": chemistry}
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=title,
        data={
            CONF_BATTERY_KEY: key_of(title),
            "wire": "serial",
            "protocol": "jbd",
            "device": f"/dev/{title}",
            "baud_rate": 9600,
        },
        options={name: value for name, value in options.items() if value is not None},
        unique_id=f"/dev/{title}",
    )
    entry.add_to_hass(hass)
    if voltage is not None or capacity is not None:
        reading = Reading(voltage=voltage, full_capacity=capacity)
        roster_of(hass).tell(key_of(title), BatteryState(reading=reading, healthy=True), 2.0)
    return entry


def batteries(hass: HomeAssistant, *titles: str, **facts: Any) -> list[MockConfigEntry]:
    """Add several that are alike."""
    return [battery(hass, title, **facts) for title in titles]


def joined(hass: HomeAssistant, kind: str, title: str, *members: str, **options: Any) -> MockConfigEntry:
    """Add a battery that is made of others, by their titles."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=title,
        data={CONF_BATTERY_KEY: key_of(title), "kind": kind},
        options={
            "members": keys_of(*members),
            "member_names": {key_of(member): member for member in members},
            **options,
        },
    )
    entry.add_to_hass(hass)
    return entry


async def begin(hass: HomeAssistant, kind: str) -> ConfigFlowResult:
    """Go to the form about the members of a new battery."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    menu = await submit(hass, menu, {"next_step_id": "virtual"})
    assert menu["menu_options"] == ["series", "parallel", "merged"]
    result = await submit(hass, menu, {"next_step_id": kind})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, kind)
    return result


async def reconfigure(hass: HomeAssistant, entry: ConfigEntry) -> ConfigFlowResult:
    """Choose "reconfigure" from the menu of an entry."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )


async def submit(hass: HomeAssistant, result: ConfigFlowResult, values: dict[str, Any]) -> ConfigFlowResult:
    """Fill in what is shown."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], values)


def members(*titles: str, **values: Any) -> dict[str, Any]:
    """Fill in the form about members."""
    return {"members": keys_of(*titles), **values}


def all_but(*titles: str, **values: Any) -> dict[str, Any]:
    """Fill in that all are members but these."""
    return {**values, "all": {"all_but": True, "excluded": keys_of(*titles)}}


def offered(result: ConfigFlowResult, field: str = "members") -> dict[str, str]:
    """Return what a field offers: key to label."""
    assert result["data_schema"] is not None
    options = result["data_schema"].schema[field].config["options"]
    return {option["value"]: option["label"] for option in options}


def texts_of(result: ConfigFlowResult, root: str, error: str) -> list[str]:
    """Return what a form says is wrong, in both languages."""
    given = result["description_placeholders"] or {}
    return [words[root]["error"][error].format_map(given) for words in (EN, DE)]


async def created(
    hass: HomeAssistant, result: ConfigFlowResult, **values: Any
) -> tuple[ConfigEntry, PackSettings]:
    """Say what the whole is, without a chemistry, and return its entry and what its source gets."""
    assert result["step_id"] == "virtual_battery", result
    result = await submit(hass, result, {"use": "stationary", **values})
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()
    entry = result["result"]
    return entry, settings_of(entry)


def settings_of(entry: ConfigEntry) -> PackSettings:
    """Return what the source of an entry gets."""
    return pack_settings(entry.data, entry.options)


def members_of(entry: ConfigEntry) -> list[str]:
    """Return the members that the source of an entry gets."""
    return [source.key for source in settings_of(entry).members]
