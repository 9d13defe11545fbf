"""A Bluetooth proxy as ESPHome builds them, on a TCP port: for Home Assistant's own ESPHome integration."""

import asyncio

from .air import Radio
from .esphome_session import Session

HOST = "127.0.0.1"
ADDRESS = "AA:BB:CC:00:00:10"
NAME = "simulated-proxy"


class EsphomeProxy:
    """Start it, stop it, start it again: it keeps its port."""

    def __init__(self, radio: Radio, *, address: str = ADDRESS, name: str = NAME, slots: int = 3) -> None:
        self.radio = radio
        self.address = address
        self.name = name
        self.slots = slots
        """Links that it can hold at a time."""
        self.port = 0
        """Chosen at the first start."""
        self.sessions: list[Session] = []
        self.requests: list[str] = []
        """Names of the messages that came, in their order."""
        self._elsewhere = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen, as after switching on."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Session(self), HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Go, as after a loss of power: connections and links end without a word."""
        if self._server is None:
            return
        self._server.close()
        for session in list(self.sessions):
            session.abort()
        await self._server.wait_closed()
        self._server = None

    @property
    def allocated(self) -> list[int]:
        """Addresses with a link, or about to have one."""
        return [address for session in self.sessions for address in session.taken]

    @property
    def free_slots(self) -> int:
        """Links that it can hold yet."""
        return max(0, self.slots - self._elsewhere - len(self.allocated))

    def occupy(self) -> None:
        """Let links to other devices take all slots."""
        self._elsewhere = self.slots
        self.tell_slots()

    def free(self) -> None:
        """Let the links to other devices end."""
        self._elsewhere = 0
        self.tell_slots()

    def tell_slots(self) -> None:
        """Say how many slots are free to all who want to know."""
        for session in self.sessions:
            session.tell_slots()
