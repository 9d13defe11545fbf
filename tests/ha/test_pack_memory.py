"""What a virtual battery remembers, as any battery does."""

from typing import Any

import pytest

from custom_components.battmon.model.estimation.charge_counting import Origin
from custom_components.battmon.model.failsafe.levels import Level, Side
from custom_components.battmon.sources.roster import ROSTER, Roster
from homeassistant.core import HomeAssistant

from ..battery import shown, until
from .house import coordinator_of
from .judged import Events, in_file, levels, reasons, restart
from .members import Fake, combined, hurry, join, ready
from .room import Clock

LOW_VOLTAGE: dict[str, Any] = {"low_voltage": 26.0, "low_voltage_delay": 0.0}


@pytest.fixture(autouse=True)
async def _ready(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    await ready(hass)


def nobody_is_known(hass: HomeAssistant) -> None:
    """Forget what members said: after a start nobody has said anything."""
    hass.data[ROSTER] = Roster(hass)


async def test_its_own_level_outlasts_a_restart_in_which_no_member_comes(hass: HomeAssistant) -> None:
    first, second = Fake(hass, "Pack A"), Fake(hass, "Pack B")
    first.says(voltage=12.0)
    second.says(voltage=12.0)
    entry = await join(hass, "series", first, second, **LOW_VOLTAGE)
    first.says(voltage=12.0)
    await until(hass, lambda: shown(hass, entry, "sensor", "failsafe") == "low")
    assert reasons(hass, entry) == ["low voltage: 24.0 V < 26.0 V"]
    nobody_is_known(hass)
    await restart(hass, entry)
    assert shown(hass, entry, "sensor", "quality") == "insufficient"
    assert levels(hass, entry) == {"failsafe": "low", "discharge_level": "low", "charge_level": "none"}
    assert reasons(hass, entry) == ["low voltage: 24.0 V < 26.0 V"]


async def test_a_members_level_is_there_at_once_and_raises_no_event_after_a_restart(
    hass: HomeAssistant,
) -> None:
    first, second = Fake(hass, "Pack A"), Fake(hass, "Pack B")
    first.raises(Level.LOW, Side.DISCHARGE)
    second.says()
    entry = await join(hass, "series", first, second)
    await until(hass, lambda: reasons(hass, entry) == ["Pack A is low"])
    nobody_is_known(hass)
    await restart(hass, entry)
    assert reasons(hass, entry) == ["Pack A is low"]
    events = Events(hass, entry)
    second.says()
    await until(hass, lambda: coordinator_of(entry).state.pack is not None)
    first.says()
    await until(hass, lambda: shown(hass, entry, "sensor", "quality") == "ok")
    assert reasons(hass, entry) == ["Pack A is low"]
    assert not {"level_rose", "level_fell", "reason_began"} & {change for change, _ in events.changes}


async def test_a_charge_that_is_counted_on_does_not_jump_at_a_restart(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    first, second = Fake(hass, "Shunt"), Fake(hass, "BMS")
    first.says(state_of_charge=80.0)
    second.says(state_of_charge=60.0)
    entry = await join(hass, "merged", first, second)
    assert float(shown(hass, entry, "sensor", "state_of_charge")) == 80.0
    await coordinator_of(entry).knowledge.async_save()
    assert in_file(hass_storage, entry, "merged")["state_of_charge"]["source"] == first.key
    nobody_is_known(hass)
    await restart(hass, entry)
    second.says(state_of_charge=60.0)
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") != "unavailable")
    told = coordinator_of(entry).state.estimate.state_of_charge
    assert told is not None
    assert (round(told.value), told.origin) == (80, Origin.COUNTED)
    first.says(state_of_charge=79.0)
    await until(hass, lambda: shown(hass, entry, "sensor", "state_of_charge") == "79.0")


async def test_totals_go_on_after_a_restart(
    hass: HomeAssistant, clock: Clock, hass_storage: dict[str, Any]
) -> None:
    member = Fake(hass, "Pack A")
    member.says(current=-20.0)
    entry = await join(hass, "series", member)
    await clock.advance(30)
    member.says(current=-20.0)
    await combined(hass, entry)
    out = coordinator_of(entry).state.estimators.counting.charge_out
    assert out == pytest.approx(20 * 30 / 3600, rel=0.1)
    await coordinator_of(entry).knowledge.async_save()
    assert in_file(hass_storage, entry, "estimators")["counting"]["charge_out"] == pytest.approx(out)
    nobody_is_known(hass)
    await restart(hass, entry)
    counted = coordinator_of(entry).state.estimators.counting.charge_out
    assert counted == pytest.approx(out, rel=0.01)
    assert float(shown(hass, entry, "sensor", "charge_out")) == pytest.approx(out, abs=0.01)
