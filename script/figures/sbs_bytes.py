"""What a poll of a smart battery with 12 cells sends and reads, against the least that its values take.

The battery is simulated, the bus and the kernel in front of it too; all above is as in the product.
"""

import asyncio

from custom_components.battmon.model.reading import Reading
from custom_components.battmon.protocols.bus import BusSettings
from custom_components.battmon.protocols.sbs_gauge import Sbs
from custom_components.battmon.transports.wires import Wires
from simulators.battery import SimulatedBattery
from simulators.chemistry import LI_ION
from simulators.i2c.bus import Bus
from simulators.i2c.kernel import Kernel
from simulators.i2c.sbs import SbsGauge
from simulators.load import Constant

ADDRESS = 0x0B
PATH = "/dev/i2c-bench"
CELLS = 12
POLLS = 60
WORD = 6
"""Bytes: address, register, address again, two of content, check byte."""
CHANGING = (
    "voltage",
    "current",
    "state_of_charge",
    "remaining_capacity",
    "alarms",
    "time_to_empty",
    "time_to_full",
)


def least(reading: Reading) -> int:
    """Return the bytes without which what changes in a reading cannot be known."""
    values = sum(getattr(reading, name) is not None for name in CHANGING)
    return WORD * (values + len(reading.cell_voltages or ()) + len(reading.temperatures or ()))


async def _share(bus: Bus) -> float:
    wires = Wires()
    wire = await wires.acquire_i2c(PATH, ADDRESS)
    protocol = Sbs(BusSettings(address=ADDRESS))
    try:
        await wire.converse(protocol.identify())
        bus.log.clear()
        readings = [await wire.converse(protocol.poll()) for _ in range(POLLS)]
    finally:
        await wires.release(wire)
    assert all(len(reading.cell_voltages or ()) == CELLS for reading in readings)
    return sum(one.bytes_on_wire for one in bus.log) / sum(map(least, readings))


def sbs_bytes() -> float:
    """Return the bytes on the wire over the least possible, in some polls."""
    battery = SimulatedBattery(CELLS, 10.0, chemistry=LI_ION, load=Constant(-4.0))
    bus = Bus({ADDRESS: SbsGauge(battery)})
    with Kernel({PATH: bus}).installed():
        return asyncio.run(_share(bus))
