"""Who is at an address of a bus: told by what is read there. Nothing is written but the number of a register.

Even that is a command to relays, converters and multiplexers: only addresses are looked at where batteries
and power monitors are usual and such devices are not. Chips are known by the signs that their protocols name.
"""

from collections.abc import Iterable

from .conversation import Conversation
from .power_monitor import Mark, PowerMonitor
from .protocol import Protocol
from .recognising_gauges import recognise_gauge
from .unknown_device import Recognised, Registers, unknown

__all__ = ["ADDRESSES", "Recognised", "recognise", "unknown"]

GAUGES = range(0x0B, 0x15)
ADDRESSES: tuple[int, ...] = (*GAUGES, *range(0x40, 0x48), 0x67, 0x68, *range(0x6A, 0x70))
"""Those that are looked at."""


def recognise(address: int, kinds: Iterable[type[Protocol]]) -> Conversation[Recognised | None]:
    """Return what is at an address, as one of these kinds if it can be told; `None` for nobody.

    Raises `LinkDown` and its like, and `NoReply` for a bus that does not work.
    """
    registers = Registers(address)
    if address in GAUGES:
        return (yield from recognise_gauge(registers))
    return (yield from _recognise_chip(registers, kinds))


def _recognise_chip(registers: Registers, kinds: Iterable[type[Protocol]]) -> Conversation[Recognised | None]:
    for kind in kinds:
        if issubclass(kind, PowerMonitor) and kind.signs and registers.address in kind.addresses:
            if (yield from _bears(registers, kind.signs)):
                return Recognised(registers.address, kind.key, kind.name)
    return unknown(registers.address) if registers.anybody else None


def _bears(registers: Registers, signs: Iterable[Mark]) -> Conversation[bool]:
    """Whether all signs are there. After one that is not, nothing is asked: some take that for commands."""
    for sign in signs:
        said = yield from registers.read(sign.transfer)
        if said is None or not sign.fits(said):
            return False
    return True
