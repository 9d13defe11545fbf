"""Power monitors on a simulated bus."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any, override

from custom_components.battmon.model.reading import Reading
from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.bus import BusProtocol, BusSettings
from custom_components.battmon.protocols.conversation import (
    BusTransfer,
    Clock,
    Conversation,
    Request,
    carry_out,
)
from simulators.i2c import ina
from simulators.i2c.ad7091r5 import Ad7091r5
from simulators.i2c.bus import Bus
from simulators.i2c.chip import Chip
from simulators.i2c.ina3221 import Ina3221
from simulators.i2c.ltc2946 import Ltc2946
from simulators.i2c.sensed import Sensed, Steady

from .bus_driver import BusDriver

SHUNT = 0.0005


class Driver(BusDriver):
    """The wire to one address."""

    def __init__(self, bus: Bus, address: int) -> None:
        super().__init__(bus, address)
        self.before: dict[int, Callable[[], None]] = {}
        """What happens before a transfer, by its number."""

    @override
    def _perform(self, request: Request) -> bytes:
        if isinstance(request, BusTransfer):
            self.before.get(len(self.transfers), lambda: None)()
        return super()._perform(request)


def play[T](
    conversation: Conversation[T],
    replies: Callable[[BusTransfer], bytes],
    times: Iterable[float] = repeat(0.0),
) -> T:
    """Carry out a conversation with these replies, whatever they are, at these times."""
    moments = iter(times)

    def perform(request: Request) -> bytes:
        if isinstance(request, BusTransfer):
            return replies(request)
        return Clock.reply(next(moments)) if isinstance(request, Clock) else b""

    return carry_out(conversation, perform)


@dataclass
class Rig:
    """One monitor, and the battery beside it."""

    kind: str
    battery: Steady
    sensed: Sensed
    chip: Chip
    settings: BusSettings
    bus: Bus = field(init=False)
    driver: Driver = field(init=False)
    protocol: BusProtocol = field(init=False)

    def __post_init__(self) -> None:
        self.bus = Bus({self.settings.address: self.chip})
        self.driver = Driver(self.bus, self.settings.address)
        self.protocol = protocol(self.kind, self.settings)

    def told(self, **settings: Any) -> Rig:
        """Return the same with other settings."""
        return replace(self, settings=replace(self.settings, **settings))

    def meet(self) -> None:
        """Do what is done when it is first heard."""
        self.driver.say(self.protocol.identify())
        self.driver.say(self.protocol.poll())

    def poll(self) -> Reading:
        """Read it."""
        return self.driver.say(self.protocol.poll())

    @property
    def writes(self) -> list[str]:
        """Everything beyond a pointer that went over the bus."""
        return [one.written.hex() for one in self.bus.log if len(one.written) > 1]


def protocol(kind: str, settings: BusSettings) -> BusProtocol:
    """Return a protocol."""
    found = PROTOCOLS[kind]
    assert issubclass(found, BusProtocol)
    return found(settings)


type Build = Callable[[Sensed], Chip]

BUILDS: dict[str, tuple[Build, dict[str, Any]]] = {
    "ina226": (ina.Ina226, {"address": 0x40, "shunt": SHUNT, "max_current": 90.0}),
    "ina228": (ina.Ina228, {"address": 0x41, "shunt": SHUNT, "max_current": 90.0}),
    "ina237": (ina.Ina237, {"address": 0x42, "shunt": SHUNT, "max_current": 90.0}),
    "ina238": (ina.Ina238, {"address": 0x43, "shunt": SHUNT, "max_current": 90.0}),
    "ina231": (ina.Ina231, {"address": 0x44, "shunt": SHUNT, "max_current": 90.0}),
    "ina260": (ina.Ina260, {"address": 0x45}),
    "ina3221": (
        lambda sensed: Ina3221([Sensed(Steady(5.0, -1.0), 0.1), sensed, Sensed(Steady(3.3, -0.1), 0.1)]),
        {"address": 0x40, "shunt": SHUNT, "channel": 2},
    ),
    "ltc2946": (Ltc2946, {"address": 0x6A, "shunt": SHUNT}),
    "ad7091r5": (
        lambda sensed: Ad7091r5(
            [
                lambda: sensed.bus_voltage / 11,
                lambda: 0.33 + sensed.shunt_voltage / sensed.shunt / 20,
                lambda: 1.5,
                lambda: 0.1,
            ]
        ),
        {
            "address": 0x2F,
            "channel": 1,
            "current_channel": 2,
            "voltage_gain": 11.0,
            "current_gain": 20.0,
            "current_offset": 0.33,
        },
    ),
}
MONITORS = tuple(BUILDS)


def rig(kind: str, voltage: float = 13.2, current: float = -10.0) -> Rig:
    """Return a monitor of this kind beside a battery that does not change."""
    build, settings = BUILDS[kind]
    battery = Steady(voltage, current)
    sensed = Sensed(battery, 0.002 if kind == "ina260" else SHUNT)
    return Rig(kind, battery, sensed, build(sensed), BusSettings(**settings))
