"""The sampler's turns, on a clock that stands still between them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from custom_components.battmon.sampler import Sampler


class Bed:
    """A sampler whose samples take no time, unless told to, on a clock that only moves when told to."""

    def __init__(self, interval: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self.samples: list[float] = []
        """When samples were begun, in s from the start."""
        self.next: list[float | Exception] = []
        """What the next samples return or raise, in s; `interval` after that."""
        self.takes = 0.0
        """How long a sample takes, in s."""
        self.cancelled = 0
        self._interval = interval
        self._now = self._start = asyncio.get_running_loop().time()
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: self._now)
        self.sampler = Sampler(interval, self._sample, "battery")

    @property
    def now(self) -> float:
        """Time since the start, in s."""
        return round(self._now - self._start, 6)

    def start(self, first: float | None = None) -> None:
        """Begin to take turns."""
        self.sampler.start(
            lambda coroutine, name: asyncio.create_task(coroutine, name=name),
            self._interval if first is None else first,
        )

    async def pass_by(self, seconds: float, step: float = 0.05) -> None:
        """Let time pass, a little at a time."""
        await self._settle()
        for _ in range(round(seconds / step)):
            self._now += step
            await self._settle()

    async def _sample(self) -> float:
        self.samples.append(self.now)
        try:
            await asyncio.sleep(self.takes)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        result = self.next.pop(0) if self.next else self._interval
        if isinstance(result, Exception):
            raise result
        return result

    async def _settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
async def bed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bed]:
    """A sampler with an interval of a second."""
    bed = Bed(1.0, monkeypatch)
    yield bed
    await bed.sampler.stop()


async def test_the_first_turn_is_an_interval_away_and_the_others_follow(bed: Bed) -> None:
    bed.start()
    await bed.pass_by(4.5)
    assert bed.samples == [1.0, 2.0, 3.0, 4.0]


async def test_samples_that_take_time_do_not_shift_the_turns(bed: Bed) -> None:
    bed.takes = 0.4
    bed.start()
    await bed.pass_by(4.5)
    assert bed.samples == [1.0, 2.0, 3.0, 4.0]


async def test_turns_that_were_missed_are_not_made_up_for(bed: Bed) -> None:
    bed.start()
    await bed.pass_by(1.0)
    bed.takes = 3.5
    await bed.pass_by(1.0)
    bed.takes = 0.0
    await bed.pass_by(6.2)
    assert bed.samples == [1.0, 2.0, 6.5, 7.5]


async def test_each_sample_says_when_the_next_one_is_due(bed: Bed) -> None:
    bed.next = [300.0, 0.1, 0.1, 2.0]
    bed.start()
    await bed.pass_by(1.0)
    await bed.pass_by(299.0, step=1.0)
    assert bed.samples == [1.0]
    await bed.pass_by(5.0)
    assert bed.samples == [1.0, 301.0, 301.1, 301.2, 303.2, 304.2]


async def test_a_call_is_answered_at_once_and_leaves_the_turns_where_they_are(bed: Bed) -> None:
    bed.start()
    await bed.pass_by(1.3)
    bed.sampler.wake()
    await bed.pass_by(2.0)
    assert bed.samples == [1.0, 1.3, 2.0, 3.0]


async def test_a_call_whose_sample_asks_for_another_soon_gets_it(bed: Bed) -> None:
    bed.next = [1.0, 0.1]
    bed.start()
    await bed.pass_by(1.3)
    bed.sampler.wake()
    await bed.pass_by(1.0)
    assert bed.samples == [1.0, 1.3, 1.4]


async def test_a_call_during_a_long_sleep_ends_it(bed: Bed) -> None:
    bed.next = [300.0]
    bed.start()
    await bed.pass_by(1.0)
    await bed.pass_by(9.0)
    bed.sampler.wake()
    await bed.pass_by(2.2)
    assert bed.samples == [1.0, 10.0, 11.0, 12.0]


async def test_a_call_before_the_start_is_answered_at_the_start(bed: Bed) -> None:
    bed.sampler.wake()
    await bed.pass_by(3.0)
    assert bed.samples == []
    bed.start()
    await bed.pass_by(0.5)
    assert bed.samples == [3.0]


async def test_calls_during_a_sample_are_answered_by_one_more(bed: Bed) -> None:
    bed.takes = 0.5
    bed.start()
    await bed.pass_by(1.2)
    bed.sampler.wake()
    bed.sampler.wake()
    await bed.pass_by(1.6)
    assert bed.samples == [1.0, 1.5, 2.0]


async def test_a_retry_counts_from_the_end_of_the_sample_that_failed(bed: Bed) -> None:
    """The wire has said how long it wants to be left alone, and knows nothing of turns."""
    bed.takes = 0.3
    bed.next = [0.5, 0.5]
    bed.start()
    await bed.pass_by(5.0)
    assert bed.samples == [1.0, 1.8, 2.6, 3.6, 4.6]


async def test_whoever_finds_the_battery_awake_makes_it_catch_up(bed: Bed) -> None:
    bed.next = [300.0]
    bed.start()
    await bed.pass_by(9.0)
    bed.sampler.catch_up()
    await bed.pass_by(2.2)
    assert bed.samples == [1.0, 9.0, 10.0, 11.0]


async def test_a_sample_that_finds_the_battery_awake_itself_is_enough(bed: Bed) -> None:
    bed.takes = 0.5
    bed.start()
    await bed.pass_by(1.2)
    bed.sampler.catch_up()
    await bed.pass_by(1.6)
    assert bed.samples == [1.0, 2.0]


async def test_a_bug_does_not_end_the_turns(bed: Bed, caplog: pytest.LogCaptureFixture) -> None:
    bed.next = [ValueError("a bug")]
    bed.start()
    await bed.pass_by(2.5)
    assert bed.samples == [1.0, 2.0]
    assert "Unexpected error while reading battery" in caplog.text


async def test_a_bug_right_after_a_quick_retry_is_not_repeated_at_its_pace(bed: Bed) -> None:
    bed.next = [0.1, *[ValueError("a bug")] * 3]
    bed.start()
    await bed.pass_by(4.0)
    assert bed.samples == [1.0, 1.1, 2.1, 3.1]


async def test_stopping_ends_the_turns_and_the_sample_under_way(bed: Bed) -> None:
    bed.takes = 10.0
    bed.start()
    await bed.pass_by(1.5)
    assert bed.sampler.running
    await bed.sampler.stop()
    assert (bed.cancelled, bed.sampler.running) == (1, False)
    await bed.pass_by(20.0, step=1.0)
    assert bed.samples == [1.0]


async def test_it_can_be_started_again(bed: Bed) -> None:
    bed.start()
    await bed.pass_by(1.5)
    await bed.sampler.stop()
    await bed.sampler.stop()
    await bed.pass_by(5.0)
    bed.start()
    await bed.pass_by(1.5)
    assert bed.samples == [1.0, 7.5]
