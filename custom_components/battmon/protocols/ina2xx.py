"""Power monitors of the INA2xx family: INA226, INA231, INA260, INA228, INA237 and INA238.

Source: ArduPilot's AP_BattMonitor_INA2xx; where that differs from Texas Instruments' data sheets (the bus
voltage of INA231, the INA237, which it does not know) the data sheets count. Two generations: the older ones
have a calibration register 0x05 and ids at 0xFE, the newer ones SHUNT_CAL at 0x02 and ids at 0x3E.
"""

from dataclasses import dataclass
from typing import ClassVar, override

from ..model.errors import BadFrame, NoReply
from .bus import BusSettings, Misfit, Unfit
from .conversation import BusTransfer, Conversation, Wait
from .ina2xx_charge import ChargeMeter
from .power_monitor import (
    CALIBRATION,
    TEXAS_INSTRUMENTS,
    Mark,
    PowerMonitor,
    Quantity,
    ShuntMonitor,
    ask,
    positive,
)

CONFIG, OLD_CALIBRATION, SHUNT_CAL = 0x00, 0x05, 0x02
ADDRESSES = tuple(range(0x40, 0x50))
RESET = (BusTransfer(write=bytes((CONFIG, 0x80, 0x00))), Wait(0.001))
FINE_RANGE = 0x0010
"""ADCRANGE: a quarter of the range, in steps of a quarter."""
LARGEST_CALIBRATION = 0x7FFF
LEAST_SHARE = 0.01
"""Of the full scale that the largest current must use: SHUNT_CAL has too few digits otherwise."""

NO_REGISTER = b"\xff\xff"

OLD_VOLTAGE = Quantity(0x02, 1.25e-3)
OLD_MAKER = Mark(0xFE, 0x5449)
NEW_MAKER = Mark(0x3E, 0x5449)


def written(register: int, value: int) -> BusTransfer:
    """Return the transfer that writes a word."""
    return BusTransfer(write=bytes((register, *value.to_bytes(2, "big"))))


def _calibration(value: float, name: str) -> int:
    """Return what is written to a calibration register: cut, not rounded, but for what floats leave over."""
    whole = int(round(value, 6))
    if not 0 < whole <= LARGEST_CALIBRATION:
        text = f"shunt and largest current do not fit {name}: its calibration would be {whole},"
        text += f" and {LARGEST_CALIBRATION} is the most; a larger current or shunt fits"
        raise Unfit(Misfit.CALIBRATION, text, calibration=str(whole), most=str(LARGEST_CALIBRATION))
    return whole


class Calibrated(ShuntMonitor):
    """One that works the current out by itself: it is told what a count of it stands for."""

    addresses: ClassVar = ADDRESSES
    needs: ClassVar = frozenset({"shunt", "max_current"})
    takes: ClassVar = CALIBRATION
    maker: ClassVar = TEXAS_INSTRUMENTS
    current_bits: ClassVar = 15
    overflow: ClassVar[Mark]
    """Says that a current was too large for its register, where it means nothing then."""

    def __init__(self, settings: BusSettings) -> None:
        super().__init__(settings)
        assert settings.max_current is not None
        self.step = settings.max_current / (1 << self.current_bits)
        """A for one count of the current."""

    @override
    def _read_current(self) -> Conversation[float | None]:
        current = yield from super()._read_current()
        try:
            flags = yield from ask(self.overflow.transfer)
        except NoReply, BadFrame:
            return current
        return None if self.overflow.fits(flags) and flags != NO_REGISTER else current


class OldGeneration(Calibrated):
    """INA226 and INA231. Calibration = 0.00512 / (step * shunt)."""

    full_scale = 0.08192
    voltage = OLD_VOLTAGE
    overflow: ClassVar = Mark(0x06, 0x0004, 0x0004)
    config: ClassVar[tuple[BusTransfer | Wait, ...]]
    settle: ClassVar[float]

    def __init__(self, settings: BusSettings) -> None:
        super().__init__(settings)
        calibration = _calibration(0.00512 / (self.step * self.shunt), self.name)
        self.current = Quantity(0x04, self.step)
        self.setting_up = (*self.config, written(OLD_CALIBRATION, calibration), Wait(self.settle))
        self.marks = (Mark(OLD_CALIBRATION, calibration),)


class Ina226(OldGeneration):
    """16 bits, up to 36 V. 16 conversions of 2.116 ms each of both make a sample: 68 ms."""

    key: ClassVar = "ina226"
    name: ClassVar = "INA226"
    signs: ClassVar = (OLD_MAKER, Mark(0xFF, 0x2260, 0xFFF0))
    config: ClassVar = (*RESET, written(CONFIG, 0x056F))
    settle: ClassVar = 0.08


class Ina231(OldGeneration):
    """As INA226, but it has no id. It is known by its configuration, which is left as it is."""

    key: ClassVar = "ina231"
    name: ClassVar = "INA231"
    signs: ClassVar = (Mark(CONFIG, 0x4127),)
    config: ClassVar = ()
    settle: ClassVar = 0.005


class Ina260(PowerMonitor):
    """A shunt of 2 mOhm inside, and nothing to calibrate: its configuration says whether it lost power."""

    key: ClassVar = "ina260"
    name: ClassVar = "INA260"
    addresses: ClassVar = ADDRESSES
    takes: ClassVar = CALIBRATION | {"max_current"}
    maker: ClassVar = TEXAS_INSTRUMENTS
    signs: ClassVar = (OLD_MAKER, Mark(0xFF, 0x2270, 0xFFF0))
    voltage = OLD_VOLTAGE
    current = Quantity(0x01, 1.25e-3)
    setting_up = (*RESET, written(CONFIG, 0x01FF), Wait(0.02))
    marks = (Mark(CONFIG, 0x01FF, 0x0FFF),)  # the bits above cannot be written
    rated_current: ClassVar = 15.0
    """A."""

    def __init__(self, settings: BusSettings) -> None:
        super().__init__(settings)
        most = settings.max_current
        if most is not None and positive("max current", most) > self.rated_current:
            rated = f"{self.rated_current:g}"
            raise Unfit(Misfit.CURRENT, f"{self.name} is made for {rated} A at most", most=rated)


@dataclass(frozen=True, slots=True)
class _Range:
    """One of the two shunt ranges of the newer chips."""

    full_scale: float
    """In V."""
    config: int
    factor: int
    """On SHUNT_CAL."""


COARSE, FINE = _Range(0.16384, 0x0000, 1), _Range(0.04096, FINE_RANGE, 4)


class NewGeneration(Calibrated):
    """INA228, INA237 and INA238. SHUNT_CAL = factor * step * shunt."""

    takes: ClassVar = CALIBRATION | {"fine_range"}
    overflow: ClassVar = Mark(0x0B, 0x0200, 0x0200)
    calibration_factor: ClassVar = 819.2e6
    settle: ClassVar = 0.01

    def __init__(self, settings: BusSettings) -> None:
        self._range = FINE if settings.fine_range else COARSE
        self.full_scale = self._range.full_scale
        super().__init__(settings)
        value = self._range.factor * self.calibration_factor * self.step * self.shunt
        calibration = _calibration(value, self.name)
        config = written(CONFIG, self._range.config)
        self.current = self._current_of(self.step)
        self.setting_up = (*RESET, config, written(SHUNT_CAL, calibration), Wait(self.settle))
        self.marks = (Mark(SHUNT_CAL, calibration),)
        if settings.fine_range:  # else what is written is what it is after a loss of power, too
            self.marks += (Mark(CONFIG, self._range.config),)

    @override
    def _check(self, drop: float) -> None:
        super()._check(drop)
        if drop < LEAST_SHARE * self.full_scale:
            is_now, least = f"{drop * 1000:.5g}", f"{LEAST_SHARE * self.full_scale * 1000:.5g}"
            text = f"the largest current drops {is_now} mV across the shunt,"
            text += f" and {self.name} needs {least} mV at least"
            raise Unfit(Misfit.DROP_TOO_LOW, text, drop=is_now, least=least)

    def _current_of(self, step: float) -> Quantity:
        return Quantity(0x07, step)


class Ina237(NewGeneration):
    """16 bits, up to 85 V."""

    key: ClassVar = "ina237"
    name: ClassVar = "INA237"
    signs: ClassVar = (NEW_MAKER, Mark(0x3F, 0x2370, 0xFFF0))
    voltage = Quantity(0x05, 3.125e-3)
    temperature: ClassVar = Quantity(0x06, 0.125, shift=4)


class Ina238(NewGeneration):
    """As INA237, more exact."""

    key: ClassVar = "ina238"
    name: ClassVar = "INA238"
    signs: ClassVar = (NEW_MAKER, Mark(0x3F, 0x2380, 0xFFF0))
    voltage = Ina237.voltage
    temperature: ClassVar = Ina237.temperature


class Ina228(NewGeneration):
    """20 bits, up to 85 V. It counts charge by itself, from which comes the current between two polls.

    A poll sees one conversion of a millisecond in a hundred; the chip adds them all up. So the current
    shown is the mean since the poll before, which loses nothing of a load that pulses. Energy is counted as
    well, but a count of it is 51 times a count of current: a tenth of a second of 1 A is 150 counts, and a
    voltage from it would be a hundred times coarser than the one that is measured.
    """

    key: ClassVar = "ina228"
    name: ClassVar = "INA228"
    signs: ClassVar = (NEW_MAKER, Mark(0x3F, 0x2280, 0xFFF0))
    calibration_factor: ClassVar = 13107.2e6
    current_bits: ClassVar = 19
    voltage = Quantity(0x05, 195.3125e-6, size=3, shift=4)
    temperature: ClassVar = Quantity(0x06, 7.8125e-3)

    def __init__(self, settings: BusSettings) -> None:
        super().__init__(settings)
        self._meter = ChargeMeter(self.step)

    @override
    def _current_of(self, step: float) -> Quantity:
        return Quantity(0x07, step, size=3, shift=4)

    @override
    def _set_up(self) -> Conversation[None]:
        self._meter.begin()
        yield from super()._set_up()

    @override
    def _read_current(self) -> Conversation[float | None]:
        current = yield from super()._read_current()
        if current is None:  # beyond the scale, and so is what was counted
            self._meter.begin()
            return None
        mean = yield from self._meter.read()
        return current if mean is None else mean
