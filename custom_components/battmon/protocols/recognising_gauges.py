"""Which kind of smart battery is at an address.

Source: Smart Battery Data Specification 1.1; what makers have beyond it from ArduPilot's AP_BattMonitor_SMBus
and its variants, and from Rotoye's reader.
"""

from collections.abc import Callable
from typing import NamedTuple

from .conversation import Conversation
from .unknown_device import Recognised, Registers, unknown

TEMPERATURE, VOLTAGE, STATE_OF_CHARGE, REMAINING_CAPACITY = 0x08, 0x09, 0x0D, 0x0F
SPECIFICATION_INFO = 0x1A
MANUFACTURER_NAME, DEVICE_NAME = 0x20, 0x21
FIRST_CELL, LAST_CELL = 0x3F, 0x30
"""Cell 1, and the sixteenth; NeoDesign's first."""
ROTOYE_CELLS, NEODESIGN_CELLS = 0x40, 0x5C
PACKED_CELLS, PACKED_CURRENT = 0x28, 0x2A
"""Four words in a block, and four bytes."""
MOST_CELLS = 16
CELL_RANGE = range(1000, 5000)
"""mV."""
HIGHEST_CHARGE = 110
"""%; gauges tell a little more than full, and others anything."""
VERSIONS = (1, 2, 3)
SCALED = "sbs"
"""Its voltage may be scaled; variants do not tell, or tell what is not so."""


def recognise_gauge(asked: Registers) -> Conversation[Recognised | None]:
    """Return what kind of gauge is there, with its cells and voltage; `None` for nobody."""
    yield from asked.detect(VOLTAGE, STATE_OF_CHARGE)
    if not asked.anybody:
        return None
    if not asked.pec:  # some have neither
        yield from asked.detect(VOLTAGE, STATE_OF_CHARGE, TEMPERATURE, REMAINING_CAPACITY)
    kind = yield from _kind(asked)
    if kind is None:
        return unknown(asked.address)
    variant = VARIANTS[kind]
    cells, voltage = (yield from variant.cells(asked)), (yield from _voltage(asked, kind))
    name = variant.name or (yield from _own_name(asked))
    return Recognised(asked.address, kind, name, cells or None, voltage or None)


def _kind(asked: Registers) -> Conversation[str | None]:
    for kind, variant in VARIANTS.items():
        if (yield from variant.fits(asked)):
            return kind
    return None


def _is_any(asked: Registers) -> Conversation[bool]:
    voltage, charge = (yield from asked.word(VOLTAGE)), (yield from asked.word(STATE_OF_CHARGE))
    return bool(voltage) and charge is not None and charge <= HIGHEST_CHARGE


def _voltage(asked: Registers, kind: str) -> Conversation[float]:
    word = (yield from asked.word(VOLTAGE)) or 0
    scale = (yield from _scale(asked)) if kind == SCALED else 1
    return word * scale / 1000


def _maker(asked: Registers) -> Conversation[str]:
    return _text((yield from asked.block(MANUFACTURER_NAME)))


def _own_name(asked: Registers) -> Conversation[str]:
    """Return maker and model, as far as they are told."""
    maker, model = (yield from _maker(asked)), _text((yield from asked.block(DEVICE_NAME)))
    return f"{maker} {model}".strip() or "Smart battery"


def _text(block: bytes | None) -> str:
    return "".join(filter(str.isprintable, (block or b"").decode("ascii", "ignore"))).strip()


def _scale(asked: Registers) -> Conversation[int]:
    """Return what the voltage is to be multiplied by."""
    info = yield from asked.word(SPECIFICATION_INFO)
    if info is None or info >> 4 & 15 not in VERSIONS:
        return 1
    exponent = info >> 8 & 15
    return int(10**exponent) if exponent <= max(VERSIONS) else 1


def _is_rotoye(asked: Registers) -> Conversation[bool]:
    maker = yield from _maker(asked)
    if maker:
        return maker.lower().startswith("rotoye")
    return asked.pec and bool((yield from _count(asked, ROTOYE_CELLS)))


def _is_maxell(asked: Registers) -> Conversation[bool]:
    return (yield from _maker(asked)) == "Hitachi maxell"


def _is_bq40(asked: Registers) -> Conversation[bool]:
    return _text((yield from asked.block(DEVICE_NAME))).lower().startswith("bq40z")


def _is_neodesign(asked: Registers) -> Conversation[bool]:
    count = yield from _count(asked, NEODESIGN_CELLS)
    return bool(count) and (yield from asked.word(LAST_CELL)) in CELL_RANGE


def _is_solo(asked: Registers) -> Conversation[bool]:
    if not asked.pec:  # others stall when they are asked for their current at the wrong moment
        return False
    current = yield from asked.block(PACKED_CURRENT)
    return current is not None and len(current) == 4 and (yield from _has_packed_cells(asked))


def _is_sui(asked: Registers) -> Conversation[bool]:
    return not asked.pec and (yield from _has_packed_cells(asked))


def _has_packed_cells(asked: Registers) -> Conversation[bool]:
    block = yield from asked.block(PACKED_CELLS)
    if block is None or len(block) != 8:
        return False
    return all(int.from_bytes(block[at : at + 2], "little") in CELL_RANGE for at in range(0, 6, 2))


def _count(asked: Registers, register: int) -> Conversation[int | None]:
    """Return a number of cells; the high byte of some is not theirs."""
    word = yield from asked.word(register)
    return None if word is None or not 0 < word & 0xFF <= MOST_CELLS else word & 0xFF


def _counted_by_rotoye(asked: Registers) -> Conversation[int | None]:
    return (yield from _count(asked, ROTOYE_CELLS))


def _counted_by_neodesign(asked: Registers) -> Conversation[int | None]:
    return (yield from _count(asked, NEODESIGN_CELLS))


def _found(asked: Registers) -> Conversation[int | None]:
    """Return how many cells tell a voltage, one after the other."""
    for register in range(FIRST_CELL, LAST_CELL - 1, -1):
        if not (yield from asked.word(register)):
            return FIRST_CELL - register
    return MOST_CELLS


def _packed(asked: Registers) -> Conversation[int | None]:
    yield from ()
    return 4


def _not_told(asked: Registers) -> Conversation[int | None]:
    yield from ()
    return None


class Variant(NamedTuple):
    """One kind of gauge."""

    name: str | None
    """`None`: as it calls itself."""
    fits: Callable[[Registers], Conversation[bool]]
    cells: Callable[[Registers], Conversation[int | None]]


VARIANTS = {
    "rotoye": Variant("Rotoye Batmon", _is_rotoye, _counted_by_rotoye),
    "maxell": Variant("Maxell smart battery", _is_maxell, _found),
    "bq40": Variant(None, _is_bq40, _not_told),
    "neodesign": Variant("NeoDesign battery", _is_neodesign, _counted_by_neodesign),
    "solo": Variant("3DR Solo battery", _is_solo, _packed),
    "sui": Variant("SUI battery", _is_sui, _not_told),
    "sbs": Variant(None, _is_any, _found),
}
"""By the keys of their protocols; the first that fits counts."""
