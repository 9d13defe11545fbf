"""Entries whose settings do not fit their device: edited by hand, or made by another version."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.model.errors import DoesNotFit
from custom_components.battmon.sources import probe
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util.ulid import ulid_now
from simulators.i2c.bus import Bus
from simulators.i2c.ina import Ina226
from simulators.i2c.kernel import Kernel

from .bus_dialogs import PATH, shunt

WHERE = {"wire": "i2c", "bus": PATH, "bus_address": 0x40}
INA226 = {**WHERE, "protocol": "ina226", "shunt": 0.0005, "max_current": 90}
TOO_LARGE = "the largest current drops 450 mV across the shunt, and INA226 measures 81.92 mV at most"
UNFIT = [
    (INA226 | {"shunt": 0.005}, {}, TOO_LARGE),
    (INA226 | {"shunt": 0.0}, {}, "the shunt must be more than 0, not 0"),
    (WHERE | {"protocol": "ina226"}, {}, "INA226: max current is missing"),
    (INA226, {"current_gain": -1.0}, "the current gain must be more than 0, not -1"),
    (WHERE | {"protocol": "solo", "cells": 6}, {}, "3DR Solo has 4 cells, not 6"),
]


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    with Kernel({PATH: Bus({0x40: Ina226(shunt(13.0, -10.0))})}).installed() as kernel:
        yield kernel


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(("data", "options", "why"), UNFIT)
async def test_an_entry_whose_settings_do_not_fit_says_why_and_is_not_tried_again(
    hass: HomeAssistant, data: dict[str, Any], options: dict[str, Any], why: str
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, data={CONF_BATTERY_KEY: ulid_now(), **data}, options=options)
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "does_not_fit"
    assert (entry.error_reason_translation_placeholders or {})["detail"] == why


@pytest.mark.usefixtures("kernel")
async def test_an_entry_that_was_mended_is_set_up(hass: HomeAssistant) -> None:
    entry = MockConfigEntry(
        domain=DOMAIN, data={CONF_BATTERY_KEY: ulid_now(), **INA226, "shunt": 0.005}, title="Van"
    )
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "shunt": 0.0005})
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.usefixtures("kernel")
async def test_a_dialog_is_told_as_of_any_other_failure(hass: HomeAssistant) -> None:
    with pytest.raises(DoesNotFit, match=TOO_LARGE):
        await probe(hass, INA226 | {"shunt": 0.005})
