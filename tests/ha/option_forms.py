"""The options' forms about a battery and its failsafe, walked through as in the browser."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.judgement_options import failsafe_settings
from custom_components.battmon.model.failsafe.levels import Kind
from custom_components.battmon.model.failsafe.settings import Thresholds
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from ..words import DE, EN
from .forms import changed

LIFEPO4 = {"chemistry": "lifepo4", "use": "stationary", "suggest": True}


async def choose(hass: HomeAssistant, entry: MockConfigEntry, step: str) -> ConfigFlowResult:
    """Choose a form from the menu."""
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    result = await submit(hass, menu, {"next_step_id": step})
    assert asks(result, step)
    return result


async def submit(hass: HomeAssistant, result: ConfigFlowResult, values: dict[str, Any]) -> ConfigFlowResult:
    """Fill in what is shown."""
    result = await hass.config_entries.options.async_configure(result["flow_id"], values)
    if result["type"] is FlowResultType.CREATE_ENTRY:
        await hass.async_block_till_done()
    return result


def asks(result: ConfigFlowResult, step: str, **errors: str) -> bool:
    """Whether this form is shown, with exactly these errors."""
    return (result.get("step_id"), result.get("errors") or {}) == (step, errors)


async def save(hass: HomeAssistant, result: ConfigFlowResult, **values: Any) -> None:
    """Change a form and save it; the battery reloads."""
    result = await submit(hass, result, changed(result, **values))
    assert result["type"] is FlowResultType.CREATE_ENTRY, result


async def thresholds(hass: HomeAssistant, entry: MockConfigEntry, **preset: Any) -> ConfigFlowResult:
    """Go through the form that decides what is suggested to the one about thresholds."""
    result = await choose(hass, entry, "failsafe")
    result = await submit(hass, result, changed(result, **preset))
    assert asks(result, "thresholds")
    return result


def judged(entry: MockConfigEntry) -> dict[Kind, Thresholds]:
    """Return the thresholds that are in force."""
    return dict(failsafe_settings(entry.options).thresholds)


def said(result: ConfigFlowResult) -> list[str]:
    """Return what a form says is wrong, in both languages."""
    given = result["description_placeholders"] or {}
    return [
        words["options"]["error"][error].format_map(given)
        for error in (result["errors"] or {}).values()
        for words in (EN, DE)
    ]


# Rules 2 and 1: low, critical, high, critically high in V a cell; charge cold, charge hot, discharge cold
# and discharge hot in degC, each with its critical value.
SUGGESTED = {
    "lifepo4": ((3.0, 2.8, 3.60, 3.65), (3, 0), (45, 55), (-15, -20), (55, 60)),
    "li_ion": ((3.3, 3.0, 4.20, 4.25), (5, 0), (45, 50), (-15, -20), (55, 60)),
    "lipo": ((3.5, 3.2, 4.22, 4.25), (5, 0), (45, 50), (-15, -20), (55, 60)),
    "lead_acid": ((1.95, 1.80, 2.45, 2.50), (-10, -20), (45, 50), (-15, -20), (55, 60)),
    "lto": ((2.0, 1.8, 2.75, 2.85), (-20, -30), (50, 55), (-25, -30), (55, 60)),
    "sodium_ion": ((2.3, 2.0, 4.0, 4.1), (-5, -10), (45, 55), (-15, -20), (55, 60)),
}


def expected(chemistry: str, cells: int) -> dict[Kind, Thresholds]:
    """Return the thresholds of rules 1 and 2."""
    (low, critical, high, too_high), charge_cold, charge_hot, cold, hot = SUGGESTED[chemistry]
    return {
        Kind.LOW_VOLTAGE: Thresholds(low * cells, critical * cells),
        Kind.HIGH_VOLTAGE: Thresholds(high * cells, too_high * cells),
        Kind.LOW_CELL: Thresholds(low, critical),
        Kind.HIGH_CELL: Thresholds(high, too_high),
        Kind.LOW_STATE_OF_CHARGE: Thresholds(20, 10),
        Kind.CHARGE_COLD: Thresholds(*charge_cold),
        Kind.CHARGE_HOT: Thresholds(*charge_hot),
        Kind.DISCHARGE_COLD: Thresholds(*cold),
        Kind.DISCHARGE_HOT: Thresholds(*hot),
        Kind.MOSFET_HOT: Thresholds(85, 95),
    }


def is_about(found: dict[Kind, Thresholds], wanted: dict[Kind, Thresholds]) -> bool:
    """Whether thresholds are the same but for rounding."""
    return found.keys() == wanted.keys() and all(
        found[kind] == pytest.approx(wanted[kind], abs=0.01) for kind in wanted
    )
