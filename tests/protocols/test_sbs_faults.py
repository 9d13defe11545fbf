"""Every error of a bus at every transfer of every smart battery: no bad value, and nothing written."""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from itertools import product
from typing import Any

import pytest

from custom_components.battmon.model.errors import BadFrame, BattMonError, LinkDown, NoReply
from custom_components.battmon.model.reading import Identity, Reading
from simulators.i2c.bus import KINDS as REFUSED
from simulators.i2c.bus import SPOILED

from .gauges import KINDS, Rig
from .gauges import rig as living

WITHOUT_CHECK = ("sbs_without_check_bytes", "maxell", "sui_6", "sui_3")
NOT_SEEN = {(kind, "bad_pec", count) for kind in WITHOUT_CHECK for count in (1, None)} | {
    (kind, "short_block", None) for kind in ("sbs_without_check_bytes", "maxell")
}
"""What no check byte protects may read as anything else; of strings that takes twice."""
HARMLESS_WRITES = {"440271005b", "44027100db", "44027b0059"}


@cache
def registers_of(kind: str) -> dict[int, Any]:
    pack = living(kind)
    pack.stand_still()
    return pack.chip.registers


def rig(kind: str) -> Rig:
    pack = living(kind)
    pack.chip.registers |= {at: said for at, said in registers_of(kind).items() if isinstance(said, bytes)}
    return pack


def differences(whole: object, said: object) -> Iterator[object]:
    """Yield what is said and is neither so nor unknown."""
    if isinstance(whole, tuple) and isinstance(said, tuple) and len(whole) == len(said):
        for one, other in zip(whole, said, strict=True):
            yield from differences(one, other)
    elif said is not None and said != whole:
        yield said


def bad_values(whole: Reading | Identity, said: Reading | Identity) -> list[str]:
    """Return what is shown that is not so. Less may be known: cells that were not found, sensors left out."""
    return [
        f"{field.name}: {said_so}"
        for field in fields(whole)
        for said_so in differences(getattr(whole, field.name), getattr(said, field.name))
        if not _is_part(said_so, getattr(whole, field.name))
    ]


def _is_part(said: object, whole: object) -> bool:
    return isinstance(said, tuple) and isinstance(whole, tuple) and not set(said) - {None, *whole}


def meet_and_poll(pack: Rig) -> list[Reading | Identity | BattMonError]:
    return [pack.driver.attempt(pack.protocol.identify()), pack.driver.attempt(pack.protocol.poll())]


def transfers_of(kind: str) -> int:
    pack = rig(kind)
    meet_and_poll(pack)
    return len(pack.bus.log)


every_kind = pytest.mark.parametrize("kind", KINDS)
QUICK = ("no_acknowledge", "gone", *SPOILED)
"""The others lead to the same errors as these."""
every_fault = pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, marks=[] if fault in QUICK else pytest.mark.slow) for fault in (*REFUSED, *SPOILED)],
)
BLOCKS = {
    "solo": (0x28, 0x2A),
    "sui_3": (0x28,),
    "sui_6": (0x28,),
    "bq40z50": (0x20, 0x21, 0x22, 0x51, 0x53),
    "bq40z80": (0x20, 0x21, 0x22, 0x44, 0x51, 0x53),
}
"""Registers that say first how long they are; of the others the first three of those of `bq40z50`."""


def registers_for(kind: str, fault: str) -> tuple[int | None, ...]:
    """Return where a fault strikes: at everything, or at blocks."""
    return BLOCKS.get(kind, (0x20, 0x21, 0x22)) if fault.endswith("_block") else (None,)


@every_kind
@every_fault
@pytest.mark.parametrize("count", [1, None], ids=["once", "from then on"])
def test_a_fault_at_any_transfer_shows_no_bad_value(kind: str, fault: str, count: int | None) -> None:
    whole = meet_and_poll(rig(kind))
    registers = registers_for(kind, fault)
    for transfer, register in product(range(transfers_of(kind) if None in registers else 5), registers):
        pack = rig(kind)
        pack.bus.inject(fault, skip=transfer, count=count, register=register)
        for said, truth in zip(meet_and_poll(pack), whole, strict=True):
            assert not isinstance(truth, BattMonError)
            if isinstance(said, BattMonError):
                assert isinstance(said, NoReply | BadFrame | LinkDown)
            elif (kind, fault, count) not in NOT_SEEN:
                assert bad_values(truth, said) == [], transfer
        assert pack.written <= HARMLESS_WRITES


@every_kind
@every_fault
def test_all_is_well_again_after_a_fault(kind: str, fault: str) -> None:
    whole = [rig(kind).meet(), rig(kind).poll()]
    pack = rig(kind)
    for transfer in range(0, transfers_of(kind), 5):
        for register in registers_for(kind, fault):
            pack.bus.inject(fault, skip=transfer % 10 if register else transfer, count=5, register=register)
        meet_and_poll(pack)
        pack.bus.clear()
        assert meet_and_poll(pack) == whole


@every_kind
@every_fault
def test_a_bus_that_does_nothing_else_gives_no_value_at_all(kind: str, fault: str) -> None:
    pack = rig(kind)
    pack.meet()
    pack.bus.inject(fault, count=None)
    said = pack.attempt()
    if (kind, fault, None) not in NOT_SEEN and not fault.endswith("_block"):
        assert isinstance(said, NoReply | BadFrame | LinkDown)


@every_kind
def test_a_device_that_is_gone_is_noticed_at_once(kind: str) -> None:
    pack = rig(kind)
    pack.meet()
    pack.bus.chips.clear()
    pack.bus.log.clear()
    for conversation in (pack.protocol.poll(), pack.protocol.identify()):
        assert isinstance(pack.driver.attempt(conversation), NoReply)
    assert len({one.written for one in pack.bus.log}) <= 4, "too many fail"
