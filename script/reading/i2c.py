"""A device on an I2C bus of this computer, and what else is there."""

import json
from functools import partial
from typing import override

from custom_components.battmon.model.errors import BattMonError
from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.recognising import ADDRESSES, recognise, unknown
from custom_components.battmon.transports.i2c import Bus, I2cWire
from custom_components.battmon.transports.i2c_scan import scan


class LoneWire(I2cWire):
    """The only device that is read on its bus."""

    def __init__(self, path: str, address: int) -> None:
        super().__init__(Bus(path), address)

    @override
    async def close(self) -> None:
        await super().close()
        await self.bus.end()


async def print_devices(path: str) -> None:
    """Print a line of JSON for each device. Raises `BattMonError` for a bus that does not work."""
    bus = Bus(path)
    try:
        async for address, seen in scan(bus, ADDRESSES, partial(recognise, kinds=PROTOCOLS.values())):
            found = unknown(address, str(seen)) if isinstance(seen, BattMonError) else seen
            line = {"address": f"0x{address:02x}", "kind": found.kind, "text": found.text}
            print(json.dumps(line), flush=True)
    finally:
        await bus.end()
