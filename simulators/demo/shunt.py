"""A shunt on the house battery that another integration reads: to BattMon, entities like any others.

Their states are written from outside. They come some time after Home Assistant, and are gone when it restarts
until they are written again, as the entities of many integrations are.
"""

import asyncio
from contextlib import suppress

from simulators.battery import SimulatedBattery

from .client import Client, ClientError

REPORTS = 1.0
"""Seconds from one report to the next."""
VOLTAGE = "sensor.shunt_voltage"
CURRENT = "sensor.shunt_current"
CHARGE = "sensor.shunt_state_of_charge"
ENTITIES = {"voltage": VOLTAGE, "current": CURRENT, "state_of_charge": CHARGE}
"""What the dialog asks for, and which entity that is."""
TIME_OUT = 30.0
"""Without a report for so long an entity counts as silent, in s."""
_DIGITS = {VOLTAGE: 3, CURRENT: 3, CHARGE: 1}
_UNITS = {VOLTAGE: "V", CURRENT: "A", CHARGE: "%"}
_CLASSES = {VOLTAGE: "voltage", CURRENT: "current", CHARGE: "battery"}
_NAMES = {VOLTAGE: "Shunt voltage", CURRENT: "Shunt current", CHARGE: "Shunt state of charge"}


class Shunt:
    """Measures a battery for itself, finer than the board of that does."""

    def __init__(self, battery: SimulatedBattery) -> None:
        """Prepare to measure a battery."""
        self._battery = battery
        self.offset = 0.0
        """What it shows more than flows, in A."""
        self.silent: frozenset[str] = frozenset()
        """Those of its entities that are unavailable."""

    async def run(self, client: Client) -> None:
        """Report until cancelled."""
        while True:
            # A Home Assistant that somebody restarts takes nothing for a while.
            with suppress(ClientError):
                await self.report(client)
            await asyncio.sleep(REPORTS)

    async def report(self, client: Client) -> None:
        """Write all states."""
        for entity_id, value in self.measured().items():
            text = "unavailable" if entity_id in self.silent else f"{value:.{_DIGITS[entity_id]}f}"
            attributes = {
                "friendly_name": _NAMES[entity_id],
                "device_class": _CLASSES[entity_id],
                "state_class": "measurement",
                "unit_of_measurement": _UNITS[entity_id],
            }
            await client.post(f"states/{entity_id}", {"state": text, "attributes": attributes})

    def measured(self) -> dict[str, float]:
        """Return what it measures now, by entity."""
        battery = self._battery
        return {
            VOLTAGE: battery.terminal_voltage,
            CURRENT: battery.current + self.offset,
            CHARGE: battery.state_of_charge,
        }
