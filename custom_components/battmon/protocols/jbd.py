"""JBD (Xiaoxiang, LLT, Overkill) BMS.

Source: vendor protocol V4 and V11 (2023-03-21); register maps of xlfe/bms-tools and
FurTrader/OverkillSolarBMS; checked against captured frames (tests/vectors/jbd).
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar, override

from ..model.errors import BadFrame, BattMonError, NoReply, PasswordNeeded, Refusal, Refused, WrongPassword
from ..model.reading import Identity, Reading
from ..model.switching import Approval, Mosfets, SwitchMemory, Wanted, combined, commanded_mosfets
from .conversation import Conversation, Exchange, Wait
from .jbd_bluetooth import BLUETOOTH
from .jbd_contents import decode, decode_counts, decode_identity
from .jbd_frames import FRAMING, READ, REFUSALS, WRITE, request_frame
from .jbd_module import Module, password_is_valid
from .jbd_mosfets import MOSFET_REGISTERS, mosfet_contents, proves, shows
from .protocol import Outcome, Protocol, SerialLine

# Registers.
FACTORY_ENTER = 0x00
FACTORY_LEAVE = 0x01
BASIC_INFO = 0x03
CELL_VOLTAGES = 0x04
NAME = 0x05
PASSWORD = 0x06
FUNCTION_BITS = 0x2D
COUNTERS = 0xAA

NOT_IN_FACTORY_MODE = (Refusal.NOT_ALLOWED, Refusal.UNKNOWN_COMMAND)
"""What a device answers that is told to leave factory mode without being in it."""
FACTORY_KEY = bytes.fromhex("5678")
LEAVE_PLAINLY = bytes.fromhex("0000")
"""Not 28 28, which clears the protection counters as well."""
BALANCING_BIT = 1 << 2

REPLY_TIMEOUT = 1.5
"""Seconds. Captures: median 0.07 s, worst 1.6 s; a sleeping board loses the first request."""
FIRST_REPLY_TIMEOUT = 0.6
"""Seconds until what may well be asked twice is asked again, so that a lost request does not take
long. A reply that comes later still answers the next attempt."""
SETTLE = 1.0
"""Seconds from a switch's acknowledgement until the MOSFETs show, or flip back."""


def _first_timeout() -> float:
    return min(FIRST_REPLY_TIMEOUT, REPLY_TIMEOUT)


@cache
def read(register: int) -> Exchange:
    """Return the exchange that reads a register."""

    def matches(frame: bytes) -> bool:
        # A late acknowledgement of a write to the same register carries no data.
        return frame[1] == register and (frame[2] != 0 or frame[3] != 0 or register == NAME)

    return Exchange(
        request=request_frame(READ, register),
        framing=FRAMING,
        matches=matches,
        timeout=REPLY_TIMEOUT,
        first_timeout=_first_timeout(),
    )


def write(register: int, content: bytes, *, retries: int = 2, secret: bool = False) -> Exchange:
    """Return the exchange that writes a register."""
    return Exchange(
        request=request_frame(WRITE, register, content),
        framing=FRAMING,
        matches=lambda frame: frame[1] == register and frame[3] == 0,
        timeout=REPLY_TIMEOUT,
        # A password that is wrong counts each time: there is patience with a slow answer.
        first_timeout=None if secret or not retries else _first_timeout(),
        retries=retries,
        secret=secret,
    )


def _ask(exchange: Exchange) -> Conversation[bytes]:
    """Carry out an exchange and return the reply's content; `Refused` if the device says so."""
    for _attempt in range(3):
        frame = yield exchange
        if REFUSALS.get(frame[2]) is not Refusal.CHECKSUM:  # a request garbled on its way
            break
    if frame[2] == 0:
        return frame[4:-3]
    raise Refused(REFUSALS.get(frame[2], Refusal.OTHER), f"status {frame[2]:02x}")


class Jbd(Protocol):
    """The conversations with one JBD BMS."""

    key: ClassVar = "jbd"
    name: ClassVar = "JBD (Xiaoxiang, LLT, Overkill Solar)"
    serial_line: ClassVar = SerialLine(baud_rate=9600)
    bluetooth: ClassVar = BLUETOOTH
    dead_band: ClassVar = 0.2
    switches: ClassVar = frozenset(Wanted._fields)

    def __init__(
        self,
        password: str | None = None,
        memory: SwitchMemory | None = None,
        *,
        address: str | None = None,
        bluetooth_password: str | None = None,
    ) -> None:
        super().__init__(password, memory, address=address, bluetooth_password=bluetooth_password)
        self._module = None if address is None else Module(address, bluetooth_password)
        self._balancing_enabled: bool | None = None

    @classmethod
    @override
    def password_is_valid(cls, password: str) -> bool:
        """Six digits."""
        return len(password) == 6 and password.isascii() and password.isdigit()

    @classmethod
    @override
    def bluetooth_password_is_valid(cls, password: str) -> bool:
        """Six characters."""
        return password_is_valid(password)

    @override
    def open_link(self) -> Conversation[None]:
        if self._module is not None:
            yield from self._module.open(_first_timeout(), REPLY_TIMEOUT)

    @override
    def log_in(self) -> Conversation[None]:
        if self.password is None:
            raise PasswordNeeded
        if not self.password_is_valid(self.password):
            raise WrongPassword
        digits = bytes(int(digit) for digit in self.password)
        try:
            yield from _ask(write(PASSWORD, bytes((len(digits),)) + digits, secret=True))
        except Refused as refused:
            # In answer to anything else it is a garbled frame: no password was given there.
            if refused.reason is Refusal.WRONG_PASSWORD:
                raise WrongPassword from refused
            raise

    @override
    def identify(self) -> Conversation[Identity]:
        info = yield from self._first_info()
        try:
            name = yield from _ask(read(NAME))
        except Refused, NoReply:  # not every firmware has a name; some refuse, some are silent
            name = None
        return decode_identity(info, name)

    def _first_info(self) -> Conversation[bytes]:
        """Read the basic info; where nobody answers, a radio module may be waiting for its login."""
        try:
            return (yield from self._basic_info())
        except NoReply, BadFrame:
            if self._module is None:
                raise
            if not (yield from self._module.log_in(_first_timeout(), REPLY_TIMEOUT)):
                raise
        return (yield from self._basic_info())

    def _basic_info(self) -> Conversation[bytes]:
        return (yield from self._logged_in(lambda: _ask(read(BASIC_INFO))))

    @override
    def poll(self) -> Conversation[Reading]:
        return (yield from self._logged_in(self._poll))

    def _poll(self) -> Conversation[Reading]:
        info = yield from _ask(read(BASIC_INFO))
        cells = yield from _ask(read(CELL_VOLTAGES))
        return decode(info, cells, self._balancing_enabled, self.counts)

    @override
    def poll_counts(self) -> Conversation[Mapping[str, int] | None]:
        try:
            return decode_counts((yield from _ask(read(COUNTERS))))
        except Refused:
            return None

    @override
    def recover(self) -> Conversation[None]:
        if self.memory.factory_mode:
            # A board that wants its password for everything refuses even to leave: log in first.
            yield from self._basic_info()
            yield from self._be_outside_factory_mode()

    @override
    def read_settings(self) -> Conversation[None]:
        yield from self._in_factory_mode(self._read_function_bits)

    @override
    def forget_settings(self) -> None:
        self._balancing_enabled = None

    @override
    def command(
        self, wanted: Wanted, approval: Approval, record_write: Callable[[], None]
    ) -> Conversation[Outcome]:
        before = yield from self.poll()
        approval(before)
        if wanted.charging is not None or wanted.discharging is not None:
            yield from self._switch_mosfets(before, wanted)
        if (balancing := wanted.balancing) is not None:
            yield from self._in_factory_mode(lambda: self._set_balancing(balancing, record_write))
        return (yield from self._read_back(wanted))

    def _read_back(self, wanted: Wanted) -> Conversation[Outcome]:
        for _attempt in range(2):
            yield Wait(SETTLE)
            reading = yield from self.poll()
            if obeyed := shows(reading, wanted):
                break
        return Outcome(reading=reading, obeyed=obeyed)

    def _logged_in[T](self, body: Callable[[], Conversation[T]]) -> Conversation[T]:
        """Carry out `body`, giving the password first if the device asks for it."""
        try:
            return (yield from body())
        except Refused as refused:
            if refused.reason is not Refusal.NOT_ALLOWED:
                raise
            yield from self._log_in_after(refused)
        return (yield from body())

    def _log_in_after(self, refused: Refused) -> Conversation[None]:
        try:
            yield from self.log_in()
        except Refused as error:
            if error.reason is Refusal.UNKNOWN_COMMAND:  # it knows no passwords: that is not why
                raise refused from error
            raise

    def _in_factory_mode[T](self, body: Callable[[], Conversation[T]]) -> Conversation[T]:
        """Carry out `body` in factory mode, which is left again whatever happens.

        Not with `finally`: a conversation that is closed midway can say nothing more. Its
        memory then keeps that factory mode was entered.
        """
        try:
            yield from self._enter_factory_mode()
            result = yield from body()
        except BattMonError:
            if self.memory.factory_mode:
                yield from self._leave_factory_mode()
            raise
        yield from self._leave_factory_mode()
        return result

    def _enter_factory_mode(self) -> Conversation[None]:
        self._remember(factory_mode=True)  # also if only the acknowledgement gets lost
        try:
            yield from self._logged_in(lambda: _ask(write(FACTORY_ENTER, FACTORY_KEY)))
        except Refused:
            yield from self._be_outside_factory_mode()
            raise

    def _be_outside_factory_mode(self) -> Conversation[None]:
        """Leave factory mode if the device is in it at all: one that is not may refuse."""
        if (yield from self._leave_factory_mode()) in NOT_IN_FACTORY_MODE:
            self._remember(factory_mode=False)

    def _leave_factory_mode(self) -> Conversation[Refusal | None]:
        """Leave it. A refusal is returned: what was done before counts, and `recover` tries again."""
        try:
            yield from _ask(write(FACTORY_LEAVE, LEAVE_PLAINLY))
        except Refused as refused:
            return refused.reason
        self._remember(factory_mode=False)
        return None

    def _read_function_bits(self) -> Conversation[int]:
        content = yield from _ask(read(FUNCTION_BITS))
        if len(content) != 2:
            raise BadFrame(f"{len(content)} bytes of function bits")
        bits = int.from_bytes(content)
        self._balancing_enabled = bool(bits & BALANCING_BIT)
        return bits

    def _set_balancing(self, on: bool, record_write: Callable[[], None]) -> Conversation[None]:
        bits = yield from self._read_function_bits()
        if self._balancing_enabled == on:
            return
        record_write()
        self._balancing_enabled = None
        content = struct.pack(">H", bits ^ BALANCING_BIT)
        # Sent once: each write wears the flash. If the acknowledgement is lost, reading decides.
        try:
            yield from _ask(write(FUNCTION_BITS, content, retries=0))
        except Refused:
            self._balancing_enabled = not on
            raise
        except NoReply, BadFrame:
            pass
        yield from self._read_function_bits()

    def _switch_mosfets(self, before: Reading, wanted: Wanted) -> Conversation[None]:
        known = self.memory.mosfet_register
        pair = combined(wanted, commanded_mosfets(before, self.memory.commanded))
        # Only these two: a damaged memory must not lead to a write anywhere else.
        for register in (known,) if known in MOSFET_REGISTERS else MOSFET_REGISTERS:
            try:
                yield from self._command_mosfets(register, pair, wanted)
            except Refused as refused:
                if refused.reason is not Refusal.UNKNOWN_COMMAND:
                    raise
                unknown = refused
            else:
                self._remember(mosfet_register=register)
                return
        self._remember(mosfet_register=None)
        raise unknown

    def _command_mosfets(self, register: int, pair: Mosfets, wanted: Wanted) -> Conversation[None]:
        """Write the pair, remembering it as commanded only when it is known to have arrived."""
        remembered = self.memory.commanded
        self._remember(commanded=None)
        try:
            for content in mosfet_contents(register, pair, wanted):
                yield from self._write_mosfets(write(register, content))
                remembered = None  # from now on something else is commanded
        except Refused:
            self._remember(commanded=remembered)
            raise
        except NoReply, BadFrame:
            yield Wait(SETTLE)
            if not proves((yield from self.poll()), pair):
                raise
        self._remember(commanded=pair)

    def _write_mosfets(self, exchange: Exchange) -> Conversation[None]:
        """Some firmware takes the command only in factory mode."""
        try:
            yield from _ask(exchange)
        except Refused as refused:
            if refused.reason is not Refusal.NOT_ALLOWED:
                raise
            yield from self._in_factory_mode(lambda: _ask(exchange))

    def _remember(self, **changes: Any) -> None:
        self.memory = replace(self.memory, **changes)
