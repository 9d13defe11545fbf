"""Dialogs about devices on simulated I2C buses."""

from collections.abc import Mapping
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util.ulid import ulid_now
from simulators.battery import SimulatedBattery
from simulators.i2c.ina import Ina226, Ina228
from simulators.i2c.rotoye import RotoyeBatmon
from simulators.i2c.sbs import SbsGauge
from simulators.i2c.sensed import Sensed, Steady

PATH = "/dev/i2c-7"
SHUNT = {"shunt": 0.5, "max_current": 90}
"""mOhm and A."""


def gauge() -> SbsGauge:
    """A smart battery with four cells."""
    return SbsGauge(SimulatedBattery(4, spread=0.0))


def batmon(number: int = 0) -> RotoyeBatmon:
    """One of several of Rotoye's."""
    return RotoyeBatmon(SimulatedBattery(4, spread=0.0), unique_id=bytes(range(number, number + 16)))


def shunt(voltage: float = 13.2, current: float = -5.0) -> Sensed:
    """What a power monitor sees."""
    return Sensed(Steady(voltage, current), 0.0005)


def ina226() -> Ina226:
    """A power monitor with a shunt of 0.5 mOhm."""
    return Ina226(shunt())


def ina228() -> Ina228:
    """Another one."""
    return Ina228(shunt())


async def add(
    hass: HomeAssistant, protocol: str = "ina226", address: int = 0x40, **more: Any
) -> MockConfigEntry:
    """Add a device as the dialog does, and set it up; a power monitor with a shunt of 0.5 mOhm."""
    settings = {"shunt": 0.0005, "max_current": 90} if protocol == "ina226" else {}
    where = {"battery_key": ulid_now(), "wire": "i2c", "bus": PATH, "bus_address": address}
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={**where, "protocol": protocol, **settings, **more},
        unique_id=f"{PATH} 0x{address:02x}",
        title="Van",
    )
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    return entry


async def submit(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: Mapping[str, Any]
) -> ConfigFlowResult:
    """Fill in the form that is shown, and wait while it works."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"], dict(user_input))
    while result["type"] in (FlowResultType.SHOW_PROGRESS, FlowResultType.SHOW_PROGRESS_DONE):
        await hass.async_block_till_done()
        result = await hass.config_entries.flow.async_configure(result["flow_id"])
    return result


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Start to add a battery on a bus."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    return await submit(hass, menu, {"next_step_id": "i2c"})


async def scanned(hass: HomeAssistant, path: str = PATH) -> ConfigFlowResult:
    """Start to add a battery and look at a bus."""
    return await submit(hass, await begin(hass), {"bus": path})


def options_of(result: ConfigFlowResult, field: str) -> dict[str, str]:
    """Return what can be chosen in a field, with its label."""
    assert result["data_schema"] is not None
    selector = result["data_schema"].schema[field]
    return {one["value"]: one["label"] for one in selector.config["options"]}


def suggested_in(result: ConfigFlowResult) -> dict[str, object]:
    """Return what a form has filled in, by field."""
    assert result["data_schema"] is not None
    filled_in = {
        str(field): (field.description or {}).get("suggested_value") for field in result["data_schema"].schema
    }
    return {field: value for field, value in filled_in.items() if value is not None}


def asks(result: ConfigFlowResult, step: str, **errors: str) -> bool:
    """Whether this form is shown, with exactly these errors."""
    return (result.get("step_id"), result.get("errors") or {}) == (step, errors)


def told(result: ConfigFlowResult, name: str) -> str:
    """Return what a placeholder is filled in with."""
    return str((result["description_placeholders"] or {})[name])


async def named(hass: HomeAssistant, result: ConfigFlowResult, name: str = "Van") -> ConfigEntry:
    """Name the battery that was found, and return its entry."""
    assert asks(result, "battery"), result
    created = await submit(hass, result, {"name": name})
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    return created["result"]
