"""The time-out of a write: as `asyncio.timeout`, but cheap."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from custom_components.battmon.transports.patience import Patience


@pytest.fixture
async def patience() -> AsyncIterator[Patience]:
    """One that lasts a twentieth of a second."""
    patience = Patience(0.05)
    yield patience
    patience.end()


async def hold(patience: Patience, seconds: float) -> None:
    with patience:
        await asyncio.sleep(seconds)


def look_at_last(patience: Patience) -> None:
    """Let the time be over now, in this very turn of the event loop."""
    patience.end()
    patience._until = 0.0
    patience._look()


async def test_what_is_quick_is_left_alone(patience: Patience) -> None:
    for _turn in range(3):
        await hold(patience, 0.0)


async def test_what_takes_too_long_is_a_time_out(patience: Patience) -> None:
    with pytest.raises(TimeoutError):
        await hold(patience, 5.0)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_every_turn_has_its_own_time(patience: Patience) -> None:
    """The timer of the first turn is not the second's end."""
    await hold(patience, 0.03)
    await hold(patience, 0.04)
    with pytest.raises(TimeoutError):
        await hold(patience, 5.0)
    await hold(patience, 0.04)


async def test_after_an_early_look_it_looks_again(patience: Patience) -> None:
    await hold(patience, 0.0)
    await asyncio.sleep(0.02)
    with pytest.raises(TimeoutError):
        await hold(patience, 5.0)


async def test_an_error_stays_what_it_is(patience: Patience) -> None:
    with pytest.raises(ValueError, match="other"), patience:
        raise ValueError("other")


async def test_somebody_else_may_cancel(patience: Patience) -> None:
    task = asyncio.create_task(hold(patience, 5.0))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def test_somebody_else_who_cancels_in_the_same_moment_wins(patience: Patience) -> None:
    task = asyncio.create_task(hold(patience, 5.0))
    await asyncio.sleep(0.01)
    look_at_last(patience)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_ends_in_the_moment_of_its_time_out_has_ended_well(patience: Patience) -> None:
    async def finish() -> str:
        with patience:
            look_at_last(patience)
        await asyncio.sleep(0)
        return "done"

    assert await asyncio.create_task(finish()) == "done"


async def test_nothing_is_left_when_it_is_ended() -> None:
    patience = Patience(0.02)
    await hold(patience, 0.0)
    patience.end()
    patience.end()
    await asyncio.sleep(0.03)
    assert patience._timer is None
