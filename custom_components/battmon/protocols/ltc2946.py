"""LTC2946: voltage up to 100 V, and current in one direction only.

Source: ArduPilot's AP_BattMonitor_LTC2946, which looks for it once at start-up and never sets it up again;
registers of Analog Devices' data sheet. Numbers have 12 bits at the upper end of two bytes.
"""

from typing import ClassVar

from .bus import BusSettings
from .conversation import BusTransfer, Wait
from .power_monitor import CALIBRATION, Mark, Quantity, ShuntMonitor

CONTROL_A, CONTROL_B = (0x00, 0x18), (0x01, 0x01)
DELTA_SENSE, VIN = 0x14, 0x1E
LARGEST_COUNT = 4095


class Ltc2946(ShuntMonitor):
    """It cannot tell charging from discharging: what flows against its direction reads 0."""

    key: ClassVar = "ltc2946"
    name: ClassVar = "LTC2946"
    addresses: ClassVar = tuple(range(0x67, 0x70))
    needs: ClassVar = frozenset({"shunt"})
    takes: ClassVar = CALIBRATION | {"max_current"}
    current_is_unsigned: ClassVar = True
    maker: ClassVar = "Analog Devices"
    # Its name is one byte, which others may say as well; the lower end of its numbers is always 0.
    signs: ClassVar = (
        Mark(0xE7, 0x60, 0xFF, size=1),
        Mark(DELTA_SENSE, 0, 0x000F),
        Mark(VIN, 0, 0x000F),
    )
    full_scale = 0.1024
    voltage = Quantity(VIN, 102.4 / LARGEST_COUNT, shift=4, is_signed=False)
    setting_up = (
        BusTransfer(write=bytes(CONTROL_A)),
        BusTransfer(write=bytes(CONTROL_B)),
        Wait(0.1),
    )
    marks = tuple(Mark(*control, 0xFF, size=1) for control in (CONTROL_A, CONTROL_B))

    def __init__(self, settings: BusSettings) -> None:
        super().__init__(settings)
        step = self.full_scale / self.shunt / LARGEST_COUNT
        self.current = Quantity(DELTA_SENSE, step, shift=4, is_signed=False)
