"""The receiving end of a wire: how long it waits for an answer, and that its timer does not outlive that."""

import asyncio
import time

import pytest

from custom_components.battmon.model.errors import LinkDown
from custom_components.battmon.transports.stream import Listener
from simulators.jbd_frames import reply_frame

from .rig import CELLS, INFO, read

ANSWER = reply_frame(INFO, bytes(27))
LONG = 60.0


@pytest.fixture
async def listener() -> Listener:
    """One that listens for the answer to a request."""
    listener = Listener(lambda _lost: None)
    listener.expect(read(INFO))
    return listener


def timers_of(listener: Listener) -> int:
    """Count the timers that still wait to call a listener."""
    scheduled = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    return sum(
        getattr(timer._callback, "__self__", None) is listener for timer in scheduled if not timer._cancelled
    )


async def answered(listener: Listener, timeout: float) -> None:
    """Wait for an answer that comes in time."""
    listener.expect(read(INFO))
    asyncio.get_running_loop().call_soon(listener.data_received, bytearray(ANSWER))
    assert await listener.answer(timeout) == ANSWER


async def test_an_answer_may_come_in_pieces_of_any_kind(listener: Listener) -> None:
    for piece in (ANSWER[:20], bytearray(ANSWER[20:])):
        listener.data_received(piece)
    answer = await listener.answer(LONG)
    assert (type(answer), answer) == (bytes, ANSWER)


async def test_the_answer_to_something_else_is_none(listener: Listener) -> None:
    listener.data_received(reply_frame(CELLS, bytes(8)))
    assert await listener.answer(0.02) is None
    assert listener.heard


async def test_less_time_than_the_last_answer_had_is_less_time(listener: Listener) -> None:
    await answered(listener, LONG)
    listener.expect(read(INFO))
    start = time.monotonic()
    assert await listener.answer(0.02) is None
    assert time.monotonic() - start < LONG / 2


async def test_an_answer_has_its_own_time_and_not_the_rest_of_the_last_ones(listener: Listener) -> None:
    await answered(listener, 0.02)
    listener.expect(read(INFO))
    asyncio.get_running_loop().call_later(0.1, listener.data_received, ANSWER)
    assert await listener.answer(LONG) == ANSWER
    listener.be_idle()
    assert timers_of(listener) == 0


async def test_one_timer_serves_the_answers_of_a_conversation(listener: Listener) -> None:
    for _request in range(3):
        await answered(listener, LONG)
        assert timers_of(listener) == 1
    listener.be_idle()
    assert timers_of(listener) == 0


async def test_an_answer_that_is_waited_for_keeps_its_timer(listener: Listener) -> None:
    waiting = asyncio.create_task(listener.answer(0.05))
    await asyncio.sleep(0)
    listener.be_idle()
    assert timers_of(listener) == 1
    assert await waiting is None
    assert timers_of(listener) == 0


async def test_a_timer_that_finds_nobody_waiting_ends(listener: Listener) -> None:
    await answered(listener, 0.02)
    await asyncio.sleep(0.05)
    assert timers_of(listener) == 0


async def test_a_connection_that_ends_is_told_to_who_waits(listener: Listener) -> None:
    asyncio.get_running_loop().call_soon(listener.connection_lost, OSError("unplugged"))
    with pytest.raises(LinkDown, match="unplugged"):
        await listener.answer(LONG)
    with pytest.raises(LinkDown, match="unplugged"):
        await listener.answer(LONG)
    listener.be_idle()
    assert timers_of(listener) == 0
