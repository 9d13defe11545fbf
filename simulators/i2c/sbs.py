"""A smart battery: the registers of the Smart Battery Data Specification 1.1."""

import time
from dataclasses import dataclass
from datetime import date
from typing import override

from ..battery import SimulatedBattery
from .gauge import Clock, Gauge, block, kelvin, millivolts, word

NONE = 0xFFFF
"""A time or a charge limit that there is not."""
FIRST_CELL = 0x3F
IDLE = 0.005
"""A; less than this does not flow."""
INITIALIZED, DISCHARGING, FULLY_CHARGED, FULLY_DISCHARGED = 0x80, 0x40, 0x20, 0x10


@dataclass(frozen=True, kw_only=True)
class Label:
    """What is written into a gauge when the pack is made."""

    manufacturer: str = "SMP"
    device: str = "DB-1200"
    chemistry: str = "LION"
    serial: int = 0x1234
    made: date = date(2024, 3, 15)
    cycles: int = 37
    design_capacity: float = 5.2
    """In Ah."""
    design_voltage: float = 14.8
    """In V."""
    specification: int = 0x0031
    """Revision, version, and the two exponents: of volts and of amperes."""
    mode: int = 0x6001
    """The battery mode; its highest bit makes energies of the capacities."""


class SbsGauge(Gauge):
    """Answers with what its battery truly has."""

    def __init__(
        self,
        battery: SimulatedBattery,
        label: Label | None = None,
        *,
        pec: bool = True,
        now: Clock = time.monotonic,
    ) -> None:
        super().__init__(battery, pec=pec, now=now)
        self.label = label or Label()
        self.alarms = 0
        """Bits of the battery status beyond those that follow from the charge."""
        self.health = 97
        self.registers |= {
            0x03: lambda: word(self.label.mode),
            0x08: lambda: kelvin(battery.temperatures(2)[1]),
            0x09: lambda: word(millivolts(battery.terminal_voltage) / self.volts),
            0x0A: lambda: word(battery.current * 1000 / self.amperes),
            0x0B: lambda: word(battery.current * 1000 / self.amperes),
            0x0C: lambda: word(2),
            0x0D: lambda: word(battery.state_of_charge),
            0x0E: lambda: word(battery.state_of_charge),
            0x0F: lambda: self.capacity(battery.remaining_capacity),
            0x10: lambda: self.capacity(battery.full_capacity),
            0x11: lambda: self.minutes(battery.remaining_capacity, -battery.current),
            0x12: lambda: self.minutes(battery.remaining_capacity, -battery.current),
            0x13: lambda: self.minutes(battery.full_capacity - battery.remaining_capacity, battery.current),
            0x14: lambda: word(5000),
            0x15: lambda: word(millivolts(len(battery.cells) * battery.chemistry.charge_voltage)),
            0x16: self.status,
            0x17: lambda: word(self.label.cycles),
            0x18: lambda: self.capacity(self.label.design_capacity),
            0x19: lambda: word(millivolts(self.label.design_voltage) / self.volts),
            0x1A: lambda: word(self.label.specification),
            0x1B: self.made,
            0x1C: lambda: word(self.label.serial),
            0x20: lambda: block(self.label.manufacturer.encode()),
            0x21: lambda: block(self.label.device.encode()),
            0x22: lambda: block(self.label.chemistry.encode()),
        }
        self.put_cells(*range(FIRST_CELL, 0x2F, -1))

    @property
    @override
    def volts(self) -> int:
        return int(10 ** (self.label.specification >> 8 & 15))

    @property
    def amperes(self) -> int:
        """What one digit of a current stands for, in mA."""
        return int(10 ** (self.label.specification >> 12))

    def capacity(self, charge: float) -> bytes:
        """A charge in Ah, as the battery mode wants it."""
        if self.label.mode & 0x8000:
            return word(charge * self.label.design_voltage * 100 / self.amperes)
        return word(charge * 1000 / self.amperes)

    @staticmethod
    def minutes(charge: float, current: float) -> bytes:
        """How long a charge in Ah lasts at a current in A."""
        return word(min(60 * charge / current, NONE) if current > IDLE else NONE)

    def status(self) -> bytes:
        """The battery status. Idle counts as discharging."""
        percent = round(self.battery.state_of_charge)
        charge = {0: FULLY_DISCHARGED, 100: FULLY_CHARGED}.get(percent, 0)
        idle = 0 if self.battery.current > IDLE else DISCHARGING
        return word(INITIALIZED | self.alarms | charge | idle)

    def made(self) -> bytes:
        """The date of manufacture."""
        day = self.label.made
        return word((day.year - 1980) * 512 + day.month * 32 + day.day)


class MaxellGauge(SbsGauge):
    """Reports half of its capacities, and claims check bytes that it does not send."""

    def __init__(self, battery: SimulatedBattery, *, now: Clock = time.monotonic) -> None:
        label = Label(manufacturer="Hitachi maxell", device="", serial=0x0102)
        super().__init__(battery, label, pec=False, now=now)
        self.registers[0x0F] = lambda: word(battery.remaining_capacity * 500)
        self.registers[0x10] = lambda: word(battery.full_capacity * 500)
