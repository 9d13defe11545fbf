"""A JBD (Xiaoxiang, LLT, Overkill) board as it behaves on its wire.

Source: vendor protocol V4 and V11, register maps and Bluetooth captures of real boards. It knows nothing of
any wire: bytes in, replies with delays out, time as an argument.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from struct import pack, unpack
from typing import ClassVar, Literal

from .device import Reply, Request
from .jbd_board import JbdBoard
from .jbd_frames import (
    BAD_CHECKSUM,
    NOT_NOW,
    UNKNOWN_REGISTER,
    WRONG_PASSWORD,
    RequestCutter,
    reply_frame,
)
from .jbd_protection import COUNTERS
from .jbd_registers import TEXT_REGISTERS

BASIC_INFO = 0x03
CELL_VOLTAGES = 0x04
NAME = 0x05
UNLOCK = 0x06
CHANGE_PASSWORD = 0x07
COUNTS = 0xAA
FACTORY_ENTER = 0x00
FACTORY_LEAVE = 0x01
FUNCTIONS = 0x0A
REMAINING_CAPACITY = 0xE0
FET_LOCK = 0xE1
FET_CONTROL = 0xFB

ENTER_KEY = b"\x56\x78"
LEAVE = b"\x00\x00"
LEAVE_STORED = b"\x28\x28"
"""Leave, store, and clear the counters."""

# FET_CONTROL's type byte and the lock bits it stands for.
_FET_TYPES = {0x00: 2, 0x01: 1, 0x0A: 3}


class _Refused(Exception):
    """A request that gets an error status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class JbdDevice(JbdBoard):
    """A board that can be talked to."""

    name: str = "JBD-SP04S034-L4S-200A-B-U"
    """What 0x05 and 0xA1 answer."""
    maker: str = "DGJBD"
    barcode: str = ""
    delay: float = 0.02
    """From the end of a request to the start of its reply, in s."""
    password: str | None = None
    """Six digits."""
    password_scope: Literal["factory", "all"] = "factory"
    """What is refused until unlocked: factory mode and the switches, or reading as well."""
    sleep_after: float | None = None
    """Sleeps after this many seconds without a request; the request that wakes it is lost."""
    loses_first_request: bool = False
    """The first request after power-up or plugging in is lost."""
    supports_lock: bool = True
    """Knows 0xE1."""
    supports_control: bool = False
    """Knows 0xFB."""
    supports_functions: bool = False
    """Knows 0x0A."""
    supports_name: bool = True
    counter_words: int = 12
    """Words that 0xAA answers; 0 means the register is unknown."""
    answers_bad_checksum: bool = False
    """Status 82 instead of silence."""
    wrong_error_checksum: bool = False
    """Error replies carry checksum 0, as seen on a real board."""
    powered: bool = True
    """False: nothing is heard of it."""
    asleep: bool = False
    unlocked: bool = False
    in_factory_mode: bool = False
    flash_writes: int = 0
    """Words written to flash so far."""
    _cutter: RequestCutter = field(default_factory=RequestCutter)
    _time: float | None = None
    _last_request: float | None = None

    # What a wire needs.

    def tick(self, now: float) -> None:
        """Let time pass up to now; the first call only sets the clock."""
        last = now if self._time is None else self._time
        self._time = max(last, now)
        self.advance(self._time - last)

    def cut(self, data: bytes, now: float) -> list[Request]:
        """Take received bytes and return the requests they complete."""
        return self._cutter.cut(data, now)

    def answer(self, request: Request, now: float) -> list[Reply]:
        """Do what a request asks, and say so or not."""
        self.tick(now)
        if not self._hears(now):
            return []
        if not request.intact and not self.answers_bad_checksum:
            return []
        try:
            self._need(request.intact, BAD_CHECKSUM)
            frame = reply_frame(request.register, self._obey(request))
        except _Refused as refused:
            frame = self.refusal(request, refused.status)
        return [Reply(frame, self.delay)]

    def receive(self, data: bytes, now: float) -> list[Reply]:
        """Requests as bytes in, replies out: the device without any wire."""
        return [reply for request in self.cut(data, now) for reply in self.answer(request, now)]

    def refusal(self, request: Request, status: int) -> bytes:
        """An error reply."""
        frame = reply_frame(request.register, status=status)
        return frame[:-3] + b"\x00\x00" + frame[-1:] if self.wrong_error_checksum else frame

    def relabelled(self, reply: bytes, register: int) -> bytes:
        """A reply as if another register had been asked for: its checksum does not cover the register."""
        return reply[:1] + bytes((register,)) + reply[2:]

    def disconnected(self, now: float) -> None:
        """The wire was unplugged: the password must be given again."""
        self.unlocked = False
        self._last_request = None

    def power_cycle(self, now: float) -> None:
        """Power was lost and came back."""
        self.tick(now)
        self.in_factory_mode = False
        self.disconnected(now)
        self.restart()

    def _hears(self, now: float) -> bool:
        """A sleeping board, and some boards at first, lose the request that wakes them."""
        if not self.powered:
            return False
        last, self._last_request = self._last_request, now
        woken, self.asleep = self.asleep or self._fell_asleep(last, now), False
        return not woken and not (last is None and self.loses_first_request)

    def _fell_asleep(self, last: float | None, now: float) -> bool:
        return last is not None and self.sleep_after is not None and now - last > self.sleep_after

    # What it obeys.

    def _obey(self, request: Request) -> bytes:
        if self.password_scope == "all" and self._locked and request.register != UNLOCK:
            raise _Refused(NOT_NOW)
        handlers = self._WRITES if request.write else self._READS
        if handler := handlers.get(request.register):
            return handler(self, request.data)
        return self._setting(request)

    @property
    def _locked(self) -> bool:
        return self.password is not None and not self.unlocked

    def _need(self, condition: bool, status: int = UNKNOWN_REGISTER) -> None:
        if not condition:
            raise _Refused(status)

    def _basic_info(self, data: bytes) -> bytes:
        return self.basic_info().payload()

    def _cell_voltages(self, data: bytes) -> bytes:
        cells = self.measure().cells
        return pack(f">{len(cells)}H", *cells)

    def _name(self, data: bytes) -> bytes:
        self._need(self.supports_name)
        return self.name.encode("ascii")

    def _counts(self, data: bytes) -> bytes:
        self._need(self.counter_words > 0)
        words = [*(self.protections.counts[bit] for bit in COUNTERS), self.restarts]
        return pack(f">{self.counter_words}H", *words[: self.counter_words])

    def _unlock(self, data: bytes) -> bytes:
        if self.password is not None:
            self._need(data == b"\x06" + _digits(self.password), WRONG_PASSWORD)
        self.unlocked = True
        return b""

    def _change_password(self, data: bytes) -> bytes:
        old, new = data[1:7], data[7:]
        self._need(data[:1] == b"\x0c" and len(new) == 6 and max(new) <= 9, NOT_NOW)
        self._need(old == _digits(self.password or "000000"), WRONG_PASSWORD)
        self.password = "".join(map(str, new))
        return b""

    def _enter_factory_mode(self, data: bytes) -> bytes:
        self._need(data == ENTER_KEY and not self._locked, NOT_NOW)
        self.in_factory_mode = True
        return b""

    def _leave_factory_mode(self, data: bytes) -> bytes:
        self._need(data in (LEAVE, LEAVE_STORED), NOT_NOW)
        if data == LEAVE_STORED and self.in_factory_mode:
            self.flash_writes += 1
            self._clear_counts()
        self.in_factory_mode = False
        return b""

    def _clear_counts(self) -> None:
        self.protections.counts = dict.fromkeys(COUNTERS, 0)
        self.restarts = 0

    def _set_lock(self, data: bytes) -> bytes:
        self._need(self.supports_lock and len(data) == 2)
        self._need(not self._locked, NOT_NOW)
        self.set_lock(data[1])
        return b""

    def _control(self, data: bytes) -> bytes:
        self._need(self.supports_control and len(data) == 2 and data[0] in _FET_TYPES)
        self._need(not self._locked, NOT_NOW)
        bits = _FET_TYPES[data[0]]
        self.set_lock(self.lock & ~bits if data[1] else self.lock | bits)
        return b""

    def _function(self, data: bytes) -> bytes:
        action = self._FUNCTIONS.get(data[:1])
        self._need(self.supports_functions and action is not None)
        assert action is not None
        action(self)
        return b""

    def _restart(self) -> None:
        self.in_factory_mode = self.unlocked = False
        self.restart()

    def _sleep(self) -> None:
        self.asleep = True

    def _clear_protections(self) -> None:
        self.protections.clear()
        self._switch()

    def _power_down(self) -> None:
        self.powered = False

    def _set_remaining_capacity(self, data: bytes) -> bytes:
        self._need(self.in_factory_mode, NOT_NOW)
        self._need(len(data) == 2)
        self.remaining_capacity = min(unpack(">H", data)[0] / self._hundredths, self._full)
        return b""

    def _setting(self, request: Request) -> bytes:
        """Registers of the factory mode."""
        texts = dict(zip(TEXT_REGISTERS, (self.maker, self.name, self.barcode), strict=True))
        text = texts.get(request.register)
        self._need(text is not None or request.register in self.registers)
        self._need(self.in_factory_mode, NOT_NOW)
        if request.write:
            self._need(text is None and len(request.data) == 2)
            if self.obey:
                self.registers[request.register] = unpack(">H", request.data)[0]
                self.flash_writes += 1
            return b""
        if text is not None:
            return bytes((len(text),)) + text.encode("ascii")
        return pack(">H", self.registers[request.register])

    _READS: ClassVar[dict[int, Callable[[JbdDevice, bytes], bytes]]] = {
        BASIC_INFO: _basic_info,
        CELL_VOLTAGES: _cell_voltages,
        NAME: _name,
        COUNTS: _counts,
    }
    _WRITES: ClassVar[dict[int, Callable[[JbdDevice, bytes], bytes]]] = {
        FACTORY_ENTER: _enter_factory_mode,
        FACTORY_LEAVE: _leave_factory_mode,
        UNLOCK: _unlock,
        CHANGE_PASSWORD: _change_password,
        FUNCTIONS: _function,
        REMAINING_CAPACITY: _set_remaining_capacity,
        FET_LOCK: _set_lock,
        FET_CONTROL: _control,
    }
    _FUNCTIONS: ClassVar[dict[bytes, Callable[[JbdDevice], None]]] = {
        b"\x02": _clear_counts,
        b"\x03": _restart,
        b"\x04": _clear_protections,
        b"\x05": _sleep,
        b"\x06": _power_down,
    }


def _digits(password: str) -> bytes:
    """Digit values, not ASCII."""
    return bytes(map(int, password))
