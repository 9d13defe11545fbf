"""All wires in use: one connection for each port, shared by reference count."""

import asyncio
import os
from dataclasses import dataclass

from ..model.errors import WireConflict
from .serial import OPEN_ERRORS, SerialWire


@dataclass(slots=True)
class _Shared:
    wire: SerialWire
    users: int = 0


class Wires:
    """Hands out wires. Who acquires one releases it."""

    def __init__(self, open_errors: tuple[type[Exception], ...] = ()) -> None:
        """`open_errors`: what else a port may raise that cannot be opened now."""
        self._shared: list[_Shared] = []
        self._open_errors = (*OPEN_ERRORS, *open_errors)
        self._finding = asyncio.Lock()

    async def acquire_serial(self, url: str, baud_rate: int) -> SerialWire:
        """Return the wire of a port; `WireConflict` if it is in use at another speed."""
        async with self._finding:
            shared = await self._find(url)
            if shared is None:
                shared = _Shared(SerialWire(url, baud_rate, self._open_errors))
                self._shared.append(shared)
            elif shared.wire.baud_rate != baud_rate:
                raise WireConflict(
                    f"{url} is in use at {shared.wire.baud_rate} baud, {baud_rate} was asked for"
                )
            shared.users += 1
            return shared.wire

    async def release(self, wire: SerialWire) -> None:
        """Give a wire back. The last user ends it."""
        shared = next((shared for shared in self._shared if shared.wire is wire), None)
        if shared is None:
            return
        shared.users -= 1
        if shared.users == 0:
            self._shared.remove(shared)
            await wire.end()

    def retry_now(self) -> None:
        """Let every wire that waits to reconnect try at once."""
        for shared in self._shared:
            shared.wire.retry_now()

    async def _find(self, url: str) -> _Shared | None:
        """Find the wire of a port by any of its names.

        Links are followed now: after replugging they may lead elsewhere than when a wire was acquired.
        """
        names = {shared.wire.name for shared in self._shared}
        port, *ports = await asyncio.get_running_loop().run_in_executor(
            None, lambda: [canonical_port(name) for name in (url, *names)]
        )
        same = {url, *(name for name, other in zip(names, ports, strict=True) if other == port)}
        return next((shared for shared in self._shared if shared.wire.name in same), None)


def canonical_port(url: str) -> str:
    """Return one name for all names of a port: symbolic links are followed."""
    return url if "://" in url else os.path.realpath(url)
