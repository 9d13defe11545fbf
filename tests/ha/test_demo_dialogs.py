"""The demo's own dialogs, which know nothing of the product, go through those of the product."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.judgement_options import failsafe_settings
from custom_components.battmon.model.failsafe.levels import Kind
from custom_components.battmon.model.failsafe.settings import Thresholds, Use
from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.data_entry_flow import FlowManagerIndexView
from homeassistant.helpers.json import json_dumps
from simulators.demo import flows
from simulators.demo.client import Client, ClientError

from ..battery import Bench
from .house import fixed

pytestmark = pytest.mark.usefixtures("quick")


class Wire:
    """Answers the demo's requests as Home Assistant's views do, as JSON."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass

    async def post(self, path: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Begin a dialog, or fill in a form of it."""
        entries = self._hass.config_entries
        manager: Any = entries.options if "/options/" in path else entries.flow
        if "handler" in fields:
            context = {} if manager is entries.options else {"source": SOURCE_USER}
            result = await manager.async_init(fields["handler"], context=context)
        else:
            result = await manager.async_configure(path.rsplit("/", 1)[1], dict(fields))
        if result["type"] is FlowResultType.CREATE_ENTRY:
            await self._hass.async_block_till_done()
            entry_id = getattr(result.get("result"), "entry_id", None)  # options have none
            return {"type": "create_entry", "result": {"entry_id": entry_id}}
        shown = FlowManagerIndexView(manager)._prepare_result_json(result)
        return dict(json.loads(json_dumps(shown)))


async def added(hass: HomeAssistant, bench: Bench) -> ConfigEntry:
    """Let the demo add a battery."""
    port = bench.plug_in(fixed(remaining_capacity=2.4))
    entry_id = await flows.add(cast(Client, Wire(hass)), Path(port.path), "House")
    entry = hass.config_entries.async_get_entry(entry_id)
    assert entry is not None
    return entry


async def test_the_demo_accepts_what_is_suggested_for_a_battery(hass: HomeAssistant, bench: Bench) -> None:
    entry = await added(hass, bench)
    assert (entry.domain, entry.title) == (DOMAIN, "House")
    settings = failsafe_settings(entry.options)
    assert settings.thresholds[Kind.LOW_VOLTAGE] == pytest.approx((12.0, 11.2))
    assert settings.thresholds[Kind.LOW_CELL] == Thresholds(3.0, 2.8)
    assert settings.use is Use.STATIONARY


async def test_the_demo_may_know_better_what_a_battery_is(hass: HomeAssistant, bench: Bench) -> None:
    for chemistry, low in (("lto", 8.0), (None, None)):
        port = bench.plug_in(fixed(remaining_capacity=2.4))
        entry_id = await flows.add(cast(Client, Wire(hass)), Path(port.path), "House", chemistry=chemistry)
        entry = hass.config_entries.async_get_entry(entry_id)
        assert entry is not None
        assert (entry.options.get("chemistry"), entry.options.get("low_voltage")) == (chemistry, low)


async def test_the_demo_changes_thresholds_in_whatever_section_they_stand(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry = await added(hass, bench)
    before = dict(entry.options)
    changes = {"low_voltage": 12.5, "charge_cold": 2, "low_cell": None, "low_cell_critical": None}
    await flows.set_thresholds(cast(Client, Wire(hass)), entry.entry_id, changes, use="vehicle")
    del before["low_cell"], before["low_cell_critical"]
    assert entry.options == {**before, "use": "vehicle", "low_voltage": 12.5, "charge_cold": 2}


async def test_the_demo_hears_of_a_threshold_that_is_refused(hass: HomeAssistant, bench: Bench) -> None:
    entry = await added(hass, bench)
    with pytest.raises(ClientError, match="low_voltage_order"):
        await flows.set_thresholds(cast(Client, Wire(hass)), entry.entry_id, {"low_voltage": 11})


async def test_the_demo_allows_switches(hass: HomeAssistant, bench: Bench) -> None:
    entry = await added(hass, bench)
    await flows.allow_switches(cast(Client, Wire(hass)), entry.entry_id)
    assert entry.options["allow_charging"] is True
