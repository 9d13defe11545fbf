"""What power monitors have in common: voltage and the current through a shunt, read from registers.

They keep what they are told only as long as they have power, and measure something else without it.
So every sample ends with a look at what was written; if it is gone, the sample counts for nothing.
"""

from dataclasses import dataclass, field
from math import isfinite
from typing import ClassVar, override

from ..model.errors import BadFrame, OtherDevice
from ..model.reading import Identity, Place, Reading, Temperature
from .bus import BusProtocol, BusSettings, Misfit, Unfit
from .conversation import BusTransfer, Conversation, Request

TEXAS_INSTRUMENTS = "Texas Instruments"
CALIBRATION = frozenset({"invert", "voltage_gain", "voltage_offset", "current_gain", "current_offset"})
"""Fields of `BusSettings` that concern every power monitor."""
DIGITS = 6
"""Behind the point; the finest chip has steps of 0.2 mV."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A register that holds a measurement, most significant byte first."""

    register: int
    step: float
    """What one count stands for."""
    size: int = 2
    """In bytes."""
    shift: int = 0
    """Bits at the end that say nothing."""
    is_signed: bool = True
    transfer: BusTransfer = field(init=False, compare=False, repr=False)
    ends: frozenset[int] = field(init=False, compare=False, repr=False)
    """Counts at which the scale ends: the truth may lie anywhere beyond."""

    def __post_init__(self) -> None:
        span = 1 << (8 * self.size - self.shift)
        ends = {-span // 2, span // 2 - 1} if self.is_signed else {span - 1}
        object.__setattr__(self, "transfer", BusTransfer(write=bytes((self.register,)), read=self.size))
        object.__setattr__(self, "ends", frozenset(ends))

    def count(self, reply: bytes) -> int:
        """Return the count that a reply holds."""
        return int.from_bytes(reply, "big", signed=self.is_signed) >> self.shift

    def value(self, reply: bytes) -> float | None:
        """Return what is measured; `None` at an end of the scale."""
        count = self.count(reply)
        return None if count in self.ends else count * self.step


@dataclass(frozen=True, slots=True)
class Mark:
    """A register that says something known: who a chip is, or what it was told."""

    register: int
    value: int
    mask: int = 0xFFFF
    size: int = 2
    transfer: BusTransfer = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "transfer", BusTransfer(write=bytes((self.register,)), read=self.size))

    def fits(self, reply: bytes) -> bool:
        """Whether a reply says it."""
        return int.from_bytes(reply, "big") & self.mask == self.value


class PowerMonitor(BusProtocol):
    """One channel of a chip."""

    default_interval: ClassVar = 0.1
    takes: ClassVar = CALIBRATION
    maker: ClassVar[str]
    signs: ClassVar[tuple[Mark, ...]] = ()
    """What it is known by."""
    voltage: Quantity
    """In V."""
    current: Quantity
    """In A, as the chip counts: positive where the load's current flows from IN+ to IN-."""
    temperature: ClassVar[Quantity | None] = None
    """Of the chip, in degC."""
    setting_up: tuple[Request, ...]
    """What it is told, and the time until it has measured accordingly."""
    marks: tuple[Mark, ...]
    """What it says as long as it knows that."""

    def __init__(self, settings: BusSettings) -> None:
        super().__init__(settings)
        for name in sorted(self.needs):
            if getattr(settings, name) is None:
                raise Unfit(Misfit.NUMBERS, f"{self.name}: {name.replace('_', ' ')} is missing")
        for name in ("voltage_gain", "current_gain"):
            gain = getattr(settings, name)
            if not (isfinite(gain) and gain > 0):
                text = f"the {name.replace('_', ' ')} must be more than 0, not {gain:g}"
                raise Unfit(Misfit.NUMBERS, text)
        for name in ("voltage_offset", "current_offset"):
            if not isfinite(getattr(settings, name)):
                raise Unfit(Misfit.NUMBERS, f"the {name.replace('_', ' ')} must be a number")

    @override
    def identify(self) -> Conversation[Identity]:
        """Read what it is known by. Nothing is written to a chip that may be another."""
        for sign in self.signs:
            reply = yield from ask(sign.transfer)
            if not sign.fits(reply):
                where = f"0x{self.settings.address:02x}, register 0x{sign.register:02x}"
                raise OtherDevice(f"no {self.name} answers at {where}: it says {reply.hex()}")
        return Identity(manufacturer=self.maker, model=self.name)

    @override
    def poll(self) -> Conversation[Reading]:
        reading = yield from self._read()
        if not (yield from self._is_set_up()):
            yield from self._set_up()
            reading = yield from self._read()
            if not (yield from self._is_set_up()):
                raise BadFrame(f"{self.name} at 0x{self.settings.address:02x} does not keep its settings")
        return reading

    def _is_set_up(self) -> Conversation[bool]:
        for mark in self.marks:
            if not mark.fits((yield from ask(mark.transfer))):
                return False
        return True

    def _set_up(self) -> Conversation[None]:
        yield from self.identify()
        for request in self.setting_up:  # noqa: UP028 - a tuple takes no replies
            yield request

    def _read(self) -> Conversation[Reading]:
        voltage = self.voltage.value((yield from ask(self.voltage.transfer)))
        current = yield from self._read_current()
        temperatures = None
        if self.temperature is not None:
            value = self.temperature.value((yield from ask(self.temperature.transfer)))
            temperatures = (Temperature(None if value is None else round(value, DIGITS), Place.BOARD),)
        return self._reading(voltage, current, temperatures)

    def _read_current(self) -> Conversation[float | None]:
        return self.current.value((yield from ask(self.current.transfer)))

    def _reading(
        self,
        voltage: float | None,
        current: float | None,
        temperatures: tuple[Temperature, ...] | None = None,
    ) -> Reading:
        """Return what the chip's numbers mean: the only place where calibration and sign are applied."""
        told = self.settings
        if voltage is not None:
            # A battery has no voltage below 0: an open input floats there.
            is_possible = voltage >= 0
            voltage = _rounded((voltage - told.voltage_offset) * told.voltage_gain) if is_possible else None
        if current is not None:
            current = (current - told.current_offset) * told.current_gain
            current = _rounded(current if told.invert else -current)
        return Reading(voltage=voltage, current=current, temperatures=temperatures)


class ShuntMonitor(PowerMonitor):
    """One that measures the voltage across a shunt of one's own."""

    needs: ClassVar = frozenset({"shunt"})
    takes: ClassVar = CALIBRATION | {"max_current"}
    full_scale: float
    """The largest voltage across the shunt that it can measure, in V."""

    def __init__(self, settings: BusSettings) -> None:
        super().__init__(settings)
        assert settings.shunt is not None
        self.shunt = positive("shunt", settings.shunt)
        if settings.max_current is not None:
            self._check(self.shunt * positive("max current", settings.max_current))

    def _check(self, drop: float) -> None:
        """Refuse a shunt across which the largest current has too high a voltage, in V."""
        if round(drop, 9) > self.full_scale:
            is_now, most = f"{drop * 1000:.5g}", f"{self.full_scale * 1000:.5g}"
            text = f"the largest current drops {is_now} mV across the shunt,"
            text += f" and {self.name} measures {most} mV at most"
            raise Unfit(Misfit.DROP_TOO_HIGH, text, drop=is_now, most=most)


def ask(transfer: BusTransfer) -> Conversation[bytes]:
    """Carry a transfer out. What reads all zeros or all ones may be a disturbed bus: it is read again."""
    reply = yield transfer
    if len(reply) == transfer.read and reply[0] in (0x00, 0xFF) and reply.count(reply[0]) == len(reply):
        reply = yield transfer
    if len(reply) != transfer.read:
        raise BadFrame(f"{len(reply)} bytes where {transfer.read} were asked for")
    return reply


def positive(name: str, value: float) -> float:
    """Return a setting that must be a number above 0, or raise `Unfit`."""
    if not (isfinite(value) and value > 0):
        raise Unfit(Misfit.NUMBERS, f"the {name} must be more than 0, not {value:g}")
    return value


def _rounded(value: float) -> float:
    return round(value, DIGITS) + 0.0  # never -0.0
