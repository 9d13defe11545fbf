"""Smart batteries over the real transport: smbus2, its structures, and a simulated kernel below."""

import asyncio
import time
from typing import override

import pytest

from custom_components.battmon.model.errors import BattMonError
from custom_components.battmon.model.reading import Identity, Reading
from custom_components.battmon.protocols.sbs import SmartBattery
from custom_components.battmon.transports.wires import Wires
from simulators.battery import SimulatedBattery
from simulators.chemistry import LI_ION
from simulators.i2c.bus import Bus
from simulators.i2c.chip import Chip
from simulators.i2c.kernel import Kernel
from simulators.load import Constant

from .bus_driver import ADDRESS
from .gauges import KINDS
from .kinds import gauge

PATH = "/dev/i2c-77"


async def read(protocol: SmartBattery) -> tuple[Identity, Reading]:
    wires = Wires()
    wire = await wires.acquire_i2c(PATH, ADDRESS)
    try:
        return await wire.converse(protocol.identify()), await wire.converse(protocol.poll())
    finally:
        await wires.release(wire)


@pytest.mark.parametrize("kind", KINDS)
def test_a_battery_is_read_through_the_kernel(kind: str) -> None:
    key, make, cells, options = KINDS[kind]
    battery = SimulatedBattery(cells, 5.0, chemistry=LI_ION, load=Constant(-12.345))
    bus = Bus({ADDRESS: make(battery, now=time.monotonic, **options)})
    with Kernel({PATH: bus}).installed() as kernel:
        identity, reading = asyncio.run(read(gauge(key)))
    assert reading.current == pytest.approx(-12.345)
    assert len(reading.cell_voltages or ()) == cells
    assert reading.voltage == pytest.approx(battery.terminal_voltage, abs=0.02)
    assert identity.manufacturer
    assert (kernel.forced, kernel.quick, kernel.open_files) == ([], 0, 0)


class Both(Chip):
    """Two at one address answer at the same time: whoever pulls a line down wins, bit by bit."""

    def __init__(self, *chips: Chip) -> None:
        self._chips = chips

    @override
    def written(self, address: int, data: bytes) -> None:
        for chip in self._chips:
            chip.written(address, data)

    @override
    def read(self, address: int, size: int, sent: bytes) -> bytes:
        one, other = (chip.read(address, size, sent) for chip in self._chips)
        return bytes(a & b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("key", ["sbs", "rotoye"])
def test_two_at_one_address_are_not_taken_for_one(key: str) -> None:
    """Their answers mix, and the check byte says so."""
    batteries = [SimulatedBattery(4, 5.0, chemistry=LI_ION, load=Constant(load)) for load in (-12.345, -1.7)]
    _key, make, _cells, options = KINDS[key]
    chips = [make(battery, now=time.monotonic, **options) for battery in batteries]
    with Kernel({PATH: Bus({ADDRESS: Both(*chips)})}).installed(), pytest.raises(BattMonError):
        asyncio.run(read(gauge(key)))
