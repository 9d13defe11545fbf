"""A device that can be connected to: one central at a time, silent while it has one."""

import asyncio

from ..device import Device
from ..faults import FaultPanel
from .advertisement import Advertisement
from .gatt import LinkError
from .link import LocalLink, Lost
from .link_faults import CONNECT, REFUSED, LinkFaults
from .module import BOTH, Module


class Peripheral:
    """A module with its radio. All of it belongs to the event loop that serves it."""

    def __init__(
        self,
        module: Module,
        advertisement: Advertisement,
        *,
        signal: int = -60,
        advertises_while_connected: bool = False,
        connect_time: float = 0.0,
    ) -> None:
        """`signal` is the strength at a scanner that is neither near nor far, in dBm."""
        self.module = module
        self.advertisement = advertisement
        self.signal = signal
        self.advertises_while_connected = advertises_while_connected
        self.connect_time = connect_time
        """How long connecting takes, in s."""
        self.link_faults = LinkFaults()
        """What goes wrong on the link, and the log of what happened on it."""
        self._link: LocalLink | None = None
        self._present = True
        self._awaiting: list[asyncio.Future[None]] = []
        self.faults.unplug = self.vanish
        self.faults.speak = self.say

    @property
    def address(self) -> str:
        """Upper case, with colons."""
        return self.module.address

    @property
    def faults(self) -> FaultPanel:
        """What spoils requests and replies between module and board, as on a line, and their log."""
        return self.module.faults

    @property
    def device(self) -> Device:
        """The board behind the address now."""
        return self.module.device

    @property
    def connected(self) -> bool:
        """Whether a central is connected."""
        return self._link is not None

    @property
    def advertising(self) -> bool:
        """Whether scanners can hear it."""
        return self._present and (self._link is None or self.advertises_while_connected)

    async def connect(self, lost: Lost) -> LocalLink:
        """Connect; `lost` is called when the link ends, however it ends."""
        struck = self.link_faults.happens(CONNECT, asyncio.get_running_loop().time())
        if refused := struck.get("refuse"):
            raise LinkError(refused.error)
        if "hang" in struck:
            await asyncio.Event().wait()
        slow = struck.get("slow")
        await asyncio.sleep(self.connect_time + (slow.delay if slow else 0.0))
        await self._heard()
        if self._link is not None:
            raise LinkError(REFUSED)

        def ended() -> None:
            self._link = None
            lost()

        self._link = LocalLink(self.module, self.link_faults, ended)
        return self._link

    async def _heard(self) -> None:
        """A central that connects waits until it hears the peripheral."""
        while not self._present:
            future = asyncio.get_running_loop().create_future()
            self._awaiting.append(future)
            await future

    def tick(self, now: float) -> None:
        """Let time pass for a board that nobody talks to."""
        self.module.tick(now)

    # What tests and people do to it.

    def cut(self) -> None:
        """Lose the link now."""
        if self._link is not None:
            self._link.drop()

    def vanish(self) -> None:
        """Go out of reach: no link, nothing to hear, and connecting waits."""
        self._present = False
        self.cut()

    def reappear(self) -> None:
        """Come back."""
        self._present = True
        awaiting, self._awaiting = self._awaiting, []
        for future in awaiting:
            if not future.done():
                future.set_result(None)

    def say(self, data: bytes) -> None:
        """Have the board send bytes that nobody asked for; without a link they are lost."""
        if self._link is not None:
            self.module.say(data, asyncio.get_running_loop().time())
            self._link.serve()

    def replace(self, device: Device) -> None:
        """Put another board behind the address."""
        self.module.replace(device)

    def change_services(self, variant: str, write: tuple[str, ...] = BOTH) -> None:
        """Have another GATT table from now on: handles that a central knows from before lead nowhere."""
        self.module.offer(variant, write)
