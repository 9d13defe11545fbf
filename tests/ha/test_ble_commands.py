"""Commands over a radio link that is lost, or garbled, at each of their steps."""

from typing import override

import pytest

from custom_components.battmon.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulators.bluetooth.link_faults import LinkFault

from ..leaks import held, leaked
from .corner import Cornered
from .test_command_faults import Trial
from .watched import side_by_side

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "impatient", "few_entities")

STEPS = {
    "charging": {"writes": 5, "notifications": 7},
    "balancing": {"writes": 9, "notifications": 11},
}
"""Info and cells before and after; beside the switch, balancing takes entering, reading twice and leaving."""
KINDS = {
    "cut_at_write": "writes",
    "fail_write": "writes",
    "cut_at_notification": "notifications",
    "lose": "notifications",
    "junk": "notifications",
}
HARMLESS = {"lose", "junk"}


class LinkTrial(Trial):
    """A switch that is used while its link fails at one step."""

    def __init__(self, battery: Cornered, switch: str, kind: str, number: int) -> None:
        super().__init__(battery, switch, "", kind, {})
        self._cornered = battery
        self._number = number

    @property
    @override
    def may_fail(self) -> bool:
        return self.name not in HARMLESS

    @override
    def arm(self, count: int | None) -> LinkFault:
        return self._cornered.link_faults.inject(self.name, count, skip=self._number)

    @override
    def disarm(self) -> None:
        self._cornered.link_faults.clear()


def trials(hass: HomeAssistant, kind: str) -> list[LinkTrial]:
    """Return a trial for each step of each command."""
    steps = [(switch, step) for switch, counts in STEPS.items() for step in range(counts[KINDS[kind]])]
    return [
        LinkTrial(Cornered(hass, number, f"{switch}, {kind} {step + 1}"), switch, kind, step)
        for number, (switch, step) in enumerate(steps)
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_link_that_fails_at_any_step_of_a_command_leads_to_an_error_or_the_truth(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    under_way = trials(hass, kind)
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done(wait_background_tasks=True)
    before = held()
    for trial in under_way:
        await trial.battery.set_up(monkeypatch, interval=3600, publish_interval=0.1)
    await side_by_side(*(trial.go_through() for trial in under_way))
    for trial in under_way:
        assert await hass.config_entries.async_unload(trial.battery.entry.entry_id)
        assert trial._cornered.let_go
    assert not leaked(before)
