"""Power monitors over the whole way: the wire, its thread, smbus2, and the kernel's ioctls."""

import time

import pytest

from custom_components.battmon.model.errors import BadFrame, NoReply
from custom_components.battmon.protocols.conversation import Clock, Conversation
from custom_components.battmon.transports.wires import Wires
from simulators.i2c.bus import Bus
from simulators.i2c.kernel import Kernel

from ..protocols.monitors import MONITORS
from ..protocols.monitors import rig as monitor
from ..protocols.test_power_monitors import WRITES, is_right
from .rig import PATH, Rig


@pytest.fixture
async def wires(kernel: Kernel) -> Wires:
    return Wires()


@pytest.mark.parametrize("kind", MONITORS)
async def test_a_monitor_is_read_and_set_up_over_the_wire(
    wires: Wires, bus: Bus, kernel: Kernel, kind: str
) -> None:
    it = monitor(kind)
    bus.chips[it.settings.address] = it.chip
    wire = await wires.acquire_i2c(PATH, it.settings.address)
    try:
        identity = await wire.converse(it.protocol.identify())
        readings = [await wire.converse(it.protocol.poll()) for _ in range(2)]
        it.chip.power_cycled()
        readings.append(await wire.converse(it.protocol.poll()))
    finally:
        await wires.release(wire)
    assert identity.model == kind.upper()
    assert all(is_right(kind, reading) for reading in readings)
    assert [one.written.hex() for one in bus.log if len(one.written) > 1] == WRITES[kind] * 2
    assert (kernel.forced, kernel.quick, kernel.open_files) == ([], 0, 0)


async def test_a_chip_that_was_exchanged_is_noticed_by_its_silence_or_its_name(
    wires: Wires, bus: Bus
) -> None:
    it = monitor("ina226")
    bus.chips = {0x40: it.chip}
    wire = await wires.acquire_i2c(PATH, 0x40)
    try:
        await wire.converse(it.protocol.poll())
        assert wire.connection == 1
        bus.chips = {}
        with pytest.raises(NoReply, match="no device answers at 0x40"):
            await wire.converse(it.protocol.poll())
        assert wire.connection is None
        bus.chips = {0x40: monitor("ina228").chip}
        with pytest.raises(BadFrame, match="no INA226 answers"):
            await wire.converse(it.protocol.identify())
    finally:
        await wires.release(wire)


def what_time() -> Conversation[float]:
    """Ask twice, and return how much later the second answer is."""
    first = Clock.read((yield Clock()))
    return Clock.read((yield Clock())) - first


async def test_a_bus_knows_the_time(wires: Wires) -> None:
    wire = await wires.acquire_i2c(PATH, 0x40)
    try:
        began = time.monotonic()
        assert 0 <= await wire.converse(what_time()) <= time.monotonic() - began
    finally:
        await wires.release(wire)


async def test_a_stream_knows_the_time(rig: Rig) -> None:
    began = time.monotonic()
    assert 0 <= await rig.wire.converse(what_time()) <= time.monotonic() - began
