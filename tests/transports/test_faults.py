"""What goes wrong on a wire during one exchange, on a pseudo-terminal and over TCP alike."""

from typing import Any

import pytest

from custom_components.battmon.model.errors import BadFrame, BattMonError, LinkDown, NoReply
from custom_components.battmon.transports import stream

from .rig import CELLS, INFO, Rig, board

LONGER_THAN_THE_TIMEOUT = 0.08

PASSING: dict[str, dict[str, Any]] = {
    "reply lost": {"kind": "drop"},
    "request lost": {"kind": "silence"},
    "nothing but the start byte": {"kind": "truncate", "keep": 1},
    "half a reply": {"kind": "truncate", "keep": 12},
    "last byte lost": {"kind": "truncate", "keep": 29},
    "doubled": {"kind": "double"},
    "late": {"kind": "delay", "delay": LONGER_THAN_THE_TIMEOUT},
    "held back until the next reply": {"kind": "stale"},
    "reply to another register": {"kind": "wrong_register"},
    "reply to the register read next": {"kind": "wrong_register", "as_register": CELLS},
    "noise before": {"kind": "noise", "where": "before"},
    "noise after": {"kind": "noise", "where": "after"},
    "noise all around": {"kind": "noise", "where": "both"},
    "a start byte with a false length before": {"kind": "noise", "noise": bytes.fromhex("dd0300ff")},
    "a start byte before": {"kind": "noise", "noise": b"\xdd"},
    "most of a frame before": {"kind": "noise", "noise": bytes.fromhex("dd03001b0a50fda4b717")},
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
async def test_a_passing_fault_is_not_noticed(rig: Rig, fault: dict[str, Any]) -> None:
    assert await rig.volts() == 3.3
    rig.faults.inject(**fault)
    assert await rig.volts() == 3.3
    # Nothing late is taken for what is asked next.
    rig.set_cells(3.5)
    assert (await rig.ask(CELLS))[4:8] == bytes.fromhex("0dac0dac")
    assert await rig.volts() == 3.5
    assert rig.wire.connections == 1


async def test_every_byte_may_be_corrupted(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LATE_REPLY", 0.005)
    length = len(await rig.ask())
    for position in range(length):
        rig.faults.inject("corrupt", position=position, mask=(0x01, 0x80, 0xFF)[position % 3])
        assert await rig.volts(timeout=0.02, retries=20) == 3.3


async def test_a_reply_may_be_split_anywhere(rig: Rig) -> None:
    length = len(await rig.ask())
    for cut in range(1, length):
        rig.faults.inject("split", cuts=(cut,), pause=0.003)
        assert await rig.volts(timeout=1.0, retries=0) == 3.3
    rig.faults.inject("split", cuts=tuple(range(1, length)), pause=0.003)
    assert await rig.volts(timeout=2.0, retries=0) == 3.3


async def test_noise_of_many_kinds_hides_no_reply(rig: Rig) -> None:
    rig.faults.inject("noise", count=None, where="both")
    for step in range(40):
        rig.set_cells(3.0 + step / 100)
        assert await rig.volts(timeout=1.0, retries=0) == pytest.approx(3.0 + step / 100)


LASTING: dict[str, tuple[dict[str, Any], type[BattMonError]]] = {
    "replies lost": ({"kind": "drop"}, NoReply),
    "silence": ({"kind": "silence"}, NoReply),
    "corrupt": ({"kind": "corrupt", "position": 7}, BadFrame),
    "halves of replies": ({"kind": "truncate", "keep": 12}, BadFrame),
    "replies to another register": ({"kind": "wrong_register"}, BadFrame),
    "port gone": ({"kind": "vanish"}, LinkDown),
}


@pytest.mark.parametrize(("fault", "error"), LASTING.values(), ids=LASTING)
async def test_a_lasting_fault_is_an_error_and_what_follows_is_new(
    rig: Rig, fault: dict[str, Any], error: type[BattMonError]
) -> None:
    rig.faults.inject(**fault, count=None)
    with pytest.raises(error):
        await rig.ask(timeout=0.03, retries=1)
    for _poll in range(2):
        with pytest.raises(BattMonError):
            await rig.ask(timeout=0.03, retries=1)
    rig.faults.clear()
    rig.set_cells(3.4)
    rig.line.reappear()
    assert await rig.volts() == 3.4
    assert (await rig.ask(CELLS))[4:8] == bytes.fromhex("0d480d48")


async def test_every_reply_late_by_one_request_never_shifts_the_answers(rig: Rig) -> None:
    """The late reply to a request that was given up comes right before the reply to the next one."""
    for step in range(8):
        rig.set_cells(3.0 + step / 10)
        rig.faults.inject("stale", register=INFO)
        with pytest.raises(NoReply):
            await rig.ask(timeout=0.03, retries=0)
        rig.set_cells(3.05 + step / 10)
        assert await rig.volts(timeout=1.0, retries=0) == pytest.approx(3.05 + step / 10)


@pytest.mark.parametrize("status", [0x80, 0x81, 0x82, 0x83])
async def test_what_a_device_refuses_is_an_answer(rig: Rig, status: int) -> None:
    rig.faults.inject("error", status=status)
    assert (await rig.ask(timeout=1.0, retries=0))[1:4] == bytes((INFO, status, 0))
    assert await rig.volts() == 3.3


async def test_an_answer_that_nobody_waited_for_is_dropped(rig: Rig) -> None:
    assert await rig.volts() == 3.3
    rig.faults.say(bytes.fromhex("dd03001d0617000001f301f400002c7c00000000000080640304030b8d0b8c0b88fa8577"))
    await rig.ask(CELLS)
    assert await rig.volts() == 3.3


async def test_another_battery_behind_the_port_answers_next(rig: Rig) -> None:
    assert await rig.volts() == 3.3
    rig.line.replace(board(3.6))
    assert await rig.volts() == 3.6
