"""Maxell's smart batteries. Source: ArduPilot, AP_BattMonitor_SMBus_Maxell."""

from typing import ClassVar

from .sbs import Sbs


class Maxell(Sbs):
    """It reports half of what it holds, and promises check bytes that it does not send."""

    key: ClassVar = "maxell"
    name: ClassVar = "Maxell smart battery"
    pec: ClassVar = False
    is_scaled: ClassVar = False
    capacity_factor: ClassVar = 2
