"""A watched battery in the air, in a corner of the room that is heard by proxies of its own."""

from typing import Any, override

from homeassistant.core import HomeAssistant
from simulators.bluetooth.air import Air
from simulators.bluetooth.link_faults import LinkFaults
from simulators.bluetooth.peripheral import Peripheral
from simulators.bluetooth.scanner import Scanner
from simulators.device import Device

from .room import NEVER, Room
from .watched import Watched


class Corner(Room):
    """What goes wrong here goes wrong nowhere else."""

    def __init__(self, hass: HomeAssistant, number: int) -> None:
        self.air = Air(interval=NEVER)
        self.number = number
        self.proxies: list[Scanner] = []
        self._hass = hass
        self.proxy = self.add_proxy()

    @override
    def add_proxy(self, source: str = "", **settings: Any) -> Scanner:
        """Bring another proxy in."""
        count = len(self.proxies)
        proxy = super().add_proxy(source or f"AA:BB:CC:{count:02X}:00:{self.number:02X}", **settings)
        self.proxies.append(proxy)
        return proxy

    @override
    def _free_address(self) -> str:
        return f"A4:C1:37:01:00:{self.number:02X}"


class Cornered(Watched):
    """A battery in a corner."""

    def __init__(self, hass: HomeAssistant, number: int, name: str, **settings: Any) -> None:
        self.corner = Corner(hass, number)
        super().__init__(hass, self.corner, name, **settings)

    @property
    def peripheral(self) -> Peripheral:
        """The battery with its radio."""
        assert isinstance(self.port, Peripheral)
        return self.port

    @property
    def link_faults(self) -> LinkFaults:
        """What spoils its link."""
        return self.peripheral.link_faults

    @property
    def proxy(self) -> Scanner:
        """The proxy that hears it best."""
        return self.corner.proxy

    @property
    def let_go(self) -> bool:
        """Whether no link is left, on either side."""
        taken = [link for proxy in self.corner.proxies for link in proxy.get_allocations().allocated]
        return not taken and not self.peripheral.connected

    def replace(self, device: Device) -> None:
        """Put another battery behind the address."""
        self.peripheral.vanish()
        self.peripheral.replace(device)
        self.peripheral.reappear()
