"""Blueprints as people use them: imported into Home Assistant, filled in, and running."""

import asyncio
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import async_capture_events, async_fire_time_changed

from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from ..product import ROOT

FOLDER = ROOT / "blueprints" / "automation" / "battmon"
TOLD, OFF, ON = "persistent_notification.create", "homeassistant.turn_off", "homeassistant.turn_on"
HEARD = {"homeassistant", "persistent_notification", "script"}
"""Domains whose actions are heard. What a load is told follows from `homeassistant`."""
ALL = {"boiler", "fridge", "inverter"}
"""Loads, of which every one is on in the beginning."""
LOW = {"reasons": ["low voltage: 13.5 V < 14.0 V for 10 s"], "test": False}
NONE = {"reasons": [], "test": False}
DRILL = {"reasons": ["drill"], "test": True}
"""Attributes of a level."""
UNKNOWN = ("unavailable", "unknown", None)
"""States that say nothing; `None` is an entity that is not there."""
NOON = datetime(2026, 11, 20, 20, tzinfo=UTC)
"""In the local time of tests."""
TURNS = 100
"""Of the event loop, until everything has happened that happens now."""


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """A configuration into which people have imported the blueprints."""
    shutil.copytree(FOLDER, tmp_path / "blueprints" / "automation" / "battmon")
    return str(tmp_path)


def loads(*names: str) -> dict[str, Any]:
    """Return what a person chooses as a target."""
    return {"entity_id": [f"input_boolean.{name}" for name in names]}


def script(name: str, delay: float = 0.0) -> dict[str, Any]:
    """Return a script that tells that it ran, and what it was told."""
    told = {"event": "script_ran", "event_data": {"name": name, "why": "{{ reasons }}"}}
    return {"sequence": [{"delay": delay}, told]}


def on(hass: HomeAssistant) -> set[str]:
    """Return the loads that are on."""
    return {state.object_id for state in hass.states.async_all("input_boolean") if state.state == "on"}


async def furnish(hass: HomeAssistant) -> None:
    """Bring in loads that are on, and scripts."""
    scripts = {"anchor": script("anchor"), "harbour": script("harbour"), "long": script("long", 60.0)}
    await _set_up(hass, "homeassistant", {})
    await _set_up(hass, "persistent_notification", {})
    await _set_up(hass, "input_boolean", {name: {"initial": True} for name in ALL})
    await _set_up(hass, "script", scripts)


async def automate(hass: HomeAssistant, blueprint: str, inputs: Mapping[str, Any]) -> None:
    """Make an automation of a blueprint."""
    use = {"path": f"battmon/{blueprint}.yaml", "input": dict(inputs)}
    await _set_up(hass, "automation", {"alias": "tested", "use_blueprint": use})
    assert hass.states.is_state("automation.tested", "on")


async def switch_off(hass: HomeAssistant) -> None:
    """Switch the automation off: what it waits for does not come any more."""
    target = {"entity_id": "automation.tested"}
    await hass.services.async_call("automation", "turn_off", target, blocking=True)


async def _set_up(hass: HomeAssistant, domain: str, config: Mapping[str, Any]) -> None:
    assert await async_setup_component(hass, domain, {domain: config})


class Automated:
    """One automation made of a blueprint, the entity that it looks at, and what it does."""

    def __init__(
        self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, blueprint: str, entity: str
    ) -> None:
        self.hass = hass
        self.blueprint = blueprint
        self.entity = entity
        self.told: list[str] = []
        """The messages among what `did` has returned last."""
        self._freezer = freezer
        self._called = async_capture_events(hass, EVENT_CALL_SERVICE)
        self._ran = async_capture_events(hass, "script_ran")
        freezer.move_to(NOON)

    async def set_up(self, inputs: Mapping[str, Any], state: str | None = None, **attributes: Any) -> None:
        """Begin with the entity in a state, loads that are on, and scripts."""
        await furnish(self.hass)
        await self.becomes(state, **attributes)
        await automate(self.hass, self.blueprint, inputs)
        self._called.clear()

    async def restart(self, inputs: Mapping[str, Any], state: str | None, **attributes: Any) -> None:
        """Let Home Assistant start with the entity in a state."""
        self.hass.set_state(CoreState.not_running)
        await self.set_up(inputs, state, **attributes)
        await self.hass.async_start()
        await self._settle()

    async def end(self) -> None:
        """Have no more of it."""
        await switch_off(self.hass)

    async def becomes(self, state: str | None, **attributes: Any) -> None:
        """Let the entity have another state."""
        if state is None:
            self.hass.states.async_remove(self.entity)
        else:
            self.hass.states.async_set(self.entity, state, {"friendly_name": "House", **attributes})
        await self._settle()

    async def passes(self, **time: float) -> None:
        """Let time pass."""
        self._freezer.tick(timedelta(**time))
        async_fire_time_changed(self.hass)
        await self._settle()

    async def comes(self, time: str, days: int) -> None:
        """Let time pass until a time of a day, counted from the first one, has just come."""
        zone = dt_util.get_default_time_zone()
        then = datetime.combine(NOON, time_of_day.fromisoformat(time), zone) + timedelta(days=days)
        await self.passes(seconds=1.0 + (then - dt_util.now()).total_seconds())

    def did(self) -> list[str]:
        """Return the actions that were carried out since this was asked last, by name."""
        called = [event.data for event in self._called if event.data["domain"] in HEARD]
        self._called.clear()
        self.told = [call["service_data"]["message"] for call in called if call["service"] == "create"]
        return sorted(f"{call['domain']}.{call['service']}" for call in called)

    def ran(self) -> list[str]:
        """Return which scripts have run at all, by name."""
        return sorted(event.data["name"] for event in self._ran)

    def why(self) -> list[str]:
        """Return the reasons that scripts were given."""
        return [event.data["why"] for event in self._ran]

    def on(self) -> set[str]:
        """Return the loads that are on."""
        return on(self.hass)

    async def _settle(self) -> None:
        # Not `async_block_till_done`: that waits for the end of every delay.
        for _turn in range(TURNS):
            await asyncio.sleep(0)
